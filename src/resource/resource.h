/* resource.h - the vocabulary of the whole program: an entity is a struct, a table of fields and a few functions, and gets for free
 *   list (filter, sort, sums, paging, column choice, XLSX), detail with change history, form with field errors, JSON, OpenAPI, import,
 *   scope, version check and audit.
 *
 * Three ways to be different, in this order: fill a hook; ship a template <table>_list.html, _detail.html or _form.html (wins over
 * the generic one); declare a route with the generic path (wins over the generic handler). No fourth way. */
#pragma once
#include "base/date.h"
#include "base/money.h"
#include "http/respond.h"
#include "http/route.h"
#include "service/access.h"
#include "service/sheet.h"

typedef struct Resource Resource;
typedef struct Field Field;

/* Every row struct begins with these two members. */
#define RESOURCE_ROW int64_t id, version
typedef struct ResourceRow {
    RESOURCE_ROW;
} ResourceRow;

typedef enum FieldKind {
    F_END,
    F_TEXT,     /* const char *; one line */
    F_LONGTEXT, /* const char *; several lines */
    F_INT,      /* int64_t; INT_NONE when empty */
    F_MONEY,    /* int64_t 分; MONEY_NONE when empty */
    F_DATE,     /* Date; DATE_NONE when empty; stored as ISO text */
    F_TIME,     /* Instant; INSTANT_NONE when empty; never edited */
    F_BOOL,     /* bool */
    F_ENUM,     /* int: index into codes and labels */
    F_REF       /* int64_t id of target; 0 when empty; its title in the member at title_offset */
} FieldKind;
#define INT_NONE INT64_MIN

enum { /* Field.flags */
    REQUIRED = 1,
    IN_LIST = 2,      /* a column of the list as it comes */
    FILTER = 4,
    SEARCH = 8,       /* the search box looks in it (text) */
    SORT = 16,
    SUM = 32,         /* summed under the list */
    READONLY = 64,    /* never taken from a form, an import or the API */
    CREATE_ONLY = 128, /* taken when the row is made, fixed afterwards */
    KEY = 256,        /* import updates the row with the same values in all KEY fields */
    PRIMARY = 512,    /* names the row: link in the list */
    INTERNAL = 1024,  /* kept by the program: in no form, list, export or JSON */
    NO_IMPORT = 2048, /* not a column of import and export */
    NO_COLUMN = 4096, /* not stored in the table: only read, from `sql` */
    TRANSLATED = 16384, /* text that may be a msgid: people see it in their language */
    IMPORT_ONLY = 8192 /* a column that only an import knows; import_row makes something of it */
};

/* One member of the row. Written with the macros below. */
struct Field {
    FieldKind kind;
    const char *name;           /* member, form field, JSON member and, unless `column` says otherwise, column */
    const char *label;          /* N_() */
    size_t offset;
    unsigned flags;
    int64_t min, max;           /* numbers: value (max 0 = none); text: max code points (0 = 200, LONGTEXT 4000) */
    const char *const *codes;   /* ENUM: stable words for JSON and import; NULL-terminated */
    const char *const *labels;  /* ENUM: N_() names in the same order */
    const char *const *badges;  /* ENUM: "success" "warning" ... or NULL */
    const Resource *target;     /* REF */
    const char *title_name;     /* REF: JSON member of the target's title */
    size_t title_offset;
    const char *column;         /* if it differs from name */
    const char *sql;            /* NO_COLUMN: expression over t.*; "?" stands for the day it is */
    const char *help;           /* N_() */
    const char *heading;        /* N_() heading in sheets if not the label */
    const char *const *aliases; /* further headings an import understands; NULL-terminated */
    const char *unit;           /* N_() */
    const char *label_text;     /* label already in the reader's language (fields made at run time) */
};

#define FIELD_(S, m, T, k, l, ...)                                                                                          \
    {.kind = k, .name = #m, .label = l, .offset = offsetof(S, m) + 0 * sizeof((S *)0 == (S *)0 && (T *)0 == &((S *)0)->m), ##__VA_ARGS__}
#define TEXT_(S, m, l, ...) FIELD_(S, m, const char *, F_TEXT, l, ##__VA_ARGS__)
#define LONGTEXT_(S, m, l, ...) FIELD_(S, m, const char *, F_LONGTEXT, l, ##__VA_ARGS__)
#define INT_(S, m, l, ...) FIELD_(S, m, int64_t, F_INT, l, ##__VA_ARGS__)
#define MONEY_(S, m, l, ...) FIELD_(S, m, Money, F_MONEY, l, ##__VA_ARGS__)
#define DATE_(S, m, l, ...) FIELD_(S, m, Date, F_DATE, l, ##__VA_ARGS__)
#define TIME_(S, m, l, ...) FIELD_(S, m, Instant, F_TIME, l, ##__VA_ARGS__)
#define BOOL_(S, m, l, ...) FIELD_(S, m, bool, F_BOOL, l, ##__VA_ARGS__)
#define ENUM_(S, m, l, ...) FIELD_(S, m, int, F_ENUM, l, ##__VA_ARGS__)
#define REF_(S, m, t, l, r, ...)                                                                                            \
    FIELD_(S, m, int64_t, F_REF, l, .target = r, .title_name = #t, .title_offset = offsetof(S, t), ##__VA_ARGS__)

/* A change of state by name: POST <path>/<id>/<name>, and in bulk POST <path>/bulk/<name> with ids. The engine loads the row within the
 * caller's scope, checks the version, runs fn, saves what fn changed in the struct, audits under the action's name. */
typedef struct Action {
    const char *name, *title, *icon; /* title N_() */
    uint32_t roles;
    Error *(*run)(Ctx *c, void *row, const char *reason);
    bool (*offered)(Ctx *c, const void *row); /* shown on this row? NULL = always */
    bool needs_reason, bulk, danger;
    const char *done;    /* N_() message afterwards */
    const char *confirm; /* N_() question before; NULL = none */
} Action;

typedef struct Access {
    uint32_t read, create, update, remove; /* role bits; 0 = nobody */
} Access;

/* What a form or JSON object gives: values in `row`, and which fields they are. */
typedef struct RowInput {
    void *row;
    bool *given; /* by field index */
    int64_t version;
} RowInput;

struct Resource {
    const char *table, *path;   /* "employee", "/people" */
    const char *title, *one;    /* N_("People"), N_("Person") */
    const char *icon;
    size_t size;                /* of the row struct */
    const Field *fields;        /* ended by F_END */
    Access access;
    /* Rows an actor sees: those whose owner column is his employee, or whose unit column is in his visible units. NULL: no scope. */
    const char *scope_owner, *scope_unit;
    /* Beyond the scope: a unit column whose unit's people, and those below, all see the row. Who may write is then for validate to say. */
    const char *scope_above;
    const char *order;          /* field name, "-day" for descending; default id */
    const char *title_field;    /* what names a row; default the PRIMARY field */
    const char *search_keys;    /* extra column with search keys such as pinyin */
    const Action *actions;      /* ended by a row without name */
    bool importable;
    const struct RowReader *reader; /* importable, but no table: its rows are a view of others, and its module reads them (resource_import.h) */
    /* All fields where some are known only at run time (report items); `fields` then holds the fixed ones. */
    Error *(*fields_now)(Ctx *c, const Field **ret, size_t *ret_count);
    void (*defaults)(Ctx *c, void *row);                       /* a new row before the form fills it */
    Error *(*read_input)(Req *r, const Field *fields, size_t n, RowInput *input); /* members that are no fields (JSON lines) */
    Error *(*prepare)(Ctx *c, const void *old, void *row);     /* derive INTERNAL fields; inside the transaction, before validate */
    Error *(*validate)(Ctx *c, const void *old, const void *row); /* rules between fields; all errors in one Error */
    Error *(*after_save)(Ctx *c, const void *old, const void *row); /* inside the transaction */
    bool (*may_edit)(Ctx *c, const void *row);                 /* offered and accepted? NULL = by access */
    /* An imported row as the sheet has it, before it is compared with what is there: sees which fields the sheet gives, may set more and say so
     * in given; nothing left given means that the row says nothing and is passed over. Called in the dry run too (c->tx is NULL), and then writes
     * nothing. */
    Error *(*import_row)(Ctx *c, const Field *fields, size_t n, bool *given, void *row);
    int64_t (*make_id)(const void *row);                       /* rows with a natural id: saving a new one with a known id corrects that row */
    Error *(*describe)(Ctx *c, const void *row, Value model);  /* more for the detail page and its JSON */
    const char *empty_hint;     /* N_(): what to do when there are none */
    int owner_bits;             /* ids are owner << owner_bits | something: the owner's rows are then a range of ids */
    const char *own_only;       /* SQL over t: rows for which it is true are seen by their owner alone (drafts) */
    const char *below;          /* SELECT of a row's id and of all that stands below it, "?" for the id: a filter by a unit takes its whole subtree */
    const char *recent;         /* a DATE field: without a filter the list shows its last 31 days */
};

/* ---- at start ---- */
void resource_add(const Resource *res); /* routes, access rows, schema */
size_t resource_count(void);
const Resource *resource_at(size_t i);
const Resource *resource_by_table(const char *table); /* also found by path without '/' */
/* Compares every resource with the database; what is missing is printed. False if anything is. */
Error *resource_check_schema(Ctx *c, Text *report) MUST_USE;
Value resource_openapi(Ctx *c);

/* ---- fields ---- */
/* All fields of a row, run-time ones included. */
Error *resource_fields(Ctx *c, const Resource *res, const Field **ret, size_t *ret_count) MUST_USE;
const Field *field_find(const Field *fields, size_t n, const char *name);
const char *field_label(Ctx *c, const Field *f);
const char *field_column(const Field *f);
/* Reads text (form, JSON, cell) into the row; adds to *errors under the field's name. Empty text empties the field. */
void field_parse(Ctx *c, const Field *f, const char *text, void *row, Error **errors);
/* As people read it ("25,000.00", "2026-11-23", "Approved" translated) and as programs do ("25000.00", "approved"). */
const char *field_show(Ctx *c, const Field *f, const void *row);
/* The title of what a reference refers to, as people read it; NULL if empty. */
const char *field_ref_title(Ctx *c, const Field *f, const void *row);
/* The field that names a row; NULL if there is none. */
const Field *resource_title_field(const Resource *res);
const char *field_plain(Ctx *c, const Field *f, const void *row);
Value field_value(const Field *f, const void *row);
bool field_is_empty(const Field *f, const void *row);
bool field_equal(const Field *f, const void *a, const void *b);
void field_clear(const Field *f, void *row);
const char *kind_name(FieldKind k);
/* How a row of this resource is written as JSON. In c->mem. */
const Shape *resource_shape(Ctx *c, const Resource *res, const Field *fields, size_t n);

/* ---- store ---- */
/* A row within the actor's scope; 404 if it is not there or not visible. */
Error *resource_load(Ctx *c, const Resource *res, int64_t id, void **ret_row) MUST_USE;
/* In a transaction: prepare, validate, version check, insert or update, audit, after_save. old NULL = new. row->version is the version the
 * caller saw (0: do not check). *ret_changed may be NULL. Saving a row equal to the old one writes nothing. */
Error *resource_save(Ctx *c, const Resource *res, const void *old, void *row, const char *action, bool *ret_changed) MUST_USE;
/* In a transaction: a form's input becomes a new row (id 0), a change of row id, or a correction of the row with the same natural id. */
typedef struct RowSave {
    void *old, *row;    /* old NULL: the row is new */
    bool changed;
} RowSave;
Error *resource_save_input(Ctx *c, const Resource *res, int64_t id, const RowInput *input, RowSave *ret) MUST_USE;
bool resource_may_change(Ctx *c, const Resource *res, const void *row);
/* Answers with one row: detail page or JSON. */
Error *resource_answer_row(Req *r, const Resource *res, const void *row, int status) MUST_USE;
Error *resource_answer_saved(Req *r, const Resource *res, const RowSave *done) MUST_USE;
Error *resource_remove(Ctx *c, const Resource *res, const void *row) MUST_USE;
Error *resource_run_action(Ctx *c, const Resource *res, const Action *action, int64_t id, int64_t version, const char *reason) MUST_USE;
void *resource_new_row(Ctx *c, const Resource *res, const Field *fields, size_t n);

typedef struct ListFilter {
    struct ListFilter *next;
    const Field *field;
    const char *op;    /* "=" ">=" "<=" "~" (contains) */
    const char *text;  /* as given */
    Param value;
} ListFilter;
/* Rows whose names may be typed as the search word: ",3,17,". */
typedef struct ListTyped {
    struct ListTyped *next;
    const struct Resource *of;
    const char *ids;
} ListTyped;
typedef struct ListQuery {
    const Field *fields;
    size_t field_count;
    ListFilter *filters;
    const char *search; /* set by list_query_search */
    ListTyped *typed;
    const Field *sort;
    bool descending;
    int64_t offset, limit; /* limit 0: all */
    bool want_total;
    const char *where;     /* more SQL for callers in C: literal over t, with $1.. */
    const Param *where_params;
    size_t where_count;
} ListQuery;
typedef struct ListResult {
    char *rows; /* count structs of res->size */
    size_t count;
    int64_t total;
    int64_t *sums; /* by field index; INT_NONE where not summed */
} ListResult;
/* Query string -> ListQuery; unknown names and bad values give 400 with a message. */
Error *list_query_read(Req *r, const Resource *res, ListQuery *ret) MUST_USE;
/* Only rows that have text in what is searched; q->fields are set. Looks names up that are typed in mixed pinyin. */
Error *list_query_search(Ctx *c, const Resource *res, ListQuery *q, const char *text) MUST_USE;
Error *resource_list(Ctx *c, const Resource *res, const ListQuery *q, ListResult *ret) MUST_USE;
/* Calls each for every row, in order, without holding them all. */
Error *resource_each(Ctx *c, const Resource *res, const ListQuery *q, Error *(*each)(Ctx *c, const void *row, void *arg), void *arg) MUST_USE;
/* Up to 20 {id,title} for a picker. */
Error *resource_pick(Ctx *c, const Resource *res, const char *text, Value *ret_items) MUST_USE;
Error *resource_exists(Ctx *c, const Resource *res, int64_t id, bool *ret) MUST_USE;
/* Id of the row whose number (KEY) or title is text; 0 if none, -1 if several. */
Error *resource_resolve(Ctx *c, const Resource *res, const char *text, int64_t *ret_id) MUST_USE;

/* ---- pages others build on ---- */
/* Reads the fields the caller may write, on the worker, before any transaction. Returns all field errors in one Error. */
Error *resource_read_form(Req *r, const Resource *res, bool is_new, RowInput *ret) MUST_USE;
/* Copies the given fields into row: what the form does not name stays as it is. */
void row_apply(const Field *fields, size_t n, const RowInput *input, void *row);
void field_copy(const Field *f, const void *from, void *to);
/* The model of one input: _field.html shows it. */
Value resource_form_field(Req *r, const Field *f, const void *row, bool is_new, const Error *problem);
Error *resource_form_page(Req *r, const Resource *res, const void *old, const void *row, Error *problem) MUST_USE;
/* For describe: one more button on the page (not in JSON). */
void detail_add_link(Ctx *c, Value page, const char *title, const char *href, const char *icon);
/* What people read in place of a field's text; nothing in JSON, where the field speaks for itself. */
void detail_say(Value page, const char *field, const char *text);
Value resource_row_model(Ctx *c, const Resource *res, const void *row);
const char *resource_row_title(Ctx *c, const Resource *res, const void *row);
const char *resource_href(Ctx *c, const Resource *res, int64_t id);
