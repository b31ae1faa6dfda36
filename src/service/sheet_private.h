/* sheet_private.h - what the files behind sheet_read share; nobody else includes it. */
#pragma once
#include "service/sheet.h"

enum {
    SHEET_ZIP_ENTRIES = 2000,
    SHEET_ZIP_RATIO_ENTRY = 200,
    SHEET_ZIP_RATIO_ALL = 100,
    SHEET_ZIP_SMALL =
        1024 * 1024, /* up to this size any ratio is fine: it cannot hurt, and rows that repeat compress well */
    SHEET_XML_DEPTH = 64,
    SHEET_XML_ATTRIBUTES = 64,
    SHEET_XML_TOKEN = 1024 * 1024, /* a tag with its attributes may be this long */
    SHEET_XML_CHUNK = 64 * 1024,
    SHEET_STRINGS = 2000000,
    SHEET_SECONDS = 30,
    SHEET_NUMBER_TEXT = 400 /* buffer that holds any number in plain notation */
};
#define SHEET_UNPACKED ((uint64_t)300 << 20)
#define SHEET_MEMORY ((size_t)192 << 20) /* of strings; with the parser's own buffers this stays below 256 MiB */

/* One call of sheet_read. */
typedef struct SheetReader {
    Ctx *c;    /* the caller's: errors are made here */
    Ctx *work; /* everything that ends with the reading hangs here */
    const char *data;
    size_t size;
    SheetRow row;
    void *arg;
    int64_t max_rows, rows;
    bool timed;        /* the time limit holds (XLSX: little data may mean much work) */
    int64_t started;   /* nanoseconds of the monotonic clock */
    int64_t elsewhere; /* ... spent in the caller's row function, which are not ours to limit */
} SheetReader;

/* sheet_read.c */
void *sheet_need(void *p); /* p; ends the process if it is NULL */
/* Hands a row to the caller unless it is empty; counts it. */
Error *sheet_emit(SheetReader *r, int64_t number, const char *const *cells, size_t count) MUST_USE;
Error *sheet_check_time(const SheetReader *r) MUST_USE;
/* n bytes of UTF-8 in one cell: 413 if that is more than SHEET_MAX_CELL characters. row 0 means that no row is known. */
Error *sheet_check_cell(const SheetReader *r, int64_t row, const char *s, size_t n) MUST_USE;
Error *sheet_check_columns(const SheetReader *r, int64_t row) MUST_USE; /* always the error */
Error *sheet_damaged(const SheetReader *r, int64_t row, const char *detail) MUST_USE;
Error *sheet_not_one(const SheetReader *r) MUST_USE;
const char *sheet_number_arg(const SheetReader *r, int64_t n); /* n as text that outlives the error */

/* sheet_cell.c: rows under construction (XLSX and HTML) */
typedef struct SheetCells {
    SheetReader *r;
    char *buf; /* text of this row's cells, each NUL-terminated */
    size_t len, size;
    const char *cell[SHEET_MAX_COLUMNS]; /* where the text stands if not in buf, else NULL */
    size_t at[SHEET_MAX_COLUMNS];        /* place in buf; 0 is an empty text */
    size_t count;
    size_t begin; /* of the cell being written */
} SheetCells;
void sheet_cells_init(SheetCells *s, SheetReader *r);
void sheet_cells_clear(SheetCells *s); /* begins a row */
void sheet_cell_begin(SheetCells *s);  /* also forgets an unfinished cell */
Error *sheet_cell_add(SheetCells *s, int64_t row, const char *text, size_t n) MUST_USE;
char *sheet_cell_text(SheetCells *s, size_t *ret_len); /* of the cell being written */
/* Ends the cell being written in column (0 for the first) with the first len bytes of its text. */
Error *sheet_cell_end(SheetCells *s, int64_t row, size_t column, size_t len) MUST_USE;
Error *sheet_cell_point(SheetCells *s, int64_t row, size_t column, const char *text)
    MUST_USE; /* text outlives the row */
Error *sheet_cell_put(SheetCells *s, int64_t row, size_t column, const char *text, size_t n)
    MUST_USE; /* begin, add, end */
Error *sheet_cells_emit(SheetCells *s, int64_t row) MUST_USE;

/* sheet_number.c */
/* Number as an XLSX stores it -> plain notation in out, returns its length; 0 if it is not a number. */
size_t sheet_number_plain(const char *raw, size_t n, char out[static SHEET_NUMBER_TEXT]);
/* Serial day number -> ISO date, date and time, or time alone below 1; 0 if it is none. */
size_t sheet_number_date(const char *raw, size_t n, bool from_1904, char out[static SHEET_NUMBER_TEXT]);
/* "2026-01-02T15:04:05.000Z" in place -> "2026-01-02 15:04:05", or the day alone for midnight; returns the new length. */
size_t sheet_number_iso(char *s, size_t n);
/* True if a number format code shows dates or times. */
bool sheet_number_is_date(const char *format);
bool sheet_number_is_date_id(long id); /* of a built-in format */

/* sheet_decode.c: text of unknown encoding as a stream of UTF-8 */
typedef struct SheetText SheetText;
/* gb: the file itself claims a GB encoding. */
Error *sheet_text_open(SheetReader *r, bool gb, SheetText **ret_text) MUST_USE;
/* Writes up to room bytes (at least 8) of UTF-8 without NUL to out; *ret_n 0 at the end. */
Error *sheet_text_fill(SheetText *t, char *out, size_t room, size_t *ret_n) MUST_USE;

/* sheet_zip.c: an archive within the limits, and the unpacking of its parts */
typedef struct SheetZip SheetZip;
typedef struct SheetPart SheetPart;
Error *sheet_zip_open(SheetReader *r, SheetZip **ret_zip) MUST_USE;
int64_t sheet_zip_find(const SheetZip *z, const char *name); /* index, or -1; case and kind of slash do not matter */
Error *sheet_part_open(void *mem, SheetZip *z, int64_t index, SheetPart **ret_part) MUST_USE;
Error *sheet_part_read(SheetPart *p, void *buf, size_t room, size_t *ret_n) MUST_USE; /* *ret_n 0 at the end */
Error *sheet_unsafe(const SheetReader *r, const char *detail) MUST_USE;

/* sheet_xml.c and sheet_scan.c: what stands in a part */
typedef struct SheetXml {
    /* Names come without their prefix, attributes with it. All may be NULL. */
    Error *(*start)(void *arg, const char *name, const char **atts);
    Error *(*end)(void *arg, const char *name);
    Error *(*text)(void *arg, const char *s, size_t n); /* in pieces */
} SheetXml;
Error *sheet_xml_read(SheetZip *z, SheetReader *r, int64_t index, const SheetXml *on, void *arg) MUST_USE;
const char *sheet_xml_att(const char **atts, const char *local); /* value of that name behind any prefix, or NULL */
/* The part whose first n bytes were read already and are known to begin like UTF-8. */
Error *sheet_scan(SheetReader *r, void *mem, SheetPart *part, const char *first, size_t n, const SheetXml *on,
                  void *arg) MUST_USE;
size_t sheet_utf8(long code, char out[static 4]); /* length */

/* sheet_xlsx_book.c: what stands around the sheet */
typedef struct SheetBook {
    SheetReader *r;
    SheetZip *zip;
    int64_t sheet, strings_part, styles_part; /* entries of the archive; the latter two may be -1 */
    bool from_1904;
    const char **strings; /* shared strings */
    size_t string_count;
    bool *date_style; /* by cell style */
    size_t style_count;
} SheetBook;
/* Finds the first visible sheet and what it needs. */
Error *sheet_book_open(SheetBook *b) MUST_USE;
/* sheet_xlsx_shared.c: fill strings and date_style from their parts */
Error *sheet_book_strings(SheetBook *b) MUST_USE;
Error *sheet_book_styles(SheetBook *b) MUST_USE;
/* Resolves _x000D_ escapes and makes CRLF and CR to LF, in place; returns the new length. */
size_t sheet_xlsx_clean(char *s, size_t n);

/* The readers by kind. */
Error *sheet_xlsx_read(SheetReader *r) MUST_USE;
Error *sheet_csv_read(SheetReader *r) MUST_USE;
Error *sheet_html_read(SheetReader *r, bool gb) MUST_USE;
