/* board_private.h - shared inside the board module. */
#pragma once
#include "modules/board/board.h"
#include "modules/board/pace_rules.h"
#include "modules/metric/metric.h"
#include "modules/module.h"
#include "modules/target/target.h"
#include "service/document.h"

/* What a board is about: whose numbers, which days, by which metric. Read from the query. */
typedef struct Board {
    MetricScope scope;
    const char *name;        /* of the unit or person */
    int64_t parent_unit;     /* the unit above; 0 at the top, or where the reader may not go */
    Period period;
    Date to;                 /* the last day that counts: today, or the period's last */
    int fiscal_month;
    const Metrics *metrics;
    const Metric *metric;
    TargetView view;
    const WorkCalendar *calendar;
    Elapsed elapsed;
    int tolerance;           /* percentage points */
    bool wan;                /* amounts in 万元 */
} Board;

Error *board_read(Req *r, Board *ret) MUST_USE;
/* Of a month without an address; scope.id 0: the reader's own. 404 for what is not visible, 422 for a metric that is not there. */
Error *board_of_month(Ctx *c, MetricScope scope, Date month, const char *metric, Board *ret) MUST_USE;
/* The reader's own: this month, by the amount signed. 404 where there is nobody to show. */
Error *board_of_reader(Ctx *c, Board *ret) MUST_USE;
/* "2026年11月", "第48周 11/23–11/29", "2026年Q4". */
const char *board_period_text(Ctx *c, const Board *b, Period p);
/* The board's own address with one parameter changed; value NULL leaves it out. */
const char *board_href(Ctx *c, const Board *b, const char *page, const char *name, const char *value);
const char *board_facts_href(Ctx *c, MetricScope scope, Date first, Date last);
const char *board_scope_href(Ctx *c, const Board *b, MetricScope scope);
/* Head, breadcrumbs, steps, choosers: what every page of boards shows. */
Error *board_frame(Req *r, const Board *b, const char *page, Value model) MUST_USE;

/* One metric of one scope in the board's period, with the same part of the last period and of last year. */
typedef struct Standing {
    Ratio actual, target, last, last_year; /* last, last_year: the same part of those periods */
    Pace pace;
} Standing;
Error *board_standing(Ctx *c, const Board *b, MetricScope scope, const Metric *m, Standing *ret) MUST_USE;

const char *pace_kind(PaceStatus s);           /* success warning danger; NULL for none */
const char *pace_word(Ctx *c, PaceStatus s);   /* 正常 预警 滞后; NULL */
const char *percent_text(Ctx *c, Ratio r);     /* "96.43%", "—" */
Value percent_json(Ratio r);                   /* 96.43 */
/* "▲ 12.17%", "▼ 5.00%", "—": never by colour alone. */
const char *growth_text(Ctx *c, Ratio r);
const char *growth_kind(Ctx *c, Ratio r);      /* "up" "down" by the setting 红涨绿跌; NULL */
/* Cells of a board's tables; each returns the cell for more members. */
Value cell_amount(Ctx *c, const Board *b, Value row, const Metric *m, Ratio value);
Value cell_percent(Ctx *c, Value row, Ratio r);
Value cell_growth(Ctx *c, Value row, Ratio r);
void cell_status(Ctx *c, Value cell, PaceStatus s);
void row_status(Ctx *c, Value row, PaceStatus s); /* colours the row's bar, beside its word */
void column_series(Value column, const char *what);
/* Amounts as the board shows them, others as they are. */
const char *board_text(Ctx *c, const Board *b, const Metric *m, Ratio value);
const char *board_unit(Ctx *c, const Board *b, const Metric *m);

/* What stands in the rows of a unit's tables: the units below it; where there are none, its people but the leader. In c->mem. */
typedef struct BoardLine {
    MetricScope scope;
    const char *name;
} BoardLine;
Error *board_lines(Ctx *c, const Board *b, BoardLine **ret, size_t *ret_count) MUST_USE;

/* Everybody of a unit and below: who is active there, and who has numbers in the period. */
typedef struct BoardPerson {
    int64_t id, unit_id;
    const char *name, *unit_name;
    Date hired_on;
    Sums sums, before;      /* this period's part, and the same part of the one before */
    Ratio actual, target, attainment, growth, effort;
    const Metric *weakest;  /* 短板: where the person stands lowest among the peers; NULL where there is no weak spot */
    int percentile;
} BoardPerson;
typedef struct BoardPeople {
    BoardPerson *list;
    size_t count;
} BoardPeople;
typedef enum RankBy { RANK_ATTAINMENT, RANK_AMOUNT, RANK_GROWTH, RANK_EFFORT } RankBy;
Error *board_people(Ctx *c, const Board *b, int64_t unit_id, BoardPeople *ret) MUST_USE;
void board_rank(BoardPeople *p, RankBy by); /* best first; who has no value comes last */

/* Sections: each adds one table to the document. */
Error *board_add_trend(Ctx *c, const Board *b, Value document) MUST_USE;
Error *board_add_children(Ctx *c, const Board *b, Value document) MUST_USE;
Error *board_add_metrics(Ctx *c, const Board *b, Value document) MUST_USE;
Error *board_add_shares(Ctx *c, const Board *b, Value document) MUST_USE;
/* Bars of everybody's completion where nothing stands below the unit but people, and who stands highest and lowest. */
void board_add_performers(Ctx *c, const Board *b, const BoardPeople *ranked, bool bars, Value document);
Error *board_add_ranking(Ctx *c, const Board *b, RankBy by, size_t shown, Value document) MUST_USE;

/* The document of a page by its path, for its route and for schedules; 404 for another path. */
Error *board_document(Req *r, const char *path, Value *ret) MUST_USE;
bool board_has_sheet(const char *path);
/* May this metric be a column of the sheets? */
bool board_sheet_shows(const Metric *m);
Error *board_sheet_document(Req *r, const char *path, Value *ret) MUST_USE;
Error *board_ramp_document(Req *r, Value *ret) MUST_USE;

extern const Resource board_schedule_resource;
extern const Resource board_team_sheet, board_summary_sheet, board_tracking_sheet, board_comparison_sheet; /* read from files only */
extern const JobKind board_jobs[];
extern const Route board_routes[], board_sheet_routes[], board_ramp_routes[], board_schedule_routes[];
