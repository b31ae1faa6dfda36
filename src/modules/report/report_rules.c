/* report_rules.c - what a submitted report must say beside its numbers. */
#include "modules/report/report_rules.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

int report_count_points(const char *text) {
    int n = 0;
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        if (strspn(text, " \t-*.;") < len) n++;
        text += len + (text[len] == '\n');
    }
    return n;
}

void report_check_entry(Ctx *c, const ReportItems *all, const DailyReport *report, Error **errors) {
    int64_t points = 0;
    for (size_t i = 0; i < all->count; i++) {
        const Metric *item = all->items[i];
        int64_t value = report->n[item->slot - 1];
        if (value == INT_NONE || value <= 0) continue;
        if (item->rule == RULE_TALK_POINTS) points += value;
        if (item->rule == RULE_CONTRACT_NO && (!report->contract_no || !*report->contract_no))
            err_add_field(c, errors, "contract_no", N_("An amount needs its contract number"));
    }
    int given = report_count_points(report->talk_points);
    if (given < points)
        err_add_field(c, errors, "talk_points", N_("Write a line of talking points for each follow-up: {1} of {2}"), talloc_asprintf(c->mem, "%d", given),
                      talloc_asprintf(c->mem, "%lld", (long long)points));
}

const char *report_missing_text(Ctx *c, const Error *missing) {
    Text *t = text_new(c->mem, 2000);
    for (const FieldError *f = missing->fields; f; f = f->next) {
        if (t->len) text_add_char(t, '\n');
        text_add(t, msg_text(c->mem, c->lang, &f->message));
    }
    return t->data;
}
