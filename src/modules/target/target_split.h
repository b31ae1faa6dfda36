/* target_split.h - how a target is shared out: weights by several methods, mixed, and parts that sum exactly. Numbers in, numbers out. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef enum SplitMethod { SPLIT_EQUAL, SPLIT_HISTORY, SPLIT_CAPACITY, SPLIT_SENIORITY, SPLIT_METHODS } SplitMethod;
/* How much each method counts in the mix; all 0 is equal parts. */
typedef struct SplitMix {
    int64_t of[SPLIT_METHODS];
} SplitMix;

/* One of those who share in a month. */
typedef struct SplitPart {
    int64_t by[SPLIT_METHODS]; /* the weight of each method, >= 0: 1, past actuals, working days, percent of full strength */
    bool locked;               /* keeps what it has */
    int64_t value;             /* in: of a locked part; out: of the others */
} SplitPart;

/* Shares total among the parts that are not locked, after what the locked ones keep. Returns the rest that nobody takes: 0, or what is over where all
 * are locked, or below 0 where the locked ones keep more than there is (the others then get 0). */
int64_t target_split_month(int64_t total, const SplitMix *mix, SplitPart *parts, int n);
/* Months in proportion to what the same months were last year; equal where nothing is known. */
void target_split_season(int64_t total, const int64_t *pattern, int n, int64_t *ret);
/* Percent of full strength after so many months in the company: 40 at first, 100 from the ninth on; 0 before. */
int64_t target_ramp(int64_t months);
