/* key_action_pages.c - my key actions as they stand now, and a lead's team: people by actions. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/target/key_action.h"
#include "modules/target/target.h"
#include <string.h>
#include <talloc.h>

enum { AROUND = 93, PEOPLE_SHOWN = 200, COLUMNS_SHOWN = 16, PAST_SHOWN = 8, UNITS_SHOWN = 300 };

static const char *const state_codes[] = {"running", "met", "missed", "excused"};
static const char *const state_words[] = {N_("Under way"), N_("Met"), N_("Missed"), N_("Does not count")};
static const char *const state_kinds[] = {"info", "success", "danger", "secondary"};
static const char *const state_marks[] = {"…", "✓", "✗", "–"};

/* Contracts are counted in pieces, whatever the metric's unit. */
static const char *number(Ctx *c, const Metric *m, const KeyAction *a, int64_t whole) {
    if (a->kind == KEY_ACTION_INVOICE) return talloc_asprintf(c->mem, "%lld", (long long)whole);
    return metric_text(c, m, metric_of_whole(m, whole), false);
}
static Value number_json(const Metric *m, const KeyAction *a, int64_t whole) {
    return a->kind == KEY_ACTION_INVOICE ? value_int(whole) : metric_json(m, metric_of_whole(m, whole));
}

/* What lacks, or what room is left, in words; NULL once it is settled. */
static const char *missing_text(Ctx *c, const Metric *m, const KeyAction *a, const KeyActionCheck *k) {
    if (k->state == KEY_ACTION_EXCUSED) return tr(c->lang, a->kind == KEY_ACTION_INVOICE ? N_("No contract to remind of") : N_("On leave or off on all of its days"));
    if (k->state == KEY_ACTION_MET || (k->state == KEY_ACTION_MISSED && !k->missing)) return NULL;
    Msg text = {.id = a->compare == KEY_ACTION_AT_MOST ? N_("{1} more would be too many") : k->state == KEY_ACTION_MISSED ? N_("{1} short") : N_("{1} to go"), .args = {number(c, m, a, k->missing)}};
    if (a->compare == KEY_ACTION_AT_MOST) text.args[0] = number(c, m, a, k->missing + 1);
    return msg_text(c->mem, c->lang, &text);
}

static void add_check(Ctx *c, Value o, const Metric *m, const KeyAction *a, const KeyActionCheck *k) {
    int64_t percent = 0;
    value_set_text(o, "state", state_codes[k->state]);
    value_set_text(o, "word", tr(c->lang, state_words[k->state]));
    value_set_text(o, "kind", state_kinds[k->state]);
    value_set_text(o, "mark", state_marks[k->state]);
    value_set(o, "actual", number_json(m, a, k->actual));
    value_set(o, "needed", number_json(m, a, k->needed));
    value_set(o, "missing", number_json(m, a, k->missing));
    value_set_text(o, "text", talloc_asprintf(c->mem, "%s/%s", number(c, m, a, k->actual), number(c, m, a, k->needed)));
    value_set_text(o, "missing_text", missing_text(c, m, a, k));
    if (k->needed > 0) (void)ratio_scaled(ratio_make(k->actual < k->needed ? k->actual : k->needed, k->needed), 100, &percent);
    value_set_int(o, "percent_capped", percent < 0 ? 0 : percent);
    value_set_text(o, "window", key_action_window_text(c, a, k->window));
}

/* ---- mine ---- */

static Error *add_target(Ctx *c, const Metrics *all, const KeyAction *a, int64_t employee_id, DaySpan window, Value o) {
    const Metric *m = a->target_metric_id ? metrics_by_id(all, a->target_metric_id) : NULL;
    Ratio target, actual;
    int64_t tenths;
    value_set(o, "target_text", value_null());
    if (!m) return NULL;
    MetricScope scope = {SCOPE_PERSON, employee_id};
    TRY(target_for(c, m, scope, window.first, window.last, TIER_BASE, TARGET_IN_FORCE, &target));
    TRY(metric_actual(c, all, m, scope, window.first, window.last, &actual));
    Msg text = {.id = N_("{1}: {2} of target {3}"), .args = {tr(c->lang, m->name), "—", metric_text(c, m, target, false)}};
    if (ratio_scaled(metric_attainment(m, actual, target), 1000, &tenths)) text.args[1] = talloc_asprintf(c->mem, "%lld.%lld%%", (long long)tenths / 10, (long long)tenths % 10);
    value_set_text(o, "target_text", msg_text(c->mem, c->lang, &text));
    return NULL;
}

/* Of a window's first day, the part that tells it from its neighbours: a month, else a day. */
static const char *short_window(Ctx *c, const KeyAction *a, const char *first) {
    bool months = a->window_kind == KEY_ACTION_MONTH || a->window_kind == KEY_ACTION_QUARTER;
    return months ? talloc_asprintf(c->mem, "%.7s", first) : talloc_strdup(c->mem, first + strlen("2026-"));
}

static Error *add_past(Ctx *c, const Metric *m, const KeyAction *a, int64_t employee_id, Value o) {
    Rows *rows;
    Value list = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT first_day, last_day, actual, needed, state FROM key_action_result WHERE key_action_id = $1 AND employee_id = $2 ORDER BY first_day DESC LIMIT $3", V(a->id), V(employee_id), V(PAST_SHOWN)));
    while (rows_next(rows)) {
        int64_t state = row_int(rows, 4);
        DaySpan window = {0};
        (void)date_parse(row_text(rows, 0), &window.first);
        (void)date_parse(row_text(rows, 1), &window.last);
        Value x = value_object(c->mem);
        value_set(x, "first_day", value_date(window.first));
        value_set(x, "last_day", value_date(window.last));
        value_set_text(x, "window", key_action_window_text(c, a, window));
        value_set_text(x, "short", short_window(c, a, row_text(rows, 0)));
        value_set_text(x, "state", state_codes[state]);
        value_set_text(x, "word", tr(c->lang, state_words[state]));
        value_set_text(x, "kind", state_kinds[state]);
        value_set_text(x, "mark", state_marks[state]);
        value_set_text(x, "text", talloc_asprintf(c->mem, "%s/%s", number(c, m, a, row_int(rows, 2)), number(c, m, a, row_int(rows, 3))));
        value_push(list, x);
    }
    value_set(o, "past", list);
    value_set_bool(o, "has_past", value_count(list) > 0);
    return rows_done(rows);
}

static Error *action_model(Ctx *c, const Metrics *all, const KeyAction *a, const PersonDays *p, Value *ret) {
    const Metric *m = metrics_by_id(all, a->metric_id);
    KeyActionCheck k;
    bool has = false;
    char first[DATE_TEXT];
    Value o = value_object(c->mem);
    *ret = o;
    TRY(key_action_check(c, m, a, p, date_of_instant(c->now), &k, &has));
    value_set_int(o, "id", a->id);
    value_set_text(o, "name", a->name);
    value_set_text(o, "href", resource_href(c, &key_action_resource, a->id));
    value_set_text(o, "rule", key_action_rule_text(c, m, a));
    Value now = value_null();
    if (has) {
        now = value_object(c->mem);
        add_check(c, now, m, a, &k);
        TRY(add_target(c, all, a, p->employee_id, k.window, now));
    }
    Msg later = {.id = N_("Counts from {1} on, with the first whole window"), .args = {talloc_strdup(c->mem, date_text(a->first_day, first))}};
    value_set(o, "now", now);
    value_set_text(o, "later", has ? NULL : msg_text(c->mem, c->lang, &later));
    return add_past(c, m, a, p->employee_id, o);
}

static Error *mine_page(Req *r) {
    Ctx *c = &r->c;
    const Metrics *all;
    KeyAction *actions;
    KeyActionPair *pairs = NULL;
    PersonDays p;
    size_t n, count = 0;
    int64_t who;
    const char *name = NULL;
    bool sees = true;
    Date today = date_of_instant(c->now);
    Value model = value_object(c->mem), list = value_array(c->mem), invoices;
    TRY(req_query_int(r, "employee", c->actor->employee_id, &who));
    if (who != c->actor->employee_id) TRY(org_sees_person(c, who, &sees));
    if (!sees) return err_not_found(c, N_("This page is not there, or not for you"));
    TRY(metrics_get(c, &all));
    TRY(key_actions_active(c, &actions, &n));
    if (who) TRY(key_action_pairs(c, who, 0, &pairs, &count));
    if (count) TRY(person_days_load(c, who, today - AROUND, today, &p));
    for (size_t i = 0; i < count; i++) {
        const KeyAction *a = key_action_find(actions, n, pairs[i].action_id);
        Value one;
        if (!a) continue;
        TRY(action_model(c, all, a, &p, &one));
        value_push(list, one);
    }
    TRY(invoice_open_list(c, who, &invoices));
    if (who != c->actor->employee_id) TRY(db_get_text(c, &name, "SELECT name FROM employee WHERE id = $1", V(who)));
    value_set_text(model, "title", tr(c->lang, name ? N_("Key actions") : N_("My key actions")));
    value_set_text(model, "person", name);
    value_set(model, "key_actions", list);
    value_set_bool(model, "has_actions", value_count(list) > 0);
    value_set(model, "invoices", invoices);
    value_set_bool(model, "has_invoices", value_count(invoices) > 0);
    value_set_text(model, "invoices_href", who == c->actor->employee_id ? invoice_reminder_resource.path : talloc_asprintf(c->mem, "%s?employee_id=%lld", invoice_reminder_resource.path, (long long)who));
    value_set_bool(model, "can_team", may(c, ROLE_LEADERS | ROLE_TRAINER));
    value_set_bool(model, "can_create", may(c, key_action_resource.access.create));
    return respond_view(r, "key_actions", model);
}

/* ---- the team ---- */

typedef struct Team {
    int64_t unit_id;
    Date day;
    const Metrics *all;
    KeyAction *actions;
    size_t action_count;
    const KeyAction *columns[COLUMNS_SHOWN];
    int64_t met[COLUMNS_SHOWN], counted[COLUMNS_SHOWN];
    int column_count;
} Team;

/* The topmost unit the reader sees, unless one is asked for; and all of them to choose from. */
static Error *choose_unit(Req *r, Team *t, Value model) {
    Ctx *c = &r->c;
    bool all = c->actor->system || c->actor->scope == SCOPE_ALL, found = false;
    Rows *rows;
    Value list = value_array(c->mem);
    TRY(req_query_int(r, "unit", 0, &t->unit_id));
    TRY(db_query(c, &rows, "SELECT u.id, u.name FROM org_unit u WHERE u.status = 0 AND ($1 = 1 OR u.id IN (SELECT v.unit_id FROM visible_unit v WHERE v.account_id = $2))"
                           " ORDER BY u.kind, (SELECT count(*) FROM unit_above a WHERE a.below_id = u.id), u.sort, u.name_keys, u.id LIMIT $3",
                 V(all), V(c->actor->account_id), V(UNITS_SHOWN)));
    while (rows_next(rows)) {
        Value o = value_object(c->mem);
        if (!t->unit_id) t->unit_id = row_int(rows, 0);
        bool chosen = row_int(rows, 0) == t->unit_id;
        found |= chosen;
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "title", row_dup(rows, 1));
        value_set_bool(o, "selected", chosen);
        value_push(list, o);
    }
    TRY(rows_done(rows));
    if (!found && t->unit_id && !all) return err_not_found(c, N_("This page is not there, or not for you"));
    value_set(model, "units", list);
    return NULL;
}

static void choose_columns(Team *t, const KeyActionPair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const KeyAction *a = key_action_find(t->actions, t->action_count, pairs[i].action_id);
        int at = 0;
        while (at < t->column_count && t->columns[at] != a) at++;
        if (a && at == t->column_count && at < COLUMNS_SHOWN) t->columns[t->column_count++] = a;
    }
}

static bool applies(const KeyActionPair *pairs, size_t from, size_t to, const KeyAction *a) {
    for (size_t i = from; i < to; i++)
        if (pairs[i].action_id == a->id) return true;
    return false;
}

static Error *person_cells(Ctx *c, Team *t, const KeyActionPair *pairs, size_t from, size_t to, Value *ret) {
    PersonDays p;
    Date today = date_of_instant(c->now), last = t->day + AROUND < today ? t->day + AROUND : today;
    Ctx *turn = ctx_child(c); /* half a year of days is a lot of numbers for one cell */
    *ret = value_array(c->mem);
    TRY(person_days_load(turn, pairs[from].employee_id, t->day - AROUND, last, &p));
    for (int i = 0; i < t->column_count; i++) {
        const KeyAction *a = t->columns[i];
        const Metric *m = metrics_by_id(t->all, a->metric_id);
        KeyActionCheck k;
        bool has = false;
        Value o = value_object(c->mem);
        value_set_text(o, "label", a->name);
        if (applies(pairs, from, to, a)) TRY(key_action_check(c, m, a, &p, t->day, &k, &has));
        value_set_bool(o, "has", has);
        if (has) {
            add_check(c, o, m, a, &k);
            t->met[i] += k.state == KEY_ACTION_MET;
            t->counted[i] += k.state != KEY_ACTION_EXCUSED;
        }
        value_push(*ret, o);
    }
    ctx_done(turn);
    return NULL;
}

static Value columns_model(Ctx *c, const Team *t) {
    Value list = value_array(c->mem);
    for (int i = 0; i < t->column_count; i++) {
        const KeyAction *a = t->columns[i];
        Value o = value_object(c->mem);
        value_set_int(o, "id", a->id);
        value_set_text(o, "title", a->name);
        value_set_text(o, "href", resource_href(c, &key_action_resource, a->id));
        value_set_text(o, "rule", key_action_rule_text(c, metrics_by_id(t->all, a->metric_id), a));
        value_set_text(o, "sum", talloc_asprintf(c->mem, "%lld/%lld", (long long)t->met[i], (long long)t->counted[i]));
        value_push(list, o);
    }
    return list;
}

static const char *day_link(Ctx *c, const Team *t, Date day) {
    char iso[DATE_TEXT];
    return talloc_asprintf(c->mem, "/key-actions/team?unit=%lld&day=%s", (long long)t->unit_id, date_text(day, iso));
}

static Error *team_page(Req *r) {
    Ctx *c = &r->c;
    Team t = {0};
    KeyActionPair *pairs;
    size_t count, people = 0;
    char iso[DATE_TEXT];
    Date today = date_of_instant(c->now);
    Value model = value_object(c->mem), list = value_array(c->mem);
    TRY(req_query_date(r, "day", today, &t.day));
    if (t.day > today) t.day = today;
    TRY(choose_unit(r, &t, model));
    TRY(metrics_get(c, &t.all));
    TRY(key_actions_active(c, &t.actions, &t.action_count));
    TRY(key_action_pairs(c, 0, t.unit_id ? t.unit_id : -1, &pairs, &count));
    choose_columns(&t, pairs, count);
    for (size_t from = 0, to; from < count && people < PEOPLE_SHOWN; from = to, people++) {
        Value o = value_object(c->mem), cells;
        for (to = from; to < count && pairs[to].employee_id == pairs[from].employee_id;) to++;
        TRY(person_cells(c, &t, pairs, from, to, &cells));
        value_set_int(o, "id", pairs[from].employee_id);
        value_set_text(o, "name", pairs[from].name);
        value_set_text(o, "unit", pairs[from].unit_name);
        value_set_text(o, "href", talloc_asprintf(c->mem, "/key-actions/mine?employee=%lld", (long long)pairs[from].employee_id));
        value_set(o, "cells", cells);
        value_push(list, o);
    }
    value_set_text(model, "title", tr(c->lang, N_("Key actions of the team")));
    value_set_text(model, "day", talloc_strdup(c->mem, date_text(t.day, iso)));
    value_set_int(model, "unit", t.unit_id);
    value_set_text(model, "prev_href", day_link(c, &t, t.day - 7));
    value_set_text(model, "next_href", t.day < today ? day_link(c, &t, t.day + 7) : NULL);
    value_set(model, "columns", columns_model(c, &t));
    value_set(model, "people", list);
    value_set_bool(model, "has_people", value_count(list) > 0);
    value_set_bool(model, "can_create", may(c, key_action_resource.access.create));
    return respond_view(r, "key_actions_team", model);
}

const Route key_action_routes[] = {
    {GET, "/key-actions/mine", ROLE_ANY, mine_page, N_("My key actions, or somebody's"), ROUTE_TAGGED},
    {GET, "/key-actions/team", ROLE_LEADERS | ROLE_TRAINER, team_page, N_("Key actions of a team"), ROUTE_TAGGED},
    {0},
};
