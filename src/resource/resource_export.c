/* resource_export.c - a list as a file: the rows of the present filter, search and order, all pages of it. */
#include "base/i18n.h"
#include "resource/resource_import.h"
#include "resource/resource_pages.h"
#include "service/audit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { MAX_EXPORT = 200000, FLUSH_BYTES = 256 * 1024 };

typedef struct Export {
    const Field **columns;
    size_t count;
    int64_t rows;
    SheetWriter *sheet;
    Text *csv; /* not yet written */
    int fd;
    const char *path;
} Export;

/* ---- columns ---- */

static bool exports(const Field *f) {
    return !(f->flags & (INTERNAL | NO_IMPORT));
}

static SheetCellKind cell_kind(const Field *f) {
    switch (f->kind) {
    case F_INT: return CELL_INT;
    case F_MONEY: return CELL_MONEY;
    case F_DATE: return CELL_DATE;
    case F_TIME: return CELL_TIME;
    default: return CELL_TEXT;
    }
}

static void choose_columns(Ctx *c, const ListQuery *q, Export *x) {
    x->columns = talloc_array(c->mem, const Field *, q->field_count + 1);
    for (size_t i = 0; i < q->field_count && x->count < SHEET_MAX_COLUMNS; i++)
        if (exports(&q->fields[i])) x->columns[x->count++] = &q->fields[i];
}

/* ---- XLSX ---- */

static Error *sheet_row(Ctx *c, const void *row, void *arg) {
    Export *x = arg;
    for (size_t i = 0; i < x->count; i++) {
        const Field *f = x->columns[i];
        const char *at = (const char *)row + f->offset;
        if (field_is_empty(f, row)) {
            sheet_put_empty(x->sheet);
            continue;
        }
        switch (f->kind) {
        case F_INT: sheet_put_int(x->sheet, *(const int64_t *)at); break;
        case F_MONEY: sheet_put_money(x->sheet, *(const Money *)at); break;
        case F_DATE: sheet_put_date(x->sheet, *(const Date *)at); break;
        case F_TIME: sheet_put_time(x->sheet, *(const Instant *)at); break;
        default: sheet_put_text(x->sheet, field_show(c, f, row)); break;
        }
    }
    sheet_next_row(x->sheet);
    x->rows++;
    return NULL;
}

static Error *write_sheet(Ctx *c, const Resource *res, const ListQuery *q, Export *x) {
    SheetColumn *columns = talloc_zero_array(c->mem, SheetColumn, x->count + 1);
    for (size_t i = 0; i < x->count; i++) columns[i] = (SheetColumn){.heading = import_heading(c, x->columns[i]), .kind = cell_kind(x->columns[i])};
    TRY(sheet_writer_new(c, tr(c->lang, res->title), columns, x->count, NULL, &x->sheet));
    TRY(resource_each(c, res, q, sheet_row, x));
    return sheet_writer_close(x->sheet, &x->path);
}

/* ---- CSV ---- */

static int close_file(Export *x) {
    if (x->fd >= 0) close(x->fd);
    if (x->path && !x->sheet) unlink(x->path);
    return 0;
}

static Error *flush(Ctx *c, Export *x) {
    for (size_t done = 0; done < x->csv->len;) {
        ssize_t n = write(x->fd, x->csv->data + done, x->csv->len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return err_internal(c, "writing an export: %s", strerror(errno));
        done += (size_t)n;
    }
    x->csv->len = 0;
    x->csv->data[0] = 0;
    return NULL;
}

/* Machines read amounts and counts: no thousands separators. */
static const char *csv_text(Ctx *c, const Field *f, const void *row) {
    return f->kind == F_INT || f->kind == F_MONEY ? field_plain(c, f, row) : field_show(c, f, row);
}

static Error *csv_row(Ctx *c, const void *row, void *arg) {
    Export *x = arg;
    for (size_t i = 0; i < x->count; i++) sheet_csv_cell((struct Text *)x->csv, csv_text(c, x->columns[i], row), i == 0);
    text_add(x->csv, "\r\n");
    x->rows++;
    return x->csv->len > FLUSH_BYTES ? flush(c, x) : NULL;
}

static Error *write_csv(Ctx *c, const Resource *res, const ListQuery *q, Export *x) {
    const char *folder = getenv("TMPDIR");
    char *path = talloc_asprintf(c->mem, "%s/export-XXXXXX", folder && *folder ? folder : "/tmp");
    x->fd = mkstemp(path);
    if (x->fd < 0) return err_internal(c, "cannot make a temporary file: %s", strerror(errno));
    x->path = path;
    x->csv = text_new(c->mem, 16 << 20);
    text_add(x->csv, "\xEF\xBB\xBF");
    for (size_t i = 0; i < x->count; i++) sheet_csv_cell((struct Text *)x->csv, import_heading(c, x->columns[i]), i == 0);
    text_add(x->csv, "\r\n");
    TRY(resource_each(c, res, q, csv_row, x));
    return flush(c, x);
}

/* Writes the rows of q to a temporary file that goes with c's arena. */
static Error *write_export(Ctx *c, const Resource *res, ListQuery *q, bool csv, Export **ret) {
    Export *x = *ret = talloc_zero(c->mem, Export);
    q->offset = 0, q->limit = 0, q->want_total = false;
    x->fd = -1;
    talloc_set_destructor(x, close_file);
    choose_columns(c, q, x);
    TRY(csv ? write_csv(c, res, q, x) : write_sheet(c, res, q, x));
    return audit_event(c, "export", res->table, 0, talloc_asprintf(c->mem, "{\"count\":[null,%lld]}", (long long)x->rows));
}

/* ---- the command line ---- */

static Error *copy_file(Ctx *c, const char *from, const char *to) {
    char chunk[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    bool ok = in && out;
    for (size_t n; ok && (n = fread(chunk, 1, sizeof chunk, in)) > 0;) ok = fwrite(chunk, 1, n, out) == n;
    if (in) fclose(in);
    if (out) ok = fclose(out) == 0 && ok;
    return ok ? NULL : err_invalid(c, N_("Cannot write {1}: {2}"), to, strerror(errno));
}

Error *export_file(Ctx *c, const Resource *res, const char *path, Text *report) {
    ListQuery q = {0};
    Export *x;
    const char *dot = strrchr(path, '.');
    TRY(resource_fields(c, res, &q.fields, &q.field_count));
    if (res->order) {
        q.descending = res->order[0] == '-';
        q.sort = field_find(q.fields, q.field_count, res->order + q.descending);
    }
    TRY(write_export(c, res, &q, dot && !strcmp(dot, ".csv"), &x));
    TRY(copy_file(c, x->path, path));
    text_addf(report, "%lld rows\n", (long long)x->rows);
    return NULL;
}

/* ---- the page ---- */

static const char *download_name(Ctx *c, const Resource *res, const char *suffix) {
    char day[DATE_TEXT];
    return talloc_asprintf(c->mem, "%s-%s.%s", tr(c->lang, res->title), date_text(date_of_instant(c->now), day), suffix);
}

Error *resource_export_page(Req *r) {
    Ctx *c = &r->c;
    const Resource *res = resource_of(r);
    const char *format = req_query(r, "format");
    bool csv = format && !strcmp(format, "csv");
    ListQuery q;
    ListResult one;
    TRY(list_query_read(r, res, &q));
    q.offset = 0, q.limit = 1;
    TRY(resource_list(c, res, &q, &one));
    if (one.total > MAX_EXPORT) return err_too_large(c, N_("An export may have at most {1} rows. Use a filter"), "200,000");
    Export *x;
    TRY(write_export(c, res, &q, csv, &x));
    return respond_file(r, x->path, csv ? "text/csv; charset=utf-8" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        download_name(c, res, csv ? "csv" : "xlsx"));
}
