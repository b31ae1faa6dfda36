/* target_split.c - sharing out by largest remainder, so that nothing is lost and nothing is added. */
#include "modules/target/target_split.h"
#include "base/money.h"
#include <string.h>

enum { SHARES = 1000000, PARTS_MAX = 2000 };

int64_t target_ramp(int64_t months) {
    if (months < 0) return 0;
    return months >= 9 ? 100 : 40 + months * 60 / 9;
}

/* Each method's weights are made to sum to the same before they are mixed. */
static void mix_in(const SplitPart *parts, const int *open, int n, SplitMethod method, int64_t times, int64_t *weights) {
    int64_t by[PARTS_MAX], shares[PARTS_MAX];
    for (int i = 0; i < n; i++) by[i] = parts[open[i]].by[method] > 0 ? parts[open[i]].by[method] : 0;
    money_split(SHARES, by, n, shares);
    for (int i = 0; i < n; i++) weights[i] += shares[i] * times;
}

int64_t target_split_month(int64_t total, const SplitMix *mix, SplitPart *parts, int n) {
    int open[PARTS_MAX], count = 0;
    int64_t weights[PARTS_MAX] = {0}, values[PARTS_MAX], left = total;
    for (int i = 0; i < n && i < PARTS_MAX; i++) {
        if (parts[i].locked) left -= parts[i].value > 0 ? parts[i].value : 0;
        else open[count++] = i;
    }
    if (!count) return left;
    for (int method = 0; method < SPLIT_METHODS; method++)
        if (mix->of[method] > 0) mix_in(parts, open, count, (SplitMethod)method, mix->of[method] > 1000 ? 1000 : mix->of[method], weights);
    money_split(left > 0 ? left : 0, weights, count, values);
    for (int i = 0; i < count; i++) parts[open[i]].value = values[i];
    return left > 0 ? 0 : left;
}

void target_split_season(int64_t total, const int64_t *pattern, int n, int64_t *ret) {
    int64_t weights[12] = {0};
    for (int i = 0; i < n && i < 12; i++) weights[i] = pattern[i] > 0 ? pattern[i] : 0;
    money_split(total, weights, n < 12 ? n : 12, ret);
}
