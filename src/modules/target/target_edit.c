/* target_edit.c - one month's target as a sheet says it that went out and came back (board_sheet_import.c). */
#include "base/i18n.h"
#include "modules/target/target_cell.h"
#include "modules/target/target_private.h"
#include <talloc.h>

static Error *load_own(Ctx *c, const Metric *m, int64_t year, MetricScope scope, TargetView view, Target *t) {
    TRY(target_load(c, m, year, scope, view, t));
    if (t->inherited) target_clear(t);
    return NULL;
}

/* One's own change is no conflict: the same file may be corrected and brought twice. */
static Error *check_meanwhile(Ctx *c, const Metric *m, const Target *t, int64_t stored, int64_t value, Instant seen) {
    int64_t others = 0;
    if (!t->id || seen == INSTANT_NONE) return NULL;
    TRY(db_get_int(c, &others, "SELECT 1 FROM target WHERE id = $1 AND updated_at > $2 AND coalesce(updated_by, 0) <> $3", V(t->id), V(seen), V(c->actor->account_id)));
    if (!others) return NULL;
    return err_conflict(c, N_("Somebody else has changed this meanwhile: now {1}, the sheet says {2}"), stored == INT_NONE ? "—" : target_cell_text(c, m, stored), target_cell_text(c, m, value));
}

static Error *refuse_in_force(Ctx *c, const Target *t, Date month) {
    Date today = date_of_instant(c->now);
    if (!t->id || t->state == TARGET_STATE_DRAFT) return NULL;
    if (t->state == TARGET_STATE_WAITING) return err_conflict(c, N_("A revision of this target waits for its decision"));
    if (date_add_months(month, 1) <= today) return err_conflict(c, N_("This target is in force, and months that have ended are not rewritten"));
    return err_conflict(c, N_("This target is in force; change it under Targets by a revision with a reason"));
}

Error *target_edit_month(Ctx *c, const Metric *m, MetricScope scope, Date month, int64_t value, Instant seen, TargetEdit *ret) {
    int64_t year;
    int at;
    bool may_set;
    const char *name;
    Target force, draft;
    target_month_of(month, metric_fiscal_month(c), &year, &at);
    TRY(target_scope_name(c, scope, &name));
    TRY(load_own(c, m, year, scope, TARGET_IN_FORCE, &force));
    TRY(load_own(c, m, year, scope, TARGET_DRAFT, &draft));
    int64_t in_force = force.months.n[TIER_BASE][at], *drafted = &draft.months.n[TIER_BASE][at];
    *ret = (TargetEdit){.stored = *drafted != INT_NONE ? *drafted : in_force};
    if (value == in_force || value == *drafted) return NULL;
    TRY(target_may_set(c, scope, &may_set));
    if (!may_set) return err_denied(c, N_("The target of {1} is set by whoever leads the unit above"), name);
    if (value > TARGET_MAX) return err_invalid(c, N_("This number is too large"));
    TRY(check_meanwhile(c, m, &draft, ret->stored, value, seen));
    TRY(refuse_in_force(c, &draft, month));
    *drafted = value;
    ret->changed = true;
    return target_set_months(c, m, year, scope, &draft.months);
}
