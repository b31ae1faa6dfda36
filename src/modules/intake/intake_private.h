/* intake_private.h - shared inside the intake module: feed, names, the walk over a file, runs. */
#pragma once
#include "modules/intake/feed_rules.h"
#include "modules/intake/intake.h"
#include "modules/module.h"
#include "service/file.h"

enum {
    INTAKE_KEPT_ERRORS = 1000, /* kept with their text; all are counted, and failed.xlsx has all */
    INTAKE_SHOWN_ROWS = 20,
    INTAKE_KNOWN_VALUES = 12,  /* of a column, told on the mapping page so that a filter can be chosen */
    INTAKE_UNKNOWN = 500,      /* names listed for mapping; the others come when these are mapped */
    INTAKE_CHECKED = 20000,    /* rows compared with what is there before a run */
    INTAKE_AT_ONCE = 5000,     /* rows a program may send in one call */
    INTAKE_MAX_CSV = 2000000,  /* rows of a file in the drop folder */
    INTAKE_KEY_LENGTH = 200
};
enum { ROLE_INTAKE = ROLE_ADMIN | ROLE_FINANCE };

/* Behind NAME_PERSON as in DimensionKind. */
typedef enum NameKind { NAME_PERSON, NAME_REGION, NAME_PRODUCT, NAME_CUSTOMER_TYPE, NAME_KINDS } NameKind;
extern const char *const name_kind_codes[], *const name_kind_labels[];

/* ---- feed.c ---- */

typedef enum DayOrder { DAY_ORDER_AUTO, DAY_ORDER_MONTH, DAY_ORDER_DAY } DayOrder;
typedef struct Feed {
    RESOURCE_ROW;
    const char *name, *person_column, *day_column, *key_columns, *product_column, *region_column, *customer_type_column, *rules, *folder_pattern;
    int day_order;
    bool active;
} Feed;
extern const Resource feed_resource, feed_alias_resource, feed_run_resource;
Error *feed_load(Ctx *c, int64_t id, Feed **ret) MUST_USE; /* 404 */

/* ---- names.c: who and what a text in a file means ---- */

typedef struct Names Names;
Error *names_load(Ctx *c, const Names **ret) MUST_USE; /* in c->mem */
/* The employee or dimension; 0 if unknown or if several are called so. */
int64_t names_find(Ctx *c, const Names *names, NameKind kind, const char *text);
/* In a transaction: from now on the text means that. */
Error *names_save(Ctx *c, NameKind kind, const char *text, int64_t target) MUST_USE;
/* Texts are compared by this. */
const char *names_fold(void *mem, const char *text);

/* ---- sheet_plan.c: what a file holds, and how a feed fits it ---- */

typedef struct IntakeColumn {
    const char *heading, *sample;
    const char *values[INTAKE_KNOWN_VALUES]; /* all there are, if value_count is not -1 */
    int value_count;
    bool first_over_12, second_over_12;      /* among days like 13/1/2017 and 1/13/2017 */
} IntakeColumn;

typedef struct IntakePlan {
    IntakeColumn *columns;
    size_t count;
    int64_t heading_row, rows, last_row;
    const char **shown[INTAKE_SHOWN_ROWS]; /* `count` cells each */
    int64_t shown_numbers[INTAKE_SHOWN_ROWS];
    size_t shown_count;
} IntakePlan;
/* Reads the whole file once: headings, samples, how many rows. The feed, if not NULL, tells which row has the headings. */
Error *intake_plan(Ctx *c, const SheetFile *file, const Feed *feed, IntakePlan *ret) MUST_USE;

/* A feed bound to the columns of one file. */
typedef struct IntakeMap {
    FeedRules rules;
    int person, day, keys[FEED_KEYS], key_count, dimensions[DIMENSION_KINDS]; /* places of columns; -1: none */
    struct {
        int column, filter, slot, unit;
        const char *folded[FEED_VALUES];
    } rule[FEED_RULES];
    bool day_first;
    const char *problem; /* why no row can be taken in, in the reader's language; NULL if none */
} IntakeMap;
Error *intake_bind(Ctx *c, const IntakePlan *plan, const Feed *feed, IntakeMap *ret) MUST_USE;
/* A feed for a file nobody has described yet, from its headings and values. */
Error *intake_guess(Ctx *c, const IntakePlan *plan, Feed *ret) MUST_USE;

/* ---- judge.c: what one row says ---- */

typedef enum Verdict { ROW_NOTHING, ROW_FACT, ROW_REPEATED, ROW_WAITS, ROW_REFUSED } Verdict;
typedef struct Judged {
    int64_t number;                    /* in the file */
    Verdict verdict;
    const char *key;                   /* "" if it has none */
    const char *hash;                  /* of what the fact says; "" for nothing */
    Fact fact;
    const char *unknown[NAME_KINDS];   /* texts nobody could tell; NULL where known */
    const char *column, *message;      /* why it is refused */
    uint64_t said;                     /* of the cells that the feed reads: tells a repeated row from another one under the same key */
} Judged;
/* Everything about the row alone. matched[i] is raised for each rule whose filter fits. */
void intake_judge(Ctx *c, const IntakePlan *plan, const IntakeMap *map, const Names *names, const char *const *cells, size_t count, int64_t *matched, Judged *ret);

/* ---- walk.c: over all rows of a file, keys compared with each other ---- */

typedef struct IntakeWalk {
    SheetFile file;
    IntakePlan plan;
    IntakeMap map;
    const Names *names;                 /* NULL: only filters are tried */
    int64_t matched[FEED_RULES];
    int64_t max_rows;                   /* stop after so many; 0: all */
    Error *(*each)(Ctx *c, void *arg, const Judged *row, const char *const *cells, size_t count);
    void *arg;
} IntakeWalk;
Error *intake_walk(Ctx *c, IntakeWalk *w) MUST_USE;

/* ---- run.c ---- */

typedef enum RunState { RUN_WAITING, RUN_RUNNING, RUN_DONE, RUN_FAILED } RunState;
typedef enum RunOrigin { ORIGIN_PAGE, ORIGIN_PROGRAM, ORIGIN_FOLDER } RunOrigin;
typedef struct FeedRun {
    RESOURCE_ROW;
    const char *filename, *feed_name, *message, *errors, *sha256;
    int64_t feed_id, account_id, file_id, pass, rows, last_row, done, good, added, updated, unchanged, skipped, waiting, bad;
    int origin, state;
    Date first_day, last_day; /* of what was written */
    Instant created_at, finished_at;
} FeedRun;
Error *run_load(Ctx *c, int64_t id, FeedRun **ret) MUST_USE; /* 404 */
/* The run's file, mapped; it goes with c->mem. */
Error *run_file(Ctx *c, const FeedRun *run, SheetFile *ret) MUST_USE;
Error *intake_map_path(Ctx *c, const char *path, SheetFile *ret) MUST_USE;

typedef struct NewRun {
    const void *data;
    size_t size;
    const char *filename, *sha256; /* sha256 is filled by run_keep */
    int64_t feed_id;               /* 0: not mapped yet */
    RunOrigin origin;
    bool start;                    /* at once */
    int64_t delay_s;               /* with start: the job waits so long, because run_take does its work itself */
    int64_t id;                    /* the result */
} NewRun;
/* Puts the bytes into the file store. Outside a transaction, before run_add. */
Error *run_keep(Ctx *c, NewRun *run) MUST_USE;
Error *run_add(Ctx *c, void *new_run) MUST_USE; /* in a transaction; a TxFn */
/* In a transaction: goes through the file from its beginning, again if it was done. 409 if it runs. */
Error *run_start(Ctx *c, int64_t id) MUST_USE;
/* Does the work of a started run on this thread. Expected failures: 503 (goes on when called again), 409 (somebody else does it); what is wrong
 * with the file ends in the run's own state. */
Error *run_work(Ctx *c, int64_t id) MUST_USE;
/* Outside a transaction: keeps a new file, and does its work at once; should we be stopped in the middle, the job that was queued with it goes on. */
Error *run_take(Ctx *c, NewRun *run) MUST_USE;

/* What the run would do, with nothing written. */
typedef struct RunCheck {
    int64_t rows, added, updated, unchanged, skipped, waiting, bad;
    int64_t matched[FEED_RULES];
    bool partly; /* only the first INTAKE_CHECKED rows */
    const char *problem;
    Value errors, unknown; /* lists */
} RunCheck;
Error *run_check(Ctx *c, const FeedRun *run, const Feed *feed, RunCheck *ret) MUST_USE;
/* Rows that are refused or wait, as they were, with the reason in a last column. */
Error *run_failed_rows(Ctx *c, const FeedRun *run, const char **ret_path) MUST_USE;

/* ---- pages ---- */

const char *run_href(Ctx *c, int64_t id, const char *suffix);
Error *run_model(Ctx *c, const FeedRun *run, Value *ret) MUST_USE;
const char *name_unknown_text(Ctx *c, const Judged *row);
Value intake_error_item(Ctx *c, int64_t row, const char *column, const char *message);
Error *intake_folder_job(Ctx *c, int64_t arg) MUST_USE;
Error *intake_run_job(Ctx *c, int64_t id) MUST_USE;
extern const Route intake_routes[], intake_run_routes[], intake_api_routes[];
