/* resource_import_file.c - import from the command line: the file is mapped, not read into memory. */
#include "base/i18n.h"
#include "resource/resource_import.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { PRINTED_ERRORS = 100 };
#define MAX_FILE_BYTES ((off_t)2 << 30)

typedef struct Mapped {
    void *data;
    size_t size;
} Mapped;

static int unmap(Mapped *m) {
    if (m->data) munmap(m->data, m->size);
    return 0;
}

static Error *map_file(Ctx *c, const char *path, Mapped **ret) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        const char *why = strerror(errno);
        if (fd >= 0) close(fd);
        return err_invalid(c, N_("Cannot read {1}: {2}"), path, why);
    }
    if (st.st_size > MAX_FILE_BYTES) {
        close(fd);
        return err_too_large(c, N_("The file is too large"));
    }
    Mapped *m = talloc_zero(c->mem, Mapped);
    talloc_set_destructor(m, unmap);
    m->size = (size_t)st.st_size;
    void *data = m->size ? mmap(NULL, m->size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (data == MAP_FAILED) return err_internal(c, "mmap %s: %s", path, strerror(errno));
    m->data = data;
    *ret = m;
    return NULL;
}

static void print(Ctx *c, const ImportResult *r, Text *out) {
    Msg m = {.id = N_("{1} rows: {2} good, {3} with errors"),
             .args = {talloc_asprintf(c->mem, "%lld", (long long)r->rows), talloc_asprintf(c->mem, "%lld", (long long)r->good),
                      talloc_asprintf(c->mem, "%lld", (long long)r->bad)}};
    text_addf(out, "%s\n", msg_text(c->mem, c->lang, &m));
    m = (Msg){.id = N_("{1} new, {2} changed, {3} unchanged"),
              .args = {talloc_asprintf(c->mem, "%lld", (long long)r->added), talloc_asprintf(c->mem, "%lld", (long long)r->changed),
                       talloc_asprintf(c->mem, "%lld", (long long)r->same)}};
    text_addf(out, "%s\n", msg_text(c->mem, c->lang, &m));
    for (size_t i = 0; i < r->plan.count; i++)
        if (!r->plan.columns[i].field) {
            m = (Msg){.id = N_("Column “{1}” is not known and was passed over"), .args = {r->plan.columns[i].heading}};
            text_addf(out, "%s\n", msg_text(c->mem, c->lang, &m));
        }
    for (size_t i = 0; i < r->kept && i < PRINTED_ERRORS; i++) {
        m = (Msg){.id = N_("Row {1}"), .args = {talloc_asprintf(c->mem, "%lld", (long long)r->errors[i].row)}};
        text_addf(out, "%s%s%s: %s\n", msg_text(c->mem, c->lang, &m), *r->errors[i].column ? ", " : "", r->errors[i].column, r->errors[i].message);
    }
    if (r->error_count > PRINTED_ERRORS) {
        m = (Msg){.id = N_("... and {1} more errors"), .args = {talloc_asprintf(c->mem, "%lld", (long long)r->error_count - PRINTED_ERRORS)}};
        text_addf(out, "%s\n", msg_text(c->mem, c->lang, &m));
    }
}

Error *import_file(Ctx *c, const Resource *res, const char *path, bool dry_run, bool skip_bad, Text *report) {
    Mapped *m = NULL;
    ImportResult result = {0};
    if (!res->importable) return err_invalid(c, N_("This kind of entry cannot be imported"));
    TRY(map_file(c, path, &m));
    const char *slash = strrchr(path, '/');
    bool zip = m->size > 2 && !memcmp(m->data, "PK", 2);
    ImportTask task = {.res = res, .file = {.data = m->data, .size = m->size, .max_rows = zip ? 0 : IMPORT_MAX_CSV + 1}, .mode = skip_bad ? IMPORT_SKIP : IMPORT_ALL,
                       .name = slash ? slash + 1 : path, .uploaded_at = INSTANT_NONE};
    Error *e = dry_run ? import_analyse(c, &task, &result) : import_apply(c, &task, &result);
    if (!e && result.plan.problem) e = err_invalid(c, "{1}", result.plan.problem);
    if (result.rows) print(c, &result, report);
    return e;
}
