/* demo.c - `xiaoguan demo`: fills an empty database with an invented company, so that every page has something to show. */
#include "base/i18n.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "modules/report/report.h"
#include "program/demo_private.h"
#include "program/program.h"
#include "service/audit.h"
#include "service/notify.h"
#include "service/password.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

#define COMPANY "星河智能科技有限公司"

/* A set-up has made one account and the company, no more. */
static Error *refuse_unless_empty(Ctx *c) {
    int64_t accounts = 0, people = 0, units = 0, reports = 0;
    TRY(db_get_int(c, &accounts, "SELECT count(*) FROM account"));
    TRY(db_get_int(c, &people, "SELECT count(*) FROM employee"));
    TRY(db_get_int(c, &units, "SELECT count(*) FROM org_unit"));
    TRY(db_get_int(c, &reports, "SELECT 1 FROM daily_report LIMIT 1"));
    if (accounts <= 1 && !people && units <= 1 && !reports) return NULL;
    return err_conflict(c, N_("This database is in use: it has {1} people and {2} accounts. The demo needs an empty one; name a new file with --db"),
                        talloc_asprintf(c->mem, "%lld", (long long)people), talloc_asprintf(c->mem, "%lld", (long long)accounts));
}

static Error *prepare(Ctx *c, Demo *d) {
    const char *company = setting_text(c, "company.name");
    d->company = *company ? talloc_strdup(c->mem, company) : COMPANY; /* a set-up has named it already */
    const char *const words[] = { "admin", d->company, NULL };
    TRY(calendar_get(c, &d->calendar));
    d->today = date_of_instant(c->now);
    d->last_day = workday_add(d->calendar, d->today, -1);
    d->day_before = workday_add(d->calendar, d->last_day, -1);
    d->first_day = period_of(PERIOD_MONTH, date_add_months(d->today, -24), 1).first;
    TRY(password_check_new(c, DEMO_PASSWORD, words)); /* the product would take it from anybody */
    return password_hash(c, DEMO_PASSWORD, &d->password_hash); /* once for all: it takes its time */
}

static Error *first(Ctx *c, void *arg) {
    Demo *d = arg;
    TRY(refuse_unless_empty(c));
    TRY(setting_save(c, "company.name", d->company));
    TRY(demo_make_people(c, d));
    return demo_make_products(c, d);
}

/* ---- what people find in their messages ---- */

static Error *notify_returned(Ctx *c) {
    Rows *rows;
    TRY(db_query(c, &rows, "SELECT id, employee_id, day, return_reason, reviewed_at FROM daily_report WHERE state = 3 ORDER BY reviewed_at"));
    while (rows_next(rows)) {
        Ctx then = *c;
        then.now = row_int(rows, 4);
        Msg message = { .id = N_("Your report of {1} was returned: {2}"), .args = { row_dup(rows, 2), row_dup(rows, 3) } };
        TRY(notify_employee(&then, row_int(rows, 1), "report.returned", message, talloc_asprintf(c->mem, "/reports/daily/%lld/edit", (long long)row_int(rows, 0))));
    }
    return rows_done(rows);
}

static Error *notify_missing(Ctx *c, Date day) {
    char iso[DATE_TEXT];
    Debtor *people;
    size_t n;
    Ctx then = *c;
    then.now = instant_of_day(day, 18, 0);
    date_text(day, iso);
    TRY(report_debtors(c, day, &people, &n));
    for (size_t i = 0; i < n; i++) {
        if (people[i].state >= REPORT_SUBMITTED) continue;
        Msg message = { .id = N_("Please write your report of {1}"), .args = { iso } };
        TRY(notify_employee(&then, people[i].employee_id, "report.remind", message, talloc_asprintf(c->mem, "/reports/daily/new?day=%s", iso)));
    }
    return NULL;
}

static Error *last(Ctx *c, void *arg) {
    const Demo *d = arg;
    TRY(notify_missing(c, d->last_day));
    TRY(notify_returned(c));
    TRY(org_rebuild_visibility(c));
    return audit_record(c, "demo", "daily_report", 0, talloc_asprintf(c->mem, "{\"people\":[null,%d],\"reports\":[null,%lld]}", DEMO_PEOPLE, (long long)d->reports));
}

/* ---- what the one at the terminal reads ---- */

static void print_logins(const Demo *d, Text *out) {
    static const struct { const char *name, *what; } rows[] = {
        { "张伟", "销售代表 salesperson: 修改被退回的日报，写今天的日报 / correct the returned report, write today's" },
        { "林晓燕", "销售主管 team leader: 审核日报，看团队看板 / review reports, team board" },
        { "周海涛", "大区经理 sales manager: 三个团队的数据，谁未提交 / three teams, who has not reported" },
        { "曾雅琴", "培训与人事 trainer and HR: 人员、调动、请假 / people, transfers, leave" },
        { "单丽华", "财务 finance: 全公司日报，导出表格 / all reports, export a spreadsheet" },
        { "解正阳", "系统管理员 administrator: 账号、组织、导入、日历 / accounts, units, import, calendar" },
    };
    text_addf(out, "\n%s: %d 人 people, %lld 份日报 daily reports\n\n", d->company, DEMO_PEOPLE, (long long)d->reports);
    text_addf(out, "  %-14s %-15s %s\n", "login", "password", "角色 role: 可以试试 what to try");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int k = 0; k < DEMO_PEOPLE; k++)
            if (!strcmp(d->people[k].role->name, rows[i].name)) text_addf(out, "  %-14s %-15s %s\n", d->people[k].login, DEMO_PASSWORD, rows[i].what);
    text_addf(out, "\n其他人用姓名拼音登录，密码相同。 Everybody else logs in with their name in pinyin, such as %s; the password is the same.\n"
                   "演示账号的密码人人皆知，服务器只在本机地址上提供。 These passwords are known to all, so the server listens on this machine only.\n",
              d->people[DEMO_FIRST_REP + 1].login);
}

Error *demo_fill(Ctx *c, Text *out) {
    Demo *d = talloc_zero(c->mem, Demo);
    TRY(refuse_unless_empty(c));
    TRY(prepare(c, d));
    TRY(db_tx(c, first, d));
    TRY(demo_make_reports(c, d));
    TRY(demo_make_intake(c, d));
    TRY(db_tx(c, demo_make_targets, d));
    TRY(db_tx(c, demo_make_invoices, d));
    TRY(demo_make_periodic(c, d));
    TRY(demo_make_okr(c, d));
    TRY(demo_make_tracking(c, d));
    TRY(db_tx(c, last, d));
    print_logins(d, out);
    return NULL;
}
