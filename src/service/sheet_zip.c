/* sheet_zip.c - an .xlsx as an archive of parts, opened only if it keeps the limits of a decent spreadsheet.
 *
 * What the directory of an archive says is checked before anything is unpacked, and because directories lie, every byte is
 * counted again while it is unpacked. */
#include "service/sheet_private.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>
#include <zip.h>

struct SheetZip {
    SheetReader *r;
    zip_t *zip;
    char **names; /* lower case, with / */
    uint64_t *sizes;
    size_t count;
    uint64_t unpacked; /* bytes so far */
};

static int close_zip(SheetZip *z) {
    if (z->zip) zip_discard(z->zip);
    return 0;
}

static Error *too_large(const SheetReader *r) {
    return err_too_large(r->c, N_("The spreadsheet is too large when unpacked; split it into smaller files"));
}

Error *sheet_unsafe(const SheetReader *r, const char *detail) {
    Error *e = err_invalid(
        r->c, N_("The spreadsheet contains parts that do not belong into one; open it, save it again and retry"));
    e->detail = detail;
    return e;
}

/* Number of directory entries, an upper bound: libzip allocates for each before it can be asked how many there are. */
static size_t count_entries(const SheetReader *r) {
    size_t n = 0;
    for (const char *p = r->data, *end = p + r->size; (p = memmem(p, (size_t)(end - p), "PK\1\2", 4)); p += 4) n++;
    return n;
}

static char *normal_name(SheetZip *z, const char *name) {
    char *s = sheet_need(talloc_strdup(z, name));
    for (char *p = s; *p; p++) *p = *p == '\\' ? '/' : (char)tolower((unsigned char)*p);
    return s;
}

static bool is_bad_name(const char *s) {
    if (*s == '/' || *s == 0 || (isalpha((unsigned char)*s) && s[1] == ':')) return true;
    for (const char *p = s; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0)) return true;
    }
    return false;
}

static bool is_link(SheetZip *z, size_t i) {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(z->zip, i, 0, &system, &attributes)) return true;
    return system == ZIP_OPSYS_UNIX && S_ISLNK(attributes >> 16);
}

static Error *check_entry(SheetZip *z, size_t i, uint64_t *total) {
    zip_stat_t s;
    const zip_uint64_t need =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    zip_stat_init(&s);
    if (zip_stat_index(z->zip, i, 0, &s) || (s.valid & need) != need)
        return sheet_damaged(z->r, 0, "entry without data");
    if (s.encryption_method != ZIP_EM_NONE)
        return err_invalid(z->r->c, N_("The file is protected with a password; save it without one and try again"));
    if (s.comp_method != ZIP_CM_STORE && s.comp_method != ZIP_CM_DEFLATE)
        return sheet_unsafe(z->r, "compression method");
    z->names[i] = normal_name(z, s.name);
    z->sizes[i] = s.size;
    if (is_bad_name(z->names[i]) || is_link(z, i)) return sheet_unsafe(z->r, "name or link");
    if (s.size > SHEET_UNPACKED || (*total += s.size) > SHEET_UNPACKED) return too_large(z->r);
    if (s.size > SHEET_ZIP_SMALL && s.size / SHEET_ZIP_RATIO_ENTRY > s.comp_size) return too_large(z->r);
    return NULL;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static Error *check_entries(SheetZip *z) {
    uint64_t total = 0;
    for (size_t i = 0; i < z->count; i++) TRY(check_entry(z, i, &total));
    if (total > SHEET_ZIP_SMALL && total / SHEET_ZIP_RATIO_ALL > z->r->size) return too_large(z->r);
    char **sorted = sheet_need(talloc_memdup(z, z->names, z->count * sizeof *z->names));
    qsort(sorted, z->count, sizeof *sorted, by_name);
    for (size_t i = 1; i < z->count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0) return sheet_unsafe(z->r, "duplicate name");
    return NULL;
}

Error *sheet_zip_open(SheetReader *r, SheetZip **ret_zip) {
    if (count_entries(r) > SHEET_ZIP_ENTRIES) return too_large(r);
    SheetZip *z = sheet_need(talloc_zero(r->work->mem, SheetZip));
    talloc_set_destructor(z, close_zip);
    z->r = r;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(r->data, r->size, 0, &error);
    if (source) z->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (source && !z->zip) zip_source_free(source);
    zip_error_fini(&error);
    if (!z->zip) return sheet_damaged(r, 0, "no archive");
    z->count = (size_t)zip_get_num_entries(z->zip, 0);
    if (z->count > SHEET_ZIP_ENTRIES) return too_large(r);
    z->names = sheet_need(talloc_zero_size(z, (z->count + 1) * sizeof *z->names));
    z->sizes = sheet_need(talloc_zero_size(z, (z->count + 1) * sizeof *z->sizes));
    TRY(check_entries(z));
    *ret_zip = z;
    return NULL;
}

int64_t sheet_zip_find(const SheetZip *z, const char *name) {
    for (size_t i = 0; i < z->count; i++)
        if (strcasecmp(z->names[i], name) == 0) return (int64_t)i;
    return -1;
}

/* ---- Unpacking ---- */

struct SheetPart {
    SheetZip *zip;
    zip_file_t *file;
    uint64_t size, read; /* size as announced */
};

static int close_part(SheetPart *p) {
    if (p->file) zip_fclose(p->file);
    return 0;
}

Error *sheet_part_open(void *mem, SheetZip *z, int64_t index, SheetPart **ret_part) {
    SheetPart *p = sheet_need(talloc_zero(mem, SheetPart));
    talloc_set_destructor(p, close_part);
    p->zip = z;
    p->size = z->sizes[index];
    p->file = zip_fopen_index(z->zip, (zip_uint64_t)index, 0);
    if (!p->file) return sheet_damaged(z->r, 0, "entry cannot be opened");
    *ret_part = p;
    return NULL;
}

Error *sheet_part_read(SheetPart *p, void *buf, size_t room, size_t *ret_n) {
    SheetZip *z = p->zip;
    zip_int64_t n = zip_fread(p->file, buf, room);
    if (n < 0) return sheet_damaged(z->r, 0, "unpacking failed");
    p->read += (uint64_t)n;
    z->unpacked += (uint64_t)n;
    if (p->read > p->size) return sheet_damaged(z->r, 0, "entry is longer than announced");
    if (z->unpacked > SHEET_UNPACKED) return too_large(z->r);
    *ret_n = (size_t)n;
    return sheet_check_time(z->r);
}
