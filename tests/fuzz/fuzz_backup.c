/* fuzz_backup.c - rows of a backup: a line with the kinds of the columns, then lines. */
#include "db/dump.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || end == data || end - data > 64) return 0;
    Ctx c = { .mem = talloc_new(NULL) };
    DumpTable t = { .name = "x", .columns = (size_t)(end - data) };
    t.kinds = talloc_zero_array(c.mem, char, (unsigned)t.columns + 1);
    t.column = talloc_zero_array(c.mem, const char *, (unsigned)t.columns);
    for (size_t i = 0; i < t.columns; i++) {
        t.column[i] = "c";
        t.kinds[i] = "irtb"[data[i] & 3];
    }
    Error *e = load_check_row(&c, &t, (const char *)end + 1, size - (size_t)(end + 1 - data));
    if (e && e->status != 422) abort();
    talloc_free(c.mem);
    return 0;
}
