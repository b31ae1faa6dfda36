/* date.c - calendar arithmetic, weeks, periods, and the one place that knows the organisation's time zone. */
#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS 86400
#define MICRO       INT64_C(1000000)

/* ---- Days and calendar dates ---- */

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int floor_mod(int a, int b) {
    return (a % b + b) % b;
}

static bool leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

/* The day number of a date that exists. Years are counted from March, so that the leap day is the last of its year and
 * the months before any month sum to the same days in every year. */
static int64_t day_number(int64_t year, int month, int day) {
    static const int before[] = { 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275 };
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t leaps = floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
    return y * 365 + leaps + before[month - 1] + day - 719469;
}

/* The first of month number m counted from January of year 0. */
static Date month_first(int64_t m) {
    return (Date)day_number(floor_div(m, 12), (int)(m - floor_div(m, 12) * 12) + 1, 1);
}

static int64_t month_number(Date d) {
    int year, month, day;
    date_parts(d, &year, &month, &day);
    return (int64_t)year * 12 + month - 1;
}

Date date_make(int year, int month, int day) {
    if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return DATE_NONE;
    return (Date)day_number(year, month, day);
}

void date_parts(Date d, int *ret_year, int *ret_month, int *ret_day) {
    /* The year by its mean length is right or one off; the first of the year decides. */
    int64_t year = floor_div(((int64_t)d + 719468) * 400, 146097);
    while (day_number(year + 1, 1, 1) <= d) year++;
    while (day_number(year, 1, 1) > d) year--;
    int left = (int)(d - day_number(year, 1, 1)), month = 1;
    while (left >= month_days(year, month)) left -= month_days(year, month++);
    *ret_year = (int)year;
    *ret_month = month;
    *ret_day = left + 1;
}

int date_weekday(Date d) {
    return (int)(((int64_t)d + 3) % 7 + 7) % 7 + 1; /* 1970-01-01 was a Thursday */
}

Date date_add_months(Date d, int n) {
    if (d == DATE_NONE) return DATE_NONE;
    int64_t m = month_number(d) + n, year = floor_div(m, 12);
    if (year < 0 || year > 9999) return DATE_NONE;
    int own_year, own_month, day, month = (int)(m - year * 12) + 1;
    date_parts(d, &own_year, &own_month, &day);
    return (Date)day_number(year, month, day < month_days(year, month) ? day : month_days(year, month));
}

/* ---- Text ---- */

static void put(char *p, int digits, int value) {
    while (digits-- > 0) {
        p[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

char *date_text(Date d, char buf[static DATE_TEXT]) {
    int year, month, day;
    buf[0] = 0;
    if (d == DATE_NONE) return buf;
    date_parts(d, &year, &month, &day);
    if (year < 0 || year > 9999) return buf;
    memcpy(buf, "0000-00-00", DATE_TEXT);
    put(buf, 4, year);
    put(buf + 5, 2, month);
    put(buf + 8, 2, day);
    return buf;
}

static const char *skip_spaces(const char *s) {
    for (;;) {
        if (*s == ' ' || *s == '\t')
            s++;
        else if (!strncmp(s, "\u3000", 3))
            s += 3;
        else if (!strncmp(s, "\u00a0", 2))
            s += 2;
        else
            return s;
    }
}

/* Reads least to most digits; false if there are fewer or one more follows. */
static bool digits(const char **s, int least, int most, int *ret_n) {
    int n = 0, count = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++) {
        if (++count > most) return false;
        n = n * 10 + (**s - '0');
    }
    *ret_n = n;
    return count >= least;
}

static bool word(const char **s, const char *w) {
    size_t n = strlen(w);
    if (strncmp(*s, w, n) != 0) return false;
    *s += n;
    return true;
}

/* "T10:05", " 9:05:07.25Z", "10:05:07+08:00", or nothing. */
static bool skip_time(const char *s, bool spaced) {
    int hour, minute, second = 0, n;
    if (!*s) return true;
    if (!word(&s, "T") && !spaced) return false;
    if (!digits(&s, 1, 2, &hour) || !word(&s, ":") || !digits(&s, 2, 2, &minute)) return false;
    if (word(&s, ":")) {
        if (!digits(&s, 2, 2, &second)) return false;
        if (word(&s, ".") && !digits(&s, 1, 9, &n)) return false;
    }
    if (hour > 24 || minute > 59 || second > 60) return false;
    s = skip_spaces(s);
    if (!word(&s, "Z") && (word(&s, "+") || word(&s, "-"))) {
        const char *zone = s; /* 08, 0800 or 08:00 */
        if (!digits(&s, 2, 4, &n) || s - zone == 3) return false;
        if (s - zone == 2 && word(&s, ":") && !digits(&s, 2, 2, &n)) return false;
    }
    return !*skip_spaces(s);
}

bool date_parse(const char *s, Date *ret_date) {
    static const char *const separators[][3] = {
        { "-", "-", "" }, { "/", "/", "" }, { ".", ".", "" }, { "年", "月", "日" }
    };
    int year, month, day;
    const char *start = skip_spaces(s);
    s = start;
    if (digits(&s, 8, 8, &year)) {
        day = year % 100, month = year / 100 % 100, year /= 10000;
    } else {
        s = start;
        if (!digits(&s, 4, 4, &year)) return false;
        s = skip_spaces(s);
        size_t kind = 0;
        while (kind < 4 && !word(&s, separators[kind][0])) kind++;
        if (kind == 4) return false;
        s = skip_spaces(s);
        if (!digits(&s, 1, 2, &month)) return false;
        s = skip_spaces(s);
        if (!word(&s, separators[kind][1])) return false;
        s = skip_spaces(s);
        if (!digits(&s, 1, 2, &day)) return false;
        if (kind == 3) s = skip_spaces(s);
        if (!word(&s, separators[kind][2])) return false;
        if (kind == 3 && *s >= '0' && *s <= '9') {
            if (!skip_time(s, true)) return false;
            s = "";
        }
    }
    const char *after = skip_spaces(s);
    Date d = date_make(year, month, day);
    if (d == DATE_NONE || !skip_time(after, after > s)) return false;
    *ret_date = d;
    return true;
}

/* ---- Weeks ---- */

IsoWeek date_iso_week(Date d) {
    int year, month, day;
    Date thursday = d - date_weekday(d) + 4; /* a week belongs to the year that has its Thursday */
    date_parts(thursday, &year, &month, &day);
    return (IsoWeek){ .year = year, .week = (int)(thursday - day_number(year, 1, 1)) / 7 + 1 };
}

Date date_of_iso_week(IsoWeek w) {
    if (w.year < 1900 || w.year > 2200 || w.week < 1 || w.week > 53) return DATE_NONE;
    Date fourth = (Date)day_number(w.year, 1, 4); /* always in week 1 */
    Date monday = fourth - date_weekday(fourth) + 1 + (w.week - 1) * 7;
    return date_iso_week(monday).year == w.year ? monday : DATE_NONE;
}

/* ---- Periods. A fiscal year is named after the calendar year in which it begins. ---- */

static int months_of(PeriodKind kind) {
    switch (kind) {
    case PERIOD_MONTH: return 1;
    case PERIOD_QUARTER: return 3;
    case PERIOD_HALF: return 6;
    case PERIOD_YEAR: return 12;
    default: return 0;
    }
}

static Period months_from(PeriodKind kind, int64_t first_month) {
    return (Period){
        .kind = kind,
        .first = month_first(first_month),
        .last = month_first(first_month + months_of(kind)) - 1,
    };
}

Period period_of(PeriodKind kind, Date d, int fiscal_month) {
    if (d == DATE_NONE) return (Period){ .kind = kind, .first = DATE_NONE, .last = DATE_NONE };
    if (kind == PERIOD_DAY) return (Period){ .kind = kind, .first = d, .last = d };
    if (kind == PERIOD_WEEK) {
        Date monday = d - date_weekday(d) + 1;
        return (Period){ .kind = kind, .first = monday, .last = monday + 6 };
    }
    int year, month, day;
    date_parts(d, &year, &month, &day);
    return months_from(kind, (int64_t)year * 12 + month - 1 - floor_mod(month - fiscal_month, months_of(kind)));
}

Period period_add(Period p, int n, int fiscal_month) {
    if (p.first == DATE_NONE) return p;
    if (p.kind == PERIOD_DAY) return period_of(p.kind, (Date)((int64_t)p.first + n), fiscal_month);
    if (p.kind == PERIOD_WEEK) return period_of(p.kind, (Date)(p.first + (int64_t)n * 7), fiscal_month);
    return months_from(p.kind, month_number(p.first) + (int64_t)n * months_of(p.kind));
}

char *period_text(Period p, int fiscal_month, char buf[static 16]) {
    int year, month, day;
    if (!*date_text(p.first, buf) || p.kind == PERIOD_DAY) return buf;
    date_parts(p.first, &year, &month, &day);
    int into_year = floor_mod(month - fiscal_month, 12), fiscal_year = month < fiscal_month ? year - 1 : year;
    if (p.kind == PERIOD_WEEK) {
        IsoWeek w = date_iso_week(p.first);
        put(buf, 4, w.year);
        memcpy(buf + 4, "-W00", 5);
        put(buf + 6, 2, w.week);
        return buf;
    }
    buf[p.kind == PERIOD_YEAR ? 4 : 7] = 0;
    if (p.kind == PERIOD_MONTH) return buf;
    put(buf, 4, fiscal_year);
    if (p.kind == PERIOD_QUARTER) memcpy(buf + 4, (char[]){ '-', 'Q', (char)('1' + into_year / 3), 0 }, 4);
    if (p.kind == PERIOD_HALF) memcpy(buf + 4, (char[]){ '-', 'H', (char)('1' + into_year / 6), 0 }, 4);
    return buf;
}

/* ---- The zone.
 *
 * localtime_r takes a lock and searches its table at every call, so date_set_zone asks it once for all changes of the
 * offset from 1970 to 2100 and keeps them. The list is not written afterwards, so any thread may read it. Instants
 * outside those years are rare and still go to localtime_r. ---- */

#define MOST_CHANGES 1024
#define PROBE_STEP   (4 * DAY_SECONDS) /* no zone changes its offset twice within four days */

typedef struct Change {
    int64_t from; /* seconds UTC */
    int offset;   /* seconds east of UTC, from then on */
} Change;

/* Until a zone is set: eight hours east, always. */
static Change changes[MOST_CHANGES] = { { .from = INT64_MIN, .offset = 8 * 3600 } };
static int change_count = 1;
static int64_t known_until = INT64_MAX; /* the list is right from changes[0].from up to here */

static int ask_offset(int64_t second) {
    struct tm tm;
    time_t t = (time_t)second;
    return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
}

static void learn_changes(void) {
    int64_t end = day_number(2101, 1, 1) * DAY_SECONDS;
    changes[0] = (Change){ .from = 0, .offset = ask_offset(0) };
    change_count = 1;
    known_until = 0;
    for (int64_t t = 0; t < end && change_count < MOST_CHANGES; t += PROBE_STEP, known_until = t) {
        int64_t same = t, other = t + PROBE_STEP;
        int offset = ask_offset(other);
        if (offset == changes[change_count - 1].offset) continue;
        while (other - same > 1) {
            int64_t middle = same + (other - same) / 2;
            if (ask_offset(middle) == offset)
                other = middle;
            else
                same = middle;
        }
        changes[change_count++] = (Change){ .from = other, .offset = offset };
    }
}

static int offset_at(int64_t second) {
    if (second < changes[0].from || second >= known_until) return ask_offset(second);
    int low = 0, high = change_count; /* changes[low].from <= second < changes[high].from */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (changes[middle].from <= second)
            low = middle;
        else
            high = middle;
    }
    return changes[low].offset;
}

static bool zone_file_exists(const char *name) {
    char path[512], magic[4] = "";
    const char *folder = getenv("TZDIR");
    int n = snprintf(path, sizeof path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
    FILE *f = n < (int)sizeof path ? fopen(path, "rb") : NULL;
    if (!f) return false;
    bool good = fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0;
    fclose(f);
    return good;
}

/* What to set TZ to: the name itself if its file is installed, else the POSIX form of the zones this system is likely
 * to be used in, all without daylight saving today. NULL if the zone is unknown. */
static const char *zone_rule(const char *name) {
    static const char *const rules[][2] = {
        { "Asia/Shanghai", "CST-8" },  { "Asia/Urumqi", "<+06>-6" },
        { "Asia/Hong_Kong", "HKT-8" }, { "Asia/Macau", "CST-8" },
        { "Asia/Taipei", "CST-8" },    { "Asia/Singapore", "<+08>-8" },
        { "Asia/Tokyo", "JST-9" },     { "UTC", "UTC0" },
        { "Etc/UTC", "UTC0" },
    };
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (!*name || *name == '/' || name[strspn(name, allowed)]) return NULL;
    if (zone_file_exists(name)) return name;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(name, rules[i][0])) return rules[i][1];
    return NULL;
}

bool date_set_zone(const char *iana_name) {
    const char *rule = zone_rule(iana_name);
    if (!rule || setenv("TZ", rule, 1) != 0) return false;
    tzset();
    learn_changes();
    return true;
}

/* ---- Instants ---- */

static Date day_of_second(int64_t second) {
    return (Date)floor_div(second, DAY_SECONDS);
}

static int64_t wall_second(Instant t) {
    int64_t second = floor_div(t, MICRO);
    return second + offset_at(second);
}

Date date_of_instant(Instant t) {
    return t == INSTANT_NONE ? DATE_NONE : day_of_second(wall_second(t));
}

/* Where the clock is put back a time comes twice: the first is meant. Where it is put forward a time is left out: the
 * same distance after the change is meant. */
Instant instant_of_day(Date d, int hour, int minute) {
    if (d == DATE_NONE) return INSTANT_NONE;
    int64_t wall = (int64_t)d * DAY_SECONDS + (int64_t)hour * 3600 + (int64_t)minute * 60;
    int before = offset_at(wall - DAY_SECONDS), after = offset_at(wall + DAY_SECONDS);
    int64_t second = wall - before;
    if (before != after && offset_at(second) != before && offset_at(wall - after) == after) second = wall - after;
    return second * MICRO;
}

static void split_seconds(int64_t second, int *ret_hour, int *ret_minute, int *ret_second) {
    int of_day = (int)(second - floor_div(second, DAY_SECONDS) * DAY_SECONDS);
    *ret_hour = of_day / 3600;
    *ret_minute = of_day / 60 % 60;
    *ret_second = of_day % 60;
}

void instant_parts(Instant t, Date *ret_day, int *ret_hour, int *ret_minute, int *ret_second) {
    *ret_day = DATE_NONE;
    *ret_hour = *ret_minute = *ret_second = 0;
    if (t == INSTANT_NONE) return;
    int64_t wall = wall_second(t);
    *ret_day = day_of_second(wall);
    split_seconds(wall, ret_hour, ret_minute, ret_second);
}

char *instant_text(Instant t, char buf[static INSTANT_TEXT]) {
    int hour, minute, second;
    buf[0] = 0;
    if (t == INSTANT_NONE) return buf;
    int64_t utc = floor_div(t, MICRO);
    if (!*date_text(day_of_second(utc), buf)) return buf;
    split_seconds(utc, &hour, &minute, &second);
    memcpy(buf + 10, "T00:00:00.000Z", 15);
    put(buf + 11, 2, hour);
    put(buf + 14, 2, minute);
    put(buf + 17, 2, second);
    put(buf + 20, 3, (int)(t - utc * MICRO) / 1000);
    return buf;
}

char *instant_local(Instant t, char buf[static INSTANT_TEXT]) {
    Date day;
    int hour, minute, second;
    instant_parts(t, &day, &hour, &minute, &second);
    if (!*date_text(day, buf)) return buf;
    memcpy(buf + 10, " 00:00", 7);
    put(buf + 11, 2, hour);
    put(buf + 14, 2, minute);
    return buf;
}

Instant instant_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MICRO + now.tv_nsec / 1000;
}
