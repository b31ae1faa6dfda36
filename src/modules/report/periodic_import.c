/* periodic_import.c - 周业绩汇总表 and 月度业绩复盘表 in: whose row it is, of which period, and what its actual means.
 *
 * A sheet's actual is a fact where nothing else speaks of the period; where daily reports or other imports do, they are right and the cell is
 * passed over. A cell that says what the report shows anyway changes nothing, so our own export comes back unchanged. docs/decisions/0012. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include <string.h>
#include <talloc.h>

static void set_given(const Field *fields, size_t n, bool *given, const char *name, bool value) {
    const Field *f = field_find(fields, n, name);
    if (f) given[f - fields] = value;
}
static bool is_given(const Field *fields, size_t n, const bool *given, const char *name) {
    const Field *f = field_find(fields, n, name);
    return f && given[f - fields];
}

/* ---- whose ---- */

/* "上海一部（团队）", as the export writes it, in either language. NULL if the text has no such ending. */
static const char *team_name(Ctx *c, const char *text) {
    static const char *const endings[] = {"(团队)", "(團隊)", "(team)", "团队", "團隊"};
    const char *folded = text_fold(c->mem, text);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(folded), len = strlen(endings[i]);
        if (n <= len || strcmp(folded + n - len, endings[i]) != 0) continue;
        /* the same ending in the text itself, whose brackets may be full-width */
        const char *open = strstr(text, "（") ? strstr(text, "（") : strrchr(text, '(');
        return text_clean(c->mem, talloc_strndup(c->mem, text, open && endings[i][0] == '(' ? (size_t)(open - text) : strlen(text) - len));
    }
    return NULL;
}

static bool is_word(const char *text, const char *a, const char *b) {
    return !strcmp(text, a) || !strcmp(text, b);
}

/* 团队 alone is the one team that the reader leads. */
static Error *own_team(Ctx *c, int64_t *ret) {
    Rows *rows;
    int64_t found = 0;
    *ret = 0;
    TRY(db_query(c, &rows, "SELECT id FROM org_unit WHERE leader_id = $1 AND status = 0 LIMIT 2", V(c->actor->employee_id)));
    while (rows_next(rows)) *ret = found++ ? 0 : row_int(rows, 0);
    return rows_done(rows);
}

static Error *find_subject(Ctx *c, PeriodicReport *row) {
    const char *text = row->subject;
    row->employee_id = row->unit_id = 0;
    if (is_word(text, "团队", "團隊")) {
        TRY(own_team(c, &row->unit_id));
        return row->unit_id ? NULL : err_field(c, "subject", N_("Write the team's name instead of “{1}”"), text);
    }
    if (is_word(text, "个人", "個人") && c->actor->employee_id) {
        row->employee_id = c->actor->employee_id;
        return NULL;
    }
    const char *team = team_name(c, text);
    if (!team) TRY(resource_resolve(c, &employee_resource, text, &row->employee_id));
    if (row->employee_id < 0) return err_field(c, "subject", N_("There are several entries called “{1}”; use the number"), text);
    if (!row->employee_id) TRY(resource_resolve(c, &org_unit_resource, team ? team : text, &row->unit_id));
    if (row->unit_id < 0) return err_field(c, "subject", N_("There are several entries called “{1}”; use the number"), text);
    return row->employee_id || row->unit_id ? NULL : err_field(c, "subject", N_("There is no “{1}”"), text_cut(c->mem, text, 60));
}

/* A row of our export about somebody who has written nothing: its numbers are what is shown anyway, so it makes no report. */
static Error *says_nothing(Ctx *c, PeriodicKind kind, const PeriodicReport *row, bool *ret) {
    const char *const texts[] = {row->problem, row->next_focus, row->support_need, row->highlights, row->measures};
    int64_t found = 0, id = periodic_row_id(kind, row);
    PeriodicReport trial = *row;
    *ret = false;
    Error *unseen = metric_check_scope(c, periodic_scope(row)); /* or "unchanged" would tell whether a guess at somebody's numbers is right */
    if (unseen) return unseen->status == 404 ? NULL : unseen;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && *texts[i]) return NULL;
    if (kind == PERIODIC_WEEK) TRY(db_get_int(c, &found, "SELECT 1 FROM weekly_report WHERE id = $1", V(id)));
    else TRY(db_get_int(c, &found, "SELECT 1 FROM monthly_report WHERE id = $1", V(id)));
    if (found) return NULL;
    trial.key_metrics = trial.key_note = NULL;
    if (kind == PERIODIC_WEEK) trial.next_target = MONEY_NONE;
    TRY(periodic_settle_sheet(c, kind, NULL, &trial));
    *ret = trial.target == MONEY_NONE && trial.stated_actual == MONEY_NONE && trial.stated_growth == INT_NONE && !trial.key_metrics && !trial.key_note &&
           (kind == PERIODIC_WEEK || trial.next_target == MONEY_NONE);
    return NULL;
}

Error *periodic_import_row(Ctx *c, PeriodicKind kind, const Field *fields, size_t n, bool *given, PeriodicReport *row) {
    const char *period = periodic_of(kind)->period;
    if (row->sheet_period && *row->sheet_period) {
        Date today = date_of_instant(c->now);
        bool ok = kind == PERIODIC_WEEK ? periodic_parse_week(c->mem, row->sheet_period, today, &row->first) : periodic_parse_month(c->mem, row->sheet_period, today, &row->first);
        if (!ok) return err_field(c, "sheet_period", kind == PERIODIC_WEEK ? N_("Write a week such as 2026-W28") : N_("Write a month such as 2026-07"));
        set_given(fields, n, given, period, true);
    }
    if (!is_given(fields, n, given, period) || row->first == DATE_NONE)
        return err_field(c, "sheet_period", N_("This is required"));
    row->first = periodic_first(kind, row->first);
    if (!row->subject || !*row->subject) return err_field(c, "subject", N_("This is required"));
    TRY(find_subject(c, row));
    set_given(fields, n, given, "employee_id", true);
    set_given(fields, n, given, "unit_id", !row->employee_id);
    static const char *const numbers[] = {"target", "stated_actual", "next_target"}; /* an empty cell says nothing */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const Field *f = field_find(fields, n, numbers[i]);
        if (f && field_is_empty(f, row)) given[f - fields] = false;
    }
    if (!row->sheet_keys || !*row->sheet_keys) set_given(fields, n, given, "sheet_keys", false);
    bool nothing;
    TRY(says_nothing(c, kind, row, &nothing));
    if (nothing) {
        memset(given, 0, n * sizeof *given);
        return NULL;
    }
    row->state = REPORT_SUBMITTED;
    row->arrival = PERIODIC_IMPORTED;
    set_given(fields, n, given, "state", true);
    set_given(fields, n, given, "arrival", true);
    return NULL;
}

/* ---- what the numbers of a sheet mean ---- */

Error *periodic_other_facts(Ctx *c, const PeriodicReport *row, Date first, Date last, int64_t *ret) {
    Sums sums;
    char from[DATE_TEXT], to[DATE_TEXT];
    int64_t sheets = 0;
    TRY(metric_sums(c, periodic_scope(row), first, last, &sums));
    date_text(first, from), date_text(last, to);
    if (sums.facts && row->employee_id)
        TRY(db_get_int(c, &sheets, "SELECT (SELECT count(*) FROM weekly_report WHERE employee_id = $1 AND id >= $1 * 1048576 AND id < ($1 + 1) * 1048576 AND entered_day >= $2 AND entered_day <= $3)"
                                   " + (SELECT count(*) FROM monthly_report WHERE employee_id = $1 AND id >= $1 * 1048576 AND id < ($1 + 1) * 1048576 AND entered_day >= $2 AND entered_day <= $3)",
                       V(row->employee_id), V(from), V(to)));
    if (sums.facts && !row->employee_id)
        TRY(db_get_int(c, &sheets, "SELECT (SELECT count(*) FROM unit_above a JOIN weekly_report w ON w.unit_id = a.below_id WHERE a.above_id = $1 AND w.entered_day >= $2 AND w.entered_day <= $3)"
                                   " + (SELECT count(*) FROM unit_above a JOIN monthly_report m ON m.unit_id = a.below_id WHERE a.above_id = $1 AND m.entered_day >= $2 AND m.entered_day <= $3)",
                       V(row->unit_id), V(from), V(to)));
    *ret = sums.facts - sheets;
    return NULL;
}

/* What the person's weeks have brought into the month. */
static Error *entered_by_weeks(Ctx *c, int64_t employee_id, Date first, Date last, int64_t *ret) {
    char from[DATE_TEXT], to[DATE_TEXT];
    *ret = 0;
    return db_get_int(c, ret, "SELECT coalesce(sum(entered), 0) FROM weekly_report WHERE id >= $1 AND id < $2 AND entered_day >= $3 AND entered_day <= $4",
                      V(employee_id << REPORT_DAY_BITS), V((employee_id + 1) << REPORT_DAY_BITS), V(date_text(first, from)), V(date_text(last, to)));
}

static Money fen(Ratio r) {
    int64_t n = MONEY_NONE;
    return ratio_scaled(r, 100, &n) ? n : MONEY_NONE;
}

/* A value that is shown anyway is not typed; an emptied one goes back to what targets and facts say. */
static Money unless_shown(Money said, Ratio shown, Money kept) {
    return said == fen(shown) ? kept : said;
}

/* A person's actual becomes a fact of the period's last working day; a month's is the remainder beside its weeks. */
static Error *set_entered(Ctx *c, PeriodicKind kind, PeriodicReport *row) {
    const WorkCalendar *calendar;
    int64_t weeks = 0;
    Date last = periodic_last(kind, row->first);
    row->entered = MONEY_NONE, row->entered_day = DATE_NONE;
    if (row->stated_actual == MONEY_NONE || !row->employee_id) return NULL;
    TRY(calendar_get(c, &calendar));
    if (kind == PERIODIC_MONTH) TRY(entered_by_weeks(c, row->employee_id, row->first, last, &weeks));
    row->entered = row->stated_actual - weeks;
    row->entered_day = workday_add(calendar, last + 1, -1);
    if (row->entered_day < row->first) row->entered_day = last; /* a week of holidays */
    return NULL;
}

Error *periodic_settle_sheet(Ctx *c, PeriodicKind kind, const PeriodicReport *was, PeriodicReport *row) {
    PeriodicLive live;
    PeriodicSpans spans;
    int64_t others = 0, growth;
    PeriodicReport before = was ? *was : *row;
    if (!was) before.target = before.stated_actual = before.next_target = MONEY_NONE, before.stated_growth = INT_NONE, before.state = REPORT_DRAFT, before.key_metrics = NULL;
    bool says = row->target != before.target || row->stated_actual != before.stated_actual || row->next_target != before.next_target || row->sheet_growth || row->sheet_keys;
    if (!says) return NULL;
    TRY(periodic_live(c, kind, &before, &live, &spans));
    PeriodicShown s = periodic_shown(&before, &live);
    TRY(periodic_other_facts(c, row, spans.first, spans.last, &others));
    row->target = unless_shown(row->target, s.target, before.target);
    if (kind == PERIODIC_MONTH) row->next_target = unless_shown(row->next_target, s.next_target, before.next_target);
    Money actual = unless_shown(row->stated_actual, s.actual, before.stated_actual);
    row->stated_actual = others > 0 && actual != MONEY_NONE ? before.stated_actual : actual;
    bool known = ratio_why(live.previous) == RATIO_HAS_VALUE;
    if (row->sheet_growth && !known && periodic_parse_percent(c->mem, row->sheet_growth, &growth)) row->stated_growth = growth;
    if (row->sheet_keys) TRY(periodic_take_keys(c, was, row, row->sheet_keys, others <= 0));
    bool same = row->stated_actual == before.stated_actual && (was || row->stated_actual == MONEY_NONE);
    return same ? NULL : set_entered(c, kind, row);
}

/* ---- facts ---- */

static bool entered_differs(const PeriodicReport *was, const PeriodicReport *row) {
    if (!was) return row->entered != MONEY_NONE;
    const char *a = was->key_metrics ? was->key_metrics : "", *b = row->key_metrics ? row->key_metrics : "";
    return was->entered != row->entered || was->entered_day != row->entered_day || (row->entered != MONEY_NONE && strcmp(a, b) != 0);
}

static Error *enter(Ctx *c, const PeriodicReport *row, Date day, Money amount) {
    const Metrics *all;
    const Metric *m;
    Fact fact;
    TRY(periodic_amount(c, &all, &m));
    fact_init(&fact);
    fact.employee_id = row->employee_id, fact.day = day, fact.source = FACT_PROGRAM, fact.source_id = row->id;
    if (amount != MONEY_NONE) {
        fact.n[m->slot - 1] = amount;
        TRY(periodic_keys_into_fact(c, row, &fact));
    }
    return fact_replace(c, &fact);
}

/* The month's sheet said a total: what a week brings is taken from the remainder. */
static Error *adjust_month(Ctx *c, const PeriodicReport *week, Date day) {
    PeriodicReport *month;
    Error *e = resource_load(c, &monthly_report_resource, periodic_id(PERIODIC_MONTH, week->employee_id, 0, day), (void **)&month);
    if (e && e->status == 404) return NULL;
    TRY(e);
    if (month->entered == MONEY_NONE) return NULL;
    PeriodicReport *now = talloc_memdup(c->mem, month, sizeof *month);
    TRY(set_entered(c, PERIODIC_MONTH, now));
    now->entered_day = month->entered_day;
    if (now->entered == month->entered) return NULL;
    TRY(db_exec(c, "UPDATE monthly_report SET entered = $2 WHERE id = $1", V(month->id), V(now->entered)));
    return enter(c, now, now->entered_day, now->entered);
}

Error *periodic_enter_facts(Ctx *c, PeriodicKind kind, const PeriodicReport *was, const PeriodicReport *row) {
    if (!row->employee_id || !entered_differs(was, row)) return NULL;
    if (was && was->entered != MONEY_NONE && was->entered_day != row->entered_day) TRY(enter(c, row, was->entered_day, MONEY_NONE));
    if (row->entered != MONEY_NONE) TRY(enter(c, row, row->entered_day, row->entered));
    if (kind == PERIODIC_MONTH) return NULL;
    Date day = row->entered != MONEY_NONE ? row->entered_day : was->entered_day;
    return adjust_month(c, row, day);
}
