/* fuzz_request.c - a query, a content type and a body, a line each, as the server hands them on. */
#include "http/request.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pairs(const Pair *p) {
    int count = 0;
    for (; p; p = p->next, count++)
        if (!p->name || !p->value || !text_is_utf8(p->name, strlen(p->name)) ||
            !text_is_utf8(p->value, strlen(p->value)))
            abort();
    if (count > LIMIT_PARAMETERS) abort();
}

static void check_error(const Error *e) {
    if (e && e->status != 400 && e->status != 413 && e->status != 415) abort();
}

static const char *take_line(void *mem, const uint8_t **data, size_t *size) {
    const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
    size_t n = end ? (size_t)(end - *data) : *size;
    const char *line = talloc_strndup(mem, (const char *)*data, n);
    *data += n + (end != NULL);
    *size -= n + (end != NULL);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Req r = { .c = { .mem = talloc_new(NULL) } };
    const char *query = take_line(r.c.mem, &data, &size), *type = take_line(r.c.mem, &data, &size);
    Error *e = request_parse_query(&r, query);
    check_error(e);
    if (!e) check_pairs(r.query);
    /* A copy of just this size, so that a byte read beyond it is noticed. */
    char *body = malloc(size ? size : 1);
    if (size) memcpy(body, data, size);
    e = request_parse_body(&r, type, body, size);
    check_error(e);
    if (!e) {
        check_pairs(r.form);
        for (const Upload *u = r.files; u; u = u->next)
            if ((const char *)u->data < body || (const char *)u->data + u->size > body + size) abort();
    }
    talloc_free(r.c.mem);
    free(body);
    return 0;
}
