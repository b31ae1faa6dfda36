/* table.c - one table: how wide its columns are, where its pages end, and its drawing. The head is repeated on each
 * page; a row that is higher than a page goes on where it was cut, line by line. */
#include "print.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAD_X 3.5
#define PAD_Y 3.2
#define THIN 0.4
#define OUTER 0.9
#define RULE_GREY 0.25

enum { SAMPLE = 400 }; /* rows whose texts decide about widths */

static Style style_of(const Table *t, bool bold, PangoAlignment align) {
    return (Style){ .size = t->size, .bold = bold, .align = align };
}

static double right_of(const Paper *p, const Table *t) {
    double x = p->left;
    for (int i = 0; i < t->column_count; i++) x += t->columns[i].width;
    return x;
}

/* ---- widths ---- */

static double natural(Paper *p, const char *text, const Style *style) {
    text_set(p, text, style, 0);
    return text_width(p) + 2 * PAD_X + 0.5;
}

/* What column i would take if nothing were wrapped, and the least it should get: figures and short words stay in one
 * line, sentences need not. */
static double want(Paper *p, Table *t, int i) {
    Column *column = &t->columns[i];
    Style bold = style_of(t, true, column->align), body = style_of(t, false, column->align);
    double widest = natural(p, column->title, &bold), least = fmin(widest, t->size * 5);
    double figures = t->size * (column->align == PANGO_ALIGN_RIGHT ? 12 : 7.5);
    int step = t->row_count / SAMPLE + 1;
    for (int r = 0; r < t->row_count; r++) {
        const Row *row = &t->rows[r];
        bool matters = row->bold || row->group;
        if (row->wide || (r % step != 0 && !matters) || strlen(row->cells[i]) > MAX_LINE) continue;
        double w = natural(p, row->cells[i], matters ? &bold : &body);
        widest = fmax(widest, w);
    }
    column->least = fmax(widest <= figures ? widest : fmax(least, column->align == PANGO_ALIGN_RIGHT ? figures : 0),
                         t->size * 2 + 2 * PAD_X);
    return fmin(fmax(widest, column->least), t->size * 26);
}

/* The largest letters in which every column gets its least; the smallest if there are none. */
static void choose_size(Paper *p, Table *t, double *ret_wanted) {
    static const double sizes[] = { 9.5, 8.5, 7.5, 6.5, 5.5 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double least = 0;
        t->size = sizes[s];
        for (int i = 0; i < t->column_count; i++) {
            ret_wanted[i] = want(p, t, i);
            least += t->columns[i].least;
        }
        if (least <= p->right - p->left) return;
    }
}

/* Columns share the width by weight; who would get less than its least gets that, and the others share what is left. */
static void share(Column *columns, int count, const double *weights, double whole) {
    double least = 0;
    for (int i = 0; i < count; i++) least += columns[i].least;
    if (least >= whole) {
        for (int i = 0; i < count; i++) columns[i].width = columns[i].least * whole / least;
        return;
    }
    bool fixed[MAX_COLUMNS] = { false }, changed = true;
    while (changed) {
        double left = whole, sum = 0;
        changed = false;
        for (int i = 0; i < count; i++) {
            if (fixed[i])
                left -= columns[i].least;
            else
                sum += weights[i];
        }
        for (int i = 0; i < count; i++) {
            columns[i].width = fixed[i] ? columns[i].least : left * weights[i] / sum;
            if (!fixed[i] && columns[i].width < columns[i].least) fixed[i] = changed = true;
        }
    }
}

/* True if text is surely not wider than `ems` widths of a letter: most cells, without laying them out. */
static bool surely_fits(const char *text, double ems) {
    for (; *text && ems >= 0; text = g_utf8_next_char(text)) {
        gunichar ch = g_utf8_get_char(text);
        bool han = (ch >= 0x4e00 && ch <= 0x9fff) || (ch >= 0xff01 && ch <= 0xff5e) || (ch >= 0x3000 && ch <= 0x3002);
        if (!han && (ch < ' ' || ch > '~')) return false;
        ems -= strchr("0123456789.,-: ", (int)ch) && ch < 128 ? 0.62 : 1.02;
    }
    return ems >= 0;
}

static int count_lines(Paper *p, const Table *t, const Row *row) {
    int most = 1, cells = row->wide ? 1 : t->column_count;
    for (int i = 0; i < cells; i++) {
        Style style = style_of(t, row->bold || row->group, t->columns[i].align);
        double width = (row->wide ? p->right - p->left : t->columns[i].width) - 2 * PAD_X;
        if (!surely_fits(row->cells[i], width / t->size)) most = MAX(most, text_set(p, row->cells[i], &style, width));
    }
    return most;
}

void table_choose(Paper *p, Table *t) {
    double weights[MAX_COLUMNS], wanted[MAX_COLUMNS];
    bool weighted = true;
    choose_size(p, t, wanted);
    for (int i = 0; i < t->column_count; i++) {
        weights[i] = t->columns[i].weight;
        if (!t->columns[i].weight) weighted = false;
    }
    share(t->columns, t->column_count, weighted ? weights : wanted, p->right - p->left);
}

void table_measure(Paper *p, Table *t) {
    int lines = 0, most = MAX_PAGES * 160; /* more lines than any MAX_PAGES pages hold: no need to look further */
    for (int r = 0; r < t->row_count; r++) {
        lines += t->rows[r].lines = count_lines(p, t, &t->rows[r]);
        if (lines > most) fail(TOO_LARGE, "the document has more than %d pages", MAX_PAGES);
    }
}

/* ---- drawing ---- */

/* The part of the table on one page: begun with the head, ended with the border around it. */
typedef struct Part {
    double top;
    int rows; /* on it so far */
} Part;

static void begin_part(Paper *p, const Table *t, Part *ret) {
    *ret = (Part){ .top = p->y };
    double heights[MAX_COLUMNS], height = 0;
    for (int i = 0; i < t->column_count; i++) {
        Style style = style_of(t, true, PANGO_ALIGN_CENTER);
        heights[i] =
            text_set(p, t->columns[i].title, &style, t->columns[i].width - 2 * PAD_X) * text_line_height(&style);
        height = fmax(height, heights[i]);
    }
    height += 2 * PAD_Y + 1.5;
    if (height > (p->bottom - p->top) / 2) fail(TOO_LARGE, "the head of a table fills half a page");
    double x = p->left;
    paper_fill(p, x, p->y, right_of(p, t) - x, height, 0.9);
    for (int i = 0; i < t->column_count; i++) {
        Style style = style_of(t, true, PANGO_ALIGN_CENTER);
        const Column *column = &t->columns[i];
        if (p->drawing)
            text_put(p, x + PAD_X, p->y + (height - heights[i]) / 2, column->width - 2 * PAD_X, column->title, &style);
        x += column->width;
        if (i + 1 < t->column_count) paper_rule(p, x, p->y, x, p->y + height, THIN, RULE_GREY);
    }
    p->y += height;
    paper_rule(p, p->left, p->y, x, p->y, THIN * 1.5, RULE_GREY);
}

static void end_part(Paper *p, const Table *t, const Part *part) {
    if (!p->drawing) return;
    cairo_set_source_rgb(p->cr, 0.1, 0.1, 0.1);
    cairo_set_line_width(p->cr, OUTER);
    cairo_rectangle(p->cr, p->left, part->top, right_of(p, t) - p->left, p->y - part->top);
    cairo_stroke(p->cr);
}

/* Lines [from, from + count) of a row. */
static void put_lines(Paper *p, const Table *t, const Row *row, int from, int count) {
    Style style = style_of(t, row->bold || row->group, PANGO_ALIGN_LEFT);
    double line = text_line_height(&style), height = count * line + 2 * PAD_Y, x = p->left, right = right_of(p, t);
    if (!p->drawing) {
        p->y += height;
        return;
    }
    if (row->group || row->bold) paper_fill(p, x, p->y, right - x, height, row->group ? 0.95 : 0.965);
    paper_rule(p, x, p->y, right, p->y, THIN, RULE_GREY); /* again, over the grey */
    for (int i = 0; i < (row->wide ? 1 : t->column_count); i++) {
        double width = row->wide ? right - x : t->columns[i].width;
        style.align = row->group && row->wide ? PANGO_ALIGN_LEFT : row->wide ? PANGO_ALIGN_CENTER : t->columns[i].align;
        if (*row->cells[i]) {
            int lines = text_set(p, row->cells[i], &style, width - 2 * PAD_X) - from;
            double down = lines < count && from == 0 ? (count - lines) * line / 2 : 0;
            if (lines > 0) text_draw_lines(p, x + PAD_X, p->y + PAD_Y + down, from, MIN(lines, count), 0);
        }
        x += width;
        if (x < right - 1) paper_rule(p, x, p->y, x, p->y + height, THIN, RULE_GREY);
    }
    p->y += height;
    paper_rule(p, p->left, p->y, right, p->y, THIN, RULE_GREY);
}

static double row_height(const Table *t, const Row *row) {
    Style style = style_of(t, false, PANGO_ALIGN_LEFT);
    return row->lines * text_line_height(&style) + 2 * PAD_Y;
}

static void turn_page(Paper *p, const Table *t, Part *part) {
    end_part(p, t, part);
    paper_begin_page(p);
    begin_part(p, t, part);
}

/* What must stand on one page with row r and behind it: a group's first row, and at the end the last two rows with notes
 * and signatures, so that nobody signs a sheet without a figure on it. */
static double kept_with(const Table *t, int r, double tail) {
    double more = 0;
    if (t->rows[r].group && r + 1 < t->row_count) more = row_height(t, &t->rows[r + 1]);
    if (r == t->row_count - 2) more = row_height(t, &t->rows[r + 1]) + tail;
    if (r == t->row_count - 1) more = tail;
    return more;
}

static void put_row(Paper *p, const Table *t, int r, double tail, Part *part) {
    const Row *row = &t->rows[r];
    Style style = style_of(t, false, PANGO_ALIGN_LEFT);
    double line = text_line_height(&style), needed = row_height(t, row) + kept_with(t, r, tail);
    if (part->rows && p->y + needed > p->bottom && needed < (p->bottom - p->top) * 0.8) turn_page(p, t, part);
    for (int from = 0; from < row->lines;) {
        int fit = (int)floor((p->bottom - p->y - 2 * PAD_Y + 0.01) / line), count = MIN(fit, row->lines - from);
        if (count > 0) {
            put_lines(p, t, row, from, count);
            part->rows++;
            from += count;
        }
        if (from < row->lines) turn_page(p, t, part);
    }
}

/* Title, subtitle and unit; kept together with the head and a first row. */
static void put_title(Paper *p, const Table *t, const char *unit) {
    Style title = { .size = 11.5, .bold = true }, small = { .size = 9, .grey = 0.15 };
    double width = p->right - p->left;
    if (p->y + 90 > p->bottom) paper_begin_page(p);
    if (*t->title) p->y += text_put(p, p->left, p->y, width, t->title, &title) + 2;
    if (!*t->subtitle && !*unit) return;
    text_put_line(p, p->left, p->y, width * 0.68, t->subtitle, &small);
    small.align = PANGO_ALIGN_RIGHT;
    text_put_line(p, p->right - width * 0.3, p->y, width * 0.3, unit, &small);
    p->y += text_line_height(&small) + 3;
}

void table_put(Paper *p, const Table *t, const char *unit, double tail) {
    Part part;
    put_title(p, t, *t->unit ? t->unit : unit);
    begin_part(p, t, &part);
    for (int r = 0; r < t->row_count; r++) put_row(p, t, r, tail, &part);
    if (!t->row_count) {
        const char *nothing[MAX_COLUMNS] = { p->document->english ? "No data" : "无数据" };
        Row row = { .cells = nothing, .wide = true, .lines = 1 };
        put_lines(p, t, &row, 0, 1);
    }
    end_part(p, t, &part);
}
