/* daily_report.c - what one salesperson did on one day: who may write it, when it is late, what it must say. */
#include "modules/report/report_rules.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/report_private.h"
#include "modules/target/target.h"
#include "service/notify.h"
#include "service/setting.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

int64_t report_id(int64_t employee_id, Date day) {
    return employee_id && day > 0 ? employee_id << REPORT_DAY_BITS | (int64_t)day : 0;
}

static int64_t make_id(const void *row) {
    const DailyReport *r = row;
    return report_id(r->employee_id, r->day == DATE_NONE ? 0 : r->day);
}

static Error *fields_now(Ctx *c, const Field **ret, size_t *ret_count) {
    const ReportItems *all;
    TRY(report_items(c, &all));
    *ret = all->fields;
    *ret_count = all->field_count;
    return NULL;
}

Error *report_deadline(Ctx *c, Date day, Instant *ret) {
    const WorkCalendar *calendar;
    int hour = 19, minute = 0;
    TRY(calendar_get(c, &calendar));
    (void)sscanf(setting_text(c, "report.deadline"), "%d:%d", &hour, &minute);
    *ret = instant_of_day(workday_add(calendar, day, 0), hour, minute);
    return NULL;
}

static void defaults(Ctx *c, void *row) {
    DailyReport *r = row;
    r->employee_id = c->actor->employee_id;
    r->employee_name = c->actor->name;
    r->day = date_of_instant(c->now);
    r->state = REPORT_SUBMITTED;
}

/* ---- input beyond plain fields ---- */

static void give(const Field *fields, size_t n, bool *given, const char *name) {
    const Field *f = field_find(fields, n, name);
    if (f) given[f - fields] = true;
}

/* As a member of the object would be read; NULL for what is no number. */
static const char *line_text(Ctx *c, const json_t *value) {
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_integer(value)) return talloc_asprintf(c->mem, "%lld", (long long)json_integer_value(value));
    if (!json_is_real(value)) return !value || json_is_null(value) ? "" : NULL;
    char *s = talloc_asprintf(c->mem, "%.6f", json_real_value(value));
    size_t n = strlen(s);
    while (n && s[n - 1] == '0') s[--n] = 0;
    if (n && s[n - 1] == '.') s[--n] = 0;
    return s;
}

/* JSON may send the numbers as lines: [{"item": "visits", "value": 3}]. */
static void read_lines(Ctx *c, json_t *lines, const Field *fields, size_t n, RowInput *input, Error **errors) {
    for (size_t i = 0; i < json_array_size(lines); i++) {
        json_t *line = json_array_get(lines, i), *value = json_object_get(line, "value");
        const char *code = json_string_value(json_object_get(line, "item"));
        const Field *f = code ? field_find(fields, n, code) : NULL;
        if (!f || (f->kind != F_INT && f->kind != F_MONEY)) {
            err_add_field(c, errors, "lines", N_("There is no “{1}”"), code ? code : "?");
            continue;
        }
        const char *text = line_text(c, value);
        if (!text) {
            err_add_field(c, errors, f->name, N_("Write a whole number"));
            continue;
        }
        field_parse(c, f, text, input->row, errors);
        input->given[f - fields] = true;
    }
}

/* `do` says what the button was; programs may send "state": "draft". The key makes a repeated submission harmless. */
static Error *read_input(Req *r, const Field *fields, size_t n, RowInput *input) {
    Error *errors = NULL;
    DailyReport *row = input->row;
    const char *what = req_form(r, "do"), *state = req_form(r, "state"), *key = req_header(r, "Idempotency-Key");
    bool draft = (what && !strcmp(what, "draft")) || (state && !strcmp(state, "draft"));
    row->state = draft ? REPORT_DRAFT : REPORT_SUBMITTED;
    give(fields, n, input->given, "state");
    if (!key) key = req_form(r, "client_key");
    if (key && *key) {
        if (strlen(key) > 64 || !text_is_utf8(key, strlen(key))) return err_field(&r->c, "client_key", N_("At most {1} characters"), "64");
        row->client_key = key;
        row->arrival = REPORT_WITH_KEY;
        give(fields, n, input->given, "client_key");
        give(fields, n, input->given, "arrival");
    }
    json_t *lines = r->json ? json_object_get(r->json, "lines") : NULL;
    if (lines && !json_is_array(lines)) err_add_field(&r->c, &errors, "lines", N_("Send a list"));
    if (lines) read_lines(&r->c, lines, fields, n, input, &errors);
    return errors;
}

/* ---- rules ---- */

static Error *set_unit(Ctx *c, DailyReport *r) {
    if (r->employee_id == c->actor->employee_id && r->day == date_of_instant(c->now) && c->actor->unit_id) {
        r->unit_id = c->actor->unit_id;
        return NULL;
    }
    TRY(org_unit_of(c, r->employee_id, r->day, &r->unit_id));
    return r->unit_id ? NULL : db_get_int(c, &r->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(r->employee_id));
}

/* A submission that was already taken changes nothing, whatever became of the report since. */
static bool is_repeat(const DailyReport *was, const DailyReport *r) {
    bool keyed = was && r->arrival > 0 && r->arrival & REPORT_WITH_KEY && r->state != REPORT_DRAFT;
    return keyed && was->client_key && !strcmp(was->client_key, r->client_key);
}

/* ---- import ---- */

static Error *import_row(Ctx *c, const Field *fields, size_t n, bool *given, void *row) {
    DailyReport *r = row;
    (void)c;
    r->state = REPORT_SUBMITTED;
    r->arrival = REPORT_IMPORTED | (given[field_find(fields, n, "talk_points") - fields] ? 0 : REPORT_NO_POINTS_COLUMN) |
                  (given[field_find(fields, n, "contract_no") - fields] ? 0 : REPORT_NO_CONTRACT_COLUMN);
    give(fields, n, given, "state");
    give(fields, n, given, "arrival");
    return NULL;
}

static bool says_the_same(const ReportItems *all, const DailyReport *a, const DailyReport *b) {
    for (size_t i = 0; i < all->field_count; i++)
        if (!(all->fields[i].flags & (READONLY | INTERNAL)) && !field_equal(&all->fields[i], a, b)) return false;
    return true;
}

/* A sheet without the columns that the entry rules ask for brings the numbers all the same: such a report stands as returned, with what
 * is missing as the reason, until the rep has added it. A sheet that has the columns must fill them. */
static Error *settle_import(Ctx *c, const DailyReport *was, DailyReport *r) {
    const ReportItems *all;
    Error *missing = NULL;
    if (was && was->state != REPORT_DRAFT) r->state = was->state;
    TRY(report_items(c, &all));
    if (was && was->state != REPORT_DRAFT && says_the_same(all, was, r)) return NULL; /* our own export, sent back */
    if (r->submitted_at == INSTANT_NONE) r->submitted_at = c->now;
    report_check_entry(c, all, r, &missing);
    for (const FieldError *f = missing ? missing->fields : NULL; f; f = f->next) {
        int64_t absent = !strcmp(f->field, "talk_points") ? REPORT_NO_POINTS_COLUMN : REPORT_NO_CONTRACT_COLUMN;
        if (!(r->arrival & absent)) return missing;
    }
    if (!missing) return NULL;
    r->state = REPORT_RETURNED;
    r->return_reason = report_missing_text(c, missing);
    return NULL;
}

/* ---- saving ---- */

static Error *prepare(Ctx *c, const void *old, void *row) {
    DailyReport *r = row;
    const DailyReport *was = old;
    const ReportItems *all;
    if (is_repeat(was, r)) {
        *r = *was;
        return NULL;
    }
    if (!r->employee_id || r->day == DATE_NONE) return NULL; /* "required" is said by the engine */
    r->id = report_id(r->employee_id, r->day);
    if (!was || !was->unit_id) TRY(set_unit(c, r));
    if (r->arrival > 0 && r->arrival & REPORT_IMPORTED) return settle_import(c, was, r);
    bool submitting = r->state == REPORT_SUBMITTED && (!was || was->state != REPORT_SUBMITTED);
    if (was && was->state == REPORT_LATE && r->state == REPORT_SUBMITTED) r->state = REPORT_LATE; /* a correction does not make it punctual */
    if (r->state == REPORT_DRAFT && was && was->state != REPORT_DRAFT) r->state = was->state;       /* nor takes it back */
    TRY(report_items(c, &all));
    bool sent = r->state == REPORT_SUBMITTED || r->state == REPORT_LATE;
    for (size_t i = 0; i < all->count && sent; i++) {
        int64_t *value = &r->n[all->items[i]->slot - 1];
        if (*value == INT_NONE) *value = 0; /* an empty box of a submitted report means none */
    }
    if (!submitting || r->state != REPORT_SUBMITTED) return NULL;
    Instant deadline;
    TRY(report_deadline(c, r->day, &deadline));
    bool again = was && was->submitted_at != INSTANT_NONE; /* after a return: when it first came decides */
    if (!again) r->submitted_at = c->now;
    if (r->submitted_at > deadline && !c->actor->system) r->state = REPORT_LATE;
    r->return_reason = NULL;
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const DailyReport *r = row;
    const DailyReport *was = old;
    const ReportItems *all;
    Error *errors = NULL;
    Date today = date_of_instant(c->now);
    if (r->state == REPORT_DRAFT && r->employee_id != c->actor->employee_id && !c->actor->system) /* nobody else could see it */
        return err_denied(c, N_("You can only enter this for yourself or your own team"));
    if (r->day > today) err_add_field(c, &errors, "day", N_("The day is in the future"));
    int64_t back = setting_int(c, "report.back_days");
    if (!was && r->day < today - back && !may(c, ROLE_LEADERS))
        err_add_field(c, &errors, "day", N_("Reports can be entered for the last {1} days; ask your lead for an earlier one"), talloc_asprintf(c->mem, "%lld", (long long)back));
    if (errors || r->state == REPORT_DRAFT || r->state == REPORT_RETURNED || r->state == REPORT_APPROVED) return errors;
    TRY(report_items(c, &all));
    report_check_entry(c, all, r, &errors);
    return errors;
}

/* A report that was handed in counts; a draft does not. */
static Error *record_facts(Ctx *c, const DailyReport *r, bool is_new) {
    Fact fact;
    if (r->state == REPORT_DRAFT) return NULL;
    fact_init(&fact);
    fact.employee_id = r->employee_id, fact.day = r->day;
    fact.unit_id = is_new ? r->unit_id : 0; /* the person may have been moved since: then the day counts for the new team */
    fact.source = FACT_REPORT, fact.source_id = r->id;
    memcpy(fact.n, r->n, sizeof r->n);
    return fact_replace(c, &fact);
}

static bool counts(const DailyReport *r) {
    return r && (r->state == REPORT_SUBMITTED || r->state == REPORT_LATE || r->state == REPORT_APPROVED);
}

/* What all contracts of a report are worth: whatever asks for a contract number. */
static Error *signed_amount(Ctx *c, const DailyReport *r, Money *ret) {
    const ReportItems *all;
    *ret = 0;
    if (!counts(r) || !r->contract_no || !*r->contract_no) return NULL;
    TRY(report_items(c, &all));
    for (size_t i = 0; i < all->count; i++) {
        int64_t value = r->n[all->items[i]->slot - 1];
        if (all->items[i]->rule == RULE_CONTRACT_NO && value != INT_NONE && value > 0) *ret += value;
    }
    return NULL;
}

/* A contract wants an invoice soon. Most reports name none, and a review changes nothing of it. */
static Error *follow_contracts(Ctx *c, const DailyReport *was, const DailyReport *r) {
    Money before, now;
    TRY(signed_amount(c, was, &before));
    TRY(signed_amount(c, r, &now));
    if (before == now && (!now || text_equal(was->contract_no, r->contract_no))) return NULL;
    return invoice_reminder_follow(c, &(SignedContracts){.report_id = r->id, .employee_id = r->employee_id, .unit_id = r->unit_id, .signed_on = r->day, .amount = now,
                                                         .numbers = now ? r->contract_no : NULL});
}

/* What is done needs no reminding: the to-do of a returned or missing report goes away with the submission. */
static Error *after_save(Ctx *c, const void *old, const void *row) {
    const DailyReport *r = row, *was = old;
    TRY(record_facts(c, r, !was));
    TRY(follow_contracts(c, was, r));
    if (r->state != REPORT_SUBMITTED && r->state != REPORT_LATE) return NULL;
    if (was && was->state == r->state) return NULL;
    return notify_settle(c, r->employee_id, was && was->state == REPORT_RETURNED ? "report.returned" : "report.remind");
}

static bool may_edit(Ctx *c, const void *row) {
    const DailyReport *r = row;
    if (r->state == REPORT_APPROVED) return false;
    return r->employee_id == c->actor->employee_id || may(c, ROLE_LEADERS);
}

/* ---- review ---- */

/* A lead's own report is reviewed by somebody else. */
static bool awaits_review(Ctx *c, const void *row) {
    const DailyReport *r = row;
    return (r->state == REPORT_SUBMITTED || r->state == REPORT_LATE) && (r->employee_id != c->actor->employee_id || !c->actor->employee_id);
}

static void reviewed(Ctx *c, DailyReport *r, int state) {
    r->state = state;
    r->reviewer_id = c->actor->employee_id;
    r->reviewed_at = c->now;
}

static Error *approve(Ctx *c, void *row, const char *reason) {
    (void)reason;
    reviewed(c, row, REPORT_APPROVED);
    return NULL;
}

static Error *return_(Ctx *c, void *row, const char *reason) {
    DailyReport *r = row;
    char day[DATE_TEXT];
    reviewed(c, r, REPORT_RETURNED);
    r->return_reason = reason;
    Msg message = {.id = N_("Your report of {1} was returned: {2}"), .args = {talloc_strdup(c->mem, date_text(r->day, day)), reason}};
    return notify_employee(c, r->employee_id, "report.returned", message, talloc_asprintf(c->mem, "/reports/daily/%lld/edit", (long long)make_id(r)));
}

static const Action actions[] = {
    {.name = "approve", .title = N_("Approve"), .icon = "check", .roles = ROLE_LEADERS, .run = approve, .offered = awaits_review, .bulk = true, .done = N_("Approved")},
    {.name = "return", .title = N_("Return"), .icon = "arrow-back-up", .roles = ROLE_LEADERS, .run = return_, .offered = awaits_review, .needs_reason = true, .bulk = true,
     .done = N_("Returned to the salesperson")},
    {0},
};

static Error *describe(Ctx *c, const void *row, Value model) {
    const ReportItems *all;
    ReportLine lines[REPORT_SLOTS];
    Value list = value_array(c->mem);
    TRY(report_items(c, &all));
    size_t n = report_lines(all, row, lines);
    for (size_t i = 0; i < n; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "item", lines[i].item->code);
        value_set(o, "value", lines[i].item->unit == UNIT_YUAN ? value_money(lines[i].value) : value_int(lines[i].value));
        value_set_text(o, "unit", metric_unit_codes[lines[i].item->unit]);
        value_push(list, o);
    }
    value_set(model, "lines", list);
    value_set(model, "photos", report_photos(c, ((const DailyReport *)row)->id));
    return NULL;
}

static const Field fixed[] = {
    REF_(DailyReport, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = PRIMARY),
    {.kind = F_END},
};

const Resource daily_report_resource = {
    .table = "daily_report", .path = "/reports/daily", .title = N_("Daily reports"), .one = N_("Daily report"), .icon = "report", .size = sizeof(DailyReport),
    .fields = fixed, .fields_now = fields_now, .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_ANY},
    .scope_owner = "employee_id", .scope_unit = "unit_id", .owner_bits = REPORT_DAY_BITS, .own_only = "t.state = 0", .order = "-day", .recent = "day", .title_field = "employee_id", .actions = actions, .importable = true,
    .defaults = defaults, .read_input = read_input, .prepare = prepare, .validate = validate, .import_row = import_row, .after_save = after_save, .may_edit = may_edit, .make_id = make_id,
    .describe = describe, .empty_hint = N_("Write today's report, or import earlier ones from a spreadsheet."),
};

Error *report_own(Ctx *c, Date day, DailyReport **ret) {
    *ret = NULL;
    if (!c->actor->employee_id) return NULL;
    Error *e = resource_load(c, &daily_report_resource, report_id(c->actor->employee_id, day), (void **)ret);
    if (e && e->status == 404) {
        *ret = NULL;
        return NULL;
    }
    return e;
}
