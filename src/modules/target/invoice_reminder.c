/* invoice_reminder.c - the resource: which contracts wait for their invoice reminder, and saying that it was sent. */
#include "modules/target/invoice.h"
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/target.h"
#include "service/notify.h"
#include <string.h>
#include <talloc.h>

enum { OPEN_SHOWN = 50, SENDERS = ROLE_ANY & ~ROLE_TRAINER };

static const char *const state_codes[] = {"overdue", "soon", "open", "sent", "sent_late", NULL};
static const char *const state_labels[] = {N_("Overdue"), N_("Due soon"), N_("To be sent"), N_("Sent in time"), N_("Sent late"), NULL};
static const char *const state_badges[] = {"danger", "warning", "info", "success", "secondary", NULL};
static const char *const sending_codes[] = {"not_sent", "sent", NULL};
static const char *const sending_labels[] = {N_("Not sent"), N_("Reminder sent"), NULL};

static const Field fields[] = {
    TEXT_(InvoiceReminder, contract_no, N_("Contract number"), .flags = READONLY | IN_LIST | PRIMARY | SEARCH | SORT, .max = 100),
    ENUM_(InvoiceReminder, state, N_("State"), .flags = READONLY | NO_COLUMN | IN_LIST | FILTER, .codes = state_codes, .labels = state_labels, .badges = state_badges,
          .sql = "CASE WHEN t.reminded_on > t.due_on THEN 4 WHEN t.reminded_on IS NOT NULL THEN 3 WHEN t.due_on < ? THEN 0 WHEN t.warn_on <= ? THEN 1 ELSE 2 END"),
    REF_(InvoiceReminder, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = READONLY | IN_LIST | FILTER | SEARCH),
    REF_(InvoiceReminder, unit_id, unit_name, N_("Team"), &org_unit_resource, .flags = READONLY | IN_LIST | FILTER),
    DATE_(InvoiceReminder, signed_on, N_("Signed on"), .flags = READONLY | IN_LIST | FILTER | SORT),
    MONEY_(InvoiceReminder, amount, N_("Contract amount"), .flags = READONLY | IN_LIST | SORT | SUM, .unit = N_("yuan"),
           .help = N_("The report's amount, in equal parts if it names several contracts")),
    DATE_(InvoiceReminder, due_on, N_("Due by"), .flags = READONLY | IN_LIST | FILTER | SORT),
    DATE_(InvoiceReminder, reminded_on, N_("Reminder sent on"), .flags = IN_LIST | SORT, .help = N_("Empty: not sent yet")),
    ENUM_(InvoiceReminder, sending, N_("Sent or not"), .flags = READONLY | NO_COLUMN | FILTER, .codes = sending_codes, .labels = sending_labels,
          .sql = "CASE WHEN t.reminded_on IS NULL THEN 0 ELSE 1 END"),
    LONGTEXT_(InvoiceReminder, note, N_("Note"), .flags = SEARCH, .max = 500),
    DATE_(InvoiceReminder, warn_on, N_("Urgent from"), .flags = INTERNAL),
    INT_(InvoiceReminder, report_id, N_("Daily report"), .flags = INTERNAL),
    INT_(InvoiceReminder, told, N_("Told"), .flags = INTERNAL),
    {.kind = F_END},
};

static Error *prepare(Ctx *c, const void *old, void *row) {
    const InvoiceReminder *was = old;
    InvoiceReminder *x = row;
    (void)c;
    if (was && was->reminded_on != DATE_NONE && x->reminded_on == DATE_NONE) x->told = 0; /* taken back: to be told of again */
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const InvoiceReminder *x = row;
    (void)old;
    if (x->reminded_on == DATE_NONE) return NULL;
    if (x->reminded_on > date_of_instant(c->now)) return err_field(c, "reminded_on", N_("The day is in the future"));
    return x->reminded_on < x->signed_on ? err_field(c, "reminded_on", N_("This is before the contract was signed")) : NULL;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    const InvoiceReminder *x = row, *was = old;
    bool sent = x->reminded_on != DATE_NONE && (!was || was->reminded_on == DATE_NONE);
    return sent ? invoice_settle(c, x->employee_id) : NULL;
}

static Error *describe(Ctx *c, const void *row, Value model) {
    const InvoiceReminder *x = row;
    value_set_int(model, "report_id", x->report_id);
    detail_add_link(c, model, N_("Daily report"), talloc_asprintf(c->mem, "/reports/daily/%lld", (long long)x->report_id), "report");
    return NULL;
}

/* ---- saying that it was sent ---- */

static bool is_open(Ctx *c, const void *row) {
    (void)c;
    return ((const InvoiceReminder *)row)->reminded_on == DATE_NONE;
}

static Error *sent_today(Ctx *c, void *row, const char *reason) {
    (void)reason;
    ((InvoiceReminder *)row)->reminded_on = date_of_instant(c->now);
    return NULL;
}

static const Action actions[] = {
    {.name = "sent", .title = N_("Mark as sent"), .icon = "check", .roles = SENDERS, .run = sent_today, .offered = is_open, .bulk = true, .done = N_("Invoice reminder marked as sent")},
    {0},
};

typedef struct Sending {
    int64_t id, version;
    Date on;
    RowSave done;
} Sending;

/* A second tap says what is known already, and changes nothing. */
static Error *send_tx(Ctx *c, void *arg) {
    Sending *s = arg;
    InvoiceReminder *old, *row;
    TRY(resource_load(c, &invoice_reminder_resource, s->id, (void **)&old));
    row = talloc_memdup(c->mem, old, sizeof *old);
    s->done = (RowSave){.old = old, .row = row};
    if (old->reminded_on == s->on) return NULL;
    if (s->version && s->version != old->version) return err_conflict(c, N_("Somebody else has changed this entry in the meantime"));
    if (!is_open(c, old)) return err_conflict(c, N_("This is not possible in the entry's present state"));
    row->reminded_on = s->on;
    return resource_save(c, &invoice_reminder_resource, old, row, "sent", &s->done.changed);
}

static Error *sent(Req *r, void *arg) {
    Sending *s = arg;
    const InvoiceReminder *x = s->done.row;
    const char *back = resource_href(&r->c, &invoice_reminder_resource, x->id);
    if (r->wants_json) return resource_answer_saved(r, &invoice_reminder_resource, &s->done);
    if (req_form(r, "mine")) back = x->employee_id == r->c.actor->employee_id ? "/key-actions/mine" : talloc_asprintf(r->c.mem, "/key-actions/mine?employee=%lld", (long long)x->employee_id);
    return respond_done(r, back, "success", (Msg){.id = N_("Invoice reminder marked as sent")});
}

/* The same as the action, with a day and one tap. */
static Error *send_page(Req *r) {
    Ctx *c = &r->c;
    Sending *s = talloc_zero(c->mem, Sending);
    Error *errors = NULL;
    const char *day = req_form(r, "reminded_on"), *version = req_form(r, "version");
    s->on = date_of_instant(c->now);
    TRY(req_id(r, 0, &s->id));
    if (day && *day && !date_parse(day, &s->on)) err_add_field(c, &errors, "reminded_on", N_("Write a date such as 2026-01-02"));
    if (version && *version && !int_parse(version, &s->version)) err_add_field(c, &errors, "version", N_("Write a whole number"));
    return errors ? errors : req_commit(r, send_tx, s, sent);
}

const Route invoice_routes[] = {
    {POST, "/key-actions/invoices/{id}/sent", SENDERS, send_page, N_("Mark an invoice reminder as sent"), 0},
    {0},
};

/* ---- what is still to be done ---- */

Error *invoice_reminder_urgent(Ctx *c, int64_t *ret_count) {
    char today[DATE_TEXT];
    *ret_count = 0;
    if (!c->actor->employee_id) return NULL;
    return db_get_int(c, ret_count, "SELECT count(*) FROM invoice_reminder WHERE employee_id = $1 AND reminded_on IS NULL AND warn_on <= $2", V(c->actor->employee_id),
                      V(date_text(date_of_instant(c->now), today)));
}

Error *invoice_open_list(Ctx *c, int64_t employee_id, Value *ret_list) {
    char today[DATE_TEXT], amount[MONEY_TEXT];
    Rows *rows;
    date_text(date_of_instant(c->now), today);
    *ret_list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT id, version, contract_no, amount, signed_on, due_on, warn_on FROM invoice_reminder WHERE employee_id = $1 AND reminded_on IS NULL ORDER BY due_on, id LIMIT $2",
                 V(employee_id), V(OPEN_SHOWN)));
    while (rows_next(rows)) {
        int state = strcmp(row_text(rows, 5), today) < 0 ? INVOICE_OVERDUE : strcmp(row_text(rows, 6), today) <= 0 ? INVOICE_SOON : INVOICE_OPEN;
        Value o = value_object(c->mem);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_int(o, "version", row_int(rows, 1));
        value_set_text(o, "href", resource_href(c, &invoice_reminder_resource, row_int(rows, 0)));
        value_set_text(o, "contract_no", row_dup(rows, 2));
        value_set(o, "amount", value_money(row_int(rows, 3)));
        value_set_text(o, "amount_text", talloc_strdup(c->mem, money_grouped(row_int(rows, 3), amount)));
        value_set_text(o, "signed_on", row_dup(rows, 4));
        value_set_text(o, "due_on", row_dup(rows, 5));
        value_set_text(o, "state", state_codes[state]);
        value_set_text(o, "word", tr(c->lang, state_labels[state]));
        value_set_text(o, "kind", state_badges[state]);
        value_set_text(o, "today", talloc_strdup(c->mem, today));
        value_set_bool(o, "can_send", may(c, SENDERS));
        value_push(*ret_list, o);
    }
    return rows_done(rows);
}

const Resource invoice_reminder_resource = {
    .table = "invoice_reminder", .path = "/key-actions/invoices", .title = N_("Invoice reminders"), .one = N_("Invoice reminder"), .icon = "cash", .size = sizeof(InvoiceReminder),
    .fields = fields, .access = {.read = ROLE_ANY, .update = SENDERS}, .scope_owner = "employee_id", .scope_unit = "unit_id", .order = "state", .actions = actions,
    .prepare = prepare, .validate = validate, .after_save = after_save, .describe = describe,
    .empty_hint = N_("They come by themselves: a daily report with an amount and a contract number makes one for each contract."),
};
