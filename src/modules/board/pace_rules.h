/* pace_rules.h - is somebody on pace? Numbers in, numbers out. */
#pragma once
#include "base/ratio.h"
#include "base/workday.h"

/* How far a period is: working days up to and with today, all of them, and those left with today. */
typedef struct Elapsed {
    int done, all, left;
} Elapsed;
Elapsed pace_elapsed(const WorkCalendar *calendar, Date first, Date last, Date today);

typedef enum PaceStatus { PACE_NONE, PACE_BEHIND, PACE_RISK, PACE_OK } PaceStatus;

typedef struct Pace {
    Ratio attainment; /* 完成率 = actual / target; target / actual where less is better */
    Ratio elapsed;    /* 时间进度 = working days done / all */
    Ratio ahead;      /* 进度差 = 完成率 - 时间进度 */
    Ratio gap;        /* 缺口 = target - actual; 0 once it is reached */
    Ratio per_day;    /* 日需完成 = gap / working days left, today among them; none after the period */
    PaceStatus status;
} Pace;

/* summed: only what is summed has a gap to spread over days. tolerance: percentage points behind that are a warning, more is behind. */
Pace pace_of(Ratio actual, Ratio target, bool less_is_better, bool summed, Elapsed elapsed, int tolerance);

/* (now - before) / |before|; none where before is 0 or unknown (环比, 同比). */
Ratio growth_of(Ratio now, Ratio before);
/* The days of an earlier period that lie as far in it as first..to lie in theirs (同期同进度): whole if the later one is. */
void pace_same_part(Date first, Date last, Date to, Date earlier_first, Date earlier_last, Date *ret_to);

/* The q-th quarter (1, 2, 3) of n sorted values, by linear interpolation between neighbours. */
Ratio quartile_of(const Ratio *sorted, int n, int q);
