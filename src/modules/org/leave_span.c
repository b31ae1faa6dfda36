/* leave_span.c - days a person is away: they miss no report and break no streak. */
#include "modules/org/org_private.h"
#include <talloc.h>

typedef struct LeaveSpan {
    RESOURCE_ROW;
    const char *employee_name, *note;
    int64_t employee_id, unit_id;
    Date first_day, last_day;
    int kind;
} LeaveSpan;

static const char *const kind_codes[] = {"annual", "sick", "personal", "other", NULL};
static const char *const kind_labels[] = {N_("Annual leave"), N_("Sick leave"), N_("Personal leave"), N_("Other"), NULL};

static const Field fields[] = {
    REF_(LeaveSpan, employee_id, employee_name, N_("Person"), &employee_resource, .flags = REQUIRED | IN_LIST | PRIMARY | FILTER | SEARCH | KEY),
    DATE_(LeaveSpan, first_day, N_("From"), .flags = REQUIRED | IN_LIST | SORT | FILTER | KEY),
    DATE_(LeaveSpan, last_day, N_("To"), .flags = REQUIRED | IN_LIST),
    ENUM_(LeaveSpan, kind, N_("Kind of leave"), .flags = IN_LIST | FILTER, .codes = kind_codes, .labels = kind_labels),
    TEXT_(LeaveSpan, note, N_("Note"), .flags = IN_LIST, .max = 200),
    INT_(LeaveSpan, unit_id, N_("Team"), .flags = INTERNAL),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    LeaveSpan *s = row;
    s->employee_id = c->actor->employee_id;
    s->employee_name = c->actor->employee_id ? c->actor->name : NULL;
    s->first_day = s->last_day = date_of_instant(c->now);
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    LeaveSpan *s = row;
    (void)old;
    if (!s->employee_id || s->first_day == DATE_NONE) return NULL;
    TRY(org_unit_of(c, s->employee_id, s->first_day, &s->unit_id));
    if (!s->unit_id) TRY(db_get_int(c, &s->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(s->employee_id)));
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const LeaveSpan *s = row;
    int64_t overlap = 0;
    char first[DATE_TEXT], last[DATE_TEXT];
    (void)old;
    if (s->last_day < s->first_day) return err_field(c, "last_day", N_("This is before the first day"));
    if (s->last_day - s->first_day > 400) return err_field(c, "last_day", N_("A leave is at most 400 days long"));
    TRY(db_get_int(c, &overlap, "SELECT 1 FROM leave_span WHERE employee_id = $1 AND id <> $2 AND first_day <= $4 AND last_day >= $3", V(s->employee_id),
                   V(s->id), V(date_text(s->first_day, first)), V(date_text(s->last_day, last))));
    return overlap ? err_field(c, "first_day", N_("This overlaps another leave of the same person")) : NULL;
}

Error *org_on_leave(Ctx *c, int64_t employee_id, Date day, bool *ret) {
    char iso[DATE_TEXT];
    int64_t found = 0;
    TRY(db_get_int(c, &found, "SELECT 1 FROM leave_span WHERE employee_id = $1 AND first_day <= $2 AND last_day >= $2", V(employee_id), V(date_text(day, iso))));
    *ret = found != 0;
    return NULL;
}

const Resource leave_span_resource = {
    .table = "leave_span", .path = "/leave", .title = N_("Leave"), .one = N_("Leave"), .icon = "beach", .size = sizeof(LeaveSpan), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_LEADERS | ROLE_TRAINER, .remove = ROLE_LEADERS | ROLE_TRAINER},
    .scope_owner = "employee_id", .scope_unit = "unit_id", .order = "-first_day", .title_field = "employee_id", .importable = true, .defaults = defaults,
    .prepare = prepare, .validate = validate, .empty_hint = N_("Enter your own days away; leads see their team's."),
};
