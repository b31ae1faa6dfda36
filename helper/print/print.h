/* print.h - what the files of xiaoguan-print share. A program of its own: it includes nothing of src/ and nothing there
 * includes it. It makes one document and ends, so whatever it allocates goes with the process. */
#pragma once
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    MAX_INPUT_BYTES = 8 * 1024 * 1024, /* bytes; service/pdf.c sends no more */
    MAX_OUTPUT_BYTES = 20 * 1024 * 1024,
    MAX_TABLES = 100,
    MAX_ROWS = 20000, /* of all tables together */
    MAX_COLUMNS = 40,
    MAX_PAGES = 500,
    MAX_CELL = 4000, /* characters */
    MAX_TITLE = 200,
    MAX_LINE = 500, /* characters of a subtitle, a note, a footer */
    MAX_WATERMARK = 64,
    MAX_NOTES = 50,
    MAX_SIGNATURES = 6,
};

/* How the program ends; service/pdf.c makes a sentence of it. One English line on stderr says more. */
typedef enum Status { DONE = 0, BAD_INPUT = 2, TOO_LARGE = 3, NO_FONT = 4, BROKEN = 5 } Status;
_Noreturn void fail(Status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- the document, as read from JSON ---- */

typedef struct Column {
    const char *title;
    PangoAlignment align;
    int weight;          /* 0: as wide as what stands in it */
    double width, least; /* points; set by table_choose */
} Column;

typedef struct Row {
    const char **cells; /* as many as the table has columns */
    bool bold, group;   /* group: a heading inside the table */
    bool wide;          /* only the first cell says something: it may use the whole row */
    int lines;          /* set by table_measure */
} Row;

typedef struct Table {
    const char *title, *subtitle, *unit;
    Column *columns;
    Row *rows;
    const char **notes, **signatures;
    double size; /* of its letters; set by table_choose */
    int column_count, row_count, note_count, signature_count;
    bool new_page;
} Table;

typedef struct Document {
    const char *title, *company, *subtitle, *unit, *footer, *watermark;
    Table *tables;
    const char **notes, **signatures;
    int table_count, note_count, signature_count;
    bool landscape, any_way; /* any_way: landscape if it is too wide for readable letters otherwise */
    bool english;
} Document;

/* Ends the program with BAD_INPUT or TOO_LARGE if the text is not a document. "" stands for texts that are not given. */
Document *document_read(const char *json, size_t size);

/* ---- paper: the pages, and text on them ---- */

enum { MAX_FONTS = 24 };
typedef struct FontLayout {
    double size;
    bool bold;
    PangoLayout *layout;
} FontLayout;

/* The document is laid out twice: first only counting, so that every page can say of how many. */
typedef struct Paper {
    const Document *document;
    cairo_t *cr;
    PangoContext *context;
    FontLayout fonts[MAX_FONTS + 1]; /* those in use, then one without a layout */
    PangoLayout *layout;             /* the one that text_set filled */
    cairo_pattern_t *watermark;
    double width, height, left, right, top, bottom;
    double y; /* where the next thing goes */
    int page, pages;
    bool drawing;
} Paper;

typedef struct Style {
    double size; /* points */
    bool bold;
    double grey; /* 0 black */
    PangoAlignment align;
} Style;

void paper_begin_page(Paper *p);
/* Makes p->layout the text, wrapped at width (0: one line), with lines of equal height. Gives the number of lines. */
int text_set(Paper *p, const char *text, const Style *style, double width);
double text_line_height(const Style *style);
double text_width(Paper *p); /* of what is in p->layout */
/* Draws `count` lines of p->layout, beginning with line `from`, at x and y. */
void text_draw_lines(Paper *p, double x, double y, int from, int count, double grey);
/* Sets, draws unless counting, and gives the height. */
double text_put(Paper *p, double x, double y, double width, const char *text, const Style *style);
/* One line, with an ellipsis where it is too long. */
void text_put_line(Paper *p, double x, double y, double width, const char *text, const Style *style);
void paper_rule(Paper *p, double x1, double y1, double x2, double y2, double thick, double grey);
void paper_fill(Paper *p, double x, double y, double w, double h, double grey);

/* ---- tables ---- */

void table_choose(Paper *p, Table *t);  /* size of letters, widths of columns */
void table_measure(Paper *p, Table *t); /* lines of rows */
/* tail: height of what follows and belongs to the last rows */
void table_put(Paper *p, const Table *t, const char *unit, double tail);

/* ---- fonts, and the locked room ---- */

/* Finds the fonts and opens their files. NO_FONT if none of those we know is installed. */
PangoContext *fonts_open(void);
/* Limits of time and memory at once; sandbox_lock forbids everything but reading and writing what is open already. */
void sandbox_limit(void);
void sandbox_lock(void);
