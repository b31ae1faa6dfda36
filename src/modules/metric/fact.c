/* fact.c - what sources say about people and days: appended, taken back by a reversing row, never changed. */
#include "modules/metric/metric_private.h"
#include "modules/metric/roll.h"
#include "modules/org/org.h"
#include <string.h>
#include <talloc.h>

enum { DAY_SHIFT = 12, PERSON_SHIFT = 32, PER_DAY = 1 << DAY_SHIFT };

static const char *const source_codes[] = {"report", "import", "program", "manual", NULL};
static const char *const source_labels[] = {N_("Daily report"), N_("Import"), N_("Program"), N_("Entered by hand"), NULL};

static int64_t first_id(int64_t employee_id, Date day) {
    return employee_id << PERSON_SHIFT | (int64_t)day << DAY_SHIFT;
}

void fact_init(Fact *fact) {
    *fact = (Fact){.source_row = INT_NONE, .reverses = INT_NONE};
    for (int i = 0; i < METRIC_SLOTS; i++) fact->n[i] = INT_NONE;
}

/* ---- reading ---- */

#define FACT_COLUMNS "t.id, t.employee_id, t.unit_id, t.day, coalesce(t.region_id, 0), coalesce(t.product_id, 0), coalesce(t.customer_type_id, 0), t.source, t.source_id, t.source_row, t.reverses"
enum { FIRST_SLOT = 11 };

static int64_t int_or_none(const Rows *rows, int col) {
    return row_is_null(rows, col) ? INT_NONE : row_int(rows, col);
}

static void read_fact(const Rows *rows, Fact *f) {
    fact_init(f);
    f->id = row_int(rows, 0), f->employee_id = row_int(rows, 1), f->unit_id = row_int(rows, 2);
    (void)date_parse(row_text(rows, 3), &f->day);
    f->region_id = row_int(rows, 4), f->product_id = row_int(rows, 5), f->customer_type_id = row_int(rows, 6);
    f->source = (int)row_int(rows, 7), f->source_id = row_int(rows, 8);
    f->source_row = int_or_none(rows, 9), f->reverses = int_or_none(rows, 10);
    for (int i = 0; i < METRIC_SLOTS; i++) f->n[i] = int_or_none(rows, FIRST_SLOT + i);
}

/* ---- writing ---- */

static Error *insert(Ctx *c, Fact *f) {
    char day[DATE_TEXT];
    Param p[13 + METRIC_SLOTS] = {V(f->id), V(f->employee_id), V(f->unit_id), V(date_text(f->day, day)), V_id(f->region_id), V_id(f->product_id), V_id(f->customer_type_id),
                                  V(f->source), V(f->source_id), f->source_row == INT_NONE ? param_null() : V(f->source_row), f->reverses == INT_NONE ? param_null() : V(f->reverses),
                                  V(c->now), V_id(c->actor->account_id)};
    for (int i = 0; i < METRIC_SLOTS; i++) p[13 + i] = f->n[i] == INT_NONE ? param_null() : param_int(f->n[i]);
    TRY(db_exec_late_(c,
                 "INSERT INTO fact(id, employee_id, unit_id, day, region_id, product_id, customer_type_id, source, source_id, source_row, reverses, created_at, created_by" SLOT_COLUMNS ")"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33,"
                 " $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53)",
                 p, sizeof p / sizeof *p));
    roll_add(c, f);
    return NULL;
}

/* Keys of sums have room for so many. An error here is this caller's alone; at the commit it would be everybody's. */
static Error *check(Ctx *c, const Fact *f) {
    if (f->employee_id > ROLL_PERSON_MAX || f->unit_id > ROLL_UNIT_MAX) return err_internal(c, "unit or person id too large for roll keys");
    return f->day < 0 || f->day > roll_day_max() ? err_field(c, "day", N_("This is not a day")) : NULL;
}

static Error *credit(Ctx *c, Fact *f) {
    if (f->unit_id) return NULL;
    TRY(org_unit_of(c, f->employee_id, f->day, &f->unit_id));
    if (!f->unit_id) TRY(db_get_int(c, &f->unit_id, "SELECT unit_id FROM employee WHERE id = $1", V(f->employee_id)));
    return f->unit_id ? check(c, f) : err_not_found(c, N_("This person is not there"));
}

/* Appends under the next number of the day; last is the newest id of that person and day, or 0. */
static Error *append_after(Ctx *c, Fact *f, int64_t last) {
    int64_t from = first_id(f->employee_id, f->day);
    f->id = last ? last + 1 : from;
    if (f->id >= from + PER_DAY) return err_conflict(c, N_("A person has at most {1} entries on one day"), "4096");
    return insert(c, f);
}

static Error *newest(Ctx *c, const Fact *f, int64_t *ret_last) {
    int64_t from = first_id(f->employee_id, f->day);
    *ret_last = 0;
    return db_get_int(c, ret_last, "SELECT max(id) FROM fact WHERE id >= $1 AND id < $2", V(from), V(from + PER_DAY));
}

Error *fact_append(Ctx *c, Fact *f) {
    int64_t last;
    TRY(check(c, f));
    TRY(credit(c, f));
    TRY(newest(c, f, &last));
    return append_after(c, f, last);
}

static Error *append_reversal(Ctx *c, const Fact *was, int64_t last) {
    Fact back = *was;
    back.reverses = was->id;
    for (int i = 0; i < METRIC_SLOTS; i++)
        if (back.n[i] != INT_NONE) back.n[i] = -back.n[i];
    return append_after(c, &back, last);
}

Error *fact_reverse(Ctx *c, int64_t id) {
    Rows *rows;
    Fact was;
    int64_t taken_back = 0, last;
    TRY(db_one(c, &rows, "SELECT " FACT_COLUMNS SLOT_COLUMNS_T " FROM fact t WHERE t.id = $1", V(id)));
    if (!rows) return err_not_found(c, N_("This entry is not there"));
    read_fact(rows, &was);
    TRY(rows_done(rows));
    int64_t from = first_id(was.employee_id, was.day);
    TRY(db_get_int(c, &taken_back, "SELECT 1 FROM fact WHERE id >= $1 AND id < $2 AND reverses = $3", V(from), V(from + PER_DAY), V(id)));
    if (taken_back || was.reverses != INT_NONE) return NULL;
    TRY(newest(c, &was, &last));
    return append_reversal(c, &was, last);
}

static bool says_the_same(const Fact *a, const Fact *b) {
    return a->unit_id == b->unit_id && a->region_id == b->region_id && a->product_id == b->product_id && a->customer_type_id == b->customer_type_id && !memcmp(a->n, b->n, sizeof a->n);
}

static bool says_nothing(const Fact *f) {
    for (int i = 0; i < METRIC_SLOTS; i++)
        if (f->n[i] != INT_NONE) return false;
    return true;
}

/* The fact of this source that stands: a later one of the same source always reverses the earlier first. */
static Error *standing(Ctx *c, const Fact *f, Fact *ret, bool *ret_found, int64_t *ret_last) {
    int64_t from = first_id(f->employee_id, f->day);
    Rows *rows;
    Fact row;
    *ret_found = false;
    *ret_last = 0;
    TRY(db_query(c, &rows, "SELECT " FACT_COLUMNS SLOT_COLUMNS_T " FROM fact t WHERE t.id >= $1 AND t.id < $2 ORDER BY t.id", V(from), V(from + PER_DAY)));
    while (rows_next(rows)) {
        *ret_last = row_int(rows, 0);
        if (row_int(rows, 7) != f->source || row_int(rows, 8) != f->source_id) continue;
        read_fact(rows, &row);
        *ret_found = row.reverses == INT_NONE;
        if (*ret_found) *ret = row;
    }
    return rows_done(rows);
}

Error *fact_replace(Ctx *c, Fact *f) {
    Fact was;
    bool found;
    int64_t last;
    TRY(check(c, f));
    TRY(credit(c, f));
    TRY(standing(c, f, &was, &found, &last));
    bool nothing = says_nothing(f);
    if (found && !nothing && says_the_same(&was, f)) {
        f->id = was.id;
        return NULL;
    }
    if (found) {
        TRY(append_reversal(c, &was, last));
        last++;
    }
    return nothing ? NULL : append_after(c, f, last);
}

/* ---- moves ---- */

/* A transfer that takes effect on a past day takes the numbers since then along: each is reversed in the old team and entered in the new one. */
Error *fact_recredit(Ctx *c, int64_t employee_id, Date from) {
    Rows *rows;
    Fact *list = NULL;
    size_t n = 0;
    TRY(db_query(c, &rows,
                 "SELECT " FACT_COLUMNS SLOT_COLUMNS_T " FROM fact t WHERE t.id >= $1 AND t.id <= $2 AND " LIVE_FACT " ORDER BY t.id",
                 V(first_id(employee_id, from < 0 ? 0 : from)), V(first_id(employee_id, ROLL_TERM_MAX) + PER_DAY - 1)));
    while (rows_next(rows)) {
        if (!(n & (n - 1))) list = talloc_realloc(c->mem, list, Fact, n ? (unsigned)n * 2 : 1);
        read_fact(rows, &list[n++]);
    }
    TRY(rows_done(rows));
    for (size_t i = 0; i < n; i++) {
        Fact now = list[i];
        now.unit_id = 0;
        TRY(credit(c, &now));
        if (now.unit_id == list[i].unit_id) continue;
        TRY(fact_reverse(c, list[i].id));
        TRY(fact_append(c, &now));
    }
    return metric_value_recredit(c, employee_id, from);
}

/* ---- the list behind every number ---- */

#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}
static const Field head[] = {
    DATE_(Fact, day, N_("Day"), .flags = IN_LIST | SORT | FILTER),
    REF_(Fact, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = IN_LIST | PRIMARY | FILTER | SEARCH),
    REF_(Fact, unit_id, unit_name, N_("Team"), &org_unit_resource, .flags = IN_LIST | FILTER),
};
static const Field tail[] = {
    REF_(Fact, product_id, product_name, N_("Product"), &dimension_resource, .flags = IN_LIST | FILTER),
    REF_(Fact, region_id, region_name, N_("Sales region"), &dimension_resource, .flags = FILTER),
    REF_(Fact, customer_type_id, customer_type_name, N_("Customer type"), &dimension_resource, .flags = FILTER),
    ENUM_(Fact, source, N_("Source"), .flags = IN_LIST | FILTER, .codes = source_codes, .labels = source_labels),
    INT_(Fact, source_row, N_("Row of the file"), .flags = IN_LIST),
    INT_(Fact, source_id, N_("Number of the source"), .flags = FILTER),
    INT_(Fact, reverses, N_("Takes back entry"), .flags = IN_LIST),
    TIME_(Fact, created_at, N_("Entered at"), .flags = IN_LIST),
};
static const char *const columns[METRIC_SLOTS] = {
#define COLUMN_NAME(i) "n" #i,
    SLOT_LIST(COLUMN_NAME)};

/* A column for each counted metric in use. */
static Error *fields_now(Ctx *c, const Field **ret, size_t *ret_count) {
    enum { HEAD = sizeof head / sizeof *head, TAIL = sizeof tail / sizeof *tail };
    const Metrics *all;
    TRY(metrics_get(c, &all));
    Field *f = talloc_zero_array(c->mem, Field, HEAD + TAIL + METRIC_SLOTS);
    size_t n = HEAD;
    memcpy(f, head, sizeof head);
    for (size_t i = 0; i < metrics_count(all); i++) {
        const Metric *m = metrics_at(all, i);
        if (m->slot <= 0 || !m->active) continue;
        f[n++] = (Field){.kind = m->unit == UNIT_YUAN ? F_MONEY : F_INT, .name = m->code, .label = m->name, .flags = IN_LIST | SORT | SUM,
                         .offset = offsetof(Fact, n) + (size_t)(m->slot - 1) * sizeof(int64_t), .column = columns[m->slot - 1], .unit = metric_unit_labels[m->unit]};
    }
    memcpy(f + n, tail, sizeof tail);
    *ret = f;
    *ret_count = n + TAIL;
    return NULL;
}

static const Field fixed[] = {
    REF_(Fact, employee_id, employee_name, N_("Salesperson"), &employee_resource, .flags = PRIMARY),
    {.kind = F_END},
};

Error *(*fact_describe_source)(Ctx *c, const Fact *fact, Value model);

static Error *describe(Ctx *c, const void *row, Value model) {
    metric_value_describe_fact(c, row, model);
    return fact_describe_source ? fact_describe_source(c, row, model) : NULL;
}

const Resource fact_resource = {
    .table = "fact", .path = "/numbers/facts", .title = N_("Entries behind the numbers"), .one = N_("Entry"), .icon = "database", .size = sizeof(Fact), .fields = fixed, .fields_now = fields_now,
    .access = {.read = ROLE_ANY}, .scope_owner = "employee_id", .scope_unit = "unit_id", .order = "-day", .recent = "day", .title_field = "employee_id",
    .describe = describe, .empty_hint = N_("Daily reports and imports make these entries; nobody types them here."),
};
