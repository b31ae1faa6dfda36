/* board_page.c - the board of a unit or a person: standing, course, teams, metrics, shares, people; also as a wall. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/org/org.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

enum { SHOWN_PEOPLE = 100, ON_WALL = 10 };

/* ---- the figures on top ---- */

static Value add_kpi(Ctx *c, Value list, const char *code, const char *label, const char *text, Value exact) {
    static const char *const more[] = {"unit", "note", "href", "kind", "growth"};
    Value o = value_object(c->mem);
    Text *copied = text_new(c->mem, 100);
    value_text_to(exact, copied);
    value_set_text(o, "code", code);
    value_set_text(o, "label", label);
    value_set_text(o, "text", text);
    value_set(o, "value", exact);
    value_set(o, "copy", copied->len ? value_text(copied->data) : value_null());
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) value_set(o, more[i], value_null());
    value_push(list, o);
    return o;
}

static void with_unit(Ctx *c, const Board *b, Value kpi, Ratio value) {
    if (ratio_why(value) == RATIO_HAS_VALUE && b->metric->unit != UNIT_PERCENT) value_set(kpi, "unit", value_text(board_unit(c, b, b->metric)));
}

static void add_growth(Ctx *c, Value list, const char *code, const char *label, Ratio now, Ratio before, bool part) {
    Ratio r = growth_of(now, before);
    Value kpi = add_kpi(c, list, code, label, growth_text(c, r), percent_json(r));
    const char *kind = growth_kind(c, r);
    value_set(kpi, "growth", kind ? value_text(kind) : value_null());
    if (part) value_set(kpi, "note", value_text(tr(c->lang, N_("Compared up to the same day"))));
}

/* What is not summed was entered by hand; everything else comes from entries. */
static const char *behind_href(Ctx *c, const Board *b) {
    char from[DATE_TEXT], to[DATE_TEXT];
    if (b->metric->rollup != ROLLUP_INHERIT) return board_facts_href(c, b->scope, b->period.first, b->to);
    return talloc_asprintf(c->mem, "%s?metric_id=%lld&%s=%lld&month_from=%s&month_to=%s", metric_value_resource.path, (long long)b->metric->id,
                           b->scope.kind == SCOPE_PERSON ? "employee_id" : "unit_id", (long long)b->scope.id,
                           date_text(period_of(PERIOD_MONTH, b->period.first, b->fiscal_month).first, from), date_text(b->to, to));
}

static Value kpis(Ctx *c, const Board *b, const Standing *s) {
    Value list = value_array(c->mem);
    const Metric *m = b->metric;
    bool part = b->to < b->period.last;
    Value actual = add_kpi(c, list, "actual", tr(c->lang, N_("Actual")), board_text(c, b, m, s->actual), metric_json(m, s->actual));
    value_set(actual, "href", value_text(behind_href(c, b)));
    with_unit(c, b, actual, s->actual);
    with_unit(c, b, add_kpi(c, list, "target", tr(c->lang, N_("Target")), board_text(c, b, m, s->target), metric_json(m, s->target)), s->target);
    if (target_is_summed(m) && ratio_why(s->target) == RATIO_HAS_VALUE) {
        add_kpi(c, list, "elapsed", tr(c->lang, N_("Time elapsed")), percent_text(c, s->pace.elapsed), percent_json(s->pace.elapsed));
        Msg days = {.id = N_("{1} of {2} working days"), .args = {talloc_asprintf(c->mem, "%d", b->elapsed.done), talloc_asprintf(c->mem, "%d", b->elapsed.all)}};
        value_set(value_at(list, value_count(list) - 1), "note", value_text(msg_text(c->mem, c->lang, &days)));
        Value ahead = add_kpi(c, list, "ahead", tr(c->lang, N_("Ahead of time")), percent_text(c, s->pace.ahead), percent_json(s->pace.ahead));
        value_set(ahead, "note", value_text(tr(c->lang, N_("Percentage points"))));
        with_unit(c, b, add_kpi(c, list, "gap", tr(c->lang, N_("Gap")), board_text(c, b, m, s->pace.gap), metric_json(m, s->pace.gap)), s->pace.gap);
        with_unit(c, b, add_kpi(c, list, "per_day", tr(c->lang, N_("Needed a day")), board_text(c, b, m, s->pace.per_day), metric_json(m, s->pace.per_day)), s->pace.per_day);
    }
    add_growth(c, list, "year_on_year", tr(c->lang, N_("Year on year")), s->actual, s->last_year, part);
    add_growth(c, list, "on_last", tr(c->lang, N_("On the period before")), s->actual, s->last, part);
    return list;
}

static void add_ring(Ctx *c, const Standing *s, Value model) {
    int64_t percent = 0;
    (void)ratio_scaled(s->pace.attainment, 100, &percent);
    Value ring = value_object(c->mem);
    value_set_text(ring, "label", tr(c->lang, N_("Attainment")));
    value_set_int(ring, "percent_capped", percent < 0 ? 0 : percent > 100 ? 100 : percent);
    value_set_text(ring, "percent_text", percent_text(c, s->pace.attainment));
    value_set(ring, "kind", pace_kind(s->pace.status) ? value_text(pace_kind(s->pace.status)) : value_null());
    value_set(model, "ring", ring);
    value_set(model, "attainment", percent_json(s->pace.attainment));
    const char *word = pace_word(c, s->pace.status);
    value_set(model, "status", word ? value_text(word) : value_null());
    value_set(model, "status_kind", word ? value_text(pace_kind(s->pace.status)) : value_null());
}

/* ---- the start page ---- */

static void add_figure(Ctx *c, Value list, const char *label, const char *text, const char *unit, const char *note) {
    Value o = value_object(c->mem);
    value_set_text(o, "label", tr(c->lang, label));
    value_set_text(o, "text", text);
    value_set(o, "unit", unit ? value_text(unit) : value_null());
    value_set(o, "note", note ? value_text(note) : value_null());
    value_set_bool(o, "has_percent", false);
    value_set(o, "percent", value_null());
    value_set(o, "kind", value_null());
    value_push(list, o);
}

Error *board_pace_card(Ctx *c, Value *ret) {
    Board b;
    Standing s;
    *ret = value_null();
    Error *e = board_of_reader(c, &b);
    if (e) return e->status == 404 ? NULL : e;
    TRY(board_standing(c, &b, b.scope, b.metric, &s));
    int64_t percent;
    if (!ratio_scaled(s.pace.attainment, 100, &percent)) return NULL;
    Value o = value_object(c->mem), list = value_array(c->mem);
    const char *unit = board_unit(c, &b, b.metric);
    Msg title = {.id = N_("{1}: {2}"), .args = {b.name, tr(c->lang, b.metric->name)}};
    Msg days = {.id = N_("{1} of {2} working days"), .args = {talloc_asprintf(c->mem, "%d", b.elapsed.done), talloc_asprintf(c->mem, "%d", b.elapsed.all)}};
    add_figure(c, list, N_("Attainment"), percent_text(c, s.pace.attainment), NULL, pace_word(c, s.pace.status));
    Value first = value_at(list, 0);
    value_set_bool(first, "has_percent", true);
    value_set_int(first, "percent", percent < 0 ? 0 : percent > 100 ? 100 : percent);
    value_set(first, "kind", pace_kind(s.pace.status) ? value_text(pace_kind(s.pace.status)) : value_null());
    add_figure(c, list, N_("Time elapsed"), percent_text(c, s.pace.elapsed), NULL, msg_text(c->mem, c->lang, &days));
    add_figure(c, list, N_("Gap"), board_text(c, &b, b.metric, s.pace.gap), unit, NULL);
    add_figure(c, list, N_("Needed a day"), board_text(c, &b, b.metric, s.pace.per_day), unit, NULL);
    value_set_text(o, "title", msg_text(c->mem, c->lang, &title));
    value_set_text(o, "note", board_period_text(c, &b, b.period));
    value_set_text(o, "href", "/board");
    value_set(o, "kpis", list);
    *ret = o;
    return NULL;
}

/* ---- a person's place in the own team: the number, not the others' figures ---- */

static Error *add_place(Ctx *c, const Board *b, Value model) {
    BoardPeople people;
    int64_t unit = 0;
    value_set(model, "place", value_null());
    TRY(db_get_int(c, &unit, "SELECT unit_id FROM employee WHERE id = $1", V(b->scope.id)));
    if (!unit) return NULL;
    TRY(board_people(c, b, unit, &people));
    board_rank(&people, RANK_ATTAINMENT);
    for (size_t i = 0; i < people.count; i++) {
        if (people.list[i].id != b->scope.id) continue;
        Msg place = {.id = N_("Place {1} of {2} in {3}"), .args = {talloc_asprintf(c->mem, "%zu", i + 1), talloc_asprintf(c->mem, "%zu", people.count), people.list[i].unit_name}};
        value_set_text(model, "place", msg_text(c->mem, c->lang, &place));
        if (!people.list[i].weakest) continue;
        Msg weak = {.id = N_("Weak spot: {1}, ahead of {2}% of the team"), .args = {tr(c->lang, people.list[i].weakest->name), talloc_asprintf(c->mem, "%d", people.list[i].percentile)}};
        value_set_text(model, "weak_spot", msg_text(c->mem, c->lang, &weak));
    }
    return NULL;
}

/* ---- pages ---- */

static RankBy rank_by(const Req *r) {
    static const char *const codes[] = {"attainment", "amount", "growth", "effort"};
    const char *by = req_query(r, "rank");
    for (int i = 0; by && i < 4; i++)
        if (!strcmp(by, codes[i])) return (RankBy)i;
    return RANK_ATTAINMENT;
}

static void add_rank_tabs(Ctx *c, const Board *b, RankBy by, Value model) {
    static const char *const codes[] = {"attainment", "amount", "growth", "effort"};
    static const char *const titles[] = {N_("Attainment"), N_("Actual"), N_("Improvement"), N_("Effort")};
    Value tabs = value_array(c->mem);
    for (int i = 0; i < 4; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "title", tr(c->lang, titles[i]));
        value_set_text(o, "href", board_href(c, b, "/board", "rank", codes[i]));
        value_set_bool(o, "active", (int)by == i);
        value_push(tabs, o);
    }
    value_set(model, "rank_tabs", tabs);
}

static Error *board_model(Req *r, const Board *b, RankBy by, size_t shown, Value *ret) {
    Ctx *c = &r->c;
    Standing s;
    Msg title = {.id = N_("Board of {1}"), .args = {b->name}};
    Value d = document_new(c, msg_text(c->mem, c->lang, &title), board_period_text(c, b, b->period), board_unit(c, b, b->metric));
    static const char *const sections[] = {"_children", "_people", "_by_person", "_products", "_regions", "_customer_types"};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) value_set(d, sections[i], value_null());
    value_set(d, "weak_spot", value_null());
    value_set_bool(d, "has_performers", false);
    value_set(d, "place", value_null());
    TRY(board_standing(c, b, b->scope, b->metric, &s));
    value_set(d, "kpis", kpis(c, b, &s));
    add_ring(c, &s, d);
    if (b->scope.kind == SCOPE_UNIT) {
        TRY(board_add_children(c, b, d));
        TRY(board_add_ranking(c, b, by, shown, d));
        add_rank_tabs(c, b, by, d);
    } else
        TRY(add_place(c, b, d));
    TRY(board_add_trend(c, b, d));
    TRY(board_add_metrics(c, b, d));
    TRY(board_add_shares(c, b, d));
    TRY(board_frame(r, b, "/board", d));
    value_set_text(d, "wall_href", board_href(c, b, "/board/wall", NULL, NULL));
    value_set_text(d, "board_href", board_href(c, b, "/board", NULL, NULL));
    *ret = d;
    return NULL;
}

Error *board_document(Req *r, const char *path, Value *ret) {
    Board b;
    if (!strncmp(path, "/sheets/", 8)) return board_sheet_document(r, path, ret);
    if (!strcmp(path, "/board/ramp")) return board_ramp_document(r, ret);
    if (strcmp(path, "/board") != 0) return err_not_found(&r->c, N_("This page is not there, or not for you"));
    TRY(board_read(r, &b));
    return board_model(r, &b, rank_by(r), SHOWN_PEOPLE, ret);
}

static Error *board_page(Req *r) {
    Value d;
    TRY(board_document(r, r->path, &d));
    return respond_document(r, "board", d);
}

/* For a big screen: large figures, no navigation, read again by itself. */
static Error *wall_page(Req *r) {
    Board b;
    Value d;
    TRY(board_read(r, &b));
    TRY(board_model(r, &b, RANK_ATTAINMENT, ON_WALL, &d));
    return respond_view(r, "board_wall", d);
}

const Route board_routes[] = {
    {GET, "/board", ROLE_ANY, board_page, N_("Board of a unit or a person: on pace or not, course, teams, people"), ROUTE_TAGGED},
    {GET, "/board/wall", ROLE_ANY, wall_page, N_("The board for a big screen"), ROUTE_TAGGED},
    {0},
};
