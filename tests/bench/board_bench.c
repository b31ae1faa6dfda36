/* board_bench.c - a company's facts and sums in the product's own tables, and the time of the product's own functions that read a dashboard.
 *
 *     board_bench fill TARGET PEOPLE DAYS             into a database that `xiaoguan migrate` has made; sums are computed here, not by the product
 *     board_bench read TARGET PEOPLE DAYS ROUNDS      prints a JSON line for each panel: microseconds (CPU on SQLite, else wall), and how many answers were wrong
 *     board_bench raw TARGET PEOPLE DAYS ROUNDS       the same panels summed from the facts
 *
 * TARGET is a file or postgresql://... (fill: a file). The data are those of the lab's agg_sqlite: value (person, metric, day), regions of 500 people
 * with scattered ids, months of 21 days, so every answer is known here. */
#include "modules/metric/roll.h"
#include "db/db.h"
#include "service/access.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

enum { REGION_SIZE = 500, TEAM_SIZE = 20, TEAMS = REGION_SIZE / TEAM_SIZE, METRICS = 8, MONTH_DAYS = 21, FIRST_YEAR = 2024, COMPANY = 1 };
enum { ASKED_REGIONS = 11, TREND_MONTHS = 12, PEOPLE_A_TURN = 100 };
static const int slots[METRICS] = { 1, 2, 3, 4, 5, 6, 25, 26 }; /* of the metrics that the product brings */

typedef struct Size {
    int people, days, regions, months, current; /* current: the month that the board shows */
} Size;

static void must(Error *e) {
    if (!e) return;
    fprintf(stderr, "%d %s %s: %s\n", e->status, e->message.id, e->detail ? e->detail : "", e->trace);
    exit(1);
}

static clockid_t clock_used = CLOCK_MONOTONIC;
static double now(void) {
    struct timespec t;
    clock_gettime(clock_used, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- who, when, how much ---- */

static int value(int person, int metric, int day) {
    return (int)((person * 7919L + metric * 104729L + day * 31L) % 1000);
}
static Date day_of(int day) {
    return date_make(FIRST_YEAR + day / MONTH_DAYS / 12, 1 + day / MONTH_DAYS % 12, 1 + day % MONTH_DAYS);
}
static int region_of(const Size *s, int person) {
    return person % s->regions;
}
static int64_t region_id(int region) {
    return COMPANY + 1 + region;
}
static int64_t team_of(const Size *s, int person) {
    return COMPANY + 1 + s->regions + region_of(s, person) * TEAMS + person / s->regions % TEAMS;
}
static int compare_persons(const void *a, const void *b, void *size) {
    int x = *(const int *)a, y = *(const int *)b;
    int64_t t = team_of(size, x), u = team_of(size, y);
    return t != u ? (t < u ? -1 : 1) : x - y;
}

/* ---- fill ---- */

typedef struct Fill {
    const Size *size;
    int first, last;               /* persons of this turn */
    int64_t *by_day, *by_month;    /* of units: [unit][day or month][metric] */
    int64_t *member;               /* [person][month][metric] */
    int *ordered;                  /* persons by team */
    int64_t from_unit, to_unit;
} Fill;

static Error *add_unit(Ctx *c, int64_t id, int64_t parent, int kind, const char *name) {
    TRY(db_exec(c, "INSERT INTO org_unit(id, kind, name, parent_id, version, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $5)", V(id), V(kind), V(name), V_id(parent), V(c->now)));
    return db_exec(c, "INSERT INTO unit_above(below_id, above_id) VALUES ($1, $1)", V(id));
}
static Error *stands_below(Ctx *c, int64_t below, int64_t above) {
    return db_exec(c, "INSERT INTO unit_above(below_id, above_id) VALUES ($1, $2)", V(below), V(above));
}

static Error *fill_units(Ctx *c, void *arg) {
    const Size *s = ((Fill *)arg)->size;
    int64_t id = COMPANY + 1 + s->regions;
    TRY(add_unit(c, COMPANY, 0, 0, "销冠"));
    for (int r = 0; r < s->regions; r++) {
        TRY(add_unit(c, region_id(r), COMPANY, 1, talloc_asprintf(c->mem, "第%d大区", r)));
        TRY(stands_below(c, region_id(r), COMPANY));
    }
    for (int r = 0; r < s->regions; r++)
        for (int t = 0; t < TEAMS; t++, id++) {
            TRY(add_unit(c, id, region_id(r), 2, talloc_asprintf(c->mem, "第%d大区%d组", r, t)));
            TRY(stands_below(c, id, region_id(r)));
            TRY(stands_below(c, id, COMPANY));
        }
    return db_exec(c, "DROP INDEX fact__unit_day"); /* made again at the end: the facts come person by person */
}

static Error *add_person(Ctx *c, const Size *s, int person) {
    return db_exec(c, "INSERT INTO employee(id, no, name, name_keys, unit_id, hired_on, version, created_at, updated_at) VALUES ($1, $2, $3, 'yuangong', $4, '2023-07-03', 1, $5, $5)",
                   V(person), V(talloc_asprintf(c->mem, "E%05d", person)), V(talloc_asprintf(c->mem, "员工%d", person)), V(team_of(s, person)), V(c->now));
}

static Error *add_fact(Ctx *c, const Size *s, int person, int day) {
    char text[DATE_TEXT];
    Date on = day_of(day);
    Param p[4 + 1 + METRICS] = { V((int64_t)person << 32 | (int64_t)on << 12), V(person), V(team_of(s, person)), V(date_text(on, text)), V(c->now) };
    for (int m = 0; m < METRICS; m++) p[5 + m] = param_int(value(person, m, day));
    return db_exec_(c, NULL,
                    "INSERT INTO fact(id, employee_id, unit_id, day, source, source_id, created_at, n1, n2, n3, n4, n5, n6, n25, n26)"
                    " VALUES ($1, $2, $3, $4, 1, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                    p, sizeof p / sizeof *p);
}

static Error *fill_people(Ctx *c, void *arg) {
    const Fill *f = arg;
    for (int p = f->first; p <= f->last; p++) {
        TRY(add_person(c, f->size, p));
        for (int d = 0; d < f->size->days; d++) TRY(add_fact(c, f->size, p, d));
    }
    return NULL;
}

static int64_t *cell(int64_t *all, int per, int64_t row, int column) {
    return all + (row * per + column) * METRICS;
}

/* What the product would have added up, fact by fact. */
static void add_up(Fill *f) {
    const Size *s = f->size;
    for (int p = 1; p <= s->people; p++) {
        int64_t above[] = { COMPANY, region_id(region_of(s, p)), team_of(s, p) };
        for (int d = 0; d < s->days; d++)
            for (int m = 0; m < METRICS; m++) {
                int v = value(p, m, d), month = d / MONTH_DAYS;
                cell(f->member, s->months, p, month)[m] += v;
                for (int i = 0; i < 3; i++) cell(f->by_day, s->days, above[i], d)[m] += v, cell(f->by_month, s->months, above[i], month)[m] += v;
            }
    }
}

static Error *add_sum(Ctx *c, int64_t key, int64_t facts, const int64_t *sums) {
    Param p[2 + METRIC_SLOTS] = { V(key), V(facts) };
    for (int i = 0; i < METRIC_SLOTS; i++) p[2 + i] = param_int(0);
    for (int m = 0; m < METRICS; m++) p[1 + slots[m]] = param_int(sums[m]);
    return db_exec_(c, NULL,
                    "INSERT INTO roll(id, facts" SLOT_COLUMNS ")"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
                    " $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42)",
                    p, sizeof p / sizeof *p);
}

static int days_of_month(const Size *s, int month) {
    int days = s->days - month * MONTH_DAYS;
    return days < MONTH_DAYS ? days : MONTH_DAYS;
}

static Error *fill_unit_sums(Ctx *c, void *arg) {
    Fill *f = arg;
    const Size *s = f->size;
    for (int64_t u = f->from_unit; u <= f->to_unit; u++) {
        int people = u == COMPANY ? s->people : u <= region_id(s->regions - 1) ? REGION_SIZE : TEAM_SIZE;
        for (int d = 0; d < s->days; d++) TRY(add_sum(c, roll_key(ROLL_UNIT, u, false, day_of(d)), people, cell(f->by_day, s->days, u, d)));
        for (int m = 0; m < s->months; m++)
            TRY(add_sum(c, roll_key(ROLL_UNIT, u, true, roll_month(day_of(m * MONTH_DAYS))), (int64_t)people * days_of_month(s, m), cell(f->by_month, s->months, u, m)));
    }
    return NULL;
}

/* Persons of one team stand together in `ordered`; first..last are places in it, whole teams. */
static Error *fill_member_sums(Ctx *c, void *arg) {
    Fill *f = arg;
    const Size *s = f->size;
    for (int at = f->first; at <= f->last; at += TEAM_SIZE)
        for (int m = 0; m < s->months; m++)
            for (int i = at; i < at + TEAM_SIZE; i++) {
                int64_t key = roll_member_key(team_of(s, f->ordered[i]), roll_month(day_of(m * MONTH_DAYS)), f->ordered[i]);
                TRY(add_sum(c, key, days_of_month(s, m), cell(f->member, s->months, f->ordered[i], m)));
            }
    return NULL;
}

static Error *make_index(Ctx *c, void *arg) {
    (void)arg;
    return db_exec(c, "CREATE INDEX fact__unit_day ON fact (unit_id, day)");
}

static void turn(Ctx *c, TxFn fn, Fill *f) {
    Ctx *child = ctx_child(c);
    must(db_tx(child, fn, f));
    ctx_done(child);
}

static void fill(Ctx *c, const Size *s) {
    int64_t units = COMPANY + s->regions * (1 + TEAMS);
    Fill f = { .size = s, .from_unit = 1 };
    double begin = now();
    turn(c, fill_units, &f);
    for (f.first = 1; f.first <= s->people; f.first += PEOPLE_A_TURN) {
        f.last = f.first + PEOPLE_A_TURN - 1;
        turn(c, fill_people, &f);
        if (f.last % (s->people / 5) == 0) fprintf(stderr, "  %d people, %.1f million facts, %.0f s\n", f.last, (double)f.last * s->days / 1e6, now() - begin);
    }
    turn(c, make_index, &f);
    f.by_day = talloc_zero_array(c->mem, int64_t, (unsigned)((units + 1) * s->days * METRICS));
    f.by_month = talloc_zero_array(c->mem, int64_t, (unsigned)((units + 1) * s->months * METRICS));
    f.member = talloc_zero_array(c->mem, int64_t, (unsigned)((s->people + 1) * s->months * METRICS));
    f.ordered = talloc_array(c->mem, int, (unsigned)s->people);
    add_up(&f);
    for (f.from_unit = 1; f.from_unit <= units; f.from_unit += 100) {
        f.to_unit = f.from_unit + 99 < units ? f.from_unit + 99 : units;
        turn(c, fill_unit_sums, &f);
    }
    for (int i = 0; i < s->people; i++) f.ordered[i] = i + 1;
    qsort_r(f.ordered, (size_t)s->people, sizeof *f.ordered, compare_persons, (void *)(uintptr_t)s);
    for (f.first = 0; f.first < s->people; f.first += REGION_SIZE) {
        f.last = f.first + REGION_SIZE - 1;
        turn(c, fill_member_sums, &f);
    }
    fprintf(stderr, "  index and sums, %.0f s\n", now() - begin);
}

/* ---- read ---- */

/* What a panel gave: compared with what it has to give. */
typedef struct Answer {
    int64_t rows, sum; /* of all metrics, or of the first */
} Answer;
typedef Error *(*Panel)(Ctx *c, const Size *s, int region, Answer *ret);

static Period current_month(const Size *s) {
    return period_of(PERIOD_MONTH, day_of(s->current * MONTH_DAYS), 1);
}

static Error *read_month(Ctx *c, const Size *s, int region, Answer *ret) {
    const Metrics *all;
    Period month = current_month(s);
    Sums sums;
    TRY(metrics_get(c, &all));
    TRY(metric_sums(c, (MetricScope){ SCOPE_UNIT, region_id(region) }, month.first, month.last, &sums));
    for (int m = 0; m < METRICS; m++) ret->sum += sums.n[slots[m] - 1];
    for (size_t i = 0; i < metrics_count(all); i++) (void)metric_value(all, metrics_at(all, i), &sums, month.last);
    ret->rows = 1;
    return NULL;
}

static Error *read_trend(Ctx *c, const Size *s, int region, Answer *ret) {
    Sums sums[TREND_MONTHS];
    TRY(metric_series(c, (MetricScope){ SCOPE_UNIT, region_id(region) }, period_add(current_month(s), 1 - TREND_MONTHS, 1), TREND_MONTHS, 1, sums));
    for (int i = 0; i < TREND_MONTHS; i++) ret->sum += sums[i].n[0];
    ret->rows = TREND_MONTHS;
    return NULL;
}

static int most_first(const void *a, const void *b) {
    const PersonSums *x = a, *y = b;
    return x->sums.n[0] > y->sums.n[0] ? -1 : x->sums.n[0] < y->sums.n[0];
}

static Error *read_people(Ctx *c, const Size *s, int region, Answer *ret) {
    Period month = current_month(s);
    PersonSums *list;
    size_t n;
    TRY(metric_people(c, region_id(region), month.first, month.last, &list, &n));
    if (n) qsort(list, n, sizeof *list, most_first);
    for (size_t i = 0; i < n; i++) ret->sum += list[i].sums.n[0];
    ret->rows = (int64_t)n;
    return NULL;
}

/* Who they are: what a page shows beside their numbers. */
static Error *read_names(Ctx *c, const Size *s, int region, Answer *ret) {
    Rows *rows;
    (void)s;
    TRY(db_query(c, &rows, "SELECT e.id, e.name FROM unit_above a JOIN employee e ON e.unit_id = a.below_id WHERE a.above_id = $1", V(region_id(region))));
    while (rows_next(rows)) ret->rows += *row_dup(rows, 1) != 0;
    return rows_done(rows);
}

/* The least that a ranking can cost with rows as they are: one metric, with the names of all in the same statement. */
static Error *read_least(Ctx *c, const Size *s, int region, Answer *ret) {
    int64_t month = roll_month(day_of(s->current * MONTH_DAYS));
    Rows *rows;
    TRY(db_query(c, &rows,
                 "SELECT e.id, t.n1, e.name FROM unit_above a JOIN roll t ON t.id >= 2305843009213693952 + a.below_id * 4398046511104 + $2"
                 " AND t.id < 2305843009213693952 + a.below_id * 4398046511104 + $3 JOIN employee e ON e.id = t.id % 2147483648 WHERE a.above_id = $1",
                 V(region_id(region)), V(month << ROLL_MONTH_SHIFT), V((month + 1) << ROLL_MONTH_SHIFT)));
    for (; rows_next(rows); ret->rows++) ret->sum += row_int(rows, 1) + !row_dup(rows, 2);
    return rows_done(rows);
}

/* ---- the same from facts ---- */

#define FACTS_OF_REGION(columns)                                                                                                           \
    "SELECT " columns " FROM unit_above a CROSS JOIN employee e CROSS JOIN fact t WHERE a.above_id = $1 AND e.unit_id = a.below_id"      \
    " AND t.id >= e.id * 4294967296 + $2 AND t.id < e.id * 4294967296 + $3"

static Error *raw(Ctx *c, const char *sql, int region, Date first, Date last, int columns, Answer *ret) {
    Param p[] = { V(region_id(region)), V((int64_t)first << 12), V((int64_t)(last + 1) << 12) };
    Rows *rows;
    TRY(db_query_(c, &rows, sql, p, 3));
    for (; rows_next(rows); ret->rows++)
        for (int i = 1; i <= columns; i++) ret->sum += row_int(rows, i);
    return rows_done(rows);
}

static Error *raw_month(Ctx *c, const Size *s, int region, Answer *ret) {
    Period month = current_month(s);
    return raw(c, FACTS_OF_REGION("1, sum(t.n1), sum(t.n2), sum(t.n3), sum(t.n4), sum(t.n5), sum(t.n6), sum(t.n25), sum(t.n26)"), region, month.first, month.last, METRICS, ret);
}
static Error *raw_trend(Ctx *c, const Size *s, int region, Answer *ret) {
    Period month = current_month(s);
    return raw(c, FACTS_OF_REGION("substr(t.day, 1, 7), sum(t.n1)") " GROUP BY 1", region, period_add(month, 1 - TREND_MONTHS, 1).first, month.last, 1, ret);
}
static Error *raw_people(Ctx *c, const Size *s, int region, Answer *ret) {
    Period month = current_month(s);
    return raw(c, FACTS_OF_REGION("e.id, sum(t.n1), e.name") " GROUP BY e.id, e.name ORDER BY 2 DESC", region, month.first, month.last, 1, ret);
}

/* ---- measuring ---- */

static Answer right_answer(const Size *s, int region, const char *name) {
    bool month = strstr(name, "month") != NULL, trend = strstr(name, "trend") != NULL;
    Answer a = { .rows = month ? 1 : trend ? TREND_MONTHS : REGION_SIZE };
    if (!strcmp(name, "names")) return a;
    int first = (trend ? s->current - TREND_MONTHS + 1 : s->current) * MONTH_DAYS, last = s->current * MONTH_DAYS + MONTH_DAYS - 1;
    for (int p = 1; p <= s->people; p++)
        for (int d = first; d <= last && region_of(s, p) == region; d++)
            for (int m = 0; m < (month ? METRICS : 1); m++) a.sum += value(p, m, d);
    return a;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(Ctx *c, const Size *s, const char *name, Panel panel, int rounds) {
    double *us = talloc_array(c->mem, double, (unsigned)(rounds * ASKED_REGIONS));
    int n = 0, wrong = 0;
    Answer right[ASKED_REGIONS];
    for (int i = 0; i < ASKED_REGIONS; i++) right[i] = right_answer(s, i * 7 % s->regions, name);
    for (int k = -1; k < rounds; k++) /* the first round is warming up */
        for (int i = 0; i < ASKED_REGIONS; i++) {
            Answer got = { 0 };
            double begin = now();
            Ctx *one = ctx_child(c);
            must(panel(one, s, i * 7 % s->regions, &got));
            ctx_done(one);
            if (k >= 0) us[n++] = (now() - begin) * 1e6;
            wrong += got.rows != right[i].rows || got.sum != right[i].sum;
        }
    qsort(us, (size_t)n, sizeof *us, by_size);
    printf("{\"panel\":\"%s\",\"us\":%.2f,\"least\":%.2f,\"most\":%.2f,\"wrong\":%d,\"rows\":%" PRId64 ",\"sum\":%" PRId64 "}\n", name, us[n / 2], us[0], us[n - 1], wrong,
           right[0].rows, right[0].sum);
    fflush(stdout);
}

static void read_all(Ctx *c, const Size *s, int rounds) {
    measure(c, s, "month", read_month, rounds);
    measure(c, s, "trend", read_trend, rounds);
    measure(c, s, "ranking", read_people, rounds);
    measure(c, s, "names", read_names, rounds);
    measure(c, s, "ranking and names, one metric", read_least, rounds);
}
static void raw_all(Ctx *c, const Size *s, int rounds) {
    measure(c, s, "raw month", raw_month, rounds);
    measure(c, s, "raw trend", raw_trend, rounds);
    measure(c, s, "raw ranking", raw_people, rounds);
}

int main(int argc, char **argv) {
    bool filling = argc == 5 && !strcmp(argv[1], "fill"), reading = argc == 6 && !strcmp(argv[1], "read"), from_facts = argc == 6 && !strcmp(argv[1], "raw");
    if (!filling && !reading && !from_facts) return fprintf(stderr, "board_bench fill TARGET PEOPLE DAYS | board_bench read|raw TARGET PEOPLE DAYS ROUNDS\n"), 2;
    Size s = { .people = (int)strtol(argv[3], NULL, 10), .days = (int)strtol(argv[4], NULL, 10) };
    s.regions = s.people / REGION_SIZE, s.months = (s.days + MONTH_DAYS - 1) / MONTH_DAYS, s.current = s.days / MONTH_DAYS - 1;
    if (s.people % REGION_SIZE || s.people < REGION_SIZE || s.current < TREND_MONTHS)
        return fprintf(stderr, "people come in regions of %d, days in more than %d months of %d\n", REGION_SIZE, TREND_MONTHS, MONTH_DAYS), 2;
    Ctx c = { .mem = talloc_new(NULL), .now = INT64_C(1795406400000000), .actor = &system_actor, .request_id = "0000000000000000", .address = "" };
    Db *db;
    must(db_open(&c, c.mem, argv[2], (DbOptions){ .exclusive = filling, .who = "board_bench" }, &db));
    if (!filling && db_engine(db) == DB_SQLITE) clock_used = CLOCK_THREAD_CPUTIME_ID; /* all of it is this thread's: other work on the machine does not count */
    if (filling) fill(&c, &s);
    else if (reading) read_all(&c, &s, (int)strtol(argv[5], NULL, 10));
    else raw_all(&c, &s, (int)strtol(argv[5], NULL, 10));
    db_close(db);
    talloc_free(c.mem);
    return 0;
}
