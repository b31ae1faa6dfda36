/* fuzz_date.c - dates as people write them: what is read is a day that exists, and reads the same in every form. */
#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const char *text, Date d) {
    Date again = DATE_NONE;
    if (!date_parse(text, &again) || again != d) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *s = malloc(size + 1), text[64], iso[DATE_TEXT];
    if (size) memcpy(s, data, size);
    s[size] = 0;
    Date d = DATE_NONE;
    if (date_parse(s, &d)) {
        int year, month, day;
        date_parts(d, &year, &month, &day);
        if (year < 1900 || year > 2200 || date_make(year, month, day) != d) abort();
        check_form(date_text(d, iso), d);
        snprintf(text, sizeof text, "%d/%d/%d", year, month, day);
        check_form(text, d);
        snprintf(text, sizeof text, "%d年%d月%d日", year, month, day);
        check_form(text, d);
        int weekday = date_weekday(d);
        if (weekday < 1 || weekday > 7 || date_of_iso_week(date_iso_week(d)) != d - (weekday - 1)) abort();
    } else if (d != DATE_NONE) {
        abort();
    }
    free(s);
    return 0;
}
