/* fuzz_mustache.c - any text as two templates that may include each other, rendered over a small model. */
#include "view/format.h"
#include "view/mustache.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 3000 };

static Value make_model(void *mem) {
    Value model = value_object(mem), rows = value_array(mem);
    value_set_text(model, "x", "<&>x\n");
    value_set_int(model, "n", -5);
    for (int i = 0; i < 3; i++) {
        Value row = value_object(mem);
        value_set_int(row, "n", i);
        value_set(row, "x", value_array(mem));
        value_push(rows, row);
    }
    value_set(model, "r", rows);
    return model;
}

static void render(void *mem, const TemplateSet *set) {
    Text *out = text_new(mem, ROOM);
    bool whole = template_render(template_get(set, "a"), NULL, make_model(mem), out);
    if (out->len > ROOM || strlen(out->data) != out->len || (whole && out->overflow)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    void *mem = talloc_new(NULL);
    TemplateSet *set = template_set_new(mem, view_formats);
    const char *why = NULL, *source = size ? talloc_memdup(mem, data, size) : "";
    size_t half = size / 2;
    bool good = template_add(set, "a", source, half, size & 1 ? TEMPLATE_RAW : TEMPLATE_LAX, &why) &&
                template_add(set, "b", source + half, size - half, TEMPLATE_LAX | TEMPLATE_RAW, &why) &&
                template_set_link(set, &why);
    if (good)
        render(mem, set);
    else if (!why)
        abort(); /* a refusal says why */
    talloc_free(mem);
    return 0;
}
