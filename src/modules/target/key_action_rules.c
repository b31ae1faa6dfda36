/* key_action_rules.c - windows of key actions and their verdicts. */
#include "modules/target/key_action_rules.h"

/* The block of n working days that holds the day; the first begins at the rule's first working day. */
static DaySpan workday_block(const KeyActionRule *rule, const WorkCalendar *calendar, Date day) {
    int n = rule->window_days > 0 ? rule->window_days : 1;
    int before = workday_count(calendar, rule->first_day, day); /* on a day off: those already begun */
    int block = before > 0 ? (before - 1) / n : 0;
    Date origin = workday_add(calendar, rule->first_day, 0);
    Date next = workday_add(calendar, origin, (block + 1) * n);
    return (DaySpan){ block ? workday_add(calendar, origin, block * n) : rule->first_day, next - 1 };
}

bool key_action_window(const KeyActionRule *rule, const WorkCalendar *calendar, Date day, int fiscal_month, DaySpan *ret) {
    static const PeriodKind kinds[] = { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER };
    if (day < rule->first_day) return false;
    if (rule->window == KEY_ACTION_WORKDAYS)
        *ret = workday_block(rule, calendar, day);
    else {
        Period p = period_of(kinds[rule->window], day, fiscal_month);
        *ret = (DaySpan){ p.first, p.last };
    }
    return ret->first >= rule->first_day && (rule->last_day == DATE_NONE || ret->first <= rule->last_day);
}

int key_action_present(const WorkCalendar *calendar, DaySpan window, const DaySpan *leaves, size_t count) {
    int present = workday_count(calendar, window.first, window.last);
    for (size_t i = 0; i < count; i++) {
        Date first = leaves[i].first > window.first ? leaves[i].first : window.first;
        Date last = leaves[i].last < window.last ? leaves[i].last : window.last;
        present -= workday_count(calendar, first, last);
    }
    return present > 0 ? present : 0;
}

KeyActionState key_action_judge(const KeyActionRule *rule, int64_t actual, int present, bool ended, int64_t *ret_missing) {
    *ret_missing = actual < rule->needed ? rule->needed - actual : 0;
    if (!present) return KEY_ACTION_EXCUSED;
    switch (rule->compare) {
    case KEY_ACTION_AT_LEAST:
        if (actual >= rule->needed) return KEY_ACTION_MET;
        return ended ? KEY_ACTION_MISSED : KEY_ACTION_RUNNING;
    case KEY_ACTION_AT_MOST:
        if (actual > rule->needed) return KEY_ACTION_MISSED;
        return ended ? KEY_ACTION_MET : KEY_ACTION_RUNNING;
    case KEY_ACTION_EXACTLY: break;
    }
    if (actual > rule->needed) return KEY_ACTION_MISSED; /* counts only grow; a correction is seen at the next check */
    if (!ended) return KEY_ACTION_RUNNING;
    return actual == rule->needed ? KEY_ACTION_MET : KEY_ACTION_MISSED;
}

Date key_action_due(Date from, int days) {
    return from + days;
}

KeyActionState key_action_judge_elapsed(Date from, int days, Date done, Date today) {
    Date due = key_action_due(from, days);
    if (done != DATE_NONE) return done <= due ? KEY_ACTION_MET : KEY_ACTION_MISSED;
    return today > due ? KEY_ACTION_MISSED : KEY_ACTION_RUNNING;
}
