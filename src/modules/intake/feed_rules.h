/* feed_rules.h - what a feed counts, as lines of text; pure, so that it can be tested alone.
 *
 *     amount = sum close_value where deal_stage = Won
 *     customers_signed = count where deal_stage = Won
 *     deals_closed = count where deal_stage in Won, Lost
 *     visits = count where status <> cancelled
 *
 * Metrics by code, columns by heading; what holds spaces or signs stands in double quotes ("" is one quote). */
#pragma once
#include <stdbool.h>

enum { FEED_RULES = 12, FEED_VALUES = 20, FEED_KEYS = 3 };

typedef struct FeedRule {
    const char *metric;
    const char *column;              /* summed; NULL: rows are counted */
    const char *filter;              /* column that decides; NULL: every row */
    bool is_not;                     /* any value but these */
    const char *values[FEED_VALUES];
    int value_count;
} FeedRule;

typedef struct FeedRules {
    FeedRule list[FEED_RULES];
    int count;
} FeedRules;

/* False, with *ret_line the first line that is not understood ("" if there are too many or none). Texts are in mem. */
bool feed_rules_parse(void *mem, const char *text, FeedRules *ret, const char **ret_line);
const char *feed_rules_text(void *mem, const FeedRules *rules);
/* One list of words, "a, \"b c\"": columns of a key, values of a filter. Returns how many, -1 if it is not such a list or longer than max. */
int feed_words_parse(void *mem, const char *text, const char **ret, int max);
const char *feed_words_text(void *mem, const char *const *words, int count);
