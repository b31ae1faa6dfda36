/* fuzz_money.c - amounts and whole numbers as people write them: within bounds, and the same when written and read again. */
#include "base/money.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_money(const char *s) {
    char text[MONEY_TEXT];
    Money m = 0, again = 1;
    if (!money_parse(s, &m)) return;
    if (m > MONEY_MAX || m < -MONEY_MAX) abort();
    if (!money_parse(money_plain(m, text), &again) || again != m) abort();
    if (!money_parse(money_grouped(m, text), &again) || again != m) abort();
    if (strlen(money_short(m, text)) >= MONEY_TEXT) abort();
}

static void check_int(const char *s) {
    char text[MONEY_TEXT];
    int64_t n = 0, again = 1;
    if (!int_parse(s, &n)) return;
    if (n == INT64_MIN) return; /* has no opposite, and its own text is of no use */
    if (!int_parse(int_grouped(n, text), &again) || again != n) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *s = malloc(size + 1);
    if (size) memcpy(s, data, size);
    s[size] = 0;
    check_money(s);
    check_int(s);
    free(s);
    return 0;
}
