/* resource_import.h - rows of a spreadsheet into a resource: the same core for browser, API, job and command line.
 *
 * A file is read row by row and never held: checking it and importing it are the same walk, the second with writing inside one
 * transaction. So what the check says is what the import does, unless the database changed in between. */
#pragma once
#include "resource/resource.h"
#include "service/job.h"

enum {
    IMPORT_KEPT_ERRORS = 1000,    /* errors kept with their text; all are counted */
    IMPORT_SHOWN_ROWS = 20,       /* rows kept for the preview */
    IMPORT_AT_ONCE = 2000,        /* more rows than this become a job in the browser */
    IMPORT_AUDITED_ROWS = 5000,   /* more rows than this get no audit row each */
    IMPORT_MAX_CSV = 2000000,     /* rows, from the command line */
    IMPORT_KEEP_DAYS = 7
};

typedef enum ImportMode { IMPORT_ALL, IMPORT_SKIP } ImportMode; /* nothing unless every row is good; skip bad rows */
typedef enum ImportState { ROW_UNKNOWN, ROW_BAD, ROW_NEW, ROW_CHANGED, ROW_SAME } ImportState;

typedef struct ImportColumn {
    const char *heading, *sample;
    const Field *field; /* NULL: ignored */
} ImportColumn;

/* Which column of the file is which field. */
typedef struct ImportPlan {
    const Field *fields;
    size_t field_count;
    ImportColumn *columns;
    size_t count;
    int64_t heading_row; /* number in the file */
    int64_t rows;        /* below the headings */
    const char *problem; /* why no row can be imported with this mapping, in the reader's language; NULL if none */
} ImportPlan;

typedef struct ImportError {
    int64_t row; /* number in the file */
    const char *column, *message;
} ImportError;

/* What is said of a row that is no error: what will change, what is passed over and why, what else the reader should know. */
typedef enum ImportNoteKind { NOTE_CHANGE, NOTE_PASSED, NOTE_INFO } ImportNoteKind;
typedef struct ImportNote {
    int64_t row; /* 0: not about one row */
    ImportNoteKind kind;
    const char *column, *message;
} ImportNote;

typedef struct ImportRow {
    int64_t number;
    ImportState state;
    const char *message;                /* what is not about one column */
    const char **cells, **cell_errors;  /* plan.count each; cell_errors members may be NULL */
} ImportRow;

typedef struct ImportResult {
    ImportPlan plan;
    int64_t rows, good, bad, added, changed, same, error_count;
    ImportError *errors;
    size_t kept;
    ImportRow *shown;
    size_t shown_count;
    ImportNote *notes; /* the first IMPORT_KEPT_ERRORS */
    size_t note_count;
} ImportResult;

typedef struct ImportTask {
    const Resource *res;
    SheetFile file;
    const char *context;  /* what was chosen beside the file, as a query string; NULL = nothing. For a RowReader */
    Instant uploaded_at;  /* INSTANT_NONE: with this very call */
    const char *mapping;  /* field names by column, separated by commas ("no,name,,unit_id"); NULL: by heading */
    ImportMode mode;
    const char *name, *sha256; /* of the file, for the audit log; sha256 NULL: computed */
    int64_t job_id;            /* import_job, for the audit log; 0 = none */
    /* Both may be NULL. Called from the thread that walks. */
    void (*progress)(Ctx *c, void *arg, int64_t rows); /* now and then */
    Error *(*bad_row)(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count, const char *reason); /* every bad row */
    void *arg;
} ImportTask;

/* Reads the rows of a sheet that is no table of its own but a view of others (Resource.reader). The check runs the same functions in a transaction
 * that it takes back, so it says exactly what the import does. */
typedef struct ImportLine ImportLine;
typedef struct RowReader {
    /* Before the rows. May set plan->problem, and keeps what row and end need in *ret_state. */
    Error *(*begin)(Ctx *c, const ImportTask *task, ImportPlan *plan, void **ret_state);
    /* One row: an error about it undoes what it wrote; *ret stays ROW_UNKNOWN for a line that is no row of the table. */
    Error *(*row)(Ctx *c, void *state, const ImportLine *line, ImportState *ret);
    /* After the rows, unless one of them was bad; its line has the number 0. NULL: nothing to do. */
    Error *(*end)(Ctx *c, void *state, const ImportLine *line);
    /* What the address or the form chooses, as a query string: kept with the file, and added to the addresses of the way back. */
    Error *(*context)(Req *r, const char **ret) MUST_USE;
    /* Inputs of the upload page that choose it. */
    Error *(*ask)(Req *r, Value model) MUST_USE;
} RowReader;
int64_t import_line_number(const ImportLine *line);
/* The cell of the column that is this field; NULL if the sheet has none. */
const char *import_line_cell(const ImportLine *line, const char *field);
/* field: which column it is about; NULL for the row. */
void import_line_note(Ctx *c, const ImportLine *line, ImportNoteKind kind, const char *field, Msg message);

/* Reads the headings, counts the rows and maps the columns. Expected failures: those of sheet_read. */
Error *import_plan(Ctx *c, const ImportTask *task, ImportPlan *ret) MUST_USE;
/* The mapping as text, for ImportTask.mapping. */
const char *import_mapping(Ctx *c, const ImportPlan *plan);
/* May this field be a column of an import? */
bool import_takes(const Field *f);
const char *import_heading(Ctx *c, const Field *f);
/* What headings are compared by: folded, without spaces, stars and a trailing unit in brackets. */
const char *import_fold(void *mem, const char *heading);

/* Dry run: says of each row what importing it would do, and writes nothing. plan.problem set means no row was looked at. */
Error *import_analyse(Ctx *c, const ImportTask *task, ImportResult *ret) MUST_USE;
/* The import, in one transaction of its own or as part of the running one. Expected failure: 422, nothing is written, *ret says why.
 * May run twice; *ret is then that of the last run. */
Error *import_apply(Ctx *c, const ImportTask *task, ImportResult *ret) MUST_USE;

/* counts, columns, errors as JSON and page see them. */
Value import_counts(Ctx *c, const ImportResult *result);
Value import_error_list(Ctx *c, const ImportResult *result);
Value import_note_list(Ctx *c, const ImportResult *result);

/* The command line: prints counts and errors to report. A CSV may hold IMPORT_MAX_CSV rows. */
Error *import_file(Ctx *c, const Resource *res, const char *path, bool dry_run, bool skip_bad, Text *report) MUST_USE;

/* The command line: all rows that the actor sees, as .csv by that ending, else .xlsx; prints the count to report. */
Error *export_file(Ctx *c, const Resource *res, const char *path, Text *report) MUST_USE;

extern const JobKind resource_jobs[]; /* "resource.import", "resource.import_sweep" */
