/* post.c - where a person works and when: transfer with effective date, several posts a person, leaving. */
#include "modules/org/org_private.h"
#include "service/audit.h"
#include <talloc.h>

typedef struct Post {
    RESOURCE_ROW;
    const char *employee_name, *unit_name, *title, *note;
    int64_t employee_id, unit_id;
    Date first_day, last_day;
    bool main;
} Post;

static const Field fields[] = {
    REF_(Post, employee_id, employee_name, N_("Person"), &employee_resource, .flags = REQUIRED | IN_LIST | PRIMARY | FILTER | CREATE_ONLY | SEARCH),
    REF_(Post, unit_id, unit_name, N_("Unit"), &org_unit_resource, .flags = REQUIRED | IN_LIST | FILTER),
    TEXT_(Post, title, N_("Position"), .flags = IN_LIST, .max = 60),
    BOOL_(Post, main, N_("Main post"), .flags = IN_LIST | READONLY, .help = N_("The main post decides whose numbers a day counts for; change it by Transfer")),
    DATE_(Post, first_day, N_("From"), .flags = REQUIRED | IN_LIST | SORT),
    DATE_(Post, last_day, N_("To"), .flags = IN_LIST),
    TEXT_(Post, note, N_("Note"), .max = 200),
    {.kind = F_END},
};

Error *(*org_on_leaving)(Ctx *c, int64_t employee_id);
Error *(*org_on_posts_changed)(Ctx *c, int64_t employee_id, Date from);

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Post *p = row;
    const Post *was = old;
    if (p->last_day != DATE_NONE && p->last_day < p->first_day) return err_field(c, "last_day", N_("This is before the first day"));
    if (was && was->main && (was->unit_id != p->unit_id || was->first_day != p->first_day || was->last_day != p->last_day))
        return err_conflict(c, N_("A main post is changed by Transfer, so that the history stays right"));
    return NULL;
}

static Error *after_save(Ctx *c, const void *old, const void *row) {
    (void)old, (void)row;
    return org_rebuild_visibility(c);
}

const Resource post_resource = {
    .table = "post", .path = "/posts", .title = N_("Posts"), .one = N_("Post"), .icon = "id-badge", .size = sizeof(Post), .fields = fields,
    .access = {.read = ROLE_ANY & ~ROLE_REP, .create = ROLE_ADMIN | ROLE_TRAINER, .update = ROLE_ADMIN | ROLE_TRAINER},
    .scope_owner = "employee_id", .scope_unit = "unit_id", .order = "-first_day", .title_field = "employee_id", .validate = validate, .after_save = after_save,
    .empty_hint = N_("A person's main post is made with the person; second posts are entered here."),
};

static const char *iso(Ctx *c, Date d) {
    char buf[DATE_TEXT];
    return talloc_strdup(c->mem, date_text(d, buf));
}

Error *org_unit_of(Ctx *c, int64_t employee_id, Date day, int64_t *ret_unit_id) {
    *ret_unit_id = 0;
    return db_get_int(c, ret_unit_id, "SELECT unit_id FROM post WHERE employee_id = $1 AND main = 1 AND first_day <= $2"
                                      " AND (last_day IS NULL OR last_day >= $2) ORDER BY first_day DESC, id DESC LIMIT 1",
                      V(employee_id), V(iso(c, day)));
}

Error *post_open(Ctx *c, int64_t employee_id, int64_t unit_id, Date first_day, const char *note) {
    return db_exec(c, "INSERT INTO post(employee_id, unit_id, main, first_day, note, version, created_at, created_by, updated_at, updated_by)"
                      " VALUES ($1, $2, 1, $3, $4, 1, $5, $6, $5, $6)",
                   V(employee_id), V(unit_id), V(iso(c, first_day)), V(note), V(c->now), V(c->actor->account_id));
}

Error *post_move(Ctx *c, int64_t employee_id, int64_t unit_id, Date first_day, const char *note) {
    const char *from = iso(c, first_day), *day_before = iso(c, first_day - 1);
    TRY(db_exec(c, "DELETE FROM post WHERE employee_id = $1 AND main = 1 AND first_day >= $2", V(employee_id), V(from)));
    TRY(db_exec(c, "UPDATE post SET last_day = $3, version = version + 1, updated_at = $4 WHERE employee_id = $1 AND main = 1"
                   " AND (last_day IS NULL OR last_day >= $2)", V(employee_id), V(from), V(day_before), V(c->now)));
    TRY(post_open(c, employee_id, unit_id, first_day, note));
    return org_on_posts_changed ? org_on_posts_changed(c, employee_id, first_day) : NULL;
}

/* employee.unit_id is today's main post: a transfer in the future takes effect by the daily job. */
static Error *apply_units(Ctx *c, int64_t employee_id) {
    const char *today = iso(c, date_of_instant(c->now));
    TRY(db_exec(c, "UPDATE employee SET version = version + 1, updated_at = $3, unit_id = ("
                   "   SELECT p.unit_id FROM post p WHERE p.employee_id = employee.id AND p.main = 1 AND p.first_day <= $1"
                   "   AND (p.last_day IS NULL OR p.last_day >= $1) ORDER BY p.first_day DESC, p.id DESC LIMIT 1)"
                   " WHERE status = 0 AND ($2 = 0 OR id = $2) AND EXISTS ("
                   "   SELECT 1 FROM post p WHERE p.employee_id = employee.id AND p.main = 1 AND p.first_day <= $1"
                   "   AND (p.last_day IS NULL OR p.last_day >= $1) AND p.unit_id <> employee.unit_id)",
                V(today), V(employee_id), V(c->now)));
    session_changed(c, 0);
    return NULL;
}

Error *org_transfer(Ctx *c, int64_t employee_id, int64_t unit_id, Date effective, const char *note) {
    int64_t now_in = 0, status = 0;
    TRY(org_unit_of(c, employee_id, effective, &now_in));
    TRY(db_get_int(c, &status, "SELECT status FROM employee WHERE id = $1", V(employee_id)));
    if (status != EMPLOYEE_ACTIVE) return err_conflict(c, N_("This person has left"));
    Error *closed = NULL;
    TRY(org_check_open(c, unit_id, &closed));
    if (closed) return closed;
    if (now_in == unit_id) return err_field(c, "unit_id", N_("The person is in this unit already on that day"));
    TRY(post_move(c, employee_id, unit_id, effective, note));
    Text *what = text_new(c->mem, 1000);
    text_addf(what, "{\"unit_id\":[%lld,%lld]}", (long long)now_in, (long long)unit_id);
    TRY(audit_record(c, "transfer", "employee", employee_id, what->data));
    return apply_units(c, employee_id);
}

Error *org_leave_company(Ctx *c, int64_t employee_id, Date last_day) {
    TRY(db_exec(c, "UPDATE post SET last_day = $2, version = version + 1, updated_at = $3 WHERE employee_id = $1 AND (last_day IS NULL OR last_day > $2)",
                V(employee_id), V(iso(c, last_day)), V(c->now)));
    TRY(db_exec(c, "UPDATE org_unit SET leader_id = NULL, version = version + 1, updated_at = $2 WHERE leader_id = $1", V(employee_id), V(c->now)));
    if (org_on_leaving) TRY(org_on_leaving(c, employee_id));
    return org_rebuild_visibility(c);
}

static Error *daily(Ctx *c, void *arg) {
    (void)arg;
    TRY(apply_units(c, 0));
    return org_rebuild_visibility(c);
}
static Error *take_effect(Ctx *c, int64_t arg) {
    (void)arg;
    return db_tx(c, daily, NULL);
}

const JobKind org_jobs[] = {
    {.name = "org.take_effect", .run = take_effect, .every_minutes = 1440, .at_hour = 0, .at_minute = 5},
    {0},
};
