/* fuzz_multipart.c - forms with files: a line with the boundary, then the body. */
#include "http/request.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *body, size_t n, const char *boundary, const Pair *form, const Upload *files) {
    size_t length = strlen(boundary);
    for (; form; form = form->next)
        if (!text_is_utf8(form->name, strlen(form->name)) || !text_is_utf8(form->value, strlen(form->value))) abort();
    for (const Upload *u = files; u; u = u->next) {
        const char *from = u->data;
        if (!text_is_utf8(u->field, strlen(u->field)) || !text_is_utf8(u->filename, strlen(u->filename)) || !u->type)
            abort();
        if (from < body || from + u->size > body + n) abort();
        for (size_t i = 0; i + length + 4 <= u->size; i++) /* a file ends at the first boundary */
            if (!memcmp(from + i, "\r\n--", 4) && !memcmp(from + i + 4, boundary, length)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || end == data || end - data > 70) return 0;
    Ctx c = { .mem = talloc_new(NULL) };
    const char *boundary = talloc_strndup(c.mem, (const char *)data, (size_t)(end - data)),
               *body = (const char *)end + 1;
    size_t n = size - (size_t)(end + 1 - data);
    Pair *form;
    Upload *files;
    Error *e = *boundary ? parse_multipart(&c, boundary, body, n, &form, &files) : NULL;
    if (e && e->status != 400 && e->status != 413) abort();
    if (!e && *boundary) check(body, n, boundary, form, files);
    talloc_free(c.mem);
    return 0;
}
