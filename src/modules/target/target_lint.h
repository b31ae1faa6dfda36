/* target_lint.h - is a target likely, and do targets of several metrics agree? Numbers in, numbers out. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* How many of the past months that are known (INT64_MIN: unknown) reached as much. less_is_better: as little. */
typedef struct LintChance {
    int reached, known;
} LintChance;
enum { LINT_MONTHS_MIN = 3 }; /* below that nothing is said */
LintChance target_lint_chance(const int64_t *past, int n, int64_t target, bool less_is_better);

/* Customers x price against the amount, both in 分: what they imply, and whether it is more than 5 % away. False if it does not fit 63 bits. */
typedef struct LintProduct {
    int64_t implied;
    int64_t gap_bp; /* (implied - amount) / amount in hundredths of a percent */
    bool agrees;
} LintProduct;
bool target_lint_product(int64_t customers, int64_t price, int64_t amount, LintProduct *ret);
