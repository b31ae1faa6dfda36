/* board_ramp.c - how new people get going: attainment by months since they joined, each against the own company's cohorts (P25 to P75). */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/org/org.h"
#include <stdlib.h>
#include <talloc.h>

enum { RAMP_MONTHS = 12, RAMP_PEOPLE = 2000, NEW_MONTHS = 12, MIN_COHORT = 4 };

typedef struct Ramp {
    int64_t id;
    const char *name;
    Date hired_on;
    Ratio months[RAMP_MONTHS]; /* attainment of the n-th whole month after the one of joining */
    int known;
} Ramp;

static Error *load_people(Ctx *c, int64_t unit_id, Ramp **ret, size_t *ret_n) {
    Rows *rows;
    Ramp *list = NULL;
    size_t n = 0;
    TRY(db_query(c, &rows, "SELECT e.id, e.name, e.hired_on FROM unit_above a JOIN employee e ON e.unit_id = a.below_id WHERE a.above_id = $1 AND e.hired_on IS NOT NULL"
                           " ORDER BY e.hired_on DESC, e.id LIMIT $2", V(unit_id), V(RAMP_PEOPLE)));
    while (rows_next(rows)) {
        if (!(n & (n - 1))) list = talloc_realloc(c->mem, list, Ramp, n ? (unsigned)n * 2 : 1);
        list[n] = (Ramp){.id = row_int(rows, 0), .name = row_dup(rows, 1)};
        if (date_parse(row_text(rows, 2), &list[n].hired_on)) n++;
    }
    *ret = list;
    *ret_n = n;
    return rows_done(rows);
}

static Error *fill(Ctx *c, const Board *b, Ramp *p, Date today) {
    Sums sums[RAMP_MONTHS];
    Period first = period_add(period_of(PERIOD_MONTH, p->hired_on, 1), 1, 1);
    MetricScope scope = {SCOPE_PERSON, p->id};
    TRY(metric_series(c, scope, first, RAMP_MONTHS, 1, sums));
    for (int i = 0; i < RAMP_MONTHS; i++) {
        Period month = period_add(first, i, 1);
        Ratio target;
        p->months[i] = RATIO_NONE;
        if (month.last >= today) continue;
        TRY(target_for(c, b->metric, scope, month.first, month.last, TIER_BASE, b->view, &target));
        p->months[i] = metric_attainment(b->metric, metric_value(b->metrics, b->metric, &sums[i], month.last), target);
        p->known += ratio_why(p->months[i]) == RATIO_HAS_VALUE;
    }
    return NULL;
}

static int by_value(const void *a, const void *b) {
    return ratio_compare(*(const Ratio *)a, *(const Ratio *)b);
}

static int cohort_of(const Ramp *people, size_t n, int month, Ratio *sorted) {
    int count = 0;
    for (size_t i = 0; i < n; i++)
        if (ratio_why(people[i].months[month]) == RATIO_HAS_VALUE) sorted[count++] = people[i].months[month];
    if (count) qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    return count;
}

static void add_percent(Ctx *c, Value row, Ratio r) {
    document_number(c, row, percent_text(c, r), percent_json(r));
}

Error *board_ramp_document(Req *r, Value *ret) {
    Ctx *c = &r->c;
    Board b;
    Ramp *people = NULL;
    size_t n = 0, shown = 0;
    Date today = date_of_instant(c->now);
    TRY(board_read(r, &b));
    if (b.scope.kind != SCOPE_UNIT) return err_not_found(c, N_("This page is for a unit"));
    TRY(load_people(c, b.scope.id, &people, &n));
    for (size_t i = 0; i < n; i++) TRY(fill(c, &b, &people[i], today));
    Value d = document_new(c, tr(c->lang, N_("New people's ramp")), b.name, "%");
    Value table = document_table(c, d, "ramp", tr(c->lang, N_("Attainment by months since joining")));
    document_chart(c, table, "band", "%");
    document_column(c, table, tr(c->lang, N_("Month")), false);
    static const struct { const char *title, *series; } bands[] = {{N_("P25"), "band-low"}, {N_("Median"), "previous"}, {N_("P75"), "band-high"}};
    for (int i = 0; i < 3; i++) value_set(document_column(c, table, tr(c->lang, bands[i].title), true), "series", value_text(bands[i].series));
    const Ramp *newest[4];
    for (size_t i = 0; i < n && shown < 4; i++)
        if (people[i].known && people[i].hired_on > date_add_months(today, -NEW_MONTHS)) newest[shown++] = &people[i];
    for (size_t i = 0; i < shown; i++) value_set(document_column(c, table, newest[i]->name, true), "series", value_text("line"));
    Ratio *sorted = talloc_array(c->mem, Ratio, (unsigned)n + 1);
    bool enough = false;
    for (int month = 0; month < RAMP_MONTHS; month++) {
        int count = cohort_of(people, n, month, sorted);
        Value row = document_row(c, table, false);
        Msg title = {.id = N_("Month {1} after joining ({2} people)"), .args = {talloc_asprintf(c->mem, "%d", month + 1), talloc_asprintf(c->mem, "%d", count)}};
        value_set(row, "short", value_text(talloc_asprintf(c->mem, "%d", month + 1)));
        document_text(c, row, msg_text(c->mem, c->lang, &title));
        enough |= count >= MIN_COHORT;
        for (int q = 1; q <= 3; q++) add_percent(c, row, count >= MIN_COHORT ? quartile_of(sorted, count, q) : RATIO_NONE);
        for (size_t i = 0; i < shown; i++) add_percent(c, row, newest[i]->months[month]);
    }
    value_set_bool(d, "enough", enough);
    if (!enough) document_note(c, d, tr(c->lang, N_("Too few people with a day of hire and targets yet: at least four are needed for a band.")));
    TRY(board_frame(r, &b, "/board/ramp", d));
    *ret = d;
    return NULL;
}

static Error *ramp_page(Req *r) {
    Value d;
    TRY(board_ramp_document(r, &d));
    return respond_document(r, "board_ramp", d);
}

const Route board_ramp_routes[] = {
    {GET, "/board/ramp", ROLE_ANY & ~ROLE_REP, ramp_page, N_("New people's ramp against the own cohorts"), ROUTE_TAGGED},
    {0},
};
