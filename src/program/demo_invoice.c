/* demo_invoice.c - the invoice reminders of the invented contracts: nearly all were sent in time; a few are open, two are overdue. */
#include "modules/target/invoice.h"
#include "modules/report/report.h"
#include "program/demo_private.h"
#include <talloc.h>

enum { OVERDUE = 2, CALM_DAYS = 12 };

/* How many days after signing it was sent. */
static int sent_after(int64_t report_id) {
    uint64_t r = demo_mix((uint64_t)report_id, 17);
    int percent = demo_pick(&r, 100);
    return percent < 4 ? INVOICE_DAYS + 1 + demo_pick(&r, 3) : percent < 30 ? 5 + demo_pick(&r, 3) : 1 + demo_pick(&r, 4);
}

static Error *insert(Ctx *c, const Rows *rows, Date signed_on, Date sent, Date due) {
    char day[DATE_TEXT], until[DATE_TEXT], warn[DATE_TEXT], on[DATE_TEXT];
    Instant made = instant_of_day(signed_on, 18, 0), changed = sent == DATE_NONE ? made : instant_of_day(sent, 10, 0);
    return db_exec(c, "INSERT INTO invoice_reminder(employee_id, unit_id, contract_no, signed_on, amount, due_on, warn_on, reminded_on, report_id, told, version, created_at, updated_at)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)",
                   V(row_int(rows, 1)), V(row_int(rows, 2)), V(row_dup(rows, 4)), V(date_text(signed_on, day)), V(row_int(rows, 5)), V(date_text(due, until)),
                   V(date_text(due - INVOICE_WARN_DAYS, warn)), sent == DATE_NONE ? param_null() : V(date_text(sent, on)), V(row_int(rows, 0)), V(sent == DATE_NONE ? 1 : 2), V(made), V(changed));
}

static Error *add_key_action(Ctx *c, const Demo *d, int64_t metric_id) {
    char first[DATE_TEXT];
    return db_exec(c, "INSERT INTO key_action(name, kind, within_days, metric_id, compare, amount, window_kind, applies, unit_id, shown_to, first_day, active, version, created_at, updated_at)"
                      " VALUES ('签约后7日内发起开票提醒', 1, $1, $2, 0, 0, 2, 1, $3, $3, $4, 1, 1, $5, $5)",
                   V(INVOICE_DAYS), V(metric_id), V(d->units[U_COMPANY]), V(date_text(d->first_day, first)), V(instant_of_day(d->first_day, 9, 0)));
}

/* Newest first: the first two whose day has passed are the overdue ones. */
Error *demo_make_invoices(Ctx *c, void *arg) {
    const Demo *d = arg;
    const ReportItems *all;
    const Metric *amount = NULL;
    int overdue = 0;
    Rows *rows;
    TRY(report_items(c, &all));
    for (size_t i = 0; i < all->count && !amount; i++)
        if (all->items[i]->rule == RULE_CONTRACT_NO) amount = all->items[i];
    if (!amount) return NULL;
    TRY(add_key_action(c, d, amount->id));
    TRY(db_query(c, &rows, "SELECT r.id, r.employee_id, r.unit_id, r.day, r.contract_no, f.amount FROM daily_report r JOIN"
                           " (SELECT id, CASE CAST($1 AS INT) WHEN 1 THEN n1 WHEN 2 THEN n2 WHEN 3 THEN n3 WHEN 4 THEN n4 WHEN 5 THEN n5 ELSE n6 END AS amount FROM daily_report) f ON f.id = r.id"
                           " WHERE r.contract_no IS NOT NULL AND r.state IN (1, 2, 4) AND f.amount > 0 ORDER BY r.day DESC, r.id", V(amount->slot)));
    while (rows_next(rows)) {
        Date signed_on;
        if (!date_parse(row_text(rows, 3), &signed_on)) continue;
        Date due = key_action_due(signed_on, INVOICE_DAYS), sent = signed_on + sent_after(row_int(rows, 0));
        bool late = due < d->today && due > d->today - CALM_DAYS && overdue < OVERDUE;
        overdue += late;
        if (late) sent = DATE_NONE;
        else if (sent > d->today) sent = due < d->today ? due : DATE_NONE;
        TRY(insert(c, rows, signed_on, sent, due));
    }
    return rows_done(rows);
}
