/* fuzz_json.c - JSON bodies: an object's scalars as text, and the same again after a round trip. */
#include "http/request.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Ctx c = { .mem = talloc_new(NULL) };
    json_t *root, *again;
    Pair *form, *form_again;
    Error *e = parse_json(&c, (const char *)data, size, &root, &form);
    if (e && e->status != 400 && e->status != 413) abort();
    if (!e) {
        for (const Pair *p = form; p; p = p->next)
            if (!text_is_utf8(p->name, strlen(p->name)) || !text_is_utf8(p->value, strlen(p->value))) abort();
        char *text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
        if (!text || parse_json(&c, text, strlen(text), &again, &form_again)) abort();
        for (; form && form_again; form = form->next, form_again = form_again->next)
            if (strcmp(form->name, form_again->name) != 0 || strcmp(form->value, form_again->value) != 0) abort();
        if (form || form_again) abort();
        free(text);
    }
    talloc_free(c.mem);
    return 0;
}
