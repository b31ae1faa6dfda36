/* fuzz_urlencoded.c - forms and queries: what is read and written again is read as the same. */
#include "http/request.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(Text *out, const char *s) {
    for (; *s; s++) text_addf(out, "%%%02x", (unsigned char)*s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Ctx c = { .mem = talloc_new(NULL) };
    Pair *first, *again;
    Error *e = parse_urlencoded(&c, (const char *)data, size, &first);
    if (e && e->status != 400 && e->status != 413) abort();
    if (!e) {
        Text *out = text_new(c.mem, 1 << 24);
        for (const Pair *p = first; p; p = p->next) {
            if (!text_is_utf8(p->name, strlen(p->name)) || !text_is_utf8(p->value, strlen(p->value))) abort();
            encode(out, p->name);
            text_add_char(out, '=');
            encode(out, p->value);
            text_add_char(out, '&');
        }
        if (parse_urlencoded(&c, out->data, out->len, &again)) abort();
        for (; first && again; first = first->next, again = again->next)
            if (strcmp(first->name, again->name) != 0 || strcmp(first->value, again->value) != 0) abort();
        if (first || again) abort();
    }
    talloc_free(c.mem);
    return 0;
}
