#include "view/mustache.h"
#include "view/format.h"
#include <talloc.h>
#include <string.h>
int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n) {
    void *mem = talloc_new(NULL);
    TemplateSet *s = template_set_new(mem, view_formats);
    const char *why = NULL;
    char *c = talloc_memdup(mem, d, n ? n : 1);
    size_t half = n / 2;
    if (template_add(s, "a", c, half, n & 1 ? TEMPLATE_RAW : TEMPLATE_LAX, &why) && template_add(s, "b", c + half, n - half, TEMPLATE_LAX | TEMPLATE_RAW, &why) && template_set_link(s, &why)) {
        Value m = value_object(mem), arr = value_array(mem);
        value_set_text(m, "x", "<&>x\n"); value_set_int(m, "n", -5);
        for (int i = 0; i < 3; i++) { Value o = value_object(mem); value_set_int(o, "n", i); value_set(o, "x", value_array(mem)); value_push(arr, o); }
        value_set(m, "r", arr);
        Text *out = text_new(mem, 3000);
        bool ok = template_render(template_get(s, "a"), NULL, m, out);
        if (out->len > 3000 || strlen(out->data) != out->len || (ok && out->overflow)) __builtin_trap();
    } else if (!why) __builtin_trap();
    talloc_free(mem);
    return 0;
}
