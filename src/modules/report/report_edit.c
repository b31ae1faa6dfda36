/* report_edit.c - what a sheet of the board module says that went out and came back: of a month through its monthly report (decision 0012), of a day
 * through a daily report. */
#include "base/i18n.h"
#include "modules/report/periodic_private.h"
#include <string.h>
#include <talloc.h>

static Error *load(Ctx *c, int64_t id, PeriodicReport **ret) {
    int64_t found = 0;
    *ret = NULL;
    TRY(db_get_int(c, &found, "SELECT 1 FROM monthly_report WHERE id = $1", V(id)));
    Error *e = found ? resource_load(c, &monthly_report_resource, id, (void **)ret) : NULL;
    return e && e->status == 404 ? err_conflict(c, N_("The monthly report is still being written: it is a draft that only its writer sees")) : e;
}

static PeriodicReport *new_row(Ctx *c, const MonthEdit *edit) {
    const Field *f = monthly_report_resource.fields;
    size_t n = 0;
    while (f[n].kind != F_END) n++;
    PeriodicReport *row = resource_new_row(c, &monthly_report_resource, f, n);
    row->employee_id = edit->employee_id;
    row->unit_id = edit->employee_id ? 0 : edit->unit_id;
    row->first = periodic_first(PERIODIC_MONTH, edit->month);
    return row;
}

static bool set_text(const char **at, const char *said) {
    if (!said || !strcmp(said, *at ? *at : "")) return false;
    *at = said;
    return true;
}

/* One's own change is no conflict: the same file may be corrected and brought twice. */
static Error *check_meanwhile(Ctx *c, const PeriodicReport *old, const PeriodicReport *row, Instant seen) {
    int64_t others = 0;
    char now[MONEY_TEXT], said[MONEY_TEXT];
    if (seen == INSTANT_NONE) return NULL;
    TRY(db_get_int(c, &others, "SELECT 1 FROM monthly_report WHERE id = $1 AND updated_at > $2 AND coalesce(updated_by, 0) <> $3", V(old->id), V(seen), V(c->actor->account_id)));
    if (!others) return NULL;
    const char *a = old->problem, *b = row->problem;
    if (old->stated_actual != row->stated_actual) {
        a = old->stated_actual == MONEY_NONE ? NULL : talloc_strdup(c->mem, money_grouped(old->stated_actual, now));
        b = talloc_strdup(c->mem, money_grouped(row->stated_actual, said));
    }
    return err_conflict(c, N_("Somebody else has changed this meanwhile: now {1}, the sheet says {2}"), a && *a ? text_cut(c->mem, a, 60) : "—", b && *b ? text_cut(c->mem, b, 60) : "—");
}

/* The numbers: passed over where other entries speak, and counts only beside an amount. */
static Error *take_numbers(Ctx *c, const MonthEdit *edit, PeriodicReport *row, MonthEdited *ret) {
    int64_t others = 0;
    bool says = edit->actual != MONEY_NONE || edit->line_count;
    if (says) TRY(periodic_other_facts(c, row, row->first, periodic_last(PERIODIC_MONTH, row->first), &others));
    ret->computed = says && others > 0;
    if (!says || ret->computed) return NULL;
    if (edit->actual != MONEY_NONE) row->stated_actual = edit->actual;
    ret->no_amount = edit->line_count && row->stated_actual == MONEY_NONE;
    return ret->no_amount || !edit->line_count ? NULL : periodic_state_keys(c, row, edit->lines, edit->line_count);
}

Error *report_edit_month(Ctx *c, const MonthEdit *edit, Instant seen, MonthEdited *ret) {
    PeriodicReport *old, *row = new_row(c, edit);
    *ret = (MonthEdited){.entered_day = DATE_NONE};
    TRY(metric_check_scope(c, periodic_scope(row)));
    TRY(load(c, periodic_row_id(PERIODIC_MONTH, row), &old));
    if (old) row = talloc_memdup(c->mem, old, sizeof *old);
    const char *keys = row->key_metrics;
    TRY(take_numbers(c, edit, row, ret));
    bool counts = strcmp(keys ? keys : "", row->key_metrics ? row->key_metrics : "") != 0;
    bool text = set_text(&row->problem, edit->problem), numbers = counts || row->stated_actual != (old ? old->stated_actual : MONEY_NONE);
    text = set_text(&row->highlights, edit->highlights) || text;
    text = set_text(&row->measures, edit->measures) || text;
    if (!text && !numbers) return NULL;
    if (old && !resource_may_change(c, &monthly_report_resource, old)) return err_conflict(c, N_("An approved report cannot be changed"));
    if (old) TRY(check_meanwhile(c, old, row, seen));
    row->state = REPORT_SUBMITTED;
    row->arrival = PERIODIC_IMPORTED;
    TRY(resource_save(c, &monthly_report_resource, old, row, old ? "update" : "create", &ret->changed));
    ret->numbers = numbers && ret->changed;
    if (ret->numbers && row->entered != MONEY_NONE) ret->entered_day = row->entered_day;
    return NULL;
}

/* ---- a day ---- */

Error *report_enter_day(Ctx *c, int64_t employee_id, Date day, const ReportLine *lines, size_t count) {
    const ReportItems *all;
    int64_t found = 0;
    TRY(metric_check_scope(c, (MetricScope){SCOPE_PERSON, employee_id}));
    TRY(db_get_int(c, &found, "SELECT 1 FROM daily_report WHERE id = $1", V(report_id(employee_id, day))));
    if (found) return err_conflict(c, N_("There is a report of that day already; change it there"));
    if (employee_id != c->actor->employee_id && !may(c, ROLE_LEADERS)) return err_denied(c, N_("You can only enter this for yourself or your own team"));
    TRY(report_items(c, &all));
    DailyReport *row = resource_new_row(c, &daily_report_resource, all->fields, all->field_count);
    row->employee_id = employee_id, row->day = day;
    row->state = REPORT_SUBMITTED;
    row->arrival = REPORT_IMPORTED | REPORT_NO_POINTS_COLUMN | REPORT_NO_CONTRACT_COLUMN;
    for (size_t i = 0; i < count; i++)
        if (lines[i].item->slot > 0 && lines[i].item->slot <= REPORT_SLOTS) row->n[lines[i].item->slot - 1] = lines[i].value;
    return resource_save(c, &daily_report_resource, NULL, row, "create", NULL);
}
