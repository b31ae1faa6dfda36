/* fuzz_csv.c - hostile text files (CSV, HTML tables, any encoding) through sheet_read. */
#include "base/text.h"
#include "service/sheet.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Seen {
    int64_t number;
} Seen;

/* What sheet.h promises about every row. */
static Error *check_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Seen *seen = arg;
    bool any = false;
    (void)c;
    if (number <= seen->number || count == 0 || count > SHEET_MAX_COLUMNS) abort();
    seen->number = number;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(cells[i]);
        if (!text_is_utf8(cells[i], n)) abort();
        if (n > SHEET_MAX_CELL && text_length(cells[i]) > SHEET_MAX_CELL) abort();
        any |= n > 0;
    }
    if (!any) abort();
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Ctx c = { .mem = talloc_new(NULL) };
    SheetFile file = { .data = data, .size = size };
    Seen seen = { 0 };
    Error *e = sheet_read(&c, &file, check_row, &seen);
    if (e && e->status != 413 && e->status != 422) abort();
    talloc_free(c.mem);
    return 0;
}
