/* format.c - how amounts, days and sizes are written for people. */
#include "view/format.h"
#include "base/date.h"
#include "base/money.h"
#include <stdio.h>

static bool format_money(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    if (v.kind != V_MONEY) return false;
    money_grouped(v.i, buf);
    return true;
}

static bool format_wan(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    if (v.kind != V_MONEY) return false;
    money_short(v.i, buf);
    return true;
}

static bool format_int(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    if (v.kind != V_INT) return false;
    int_grouped(v.i, buf);
    return true;
}

/* The day of a date or of an instant. */
static bool day_of(Value v, Date *ret_day) {
    if (v.kind == V_DATE) *ret_day = (Date)v.i;
    if (v.kind == V_TIME) *ret_day = date_of_instant(v.i);
    return v.kind == V_DATE || v.kind == V_TIME;
}

static bool format_date(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    Date day;
    if (!day_of(v, &day)) return false;
    date_text(day, buf);
    return true;
}

static bool format_day(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    static const char *const weekdays[] = {
        N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")
    };
    int year, month, day_of_month;
    Date day;
    if (!day_of(v, &day)) return false;
    date_parts(day, &year, &month, &day_of_month);
    snprintf(buf, FORMAT_TEXT, "%02d-%02d %.40s", month, day_of_month, tr(env->lang, weekdays[date_weekday(day) - 1]));
    return true;
}

static bool format_time(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    if (v.kind != V_TIME) return false;
    instant_local(v.i, buf);
    return true;
}

/* Basis points: 9500 is 95.00%. */
static bool format_percent(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    (void)env;
    if (v.kind == V_NULL)
        snprintf(buf, FORMAT_TEXT, "—");
    else if (v.kind != V_INT)
        return false;
    else
        snprintf(buf, FORMAT_TEXT, "%s%llu.%02llu%%", v.i < 0 ? "-" : "",
                 (unsigned long long)(v.i < 0 ? 0 - (uint64_t)v.i : (uint64_t)v.i) / 100,
                 (unsigned long long)(v.i < 0 ? 0 - (uint64_t)v.i : (uint64_t)v.i) % 100);
    return true;
}

static bool format_size(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]) {
    static const char *const units[] = { "KB", "MB", "GB", "TB" };
    (void)env;
    if (v.kind != V_INT || v.i < 0) return false;
    if (v.i < 1024) {
        snprintf(buf, FORMAT_TEXT, "%d B", (int)v.i);
        return true;
    }
    int64_t unit = 1024;
    int i = 0;
    while (i < 3 && v.i / unit >= 1024) unit *= 1024, i++;
    int64_t tenths = v.i / unit * 10 + v.i % unit * 10 / unit; /* rounded down: 1023.9 KB does not become 1024.0 KB */
    snprintf(buf, FORMAT_TEXT, "%lld.%lld %s", (long long)tenths / 10, (long long)tenths % 10, units[i]);
    return true;
}

const TemplateFormat view_formats[] = {
    { "money", format_money },     { "wan", format_wan },   { "int", format_int },
    { "date", format_date },       { "day", format_day },   { "time", format_time },
    { "percent", format_percent }, { "size", format_size }, { NULL, NULL },
};
