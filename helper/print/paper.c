/* paper.c - A4 pages with what stands on each of them, and text with lines of equal height. */
#include "print.h"
#include <math.h>
#include <string.h>

enum { STEP_X = 190, STEP_Y = 130 }; /* of the watermark */

/* ---- text ---- */

double text_line_height(const Style *style) {
    return style->size * 1.42; /* Chinese needs more air than Latin */
}

int text_set(Paper *p, const char *text, const Style *style, double width) {
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans CJK SC,WenQuanYi Micro Hei");
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    /* Equal lines, whatever font a character comes from: so a row can be continued on the next page by counting. */
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes,
                           pango_attr_line_height_new_absolute((int)lround(text_line_height(style) * PANGO_SCALE)));
    pango_layout_set_font_description(p->layout, font);
    pango_layout_set_attributes(p->layout, attributes);
    pango_layout_set_alignment(p->layout, style->align);
    pango_layout_set_width(p->layout, width > 0 ? (int)(width * PANGO_SCALE) : -1);
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(p->layout, text, -1);
    pango_attr_list_unref(attributes);
    pango_font_description_free(font);
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

/* Below everything else, so light that figures over it stay readable and a copier still shows it. */
static void watermark(Paper *p) {
    const Style style = { .size = 13 };
    if (!*p->document->watermark) return;
    cairo_save(p->cr);
    cairo_translate(p->cr, p->width / 2, p->height / 2);
    cairo_rotate(p->cr, -G_PI / 7);
    text_set(p, p->document->watermark, &style, 0);
    double step = fmax(STEP_X, text_width(p) + 40), reach = hypot(p->width, p->height) / 2;
    int columns = (int)(reach / step) + 1, rows = (int)(reach / STEP_Y) + 1;
    for (int row = -rows; row <= rows; row++)
        for (int column = -columns; column <= columns; column++) {
            double x = column * step + (row & 1 ? step / 2 : 0), y = row * STEP_Y;
            double page_x = p->width / 2 + x * cos(G_PI / 7) + y * sin(G_PI / 7);
            double page_y = p->height / 2 - x * sin(G_PI / 7) + y * cos(G_PI / 7);
            if (page_x < -step || page_x > p->width || page_y < -20 || page_y > p->height + step / 2) continue;
            text_draw_lines(p, x, y, 0, 1, 0.9);
        }
    cairo_restore(p->cr);
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
    text_put_line(p, p->left, p->top - 16, half, p->document->company, &style);
    char *title = g_strconcat(p->document->title, p->document->english ? " (continued)" : "（续）", NULL);
    style.align = PANGO_ALIGN_RIGHT;
    text_put_line(p, p->right - half, p->top - 16, half, *p->document->title ? title : "", &style);
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
