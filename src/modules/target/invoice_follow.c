/* invoice_follow.c - invoice reminders follow the daily reports that name their contracts, and people are told of them. */
#include "base/i18n.h"
#include "modules/target/invoice.h"
#include "modules/target/target.h"
#include "service/notify.h"
#include <string.h>
#include <talloc.h>

enum { BATCH = 200, TOLD_BACK_DAYS = 31, TOLD_SOON = 1, TOLD_OVERDUE = 2 };

#define COLUMNS "id, version, contract_no, employee_id, unit_id, signed_on, amount, due_on, warn_on, reminded_on, note, report_id, told"

static InvoiceReminder *read_row(Ctx *c, const Rows *rows) {
    InvoiceReminder *x = talloc_zero(c->mem, InvoiceReminder);
    *x = (InvoiceReminder){.id = row_int(rows, 0), .version = row_int(rows, 1), .contract_no = row_dup(rows, 2), .employee_id = row_int(rows, 3), .unit_id = row_int(rows, 4),
                           .amount = row_int(rows, 6), .reminded_on = DATE_NONE, .note = row_is_null(rows, 10) ? NULL : row_dup(rows, 10), .report_id = row_int(rows, 11), .told = row_int(rows, 12)};
    (void)date_parse(row_text(rows, 5), &x->signed_on);
    (void)date_parse(row_text(rows, 7), &x->due_on);
    (void)date_parse(row_text(rows, 8), &x->warn_on);
    if (!row_is_null(rows, 9)) (void)date_parse(row_text(rows, 9), &x->reminded_on);
    return x;
}

/* ---- from a report ---- */

/* The key action in force on the day of signing: the person's own before those of a unit, the shortest of several. */
static Error *set_due(Ctx *c, InvoiceReminder *x) {
    int64_t days = INVOICE_DAYS;
    char day[DATE_TEXT];
    TRY(db_get_int(c, &days, "SELECT k.within_days FROM key_action k WHERE k.kind = 1 AND k.active = 1 AND k.first_day <= $3 AND (k.last_day IS NULL OR k.last_day >= $3)"
                             " AND ((k.applies = 0 AND k.employee_id = $1) OR (k.applies = 1 AND EXISTS (SELECT 1 FROM unit_above a WHERE a.above_id = k.unit_id AND a.below_id = $2)))"
                             " ORDER BY k.applies, k.within_days, k.id LIMIT 1",
                   V(x->employee_id), V(x->unit_id), V(date_text(x->signed_on, day))));
    x->due_on = key_action_due(x->signed_on, (int)days);
    x->warn_on = x->due_on - INVOICE_WARN_DAYS;
    x->told = 0;
    return NULL;
}

static bool names(const char *const *numbers, size_t count, const char *number) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(numbers[i], number)) return true;
    return false;
}

/* Contracts that the report does not name any more. What was sent stays: it has happened. */
static Error *take_back(Ctx *c, const SignedContracts *s, const char *const *numbers, size_t count) {
    InvoiceReminder *gone[INVOICE_NUMBERS_MAX];
    size_t n = 0;
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT " COLUMNS " FROM invoice_reminder WHERE employee_id = $1 AND report_id = $2 AND reminded_on IS NULL ORDER BY id", V(s->employee_id), V(s->report_id)));
    while (rows_next(rows) && n < INVOICE_NUMBERS_MAX) {
        InvoiceReminder *x = read_row(c, rows);
        if (!names(numbers, count, x->contract_no)) gone[n++] = x;
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) TRY(resource_remove(c, &invoice_reminder_resource, gone[i]));
    return n ? invoice_settle(c, s->employee_id) : NULL;
}

static Error *find(Ctx *c, int64_t employee_id, const char *number, InvoiceReminder **ret) {
    Rows *rows;
    *ret = NULL;
    TRY(db_query(c, &rows, "SELECT " COLUMNS " FROM invoice_reminder WHERE employee_id = $1 AND contract_no = $2", V(employee_id), V(number)));
    if (rows_next(rows)) *ret = read_row(c, rows);
    return rows_done(rows);
}

/* A contract that several reports name was signed on the first of those days. */
static Error *follow_one(Ctx *c, const SignedContracts *s, const char *number, Money amount) {
    InvoiceReminder *old, *x;
    TRY(find(c, s->employee_id, number, &old));
    bool ours = old && old->report_id == s->report_id, earlier = old && !ours && s->signed_on < old->signed_on && old->reminded_on == DATE_NONE;
    if (old && !ours && !earlier) return NULL;
    x = old ? talloc_memdup(c->mem, old, sizeof *old) : talloc_zero(c->mem, InvoiceReminder);
    if (!old) *x = (InvoiceReminder){.contract_no = number, .employee_id = s->employee_id, .reminded_on = DATE_NONE};
    x->amount = amount;
    if (!ours) {
        x->unit_id = s->unit_id, x->signed_on = s->signed_on, x->report_id = s->report_id;
        TRY(set_due(c, x));
    }
    return resource_save(c, &invoice_reminder_resource, old, x, NULL, NULL);
}

Error *invoice_reminder_follow(Ctx *c, const SignedContracts *s) {
    const char *numbers[INVOICE_NUMBERS_MAX];
    Money parts[INVOICE_NUMBERS_MAX];
    size_t count = invoice_contract_numbers(c->mem, s->numbers, numbers);
    if (count) money_split(s->amount, NULL, (int)count, parts);
    TRY(take_back(c, s, numbers, count));
    for (size_t i = 0; i < count; i++) TRY(follow_one(c, s, numbers[i], parts[i]));
    return NULL;
}

/* ---- telling ---- */

Error *invoice_settle(Ctx *c, int64_t employee_id) {
    int64_t open = 0;
    TRY(db_get_int(c, &open, "SELECT count(*) FROM invoice_reminder WHERE employee_id = $1 AND reminded_on IS NULL AND told > 0", V(employee_id)));
    if (open) return NULL;
    TRY(notify_settle(c, employee_id, "invoice.soon"));
    return notify_settle(c, employee_id, "invoice.overdue");
}

typedef struct Turn {
    int64_t told;
} Turn;

static Error *tell_one(Ctx *c, const InvoiceReminder *x, Date today) {
    char due[DATE_TEXT];
    bool overdue = x->due_on < today;
    Msg message = {.id = overdue ? N_("The invoice reminder of contract {1} is overdue since {2}") : N_("Send the invoice reminder of contract {1} by {2}"),
                   .args = {x->contract_no, talloc_strdup(c->mem, date_text(x->due_on, due))}};
    TRY(notify_employee(c, x->employee_id, overdue ? "invoice.overdue" : "invoice.soon", message, "/key-actions/mine"));
    return db_exec(c, "UPDATE invoice_reminder SET told = $2 WHERE id = $1", V(x->id), V(overdue ? TOLD_OVERDUE : TOLD_SOON));
}

/* What is long overdue came with an import of old reports: the list shows it, no message does. */
static Error *tell_some(Ctx *c, void *arg) {
    Turn *turn = arg;
    InvoiceReminder *list[BATCH];
    Rows *rows;
    char today[DATE_TEXT], tomorrow[DATE_TEXT], back[DATE_TEXT];
    Date day = date_of_instant(c->now);
    int n = 0;
    TRY(db_query(c, &rows, "SELECT " COLUMNS " FROM invoice_reminder WHERE reminded_on IS NULL AND ((told < 1 AND due_on >= $1 AND due_on <= $2) OR (told < 2 AND due_on < $1 AND due_on >= $3))"
                           " ORDER BY id LIMIT $4",
                 V(date_text(day, today)), V(date_text(day + 1, tomorrow)), V(date_text(day - TOLD_BACK_DAYS, back)), V(BATCH)));
    while (rows_next(rows) && n < BATCH) list[n++] = read_row(c, rows);
    TRY(rows_done(rows));
    for (int i = 0; i < n; i++) TRY(tell_one(c, list[i], day));
    turn->told = n;
    return NULL;
}

Error *invoice_tell(Ctx *c) {
    Turn turn = {.told = BATCH};
    while (turn.told == BATCH) {
        Ctx *some = ctx_child(c);
        Error *e = db_tx(some, tell_some, &turn);
        if (e) e = err_copy(c->mem, e);
        ctx_done(some);
        TRY(e);
    }
    return NULL;
}
