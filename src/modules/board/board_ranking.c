/* board_ranking.c - the people of a unit on its board: ranking, bars of completion, who is ahead and who needs help. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include <string.h>
#include <talloc.h>

enum { SHOWN_BARS = 30, SHOWN_PERFORMERS = 3 };

static PaceStatus status_of(const Board *b, const BoardPerson *p) {
    return pace_of(p->actual, p->target, b->metric->direction, target_is_summed(b->metric), b->elapsed, b->tolerance).status;
}

static void add_performer(Ctx *c, const Board *b, Value list, const BoardPerson *p) {
    Value o = value_object(c->mem);
    PaceStatus s = status_of(b, p);
    value_set_text(o, "name", p->name);
    value_set_text(o, "unit_name", p->unit_name);
    value_set_text(o, "href", board_scope_href(c, b, (MetricScope){SCOPE_PERSON, p->id}));
    value_set_text(o, "text", percent_text(c, p->attainment));
    value_set(o, "value", percent_json(p->attainment));
    value_set(o, "kind", pace_kind(s) ? value_text(pace_kind(s)) : value_null());
    value_set(o, "status", pace_word(c, s) ? value_text(pace_word(c, s)) : value_null());
    value_set(o, "weak_spot", p->weakest ? value_text(tr(c->lang, p->weakest->name)) : value_null());
    value_push(list, o);
}

void board_add_performers(Ctx *c, const Board *b, const BoardPeople *ranked, bool bars, Value document) {
    Value high = value_array(c->mem), low = value_array(c->mem);
    size_t known = 0;
    while (known < ranked->count && ratio_why(ranked->list[known].attainment) == RATIO_HAS_VALUE) known++; /* who has no target comes last */
    for (size_t i = 0; i < known && i < SHOWN_PERFORMERS; i++)
        if (status_of(b, &ranked->list[i]) == PACE_OK) add_performer(c, b, high, &ranked->list[i]);
    for (size_t i = known; i > 0 && value_count(low) < SHOWN_PERFORMERS; i--)
        if (status_of(b, &ranked->list[i - 1]) != PACE_OK) add_performer(c, b, low, &ranked->list[i - 1]);
    value_set(document, "high", high);
    value_set(document, "low", low);
    value_set_bool(document, "has_performers", value_count(high) || value_count(low));
    if (!bars || !known) return;
    Value table = document_table(c, document, "by_person", tr(c->lang, N_("Completion by person")));
    document_chart(c, table, "bar", "%");
    value_set(table, "mark", value_text("100"));
    value_set(table, "mark_text", value_text("100%"));
    value_set_bool(table, "lying", true);
    document_column(c, table, tr(c->lang, N_("Name")), false);
    column_series(document_column(c, table, tr(c->lang, N_("Attainment")), true), "bar");
    for (size_t i = 0; i < known && i < SHOWN_BARS; i++) {
        const BoardPerson *p = &ranked->list[i];
        Value row = document_row(c, table, false);
        const char *href = board_scope_href(c, b, (MetricScope){SCOPE_PERSON, p->id});
        value_set(row, "href", value_text(href));
        row_status(c, row, status_of(b, p));
        value_set_bool(row, "current", p->id == c->actor->employee_id);
        value_set(document_text(c, row, p->name), "href", value_text(href));
        cell_percent(c, row, p->attainment);
    }
}

Error *board_add_ranking(Ctx *c, const Board *b, RankBy by, size_t shown, Value document) {
    BoardPeople people;
    TRY(board_people(c, b, b->scope.id, &people));
    board_rank(&people, RANK_ATTAINMENT);
    board_add_performers(c, b, &people, !value_truthy(value_get(document, "_children", 9, NULL)), document);
    board_rank(&people, by);
    Value table = document_table(c, document, "people", tr(c->lang, N_("People")));
    static const char *const titles[] = {N_("Attainment"), N_("Actual"), N_("Target"), N_("Improvement"), N_("Effort")};
    document_column(c, table, tr(c->lang, N_("Rank")), true);
    document_column(c, table, tr(c->lang, N_("Name")), false);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) document_column(c, table, tr(c->lang, titles[i]), true);
    document_column(c, table, tr(c->lang, N_("Weak spot")), false);
    document_column(c, table, tr(c->lang, N_("Team")), false);
    for (size_t i = 0; i < people.count && i < shown; i++) {
        const BoardPerson *p = &people.list[i];
        Value row = document_row(c, table, false);
        value_set_bool(row, "current", p->id == c->actor->employee_id);
        document_number(c, row, talloc_asprintf(c->mem, "%zu", i + 1), value_int((int64_t)i + 1));
        value_set(document_text(c, row, p->name), "href", value_text(board_scope_href(c, b, (MetricScope){SCOPE_PERSON, p->id})));
        cell_status(c, cell_percent(c, row, p->attainment), status_of(b, p));
        cell_amount(c, b, row, b->metric, p->actual);
        cell_amount(c, b, row, b->metric, p->target);
        cell_growth(c, row, p->growth);
        cell_percent(c, row, p->effort);
        Msg weak = {.id = N_("{1}: ahead of {2}%"), .args = {p->weakest ? tr(c->lang, p->weakest->name) : "", talloc_asprintf(c->mem, "%d", p->percentile)}};
        document_text(c, row, p->weakest ? msg_text(c->mem, c->lang, &weak) : "");
        document_text(c, row, p->unit_name);
    }
    value_set_int(document, "people_total", (int64_t)people.count);
    return NULL;
}
