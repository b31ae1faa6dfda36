/* roll.h - sums kept with every fact, and the ids under which they lie.
 *
 * Two grains are stored: days and months. A week is seven neighbouring day rows; a quarter, half or year are 3, 6 or 12 neighbouring month
 * rows, so the fiscal year may begin in any month. A person has no rows of days (22 neighbouring facts are the month) but one a month and
 * team, because rankings read them.
 *
 *     unit, dimension:      kind(3) | id(35) | grain(1) | day or month(20)
 *     person within a team: kind(3) | unit(18) | month(11) | person(31)
 */
#pragma once
#include "modules/metric/metric.h"

typedef enum RollKind { ROLL_UNIT, ROLL_DIMENSION, ROLL_MEMBER } RollKind;
enum { ROLL_KIND_SHIFT = 60, ROLL_ID_SHIFT = 21, ROLL_MONTH_BIT = 1 << 20, ROLL_UNIT_SHIFT = 42, ROLL_MONTH_SHIFT = 31 };
enum { ROLL_UNIT_MAX = (1 << 18) - 1, ROLL_PERSON_MAX = INT32_MAX, ROLL_TERM_MAX = (1 << 20) - 1, ROLL_MONTH_MAX = (1 << 11) - 1 };

/* Months since January 1970. */
int64_t roll_month(Date d);
Date roll_month_first(int64_t month);
/* Facts have days from 1970 to this one, in 2140. */
static inline Date roll_day_max(void) { return roll_month_first(ROLL_MONTH_MAX + 1) - 1; }
static inline int64_t roll_key(RollKind kind, int64_t id, bool month, int64_t term) {
    return (int64_t)kind << ROLL_KIND_SHIFT | id << ROLL_ID_SHIFT | (month ? ROLL_MONTH_BIT : 0) | term;
}
static inline int64_t roll_member_key(int64_t unit_id, int64_t month, int64_t employee_id) {
    return (int64_t)ROLL_MEMBER << ROLL_KIND_SHIFT | unit_id << ROLL_UNIT_SHIFT | month << ROLL_MONTH_SHIFT | employee_id;
}

/* The columns of fact and roll in statements, so that no file writes them out twice. */
#define SLOT_LIST(X)                                                                                                                    \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)                     \
    X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32) X(33) X(34) X(35) X(36) X(37) X(38) X(39) X(40)
#define SLOT_COLUMN(i) ", n" #i
#define SLOT_COLUMNS SLOT_LIST(SLOT_COLUMN) /* ", n1, n2 ... n40" */
#define SLOT_OF_T(i) ", t.n" #i
#define SLOT_COLUMNS_T SLOT_LIST(SLOT_OF_T)
#define SLOT_SUM(i) ", coalesce(sum(t.n" #i "), 0)"
#define SLOT_SUMS SLOT_LIST(SLOT_SUM)
/* A maximum is never below 0: a row of sums cannot say "nothing" of one metric alone. */
#define SLOT_MAX(i) ", coalesce(max(CASE WHEN t.n" #i " > 0 THEN t.n" #i " END), 0)"
#define SLOT_MAXES SLOT_LIST(SLOT_MAX)

/* Forty columns are most of a row's cost, and most companies count less than twenty metrics: the first in reports, and some from imports. Where all metrics
 * lie in these slots (metrics_few) only they are read and written, which takes half the time. */
enum { FEW_EACH = 8, FEW_IMPORTED = METRIC_REPORT_SLOTS };
#define FEW_SLOTS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)
#define FEW_COLUMNS_T FEW_SLOTS(SLOT_OF_T)
/* The same statement with few columns or all; rows are read by sums_read_few. */
#define QUERY_SUMS(c, few, ret_rows, head, tail, ...)                                                                                   \
    ((few) ? db_query(c, ret_rows, head FEW_COLUMNS_T tail, __VA_ARGS__) : db_query(c, ret_rows, head SLOT_COLUMNS_T tail, __VA_ARGS__))

/* Facts t that stand: no reversals, and none that was reversed. */
#define LIVE_FACT "t.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact b WHERE b.reverses = t.id AND b.id > t.id AND b.id < t.id + 4096)"

/* Members of a dimension at or below $5. */
#define DIMENSION_BELOW_5                                                                                               \
    "WITH RECURSIVE down(id) AS (SELECT d.id FROM dimension d WHERE d.id = $5"                                          \
    " UNION SELECT d.id FROM down JOIN dimension d ON d.parent_id = down.id) SELECT id FROM down"

/* Reads facts and n1..n40 from columns `from`.. of a row. */
void sums_read(const Rows *rows, int from, Sums *ret);
void sums_read_few(const Rows *rows, int from, bool few, Sums *ret);
bool metric_is_max(const Metrics *all, int slot);
bool metrics_few(const Metrics *all);
bool metrics_any_max(const Metrics *all);

/* In a transaction: a fact's sums are to be kept with the commit. */
void roll_add(Ctx *c, const Fact *fact);
