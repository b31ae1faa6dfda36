/* roster.c - one flat sheet of people (姓名, 主管, 办事处) becomes regions, teams, leaders and people.
 *
 * Many companies keep no more than that. Where a person's row names a leader or an office instead of a team, the import finds or makes the
 * office as a unit below the company, the leader as a person, and the leader's team as a unit below the office. */
#include "base/i18n.h"
#include "modules/org/org_private.h"
#include <string.h>
#include <talloc.h>

static bool given(const char *s) {
    return s && *s;
}

static Error *find_root(Ctx *c, int64_t *ret) {
    *ret = 0;
    TRY(db_get_int(c, ret, "SELECT id FROM org_unit WHERE kind = 0"));
    if (*ret || !c->tx) return NULL;
    return org_unit_create_root(c, tr(c->lang, N_("Company")), ret);
}

/* In a dry run (no transaction) what is not there yet is answered with the unit above it: good enough to judge the row. */
static Error *find_unit(Ctx *c, const char *name, int kind, int64_t parent, int64_t leader, int64_t *ret) {
    int64_t id = 0;
    if (leader)
        TRY(db_get_int(c, &id, "SELECT id FROM org_unit WHERE leader_id = $1 AND parent_id = $2 ORDER BY id LIMIT 1", V(leader), V(parent)));
    else
        TRY(db_get_int(c, &id, "SELECT id FROM org_unit WHERE name = $1 AND status = 0 ORDER BY id LIMIT 1", V(name)));
    *ret = id ? id : parent;
    if (id || !c->tx) return NULL;
    OrgUnit unit = {.name = name, .kind = kind, .parent_id = parent, .leader_id = leader};
    TRY(resource_save(c, &org_unit_resource, NULL, &unit, NULL, NULL));
    *ret = unit.id;
    return NULL;
}

static Error *find_person(Ctx *c, const char *name, int64_t *ret) {
    return db_get_int(c, ret, "SELECT id FROM employee WHERE name = $1 AND status = 0 ORDER BY id LIMIT 1", V(name));
}

/* The leader as a person in the office, and the unit that this person leads there. */
static Error *find_team(Ctx *c, const char *leader_name, int64_t office, int64_t *ret_leader, int64_t *ret_unit) {
    Msg name = {.id = N_("{1}'s team"), .args = {leader_name}};
    *ret_leader = 0;
    *ret_unit = office;
    TRY(find_person(c, leader_name, ret_leader));
    if (!*ret_leader && !c->tx) return NULL;
    if (!*ret_leader) {
        Employee leader = {.name = leader_name, .unit_id = office, .hired_on = DATE_NONE, .left_on = DATE_NONE};
        TRY(resource_save(c, &employee_resource, NULL, &leader, NULL, NULL));
        *ret_leader = leader.id;
    }
    return find_unit(c, msg_text(c->mem, c->lang, &name), UNIT_TEAM, office, *ret_leader, ret_unit);
}

static void give(const Field *fields, size_t n, bool *is_given, const char *name) {
    is_given[field_find(fields, n, name) - fields] = true;
}

Error *roster_row(Ctx *c, const Field *fields, size_t n, bool *is_given, void *row) {
    Employee *e = row;
    Rows *same;
    if (!given(e->no) && given(e->name)) { /* a sheet without numbers finds people by their name */
        TRY(db_query(c, &same, "SELECT no FROM employee WHERE name = $1 LIMIT 2", V(e->name)));
        const char *no = rows_next(same) ? row_dup(same, 0) : NULL;
        bool several = no && rows_next(same);
        TRY(rows_done(same));
        if (several) return err_field(c, "name", N_("There are several entries called “{1}”; use the number"), e->name);
        if (no) {
            e->no = no;
            give(fields, n, is_given, "no");
        }
    }
    if (e->unit_id || (!given(e->leader_name) && !given(e->office_name))) return NULL;
    TRY(find_root(c, &e->unit_id));
    if (!e->unit_id) e->unit_id = -1; /* a dry run on an empty database: the import will make the company */
    if (given(e->office_name)) TRY(find_unit(c, e->office_name, given(e->leader_name) ? UNIT_REGION : UNIT_TEAM, e->unit_id, 0, &e->unit_id));
    if (given(e->leader_name) && strcmp(e->leader_name, e->name ? e->name : "") != 0) {
        TRY(find_team(c, e->leader_name, e->unit_id, &e->manager_id, &e->unit_id));
        if (e->manager_id) give(fields, n, is_given, "manager_id");
    }
    give(fields, n, is_given, "unit_id");
    return NULL;
}
