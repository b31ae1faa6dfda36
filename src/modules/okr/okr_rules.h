/* okr_rules.h - cycles, progress and scores of objectives and key results: numbers in, numbers out. */
#pragma once
#include "base/date.h"
#include "base/ratio.h"
#include <stddef.h>

typedef enum OkrCycle { OKR_MONTH, OKR_TWO_MONTHS, OKR_QUARTER, OKR_HALF, OKR_YEAR } OkrCycle;
typedef enum OkrMood { OKR_UNSAID, OKR_AT_RISK, OKR_UNSURE, OKR_CONFIDENT } OkrMood;

/* The cycle that holds the day, and the one n later. Pairs of months begin with the fiscal year. */
Period okr_cycle(OkrCycle cycle, Date day, int fiscal_month);
Period okr_cycle_add(OkrCycle cycle, Date first_day, int n, int fiscal_month);

/* How far from start to target; below 0 and above 1 are possible. None without a value, or if start and target are equal. Less is better is a target
 * below its start. */
Ratio okr_progress(Ratio start, Ratio target, Ratio value);
/* Between 0 and 1; none stays none. */
Ratio okr_clamp(Ratio progress);
/* The score that progress proposes: 0..100 hundredths, half-up; -1 if there is none. */
int okr_score(Ratio progress);
/* Weighted mean. Each part is clamped, so that one key result overdone does not hide another undone; one without a value counts as nothing achieved
 * while another has one. None if no part has a value. */
typedef struct OkrPart {
    Ratio progress;
    int64_t weight;
} OkrPart;
Ratio okr_mean(const OkrPart *parts, size_t count);
/* 0..3 at risk, 4..6 unsure, 7..10 confident; below 0 unsaid. */
OkrMood okr_mood(int64_t confidence);
