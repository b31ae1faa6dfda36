/* employee.c - people: number, name, team, profile; transfer and leaving as actions of their own. */
#include "base/pinyin.h"
#include "modules/org/org_private.h"
#include <string.h>
#include <talloc.h>

static const char *const status_codes[] = {"active", "left", NULL};
static const char *const status_labels[] = {N_("Working"), N_("Left"), NULL};
static const char *const status_badges[] = {"success", "secondary", NULL};
#define ALSO(...) .aliases = (const char *const[]){__VA_ARGS__, NULL}

static const Field fields[] = {
    TEXT_(Employee, no, N_("Staff no."), .flags = IN_LIST | SEARCH | KEY | SORT, .max = 32, .help = N_("Left empty, the next free number is given"),
          ALSO("工号", "员工编号")),
    TEXT_(Employee, name, N_("Name"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH | SORT, .max = 60, ALSO("姓名", "员工姓名", "销售人员", "sales_agent", "Sales agent")),
    REF_(Employee, unit_id, unit_name, N_("Team"), &org_unit_resource, .flags = REQUIRED | IN_LIST | FILTER | SORT, ALSO("部门", "所属团队", "团队"),
         .help = N_("To move someone later, use Transfer: it keeps the history")),
    REF_(Employee, job_profile_id, job_profile_name, N_("Position"), &job_profile_resource, .flags = IN_LIST | FILTER, ALSO("岗位", "职位")),
    TEXT_(Employee, grade, N_("Grade"), .flags = IN_LIST | FILTER, .max = 20, ALSO("职级")),
    DATE_(Employee, hired_on, N_("Hired on"), .flags = IN_LIST | SORT | FILTER, ALSO("入职日期")),
    REF_(Employee, manager_id, manager_name, N_("Direct manager"), &employee_resource, .flags = 0, ALSO("直属上级", "上级")),
    TEXT_(Employee, phone, N_("Phone"), .flags = SEARCH, .max = 20, ALSO("手机", "手机号", "电话")),
    TEXT_(Employee, email, N_("E-mail"), .max = 100, ALSO("邮箱")),
    TEXT_(Employee, region, N_("Sales region"), .max = 40, ALSO("区域", "地区")),
    ENUM_(Employee, status, N_("Status"), .flags = IN_LIST | FILTER | READONLY, .codes = status_codes, .labels = status_labels, .badges = status_badges),
    DATE_(Employee, left_on, N_("Left on"), .flags = READONLY),
    TEXT_(Employee, name_keys, N_("Search keys"), .flags = INTERNAL, .max = 1000),
    TEXT_(Employee, leader_name, N_("Team leader"), .flags = INTERNAL | NO_COLUMN | IMPORT_ONLY, .max = 60, .sql = "NULL", ALSO("主管", "团队主管", "manager")),
    TEXT_(Employee, office_name, N_("Office"), .flags = INTERNAL | NO_COLUMN | IMPORT_ONLY, .max = 60, .sql = "NULL",
          ALSO("办事处", "大区", "regional_office", "Regional office")),
    {.kind = F_END},
};

static Error *next_number(Ctx *c, const char **ret) {
    int64_t n = 0, taken = 1;
    TRY(db_get_int(c, &n, "SELECT count(*) FROM employee"));
    for (n += 1001; taken; n++) {
        *ret = talloc_asprintf(c->mem, "%lld", (long long)n);
        taken = 0;
        TRY(db_get_int(c, &taken, "SELECT 1 FROM employee WHERE no = $1", V(*ret)));
    }
    return NULL;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    Employee *e = row;
    const Employee *was = old;
    if (!e->no || !*e->no) TRY(next_number(c, &e->no));
    if (e->name && (!was || strcmp(was->name, e->name) != 0 || !was->name_keys)) e->name_keys = pinyin_keys(c->mem, e->name);
    if (e->name && e->name_keys && !*e->name_keys) e->name_keys = text_fold(c->mem, e->name); /* signs only */
    return NULL;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Employee *e = row, *was = old;
    Error *errors = NULL;
    if (e->unit_id && (!was || was->unit_id != e->unit_id)) TRY(org_check_open(c, e->unit_id, &errors));
    if (e->id && e->manager_id == e->id) err_add_field(c, &errors, "manager_id", N_("Nobody is their own manager"));
    if (e->hired_on != DATE_NONE && e->left_on != DATE_NONE && e->left_on < e->hired_on) err_add_field(c, &errors, "left_on", N_("This is before the day of hiring"));
    for (const char *s = e->phone; s && *s; s++)
        if (!strchr("0123456789+- ", *s)) {
            err_add_field(c, &errors, "phone", N_("A phone number has digits only"));
            break;
        }
    if (e->email && *e->email && !strchr(e->email, '@')) err_add_field(c, &errors, "email", N_("This is not an e-mail address"));
    return errors;
}

/* A new person gets a main post; a changed team (by edit or import) is a transfer from today. */
static Error *after_save(Ctx *c, const void *old, const void *row) {
    const Employee *was = old, *is = row;
    Date today = date_of_instant(c->now);
    if (!was) {
        Date first = is->hired_on != DATE_NONE && is->hired_on < today ? is->hired_on : today;
        return post_open(c, is->id, is->unit_id, first, NULL);
    }
    if (was->unit_id == is->unit_id) return NULL;
    TRY(post_move(c, is->id, is->unit_id, today, NULL));
    session_changed(c, 0);
    return NULL;
}

static bool is_working(Ctx *c, const void *row) {
    (void)c;
    return ((const Employee *)row)->status == EMPLOYEE_ACTIVE;
}
static bool has_left(Ctx *c, const void *row) {
    return !is_working(c, row);
}

static Error *leave(Ctx *c, void *row, const char *reason) {
    Employee *e = row;
    (void)reason;
    TRY(org_leave_company(c, e->id, date_of_instant(c->now)));
    e->status = EMPLOYEE_LEFT;
    e->left_on = date_of_instant(c->now);
    return NULL;
}

static Error *come_back(Ctx *c, void *row, const char *reason) {
    Employee *e = row;
    (void)reason;
    e->status = EMPLOYEE_ACTIVE;
    e->left_on = DATE_NONE;
    return post_move(c, e->id, e->unit_id, date_of_instant(c->now), NULL); /* the old one may end only today */
}

static const Action actions[] = {
    {.name = "leave", .title = N_("Has left"), .icon = "user-off", .roles = ROLE_ADMIN | ROLE_TRAINER, .run = leave, .offered = is_working, .danger = true, .needs_reason = true,
     .confirm = N_("The account's sessions end at once."), .done = N_("Marked as left; log-ins have ended")},
    {.name = "rehire", .title = N_("Back again"), .icon = "user-plus", .roles = ROLE_ADMIN | ROLE_TRAINER, .run = come_back, .offered = has_left},
    {0},
};

static Error *describe(Ctx *c, const void *row, Value model) {
    const Employee *e = row;
    Rows *rows;
    Value posts = value_array(c->mem);
    TRY(db_query(c, &rows, "SELECT u.name, p.title, p.first_day, p.last_day, p.main FROM post p JOIN org_unit u ON u.id = p.unit_id"
                           " WHERE p.employee_id = $1 ORDER BY p.first_day DESC, p.id DESC", V(e->id)));
    while (rows_next(rows)) {
        static const char *const names[] = {"unit", "title", "first_day", "last_day"};
        Value o = value_object(c->mem);
        for (int i = 0; i < 4; i++) value_set_text(o, names[i], row_dup(rows, i));
        value_set_bool(o, "main", row_int(rows, 4) != 0);
        value_push(posts, o);
    }
    TRY(rows_done(rows));
    value_set(model, "posts", posts);
    if (may(c, ROLE_ADMIN | ROLE_TRAINER) && e->status == EMPLOYEE_ACTIVE)
        detail_add_link(c, model, N_("Transfer"), talloc_asprintf(c->mem, "/people/%lld/transfer", (long long)e->id), "switch-horizontal");
    return NULL;
}

const Resource employee_resource = {
    .table = "employee", .path = "/people", .title = N_("People"), .one = N_("Person"), .icon = "users", .size = sizeof(Employee), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ADMIN | ROLE_TRAINER, .update = ROLE_ADMIN | ROLE_TRAINER},
    .scope_owner = "id", .scope_unit = "unit_id", .order = "name", .search_keys = "name_keys", .actions = actions, .importable = true,
    .import_row = roster_row, .prepare = prepare, .validate = validate, .after_save = after_save, .describe = describe,
    .empty_hint = N_("Import your people from a spreadsheet, or enter the first one."),
};
