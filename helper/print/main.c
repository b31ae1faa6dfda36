/* main.c - xiaoguan-print: a document of tables from stdin (JSON), an A4 PDF to stdout. Started by service/pdf.c; the
 * format is described in README.md. */
#include "print.h"
#include <cairo-pdf.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define A4_SHORT 595.28
#define A4_LONG 841.89
#define MARGIN 42.5  /* 15 mm */
#define READABLE 8.0 /* points; smaller letters are better off on a sheet turned */

void fail(Status status, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text - 1, format, args);
    va_end(args);
    n = n < 0 ? 0 : MIN(n, (int)sizeof text - 2);
    text[n++] = '\n';
    if (write(STDERR_FILENO, text, (size_t)n) < 0) status = BROKEN;
    _exit(status); /* exit handlers of libraries would want system calls that are gone */
}

static char *read_all(size_t *ret_size) {
    char *text = g_malloc(MAX_INPUT_BYTES + 1);
    size_t size = 0;
    for (;;) {
        ssize_t n = read(STDIN_FILENO, text + size, MAX_INPUT_BYTES + 1 - size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(BROKEN, "reading: %s", strerror(errno));
        if (n == 0) break;
        size += (size_t)n;
        if (size > MAX_INPUT_BYTES) fail(TOO_LARGE, "the document is longer than %d bytes", MAX_INPUT_BYTES);
    }
    *ret_size = size;
    return text;
}

/* The PDF is kept until it is whole: who reads half of one must not take it for one. */
static cairo_status_t keep(void *closure, const unsigned char *data, unsigned size) {
    GByteArray *out = closure;
    if (out->len + (size_t)size > MAX_OUTPUT_BYTES)
        fail(TOO_LARGE, "the PDF is larger than %d bytes", MAX_OUTPUT_BYTES);
    g_byte_array_append(out, data, size);
    return CAIRO_STATUS_SUCCESS;
}

static void write_all(const GByteArray *out) {
    for (size_t done = 0; done < out->len;) {
        ssize_t n = write(STDOUT_FILENO, out->data + done, out->len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(BROKEN, "writing: %s", strerror(errno));
        done += (size_t)n;
    }
}

/* ---- the parts around the tables ---- */

static void put_heading(Paper *p) {
    const Document *d = p->document;
    Style company = { .size = 11, .align = PANGO_ALIGN_CENTER, .grey = 0.15 };
    Style title = { .size = 18, .bold = true, .align = PANGO_ALIGN_CENTER };
    Style subtitle = { .size = 10, .align = PANGO_ALIGN_CENTER, .grey = 0.15 };
    double width = p->right - p->left;
    if (*d->company) p->y += text_put(p, p->left, p->y, width, d->company, &company) + 1;
    if (*d->title) p->y += text_put(p, p->left, p->y, width, d->title, &title) + 1;
    if (*d->subtitle) p->y += text_put(p, p->left, p->y, width, d->subtitle, &subtitle);
    p->y += 8;
}

static const Style note_style = { .size = 8.5, .grey = 0.15 }, signature_style = { .size = 10 };
enum { NOTES_GAP = 5, SIGNATURES_GAP = 26, SIGNATURES_BELOW = 6, SLOT_GAP = 18 };

static double tail_height(Paper *p, const char *const *notes, int note_count, int signature_count) {
    double height = note_count ? NOTES_GAP : 0;
    for (int i = 0; i < note_count; i++)
        height += text_set(p, notes[i], &note_style, p->right - p->left) * text_line_height(&note_style);
    return signature_count ? height + SIGNATURES_GAP + text_line_height(&signature_style) + SIGNATURES_BELOW : height;
}

static void put_notes(Paper *p, const char *const *notes, int count) {
    double width = p->right - p->left;
    if (count) p->y += NOTES_GAP;
    for (int i = 0; i < count; i++) {
        double height = text_set(p, notes[i], &note_style, width) * text_line_height(&note_style);
        if (p->y + height > p->bottom) paper_begin_page(p);
        p->y += text_put(p, p->left, p->y, width, notes[i], &note_style);
    }
}

/* 制表：______  审核：______  批准：______ */
static void put_signatures(Paper *p, const char *const *who, int count) {
    double line = text_line_height(&signature_style), slot = (p->right - p->left + SLOT_GAP) / MAX(count, 3);
    if (!count) return;
    if (p->y + SIGNATURES_GAP + line > p->bottom) paper_begin_page(p);
    p->y += SIGNATURES_GAP;
    for (int i = 0; i < count; i++) {
        double x = p->left + i * slot;
        char *label = g_strconcat(who[i], p->document->english ? ": " : "：", NULL);
        text_put_line(p, x, p->y, slot * 0.6, label, &signature_style);
        double used = MIN(text_width(p), slot * 0.6);
        paper_rule(p, x + used + 1, p->y + line - 1, x + slot - SLOT_GAP, p->y + line - 1, 0.5, 0.2);
        g_free(label);
    }
    p->y += line + SIGNATURES_BELOW;
}

static void put_document(Paper *p) {
    const Document *d = p->document;
    p->page = 0;
    paper_begin_page(p);
    put_heading(p);
    for (int i = 0; i < d->table_count; i++) {
        const Table *t = &d->tables[i];
        double tail = tail_height(p, t->notes, t->note_count, t->signature_count);
        if (i + 1 == d->table_count) tail += tail_height(p, d->notes, d->note_count, d->signature_count);
        if (i > 0) p->y += 16;
        if (i > 0 && t->new_page) paper_begin_page(p);
        table_put(p, t, d->unit, tail);
        put_notes(p, t->notes, t->note_count);
        put_signatures(p, t->signatures, t->signature_count);
    }
    put_notes(p, d->notes, d->note_count);
    put_signatures(p, d->signatures, d->signature_count);
}

static void use_size(Paper *p, bool landscape) {
    p->width = landscape ? A4_LONG : A4_SHORT;
    p->height = landscape ? A4_SHORT : A4_LONG;
    p->left = p->top = MARGIN;
    p->right = p->width - MARGIN;
    p->bottom = p->height - 46;
}

/* False if letters would become smaller than `least`; then rows are not measured. */
static bool measure(Paper *p, Document *d, double least) {
    for (int i = 0; i < d->table_count; i++) {
        table_choose(p, &d->tables[i]);
        if (d->tables[i].size < least) return false;
    }
    for (int i = 0; i < d->table_count; i++) table_measure(p, &d->tables[i]);
    return true;
}

int main(void) {
    sandbox_limit();
    json_object_seed(0); /* its random numbers come from a file */
    PangoContext *context = fonts_open();
    sandbox_lock();

    size_t size;
    const char *json = read_all(&size);
    Document *d = document_read(json, size);
    GByteArray *out = g_byte_array_new();
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(keep, out, A4_SHORT, A4_LONG);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, d->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, d->company);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Xiaoguan");
    cairo_t *cr = cairo_create(surface);
    pango_cairo_update_context(cr, context);
    Paper p = { .document = d, .cr = cr, .context = context };
    use_size(&p, d->landscape);
    if (!measure(&p, d, d->any_way ? READABLE : 0)) {
        use_size(&p, true);
        measure(&p, d, 0);
    }
    cairo_pdf_surface_set_size(surface, p.width, p.height);
    put_document(&p);
    p.pages = p.page;
    p.drawing = true;
    put_document(&p);
    cairo_show_page(cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    if (status != CAIRO_STATUS_SUCCESS) fail(BROKEN, "cairo: %s", cairo_status_to_string(status));
    write_all(out);
    _exit(DONE);
}
