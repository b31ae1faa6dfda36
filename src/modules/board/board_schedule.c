/* board_schedule.c - boards and sheets that come by themselves, each day, week or month, as a file with a message to its owner. */
#include "base/i18n.h"
#include "modules/board/board_private.h"
#include "modules/calendar/calendar.h"
#include "modules/org/org.h"
#include "service/file.h"
#include "service/job.h"
#include "service/lang.h"
#include "service/notify.h"
#include "service/session.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { MAX_SCHEDULES = 20, MAX_FILE = 20 << 20 };
typedef enum Every { EVERY_WORKDAY, EVERY_MONDAY, EVERY_MONTH } Every;

typedef struct Schedule {
    RESOURCE_ROW;
    const char *name, *href, *employee_name, *problem;
    int64_t employee_id, account_id, hour;
    int format, every;
    bool active;
    Date last_day;
} Schedule;

static const char *const format_codes[] = {"xlsx", "pdf", NULL};
static const char *const format_labels[] = {N_("Spreadsheet"), N_("PDF"), NULL};
static const char *const every_codes[] = {"workday", "monday", "month", NULL};
static const char *const every_labels[] = {N_("Every working day"), N_("Every Monday"), N_("First working day of the month"), NULL};

static const Field fields[] = {
    TEXT_(Schedule, name, N_("Name"), .flags = REQUIRED | IN_LIST | PRIMARY | SEARCH, .max = 60),
    TEXT_(Schedule, href, N_("Page"), .flags = REQUIRED | IN_LIST, .max = 300, .help = N_("The address of a board or sheet, such as /sheets/team?unit_id=3&metric=amount")),
    ENUM_(Schedule, format, N_("As"), .flags = IN_LIST, .codes = format_codes, .labels = format_labels),
    ENUM_(Schedule, every, N_("When"), .flags = IN_LIST, .codes = every_codes, .labels = every_labels),
    INT_(Schedule, hour, N_("At hour"), .min = 0, .max = 23, .flags = REQUIRED | IN_LIST),
    BOOL_(Schedule, active, N_("In use"), .flags = IN_LIST),
    REF_(Schedule, employee_id, employee_name, N_("For"), &employee_resource, .flags = IN_LIST | READONLY),
    DATE_(Schedule, last_day, N_("Last made on"), .flags = IN_LIST | READONLY),
    TEXT_(Schedule, problem, N_("Problem"), .flags = READONLY, .max = 500),
    INT_(Schedule, account_id, N_("Account"), .flags = INTERNAL),
    {.kind = F_END},
};

static void defaults(Ctx *c, void *row) {
    Schedule *s = row;
    s->active = true;
    s->hour = 8;
    s->employee_id = c->actor->employee_id, s->employee_name = c->actor->name;
}

/* The page's address from a form opened on a board: without the period, which each run chooses. */
static const char *without_period(Ctx *c, const char *href) {
    Text *t = text_new(c->mem, 400);
    const char *at = strchr(href, '?'), *sign = "?";
    text_add_n(t, href, at ? (size_t)(at - href) : strlen(href));
    while (at && *at) {
        size_t n = strcspn(++at, "&");
        if (n && strncmp(at, "at=", 3) != 0 && strncmp(at, "format=", 7) != 0) {
            text_add(t, sign);
            text_add_n(t, at, n);
            sign = "&";
        }
        at += n;
    }
    return t->data;
}

static Error *prepare(Ctx *c, const void *old, void *row) {
    Schedule *s = row;
    if (s->href) s->href = without_period(c, s->href);
    if (old) return NULL;
    s->employee_id = c->actor->employee_id;
    s->account_id = c->actor->account_id;
    return NULL;
}

/* ---- making the document as its owner would see it ---- */

/* The last day of the period that has ended: yesterday, last week's Sunday, last month's last day. */
static Date day_to_show(const Schedule *s, Date today) {
    int year, month, day;
    date_parts(today, &year, &month, &day);
    if (s->every == EVERY_MONDAY) return today - date_weekday(today);
    return s->every == EVERY_MONTH ? date_make(year, month, 1) - 1 : today - 1;
}

static Error *request_of(Ctx *c, const Schedule *s, Date day, Req *ret) {
    char at[DATE_TEXT];
    const char *query = strchr(s->href, '?');
    *ret = (Req){.c = *c, .method = GET, .path = talloc_strndup(c->mem, s->href, query ? (size_t)(query - s->href) : strlen(s->href)), .target = s->href};
    return request_parse_query(ret, talloc_asprintf(c->mem, "%s%sat=%s", query ? query + 1 : "", query ? "&" : "", date_text(day, at)));
}

static Error *make_document(Ctx *c, const Schedule *s, Date day, Value *ret) {
    Req r;
    TRY(request_of(c, s, day, &r));
    return board_document(&r, r.path, ret);
}

static bool is_board(const char *path) {
    return !strcmp(path, "/board") || !strcmp(path, "/board/ramp") || board_has_sheet(path);
}

/* A page of ours that its owner may see. */
static Error *check_page(Ctx *c, const Schedule *s) {
    Req r;
    Board b;
    TRY(request_of(c, s, date_of_instant(c->now), &r));
    Error *e = is_board(r.path) ? board_read(&r, &b) : err_not_found(c, N_("This page is not there, or not for you"));
    return e && e->status < 500 ? err_field(c, "href", N_("There is no such board or sheet, or not for you")) : e;
}

static Error *validate(Ctx *c, const void *old, const void *row) {
    const Schedule *s = row;
    int64_t count = 0;
    if (!c->actor->employee_id) return err_denied(c, N_("Only somebody of the organisation can order boards"));
    if (!old) TRY(db_get_int(c, &count, "SELECT count(*) FROM board_schedule WHERE account_id = $1", V(c->actor->account_id)));
    if (count >= MAX_SCHEDULES) return err_conflict(c, N_("You have {1} already; delete one first"), "20");
    return s->employee_id == c->actor->employee_id ? check_page(c, s) : NULL; /* what an administrator edits stays its owner's */
}

/* ---- the run ---- */

static Error *read_file(Ctx *c, const char *path, const void **ret, size_t *ret_size) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > MAX_FILE) {
        if (fd >= 0) close(fd);
        return err_internal(c, "cannot read %s", path);
    }
    char *data = talloc_array(c->mem, char, (unsigned)st.st_size + 1);
    ssize_t n = pread(fd, data, (size_t)st.st_size, 0);
    close(fd);
    if (n != st.st_size) return err_internal(c, "cannot read %s", path);
    *ret = data;
    *ret_size = (size_t)n;
    return NULL;
}

typedef struct Made {
    const Schedule *schedule;
    const void *data;
    size_t size;
    const char *name, *type, *problem;
    Date day;
} Made;

static Error *make_file(Ctx *c, const Schedule *s, Date today, Made *m) {
    Value document;
    TRY(make_document(c, s, day_to_show(s, today), &document));
    m->name = document_file_name(c, document, format_codes[s->format]);
    m->type = document_type(format_codes[s->format]);
    if (s->format) return document_pdf(c, document, &m->data, &m->size);
    const char *path;
    TRY(document_xlsx(c, document, &path));
    return read_file(c, path, &m->data, &m->size);
}

static Error *keep(Ctx *c, void *arg) {
    const Made *m = arg;
    char day[DATE_TEXT];
    int64_t file = 0;
    TRY(db_exec(c, "UPDATE board_schedule SET last_day = $2, problem = $3 WHERE id = $1", V(m->schedule->id), V(date_text(m->day, day)), V(m->problem)));
    if (m->problem) {
        Msg failed = {.id = N_("“{1}” could not be made: {2}"), .args = {m->schedule->name, m->problem}};
        return notify_account(c, m->schedule->account_id, "board.file", failed, "/sheets/schedules");
    }
    TRY(file_store_made(c, m->data, m->size, m->name, m->type, "board_schedule", m->schedule->id, &file));
    Msg ready = {.id = N_("“{1}” is ready"), .args = {m->name}};
    return notify_account(c, m->schedule->account_id, "board.file", ready, talloc_asprintf(c->mem, "/sheets/files/%lld", (long long)file));
}

/* As the owner, in the owner's language. What fails is told to the owner and tried again the next time it is due. */
static Error *run_one(Ctx *c, const Schedule *s, Date today) {
    Actor actor;
    Ctx own = *c;
    Made m = {.schedule = s, .day = today};
    Error *e = actor_load(c, s->account_id, &actor);
    if (!e) {
        own.actor = &actor;
        own.lang = lang_get(*actor.lang ? actor.lang : "zh_CN");
        e = make_file(&own, s, today, &m);
    }
    if (e && e->status >= 500) return e;
    if (e) m.problem = msg_text(c->mem, own.lang, &e->message);
    return db_tx(&own, keep, &m);
}

static Error *is_due(Ctx *c, const Schedule *s, Date today, int hour, bool *ret) {
    const WorkCalendar *calendar;
    int year, month, day;
    TRY(calendar_get(c, &calendar));
    date_parts(today, &year, &month, &day);
    bool right_day = s->every == EVERY_WORKDAY ? workday_is(calendar, today) : s->every == EVERY_MONDAY ? date_weekday(today) == 1 : today == workday_add(calendar, date_make(year, month, 1), 0);
    *ret = right_day && hour >= s->hour && (s->last_day == DATE_NONE || s->last_day < today);
    return NULL;
}

static Error *run_schedules(Ctx *c, int64_t arg) {
    int hour, minute, second;
    Date today;
    ListQuery q = {.where = "t.active = 1"};
    ListResult list;
    (void)arg;
    instant_parts(c->now, &today, &hour, &minute, &second);
    TRY(resource_fields(c, &board_schedule_resource, &q.fields, &q.field_count));
    TRY(resource_list(c, &board_schedule_resource, &q, &list));
    for (size_t i = 0; i < list.count; i++) {
        const Schedule *s = (const Schedule *)(const void *)(list.rows + i * sizeof *s);
        bool due = false;
        TRY(is_due(c, s, today, hour, &due));
        if (due) TRY(run_one(c, s, today));
    }
    return NULL;
}

const JobKind board_jobs[] = {{.name = "board.schedules", .run = run_schedules, .every_minutes = 15}, {0}};

static Error *describe(Ctx *c, const void *row, Value model) {
    Value files = value_array(c->mem), list;
    TRY(file_list(c, "board_schedule", ((const Schedule *)row)->id, &list));
    for (size_t i = 0; i < value_count(list); i++) {
        Value file = value_at(list, i), o = value_object(c->mem);
        value_set(o, "title", value_get(file, "name", 4, NULL));
        value_set_text(o, "href", talloc_asprintf(c->mem, "/sheets/files/%lld", (long long)value_get(file, "id", 2, NULL).i));
        value_push(files, o);
    }
    value_set(model, "files", files);
    return NULL;
}

const Resource board_schedule_resource = {
    .table = "board_schedule", .path = "/sheets/schedules", .title = N_("Scheduled boards"), .one = N_("Scheduled board"), .icon = "clock", .size = sizeof(Schedule), .fields = fields,
    .access = {.read = ROLE_ANY, .create = ROLE_ANY, .update = ROLE_ANY, .remove = ROLE_ANY}, .scope_owner = "employee_id", .order = "name", .defaults = defaults, .prepare = prepare,
    .validate = validate, .describe = describe, .empty_hint = N_("Open a board or sheet and choose “Send regularly”: it then comes as a file each day, week or month."),
};

static Error *file_page(Req *r) {
    int64_t id;
    FileInfo file;
    TRY(req_id(r, 0, &id));
    TRY(file_load(&r->c, id, &file));
    if (strcmp(file.object, "board_schedule") != 0 || file.owner_id != r->c.actor->account_id) return err_not_found(&r->c, N_("The file is no longer there"));
    return file_send(r, &file);
}

/* Opened on a board or sheet, the form knows the page already. */
static Error *new_page(Req *r) {
    Ctx *c = &r->c;
    const Field *all;
    size_t n;
    const char *href = req_query(r, "href");
    TRY(resource_fields(c, &board_schedule_resource, &all, &n));
    Schedule *s = resource_new_row(c, &board_schedule_resource, all, n);
    defaults(c, s);
    if (href && *href) s->href = without_period(c, text_cut(c->mem, text_clean(c->mem, href), 300));
    return resource_form_page(r, &board_schedule_resource, NULL, s, NULL);
}

const Route board_schedule_routes[] = {
    {GET, "/sheets/schedules/new", ROLE_ANY, new_page, N_("Form for a new entry"), 0},
    {GET, "/sheets/files/{id}", ROLE_ANY, file_page, N_("A board or sheet that was made on schedule"), 0},
    {0},
};
