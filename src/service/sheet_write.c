/* sheet_write.c - writes workbooks row by row with libxlsxwriter in constant memory, and CSV cells that stay inert. */
#include "service/sheet.h"
#include "base/date.h"
#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
    LAST_ROW = LXW_ROW_MAX - 1,
    LIST_CHARS = 255, /* of all choices that fit into the drop-down itself; more go to a hidden sheet */
    NAME_CHARS = 31,  /* of a sheet */
    SERIAL_1970 = 25569
};
#define EXACT_INT (INT64_C(1) << 53) /* a spreadsheet's numbers are doubles */

typedef struct TempFile {
    char *path;
} TempFile;

struct SheetWriter {
    Ctx *c;
    lxw_workbook *book; /* NULL once closed */
    lxw_worksheet *sheet;
    lxw_format *head, *integer, *money, *date, *time, *wrap;
    size_t columns, column;
    lxw_row_t row;
    bool overflow; /* more rows than a sheet holds */
    Text *escaped; /* scratch */
    TempFile *file;
};

static int remove_file(TempFile *f) {
    if (f->path) unlink(f->path);
    return 0;
}

static int free_writer(SheetWriter *w) {
    if (w->book) lxw_workbook_free(w->book);
    return 0;
}

/* ---- Text ---- */

static bool is_escape(const char *s) {
    return s[0] == '_' && s[1] == 'x' && strspn(s + 2, "0123456789ABCDEFabcdef") == 4 && s[6] == '_';
}

/* Readers resolve _x0041_ to a character, so an underscore that would begin such an escape is written as one itself. */
static const char *cell_text(SheetWriter *w, const char *s) {
    s = text_cut(w->escaped, s, SHEET_MAX_CELL);
    if (!strstr(s, "_x")) return s;
    w->escaped->len = 0;
    w->escaped->overflow = false;
    for (; *s; s++)
        if (is_escape(s))
            text_add(w->escaped, "_x005F_");
        else
            text_add_char(w->escaped, *s);
    return w->escaped->data;
}

static void write_text(SheetWriter *w, lxw_worksheet *sheet, lxw_row_t row, size_t column, const char *s,
                       lxw_format *format) {
    if (s && *s) worksheet_write_string(sheet, row, (lxw_col_t)column, cell_text(w, s), format);
}

/* ---- The workbook ---- */

static lxw_format *new_format(SheetWriter *w, const char *code) {
    lxw_format *f = workbook_add_format(w->book);
    if (code) format_set_num_format(f, code);
    return f;
}

/* A sheet's name may hold 31 characters and not these. */
static const char *sheet_name(SheetWriter *w, const char *name) {
    char *s = talloc_strdup(w, name);
    for (char *p = s; *p; p++)
        if (strchr("[]:*?/\\'", *p)) *p = ' ';
    return text_cut(w, s, NAME_CHARS);
}

static double width(SheetCellKind kind) {
    switch (kind) {
    case CELL_INT: return 10;
    case CELL_MONEY: return 16;
    case CELL_DATE: return 12;
    case CELL_TIME: return 18;
    case CELL_TEXT: break;
    }
    return 20;
}

static lxw_format *format_of(const SheetWriter *w, SheetCellKind kind) {
    switch (kind) {
    case CELL_INT: return w->integer;
    case CELL_MONEY: return w->money;
    case CELL_DATE: return w->date;
    case CELL_TIME: return w->time;
    case CELL_TEXT: break;
    }
    return w->wrap;
}

/* Heading as it is shown: required columns of a template carry a star. */
static const char *heading(SheetWriter *w, const SheetColumn *column, bool template) {
    return template && column->required ? talloc_asprintf(w, "%s*", column->heading) : column->heading;
}

/* True if the choices fit into the validation itself, where commas separate them. */
static bool fits(const char *const *choices) {
    size_t chars = 0;
    for (; *choices; choices++) {
        if (strchr(*choices, ',')) return false;
        chars += text_length(*choices) + 1;
    }
    return chars <= LIST_CHARS;
}

static void add_choices(SheetWriter *w, const SheetColumn *column, size_t index) {
    lxw_data_validation v = { .ignore_blank = LXW_VALIDATION_ON,
                              .dropdown = LXW_VALIDATION_ON,
                              .show_error = LXW_VALIDATION_ON };
    if (fits(column->choices)) {
        v.validate = LXW_VALIDATION_TYPE_LIST;
        v.value_list = (char **)(uintptr_t)column->choices; /* only read, whatever the type says */
    } else {
        size_t n = 0;
        char letters[16];
        while (column->choices[n]) n++;
        lxw_col_to_name(letters, (lxw_col_t)index, LXW_TRUE);
        v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
        v.value_formula = talloc_asprintf(w, "=_choices!%s$1:%s$%zu", letters, letters, n);
    }
    worksheet_data_validation_range(w->sheet, 1, (lxw_col_t)index, LAST_ROW, (lxw_col_t)index, &v);
}

/* The hidden sheet of long choice lists, each in its own column; written row by row as constant memory demands. */
static void write_long_choices(SheetWriter *w, const SheetColumn *columns, size_t count) {
    lxw_worksheet *sheet = NULL;
    bool more = true;
    size_t *left = talloc_zero_size(w, count * sizeof *left); /* choices written so far by column; SIZE_MAX when done */
    for (lxw_row_t row = 0; more; row++) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            if (!columns[i].choices || left[i] == SIZE_MAX || fits(columns[i].choices)) continue;
            if (!sheet) sheet = workbook_add_worksheet(w->book, "_choices");
            const char *s = columns[i].choices[left[i]++];
            if (!s)
                left[i] = SIZE_MAX;
            else
                write_text(w, sheet, row, i, s, NULL), more = true;
        }
    }
    if (sheet) worksheet_hide(sheet);
}

static Error *write_notes(SheetWriter *w, const char *title, const SheetColumn *columns, size_t count) {
    lxw_worksheet *notes = workbook_add_worksheet(w->book, sheet_name(w, title));
    if (!notes) return err_internal(w->c, "cannot add the notes sheet");
    worksheet_set_column(notes, 0, 0, 24, NULL);
    worksheet_set_column(notes, 1, 1, 80, w->wrap);
    for (size_t i = 0; i < count; i++) {
        write_text(w, notes, (lxw_row_t)i, 0, heading(w, &columns[i], true), w->head);
        write_text(w, notes, (lxw_row_t)i, 1, columns[i].hint, w->wrap);
    }
    write_long_choices(w, columns, count);
    return NULL;
}

static void write_head(SheetWriter *w, const SheetColumn *columns, size_t count, bool template) {
    for (size_t i = 0; i < count; i++) {
        const char *s = heading(w, &columns[i], template);
        double wide = width(columns[i].kind), title = 2.0 * (double)text_length(s) + 2; /* Chinese is two wide */
        worksheet_set_column(w->sheet, (lxw_col_t)i, (lxw_col_t)i, title > wide ? title : wide,
                             format_of(w, columns[i].kind));
        write_text(w, w->sheet, 0, i, s, w->head);
        if (columns[i].choices) add_choices(w, &columns[i], i);
    }
    worksheet_freeze_panes(w->sheet, 1, 0);
}

static Error *open_book(SheetWriter *w) {
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    char *path = talloc_asprintf(w->file, "%s/sheet-XXXXXX.xlsx", folder);
    int fd = mkstemps(path, (int)strlen(".xlsx"));
    if (fd < 0) return err_internal(w->c, "cannot make a temporary file in %s", folder);
    close(fd);
    w->file->path = path;
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = talloc_strdup(w, folder) };
    w->book = workbook_new_opt(path, &options);
    return w->book ? NULL : err_internal(w->c, "cannot start a workbook");
}

Error *sheet_writer_new(Ctx *c, const char *name, const SheetColumn *columns, size_t count, const char *notes_title,
                        SheetWriter **ret_w) {
    assert(count <= SHEET_MAX_COLUMNS);
    SheetWriter *w = talloc_zero(c->mem, SheetWriter);
    talloc_set_destructor(w, free_writer);
    w->c = c;
    w->columns = count;
    w->escaped = text_new(w, (size_t)SHEET_MAX_CELL * 8);
    w->file = talloc_zero(c->mem, TempFile);
    talloc_set_destructor(w->file, remove_file);
    TRY(open_book(w));
    w->sheet = workbook_add_worksheet(w->book, sheet_name(w, name));
    if (!w->sheet) return err_internal(c, "cannot add a sheet");
    w->head = new_format(w, NULL);
    format_set_bold(w->head);
    w->integer = new_format(w, "0");
    w->money = new_format(w, "#,##0.00");
    w->date = new_format(w, "yyyy-mm-dd");
    w->time = new_format(w, "yyyy-mm-dd hh:mm");
    w->wrap = new_format(w, "@");
    write_head(w, columns, count, notes_title != NULL);
    if (notes_title) TRY(write_notes(w, notes_title, columns, count));
    w->row = 1;
    *ret_w = w;
    return NULL;
}

/* ---- Cells ---- */

static void put_number(SheetWriter *w, double n, lxw_format *format) {
    assert(w->column < w->columns);
    if (!w->overflow) worksheet_write_number(w->sheet, w->row, (lxw_col_t)w->column, n, format);
    w->column++;
}

void sheet_put_text(SheetWriter *w, const char *s) {
    assert(w->column < w->columns);
    if (!w->overflow) write_text(w, w->sheet, w->row, w->column, s, w->wrap);
    w->column++;
}

void sheet_put_int(SheetWriter *w, int64_t n) {
    char buf[24];
    if (n >= -EXACT_INT && n <= EXACT_INT) {
        put_number(w, (double)n, w->integer);
        return;
    }
    snprintf(buf, sizeof buf, "%lld", (long long)n);
    sheet_put_text(w, buf);
}

void sheet_put_money(SheetWriter *w, int64_t fen) {
    char buf[32];
    if (fen >= -EXACT_INT && fen <= EXACT_INT) {
        put_number(w, (double)fen / 100, w->money);
        return;
    }
    uint64_t size = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;
    snprintf(buf, sizeof buf, "%s%llu.%02llu", fen < 0 ? "-" : "", (unsigned long long)(size / 100),
             (unsigned long long)(size % 100));
    sheet_put_text(w, buf);
}

void sheet_put_date(SheetWriter *w, int32_t day) {
    char buf[DATE_TEXT];
    if (day == DATE_NONE)
        sheet_put_empty(w);
    else if (day + SERIAL_1970 > 60)
        put_number(w, day + SERIAL_1970, w->date);
    else
        sheet_put_text(w, date_text(day, buf)); /* before March 1900 the serials of spreadsheets are wrong */
}

void sheet_put_time(SheetWriter *w, int64_t instant) {
    Date day;
    int hour, minute, second;
    if (instant == INSTANT_NONE) {
        sheet_put_empty(w);
        return;
    }
    instant_parts(instant, &day, &hour, &minute, &second);
    put_number(w, day + SERIAL_1970 + (hour * 3600 + minute * 60 + second) / 86400.0, w->time);
}

void sheet_put_empty(SheetWriter *w) {
    assert(w->column < w->columns);
    w->column++;
}

void sheet_next_row(SheetWriter *w) {
    w->column = 0;
    if (w->row < LAST_ROW)
        w->row++;
    else
        w->overflow = true;
}

Error *sheet_writer_close(SheetWriter *w, const char **ret_path) {
    assert(w->book);
    lxw_error failed = workbook_close(w->book); /* frees it, whatever it says */
    w->book = NULL;
    if (failed) return err_internal(w->c, "writing a workbook: %s", lxw_strerror(failed));
    if (w->overflow) return err_too_large(w->c, N_("There are more rows than a spreadsheet can hold"));
    *ret_path = w->file->path;
    return NULL;
}

/* ---- CSV ---- */

static bool is_plain_number(const char *s) {
    s += *s == '-';
    size_t n = strspn(s, "0123456789");
    if (n == 0) return false;
    s += n;
    if (*s == '.') s += 1 + strspn(s + 1, "0123456789");
    return *s == 0;
}

/* A spreadsheet program would take such text for a formula. Negative numbers are harmless and stay numbers. */
static bool needs_guard(const char *s) {
    static const char *const wide[] = { "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20" }; /* = + - @ in full width */
    if (*s == 0) return false;
    if (strchr("=+-@\t\r", *s)) return !is_plain_number(s);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (text_starts(s, wide[i])) return true;
    return false;
}

void sheet_csv_cell(struct Text *out, const char *s, bool first) {
    if (!first) text_add_char(out, ',');
    bool guard = needs_guard(s);
    if (!strpbrk(s, "\",;\t\r\n") && *s != ' ' && (*s == 0 || s[strlen(s) - 1] != ' ')) {
        if (guard) text_add_char(out, '\'');
        text_add(out, s);
        return;
    }
    text_add_char(out, '"');
    if (guard) text_add_char(out, '\'');
    for (size_t n; *s; s += n) {
        n = strcspn(s, "\"");
        text_add_n(out, s, n);
        if (s[n] == '"') text_add(out, "\"\""), n++;
    }
    text_add_char(out, '"');
}
