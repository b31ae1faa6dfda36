/* demo_people.c - the invented company's units, people, posts, leave and accounts. */
#include "base/pinyin.h"
#include "modules/account/account.h"
#include "modules/org/org.h"
#include "program/demo_private.h"
#include <string.h>
#include <talloc.h>

const DemoUnit demo_units[DEMO_UNITS] = {
    [U_COMPANY] = { "", UNIT_COMPANY, U_COMPANY, "总部", { NULL } },
    [U_EAST] = { "华东大区", UNIT_REGION, U_COMPANY, "华东", { NULL } },
    [U_SOUTH] = { "华南大区", UNIT_REGION, U_COMPANY, "华南", { NULL } },
    [U_NORTH] = { "华北大区", UNIT_REGION, U_COMPANY, "华北", { NULL } },
    [U_SHANGHAI_1] = { "上海一部", UNIT_TEAM, U_EAST, "华东", { "上海", "苏州", "昆山", "太仓", "嘉兴" } },
    [U_SHANGHAI_2] = { "上海二部", UNIT_TEAM, U_EAST, "华东", { "上海", "无锡", "常州", "南通", "张家港" } },
    [U_HANGZHOU] = { "杭州部", UNIT_TEAM, U_EAST, "华东", { "杭州", "宁波", "绍兴", "金华", "温州" } },
    [U_SHENZHEN] = { "深圳部", UNIT_TEAM, U_SOUTH, "华南", { "深圳", "东莞", "惠州", "珠海", "中山" } },
    [U_GUANGZHOU] = { "广州部", UNIT_TEAM, U_SOUTH, "华南", { "广州", "佛山", "江门", "清远", "肇庆" } },
    [U_BEIJING] = { "北京部", UNIT_TEAM, U_NORTH, "华北", { "北京", "保定", "石家庄", "廊坊", "太原" } },
    [U_TIANJIN] = { "天津部", UNIT_TEAM, U_NORTH, "华北", { "天津", "唐山", "沧州", "济南", "青岛" } },
};

const char *const demo_position_names[DEMO_POSITIONS][2] = {
    [POS_REP] = { "销售代表", "开发新客户，跟进意向客户，完成个人月度目标；每天下班前提交日报。" },
    [POS_SENIOR] = { "高级销售代表", "负责重点客户和大额合同，带教新人，完成个人季度目标。" },
    [POS_LEAD] = { "销售主管", "带领团队完成目标，每天审核日报，每周复盘，辅导未达标人员。" },
    [POS_MANAGER] = { "大区经理", "负责大区目标分解、资源协调和团队建设，支持重点客户谈判。" },
    [POS_DIRECTOR] = { "销售总监", "制定销售策略和年度目标，审批重大合同与目标调整。" },
    [POS_TRAINER] = { "培训经理", "制定培训计划，组织课程、考试和演练，跟踪培训效果。" },
    [POS_FINANCE] = { "财务", "核对合同与回款，计算提成和奖金。" },
    [POS_ADMIN] = { "系统管理员", "维护账号、组织架构和系统设置，负责数据备份。" },
};

/* Those who lead or help first, then the salespeople by team. The leader of a unit is the first lead, manager or director in it. */
const DemoRole demo_roles[DEMO_PEOPLE] = {
    { "陈国栋", U_COMPANY, POS_DIRECTOR, "P7", 118, 0, NULL },
    { "解正阳", U_COMPANY, POS_ADMIN, "P5", 97, 0, "admin" },
    { "曾雅琴", U_COMPANY, POS_TRAINER, "P6", 88, 0, "trainer" },
    { "单丽华", U_COMPANY, POS_FINANCE, "P5", 84, 0, "finance" },
    { "周海涛", U_EAST, POS_MANAGER, "P7", 101, 0, "manager" },
    { "黄志强", U_SOUTH, POS_MANAGER, "P7", 93, 0, NULL },
    { "仇建军", U_NORTH, POS_MANAGER, "P6", 79, 0, NULL },
    { "林晓燕", U_SHANGHAI_1, POS_LEAD, "P6", 76, 0, "lead" },
    { "徐明远", U_SHANGHAI_2, POS_LEAD, "P5", 71, 0, NULL },
    { "沈佳怡", U_HANGZHOU, POS_LEAD, "P5", 66, 0, NULL },
    { "梁俊杰", U_SHENZHEN, POS_LEAD, "P6", 74, 0, NULL },
    { "区慧敏", U_GUANGZHOU, POS_LEAD, "P5", 62, 0, NULL },
    { "马振华", U_BEIJING, POS_LEAD, "P6", 69, 0, NULL },
    { "任立新", U_TIANJIN, POS_LEAD, "P5", 58, 0, NULL },

    { "张伟", U_SHANGHAI_1, POS_SENIOR, "P4", 43, 112, "rep" },
    { "李思雨", U_SHANGHAI_1, POS_SENIOR, "P5", 52, 138, NULL },
    { "王梓涵", U_SHANGHAI_1, POS_REP, "P3", 31, 94, NULL },
    { "刘洋", U_SHANGHAI_1, POS_REP, "P4", 37, 103, NULL },
    { "单晓雯", U_SHANGHAI_1, POS_REP, "P3", 22, 88, NULL },
    { "赵欣悦", U_SHANGHAI_1, POS_REP, "P3", 7, 97, NULL },
    { "孙浩然", U_SHANGHAI_1, POS_REP, "P3", 29, 71, NULL },
    { "吴佳琪", U_SHANGHAI_2, POS_SENIOR, "P5", 48, 124, NULL },
    { "郑凯文", U_SHANGHAI_2, POS_REP, "P4", 33, 106, NULL },
    { "欧阳雪", U_SHANGHAI_2, POS_REP, "P3", 26, 92, NULL },
    { "蒋文博", U_SHANGHAI_2, POS_REP, "P3", 18, 82, NULL },
    { "顾清扬", U_SHANGHAI_2, POS_REP, "P3", 3, 90, NULL },
    { "朱晨曦", U_HANGZHOU, POS_SENIOR, "P4", 45, 118, NULL },
    { "曾子墨", U_HANGZHOU, POS_REP, "P4", 36, 99, NULL },
    { "何静怡", U_HANGZHOU, POS_REP, "P3", 28, 86, NULL },
    { "钱宇航", U_HANGZHOU, POS_REP, "P3", 14, 78, NULL },
    { "郭嘉伟", U_SHENZHEN, POS_SENIOR, "P5", 56, 145, NULL },
    { "冯雨桐", U_SHENZHEN, POS_SENIOR, "P4", 41, 115, NULL },
    { "邓超然", U_SHENZHEN, POS_REP, "P4", 34, 101, NULL },
    { "覃小曼", U_SHENZHEN, POS_REP, "P3", 25, 96, NULL },
    { "罗天佑", U_SHENZHEN, POS_REP, "P3", 30, 84, NULL },
    { "谢婉婷", U_GUANGZHOU, POS_SENIOR, "P4", 44, 110, NULL },
    { "何家俊", U_GUANGZHOU, POS_REP, "P4", 38, 98, NULL },
    { "麦冠霖", U_GUANGZHOU, POS_REP, "P3", 24, 91, NULL },
    { "仇思远", U_GUANGZHOU, POS_REP, "P3", 11, 87, NULL },
    { "梁碧瑶", U_GUANGZHOU, POS_REP, "P3", 27, 66, NULL },
    { "宋子涵", U_BEIJING, POS_SENIOR, "P5", 50, 128, NULL },
    { "韩雪松", U_BEIJING, POS_REP, "P4", 39, 104, NULL },
    { "解文静", U_BEIJING, POS_REP, "P3", 32, 95, NULL },
    { "董一凡", U_BEIJING, POS_REP, "P3", 20, 80, NULL },
    { "冯国庆", U_BEIJING, POS_REP, "P3", 35, 63, NULL },
    { "曹美玲", U_TIANJIN, POS_SENIOR, "P4", 42, 108, NULL },
    { "翟浩宇", U_TIANJIN, POS_REP, "P3", 23, 89, NULL },
    { "贾云飞", U_TIANJIN, POS_REP, "P3", 16, 76, NULL },
};

/* Who came from another team, so many days ago. */
static const struct { const char *name; DemoUnitNo before; int days; const char *note; } transfers[] = {
    { "郑凯文", U_SHANGHAI_1, 212, "上海二部扩编" },
    { "罗天佑", U_GUANGZHOU, 104, "本人申请，家在深圳" },
    { "贾云飞", U_BEIJING, 36, "支援天津市场" },
};
static const struct { const char *name; DemoUnitNo unit; const char *title; int days; } second_posts[] = {
    { "吴佳琪", U_HANGZHOU, "大客户支持（兼）", 150 },
    { "区慧敏", U_SOUTH, "新人导师（兼）", 95 },
};
static const struct { const char *name; int first, last, kind; const char *note; } leaves[] = { /* days from today */
    { "孙浩然", -1, 2, 1, "感冒发烧，附病假单" },
    { "朱晨曦", -4, -1, 0, "年假" },
    { "覃小曼", 0, 4, 0, "年假，回老家" },
    { "韩雪松", -7, 1, 3, "陪产假" },
    { "顾清扬", 0, 0, 2, "办理居住证" },
    { "宋子涵", 6, 12, 0, "年假" },
    { "徐明远", 13, 15, 0, "年假" },
};
static const struct { const char *name; int days; } leaver = { "梁碧瑶", 47 };

DemoUnitNo demo_unit_on(const DemoPerson *p, Date day) {
    return p->moved != DATE_NONE && day < p->moved ? p->before : p->role->unit;
}

bool demo_is_away(const DemoPerson *p, Date day) {
    if (day < p->hired || (p->left != DATE_NONE && day > p->left)) return true;
    for (int i = 0; i < p->leave_count; i++)
        if (p->leaves[i].first <= day && day <= p->leaves[i].last) return true;
    return false;
}

/* ---- units ---- */

static Error *make_units(Ctx *c, Demo *d) {
    TRY(org_unit_create_root(c, d->company, &d->units[U_COMPANY]));
    for (int i = U_COMPANY + 1; i < DEMO_UNITS; i++) {
        OrgUnit u = { .name = demo_units[i].name, .kind = demo_units[i].kind, .parent_id = d->units[demo_units[i].parent], .sort = 10 * i };
        TRY(resource_save(c, &org_unit_resource, NULL, &u, NULL, NULL));
        d->units[i] = u.id;
    }
    return NULL;
}

static bool leads(const DemoRole *role) {
    return role->position == POS_LEAD || role->position == POS_MANAGER || role->position == POS_DIRECTOR;
}

static Error *set_leaders(Ctx *c, Demo *d) {
    for (int i = 0; i < DEMO_UNITS; i++) {
        void *old;
        TRY(resource_load(c, &org_unit_resource, d->units[i], &old));
        OrgUnit u = *(OrgUnit *)old;
        u.leader_id = d->people[d->leaders[i]].id;
        TRY(resource_save(c, &org_unit_resource, old, &u, NULL, NULL));
    }
    return NULL;
}

/* ---- people ---- */

static Error *make_positions(Ctx *c) {
    for (int i = 0; i < DEMO_POSITIONS; i++)
        TRY(demo_add_row(c, &job_profile_resource, NULL, "name", demo_position_names[i][0], "duties", demo_position_names[i][1], NULL));
    return NULL;
}

/* "zhangwei" of 张伟; a number behind it where the name is taken. */
static const char *free_login(Ctx *c, const Demo *d, const DemoPerson *p, int place) {
    const char *wish = p->role->login;
    if (!wish) {
        char *keys = pinyin_keys(c->mem, p->role->name);
        keys[strcspn(keys, " ")] = 0;
        wish = text_fold(c->mem, keys);
    }
    int64_t taken = 0;
    Error *e = db_get_int(c, &taken, "SELECT id FROM account WHERE login = $1", V(wish));
    for (int i = 0; i < place && !taken; i++) taken = text_equal(d->people[i].login, wish);
    return e || taken ? talloc_asprintf(c->mem, "%s%d", wish, 1001 + place) : wish;
}

static int64_t manager_of(const Demo *d, const DemoRole *role) {
    DemoUnitNo unit = leads(role) ? demo_units[role->unit].parent : role->unit;
    return role->position == POS_DIRECTOR ? 0 : d->people[d->leaders[unit]].id;
}

static Error *make_person(Ctx *c, Demo *d, int place) {
    DemoPerson *p = &d->people[place];
    const DemoRole *role = p->role;
    DemoUnitNo unit = p->moved == DATE_NONE ? role->unit : p->before;
    Employee e = { .no = demo_number(c, 1001 + place), .name = role->name, .unit_id = d->units[unit], .grade = role->grade, .hired_on = p->hired,
                   .manager_id = manager_of(d, role), .phone = talloc_asprintf(c->mem, "1380000%d", 1001 + place),
                   .email = talloc_asprintf(c->mem, "%s@xinghe.example", p->login), .region = demo_units[role->unit].region, .left_on = DATE_NONE };
    TRY(db_get_int(c, &e.job_profile_id, "SELECT id FROM job_profile WHERE name = $1", V(demo_position_names[role->position][0])));
    TRY(resource_save(c, &employee_resource, NULL, &e, NULL, NULL));
    p->id = e.id;
    return NULL;
}

static Error *make_leave(Ctx *c, DemoPerson *p, Date first, Date last, int kind, const char *note) {
    static const char *const kinds[] = { "annual", "sick", "personal", "other" };
    p->leaves[p->leave_count].first = first;
    p->leaves[p->leave_count++].last = last;
    return demo_add_row(c, &leave_span_resource, NULL, "employee_id", demo_number(c, p->id), "first_day", demo_iso(c, first), "last_day", demo_iso(c, last), "kind", kinds[kind],
                   "note", note, NULL);
}

/* Two leaves in the past for each, months apart, so that older gaps in the reports have their reason. */
static Error *make_old_leaves(Ctx *c, Demo *d) {
    for (int i = DEMO_FIRST_REP; i < DEMO_PEOPLE; i++) {
        DemoPerson *p = &d->people[i];
        for (int k = 0; k < 2; k++) {
            uint64_t r = demo_mix((uint64_t)i, (uint64_t)k + 77);
            Date first = workday_add(d->calendar, d->today - 60 - 330 * k - demo_pick(&r, 270), 0);
            int kind = demo_pick(&r, 4) ? 0 : 1;
            if (first < p->hired + 30 || (p->left != DATE_NONE && first + 7 > p->left)) continue;
            TRY(make_leave(c, p, first, first + 1 + demo_pick(&r, 5), kind, kind ? "病假" : "年假"));
        }
    }
    return NULL;
}

static Error *make_history(Ctx *c, Demo *d) {
    for (size_t i = 0; i < sizeof transfers / sizeof *transfers; i++) {
        const DemoPerson *p = demo_person(d, transfers[i].name);
        TRY(org_transfer(c, p->id, d->units[p->role->unit], p->moved, transfers[i].note));
    }
    for (size_t i = 0; i < sizeof second_posts / sizeof *second_posts; i++)
        TRY(demo_add_row(c, &post_resource, NULL, "employee_id", demo_number(c, demo_person(d, second_posts[i].name)->id), "unit_id",
                    demo_number(c, d->units[second_posts[i].unit]), "title", second_posts[i].title, "first_day",
                    demo_iso(c, d->today - second_posts[i].days), NULL));
    TRY(make_old_leaves(c, d));
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
        TRY(make_leave(c, demo_person(d, leaves[i].name), d->today + leaves[i].first, d->today + leaves[i].last, leaves[i].kind, leaves[i].note));
    return NULL;
}

static Error *make_leaver(Ctx *c, Demo *d) {
    const DemoPerson *p = demo_person(d, leaver.name);
    void *old;
    TRY(org_leave_company(c, p->id, p->left));
    TRY(resource_load(c, &employee_resource, p->id, &old));
    Employee e = *(Employee *)old;
    e.status = EMPLOYEE_LEFT;
    e.left_on = p->left;
    return resource_save(c, &employee_resource, old, &e, "leave", NULL);
}

static Error *make_accounts(Ctx *c, Demo *d) {
    static const uint32_t roles[DEMO_POSITIONS] = { [POS_REP] = ROLE_REP, [POS_SENIOR] = ROLE_REP, [POS_LEAD] = ROLE_LEAD,
        [POS_MANAGER] = ROLE_MANAGER, [POS_DIRECTOR] = ROLE_MANAGER, [POS_TRAINER] = ROLE_TRAINER, [POS_FINANCE] = ROLE_FINANCE, [POS_ADMIN] = ROLE_ADMIN };
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        DemoPerson *p = &d->people[i];
        if (p->left != DATE_NONE) continue;
        AccountNew a = { .login = p->login, .name = p->role->name, .employee_id = p->id, .roles = roles[p->role->position], .scope = SCOPE_BY_ROLES,
                         .password_hash = d->password_hash, .demo = true };
        TRY(account_create(c, &a, &p->account_id));
    }
    return NULL;
}

/* The transaction may run again, so everything starts afresh here. */
static void draw_up(Ctx *c, Demo *d) {
    for (int i = DEMO_PEOPLE - 1; i >= 0; i--) {
        DemoPerson *p = &d->people[i];
        uint64_t r = demo_mix((uint64_t)i, 5);
        *p = (DemoPerson){ .role = &demo_roles[i], .left = DATE_NONE, .moved = DATE_NONE };
        p->hired = workday_add(d->calendar, date_add_months(d->today, -p->role->months) - demo_pick(&r, 25), 0);
        if (leads(p->role)) d->leaders[p->role->unit] = i;
    }
    for (int i = 0; i < DEMO_PEOPLE; i++) d->people[i].login = free_login(c, d, &d->people[i], i);
    for (size_t i = 0; i < sizeof transfers / sizeof *transfers; i++) {
        DemoPerson *p = demo_person(d, transfers[i].name);
        p->before = transfers[i].before;
        p->moved = workday_add(d->calendar, d->today - transfers[i].days, 0);
    }
    demo_person(d, leaver.name)->left = workday_add(d->calendar, d->today - leaver.days, 0);
}

Error *demo_make_people(Ctx *c, Demo *d) {
    draw_up(c, d);
    TRY(make_units(c, d));
    TRY(make_positions(c));
    for (int i = 0; i < DEMO_PEOPLE; i++) TRY(make_person(c, d, i));
    TRY(set_leaders(c, d));
    TRY(make_history(c, d));
    TRY(make_leaver(c, d));
    TRY(make_accounts(c, d));
    return org_rebuild_visibility(c);
}
