/* target_access.c - who sets which target: a target is set by whoever sees the unit above, so that nobody lowers the own one. */
#include "modules/org/org.h"
#include "modules/target/target_private.h"

Error *target_scope_name(Ctx *c, MetricScope scope, const char **ret) {
    *ret = NULL;
    TRY(metric_check_scope(c, scope));
    if (scope.kind == SCOPE_UNIT) TRY(db_get_text(c, ret, "SELECT name FROM org_unit WHERE id = $1", V(scope.id)));
    if (scope.kind == SCOPE_PERSON) TRY(db_get_text(c, ret, "SELECT name FROM employee WHERE id = $1", V(scope.id)));
    if (scope.kind == SCOPE_DIMENSION) TRY(db_get_text(c, ret, "SELECT name FROM dimension WHERE id = $1", V(scope.id)));
    return *ret ? NULL : err_not_found(c, N_("This page is not there, or not for you"));
}

Error *target_may_set(Ctx *c, MetricScope scope, bool *ret) {
    int64_t above = 0;
    *ret = may(c, ROLE_LEADERS);
    if (!*ret || c->actor->scope == SCOPE_ALL || c->actor->system) return NULL;
    *ret = false;
    if (scope.kind == SCOPE_DIMENSION) return NULL; /* for who sees everything */
    if (scope.kind == SCOPE_PERSON && scope.id == c->actor->employee_id) return NULL;
    if (scope.kind == SCOPE_PERSON) TRY(db_get_int(c, &above, "SELECT unit_id FROM employee WHERE id = $1", V(scope.id)));
    /* the company has nothing above it: who sees it all sets it */
    if (scope.kind == SCOPE_UNIT) TRY(db_get_int(c, &above, "SELECT coalesce(parent_id, id) FROM org_unit WHERE id = $1", V(scope.id)));
    return above ? org_sees_unit(c, above, ret) : NULL;
}
