/* paper.c - A4 pages with what stands on each of them, and text with lines of equal height. */
#include "print.h"
#include <math.h>
#include <string.h>

enum { STEP_X = 150, STEP_Y = 85 }; /* of the watermark */

/* ---- text ---- */

double text_line_height(const Style *style) {
    return style->size * 1.42; /* Chinese needs more air than Latin */
}

/* A layout for each font, since choosing the font again for every cell would take most of the time. */
static PangoLayout *layout_of(Paper *p, const Style *style) {
    FontLayout *f = p->fonts;
    for (; f->layout; f++)
        if (f->size == style->size && f->bold == style->bold) return f->layout;
    if (f == p->fonts + MAX_FONTS) fail(BROKEN, "more than %d fonts", MAX_FONTS);
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans CJK SC,WenQuanYi Micro Hei");
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    *f = (FontLayout){ style->size, style->bold, pango_layout_new(p->context) };
    pango_layout_set_font_description(f->layout, font);
    pango_font_description_free(font);
    /* Equal lines, whatever font a character comes from: so a row can be continued on the next page by counting. */
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes,
                           pango_attr_line_height_new_absolute((int)lround(text_line_height(style) * PANGO_SCALE)));
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(f->layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_auto_dir(f->layout, FALSE); /* figures stay right, names left, whatever script they are in */
    pango_layout_set_wrap(f->layout, PANGO_WRAP_WORD_CHAR);
    return f->layout;
}

int text_set(Paper *p, const char *text, const Style *style, double width) {
    p->layout = layout_of(p, style);
    pango_layout_set_alignment(p->layout, style->align);
    pango_layout_set_width(p->layout, width > 0 ? (int)(width * PANGO_SCALE) : -1);
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(p->layout, text, -1);
    return pango_layout_get_line_count(p->layout);
}

double text_width(Paper *p) {
    PangoRectangle r;
    pango_layout_get_extents(p->layout, NULL, &r);
    return (double)r.width / PANGO_SCALE;
}

void text_draw_lines(Paper *p, double x, double y, int from, int count, double grey) {
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    PangoLayoutIter *i = pango_layout_get_iter(p->layout);
    double shift = 0;
    for (int n = 0; n < from + count; n++) {
        PangoRectangle r;
        pango_layout_iter_get_line_extents(i, NULL, &r);
        if (n == from) shift = (double)r.y / PANGO_SCALE;
        if (n >= from) {
            double baseline = (double)pango_layout_iter_get_baseline(i) / PANGO_SCALE;
            cairo_move_to(p->cr, x + (double)r.x / PANGO_SCALE, y + baseline - shift);
            pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(i));
        }
        if (!pango_layout_iter_next_line(i)) break;
    }
    pango_layout_iter_free(i);
}

double text_put(Paper *p, double x, double y, double width, const char *text, const Style *style) {
    int lines = text_set(p, text, style, width);
    if (p->drawing) text_draw_lines(p, x, y, 0, lines, style->grey);
    return lines * text_line_height(style);
}

void text_put_line(Paper *p, double x, double y, double width, const char *text, const Style *style) {
    if (!p->drawing || !*text) return;
    text_set(p, text, style, width);
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_END);
    text_draw_lines(p, x, y, 0, 1, style->grey);
}

/* ---- lines and areas ---- */

void paper_rule(Paper *p, double x1, double y1, double x2, double y2, double thick, double grey) {
    if (!p->drawing) return;
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    cairo_set_line_width(p->cr, thick);
    cairo_move_to(p->cr, x1, y1);
    cairo_line_to(p->cr, x2, y2);
    cairo_stroke(p->cr);
}

void paper_fill(Paper *p, double x, double y, double w, double h, double grey) {
    if (!p->drawing) return;
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    cairo_rectangle(p->cr, x, y, w, h);
    cairo_fill(p->cr);
}

/* ---- what stands on every page ---- */

/* Two words on a tile that is turned and repeated. The letters are shapes and not text: who searches or copies from the
 * PDF, or has it read aloud, finds the sheet only. */
static cairo_pattern_t *make_watermark(Paper *p) {
    const Style style = { .size = 13 };
    text_set(p, p->document->watermark, &style, 0);
    double step = fmax(STEP_X, text_width(p) + 40);
    const cairo_rectangle_t tile = { 0, 0, 2 * step, 2 * STEP_Y };
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &tile);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 0.9, 0.9, 0.9);
    for (int i = 0; i < 2; i++) {
        cairo_move_to(cr, 20 + i * step, STEP_Y * (i + 0.4));
        pango_cairo_layout_path(cr, p->layout);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(surface);
    cairo_matrix_t turn;
    cairo_matrix_init_rotate(&turn, G_PI / 7);
    cairo_pattern_set_matrix(pattern, &turn);
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_REPEAT);
    return pattern;
}

/* Below everything else, so light that figures over it stay readable and a copier still shows it. */
static void watermark(Paper *p) {
    if (!*p->document->watermark) return;
    if (!p->watermark) p->watermark = make_watermark(p);
    cairo_set_source(p->cr, p->watermark);
    cairo_paint(p->cr);
}

static void foot(Paper *p) {
    Style style = { .size = 8, .grey = 0.35 };
    double width = p->right - p->left, y = p->height - 34;
    char *number = g_strdup_printf(p->document->english ? "Page %d of %d" : "第 %d 页 / 共 %d 页", p->page, p->pages);
    text_put_line(p, p->left, y, width * 0.38, p->document->footer, &style);
    style.align = PANGO_ALIGN_CENTER;
    text_put_line(p, p->left, y, width, number, &style);
    g_free(number);
}

/* From the second page on, a small line says what this sheet belongs to. */
static void running_head(Paper *p) {
    Style style = { .size = 8, .grey = 0.35 };
    double half = (p->right - p->left) / 2 - 6;
    text_put_line(p, p->left, p->top - 18, half, p->document->company, &style);
    char *title = g_strconcat(p->document->title, p->document->english ? " (continued)" : "（续）", NULL);
    style.align = PANGO_ALIGN_RIGHT;
    text_put_line(p, p->right - half, p->top - 18, half, *p->document->title ? title : "", &style);
    g_free(title);
}

void paper_begin_page(Paper *p) {
    if (p->page == MAX_PAGES) fail(TOO_LARGE, "the document has more than %d pages", MAX_PAGES);
    if (p->drawing && p->page > 0) cairo_show_page(p->cr);
    p->page++;
    p->y = p->top;
    if (!p->drawing) return;
    watermark(p);
    foot(p);
    if (p->page > 1) running_head(p);
}
