/* report_form.c - the phone form of the daily report: open, save as draft, submit, photos. */
#include "base/i18n.h"
#include "modules/report/report_private.h"
#include "modules/report/report_rules.h"
#include "resource/form.h"
#include "service/file.h"
#include "service/password.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

enum { MAX_PHOTOS = 6 };

static Value item_models(Req *r, const ReportItems *all, const DailyReport *row, const Error *problem) {
    Ctx *c = &r->c;
    Value list = value_array(c->mem);
    for (size_t i = 0; i < all->count; i++) {
        const Metric *item = all->items[i];
        const Field *f = field_find(all->fields, all->field_count, item->code);
        const char *typed = problem ? req_form(r, item->code) : NULL;
        Value o = value_object(c->mem);
        value_set_text(o, "name", item->code);
        value_set_text(o, "label", tr(c->lang, item->name));
        value_set_text(o, "unit", tr(c->lang, metric_unit_labels[item->unit]));
        value_set_text(o, "value", typed ? typed : field_plain(c, f, row));
        value_set_bool(o, "is_money", item->unit == UNIT_YUAN);
        value_set_int(o, "step", 1);
        value_set_int(o, "max", f->max);
        value_set_text(o, "error", form_message(c, problem, item->code));
        value_push(list, o);
    }
    return list;
}

static const char *ruled_items(Ctx *c, const ReportItems *all, int rule) {
    Text *t = text_new(c->mem, 1000);
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i]->rule == rule) text_addf(t, "%s%s", t->len ? " " : "", all->items[i]->code);
    return t->data;
}

Value report_photos(Ctx *c, int64_t id) {
    Value list = value_array(c->mem), files;
    if (!id || file_list(c, "daily_report", id, &files)) return list;
    for (size_t i = 0; i < value_count(files); i++) {
        Value file = value_at(files, i), o = value_object(c->mem);
        const char *href = talloc_asprintf(c->mem, "/reports/daily/%lld/photos/%lld", (long long)id, (long long)value_get(file, "id", 2, NULL).i);
        value_set(o, "id", value_get(file, "id", 2, NULL));
        value_set(o, "name", value_get(file, "name", 4, NULL));
        value_set_text(o, "href", href);
        value_set_text(o, "thumb_href", href);
        value_push(list, o);
    }
    return list;
}

static void add_texts(Req *r, Value model, const DailyReport *row, const Error *problem) {
    const struct { const char *name, *value; } texts[] = {
        {"talk_points", row->talk_points}, {"contract_no", row->contract_no}, {"reason", row->reason}, {"plan", row->plan}};
    Ctx *c = &r->c;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *typed = problem ? req_form(r, texts[i].name) : NULL;
        value_set_text(model, texts[i].name, typed ? typed : texts[i].value ? texts[i].value : "");
        value_set_text(model, talloc_asprintf(c->mem, "%s_error", texts[i].name), form_message(c, problem, texts[i].name));
    }
    value_set_text(model, "photo_error", form_message(c, problem, "photo"));
}

static void add_day(Ctx *c, Value model, const DailyReport *row, Instant deadline) {
    static const char *const names[] = {N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")};
    char iso[DATE_TEXT], when[INSTANT_TEXT];
    Instant at = row->submitted_at == INSTANT_NONE ? c->now : row->submitted_at; /* what was in time stays so */
    Date day = row->day;
    Msg until = {.id = at > deadline ? N_("Late: it was due {1}") : N_("Due {1}"), .args = {talloc_strdup(c->mem, instant_local(deadline, when))}};
    value_set_text(model, "day", talloc_strdup(c->mem, date_text(day, iso)));
    value_set_text(model, "day_text", talloc_asprintf(c->mem, "%s %s", iso, tr(c->lang, names[date_weekday(day) - 1])));
    value_set_text(model, "deadline_text", msg_text(c->mem, c->lang, &until));
    value_set_bool(model, "late", at > deadline);
}

Error *report_form_page(Req *r, const DailyReport *row, const Error *problem) {
    Ctx *c = &r->c;
    const ReportItems *all;
    Instant deadline;
    bool old = row->id && row->version;
    TRY(report_items(c, &all));
    TRY(report_deadline(c, row->day, &deadline));
    Value model = value_object(c->mem);
    value_set_text(model, "title", tr(c->lang, N_("Daily report")));
    value_set_text(model, "action", "/reports/daily");
    value_set_text(model, "next_href", "/");
    value_set_text(model, "name", row->employee_name);
    add_day(c, model, row, deadline);
    if (old) {
        value_set_int(model, "version", row->version);
        value_set_text(model, "state", report_state_title(c, row->state));
        value_set_text(model, "state_kind", report_state_badge(row->state));
        if (row->state == REPORT_RETURNED) value_set_text(model, "returned_reason", row->return_reason);
        if (row->state != REPORT_DRAFT) value_set_bool(model, "edited", true);
    }
    if (row->employee_id != c->actor->employee_id) value_set_int(model, "employee_id", row->employee_id);
    value_set(model, "items", item_models(r, all, row, problem));
    value_set_text(model, "talk_points_item", ruled_items(c, all, RULE_TALK_POINTS));
    value_set_text(model, "contract_no_item", ruled_items(c, all, RULE_CONTRACT_NO));
    add_texts(r, model, row, problem);
    value_set(model, "photos", report_photos(c, old ? row->id : 0));
    value_set_int(model, "photo_max", MAX_PHOTOS);
    value_set_text(model, "client_key", random_token(c));
    if (problem) value_set_text(model, "error", msg_text(c->mem, c->lang, &problem->message));
    return respond_view_status(r, problem ? problem->status : 200, "daily_report_edit", model);
}

/* ---- open ---- */

static Error *new_page(Req *r) {
    Ctx *c = &r->c;
    Date day, today = date_of_instant(c->now);
    DailyReport *row;
    TRY(req_query_date(r, "day", today, &day));
    if (!c->actor->employee_id) return err_conflict(c, N_("Your account is not linked to a person, so it has no reports"));
    if (day > today) return err_bad_request(c, N_("The day is in the future"));
    TRY(report_own(c, day, &row));
    if (row && row->state == REPORT_APPROVED) return respond_redirect(r, resource_href(c, &daily_report_resource, row->id));
    if (!row) {
        const Field *fields;
        size_t n;
        TRY(resource_fields(c, &daily_report_resource, &fields, &n));
        row = resource_new_row(c, &daily_report_resource, fields, n);
        row->employee_id = c->actor->employee_id;
        row->employee_name = c->actor->name;
        row->day = day;
    }
    return report_form_page(r, row, NULL);
}

static Error *edit_page(Req *r) {
    int64_t id;
    DailyReport *row;
    TRY(req_id(r, 0, &id));
    TRY(resource_load(&r->c, &daily_report_resource, id, (void **)&row));
    if (!resource_may_change(&r->c, &daily_report_resource, row)) return err_conflict(&r->c, N_("An approved report cannot be changed"));
    return report_form_page(r, row, NULL);
}

/* ---- save ---- */

typedef struct Submission {
    Req *r;
    int64_t id; /* 0: by person and day */
    RowInput input;
    RowSave done;
} Submission;

static Error *remove_photos(Ctx *c, const Req *r, int64_t report) {
    Value files;
    TRY(file_list(c, "daily_report", report, &files));
    for (const Pair *p = r->form; p; p = p->next) {
        int64_t id;
        if (strcmp(p->name, "remove_photo") || !int_parse(p->value, &id)) continue;
        for (size_t i = 0; i < value_count(files); i++)
            if (value_get(value_at(files, i), "id", 2, NULL).i == id) TRY(file_delete(c, id));
    }
    return NULL;
}

static Error *store_photos(Ctx *c, const Req *r, int64_t report) {
    Value files;
    if (!r->files) return NULL;
    TRY(file_list(c, "daily_report", report, &files));
    size_t count = value_count(files);
    for (const Upload *u = r->files; u; u = u->next) {
        int64_t id;
        if (strcmp(u->field, "photo") || !u->size) continue;
        if (++count > MAX_PHOTOS) return err_field(c, "photo", N_("At most {1} photos"), "6");
        TRY(file_store_image(c, u, "photo", "daily_report", report, &id));
    }
    return NULL;
}

static Error *save_tx(Ctx *c, void *arg) {
    Submission *s = arg;
    TRY(resource_save_input(c, &daily_report_resource, s->id, &s->input, &s->done));
    if (!s->done.changed && s->done.old && !s->r->files) return NULL; /* a repeat: its photos are there already */
    if (req_form(s->r, "remove_photo")) TRY(remove_photos(c, s->r, ((DailyReport *)s->done.row)->id));
    bool repeat = !s->done.changed && s->done.old && ((DailyReport *)s->input.row)->client_key;
    return repeat ? NULL : store_photos(c, s->r, ((DailyReport *)s->done.row)->id);
}

static Error *saved(Req *r, void *arg) {
    Submission *s = arg;
    DailyReport *row = s->done.row;
    const char *href = resource_href(&r->c, &daily_report_resource, row->id);
    Msg done = {.id = row->state == REPORT_DRAFT ? N_("Draft saved") : N_("Report submitted. Thank you!")};
    if (!r->wants_json) return respond_done(r, row->state == REPORT_DRAFT || row->employee_id != r->c.actor->employee_id ? href : "/", "success", done);
    if (!r->bearer) respond_flash(r, "success", done); /* the form's script goes to the next page itself */
    return resource_answer_saved(r, &daily_report_resource, &s->done);
}

static Error *save_failed(Req *r, void *arg, Error *e) {
    Submission *s = arg;
    if (r->wants_json || (e->status != 422 && e->status != 409) || !s->input.row) return e;
    DailyReport *row = s->input.row, *old = NULL;
    if (!row->employee_id) row->employee_id = r->c.actor->employee_id;
    if (row->day == DATE_NONE) row->day = date_of_instant(r->c.now);
    Error *none = resource_load(&r->c, &daily_report_resource, s->id ? s->id : report_id(row->employee_id, row->day), (void **)&old);
    return report_form_page(r, none ? row : old, e);
}

static Error *save(Req *r, int64_t id) {
    Submission *s = talloc_zero(r->c.mem, Submission);
    *s = (Submission){.r = r, .id = id};
    Error *e = resource_read_form(r, &daily_report_resource, !id, &s->input);
    return e ? save_failed(r, s, e) : req_commit_or(r, save_tx, s, saved, save_failed);
}

static Error *create(Req *r) {
    return save(r, 0);
}
static Error *change(Req *r) {
    int64_t id;
    TRY(req_id(r, 0, &id));
    return save(r, id);
}

/* ---- photos ---- */

static Error *photo(Req *r) {
    int64_t id, file_id;
    void *row;
    FileInfo file;
    TRY(req_id(r, 0, &id));
    TRY(req_id(r, 1, &file_id));
    TRY(resource_load(&r->c, &daily_report_resource, id, &row));
    TRY(file_load(&r->c, file_id, &file));
    if (strcmp(file.object, "daily_report") || file.object_id != id) return err_not_found(&r->c, N_("The file is no longer there"));
    return file_send(r, &file);
}

/* The short address a rep keeps on the home screen. */
static Error *shortcut(Req *r) {
    return respond_redirect(r, "/reports/daily/new");
}

const Route report_routes[] = {
    {GET, "/report", ROLE_ANY, shortcut, N_("Today's report"), 0},
    {GET, "/reports/daily/new", ROLE_ANY, new_page, N_("Form of the daily report"), 0},
    {GET, "/reports/daily/{id}/edit", ROLE_ANY, edit_page, N_("Form of the daily report"), 0},
    {POST, "/reports/daily", ROLE_ANY, create, N_("Submit a daily report, or correct one of the same day"), ROUTE_UPLOAD},
    {POST, "/reports/daily/{id}", ROLE_ANY, change, N_("Change a daily report"), ROUTE_UPLOAD},
    {GET, "/reports/daily/{id}/photos/{file}", ROLE_ANY, photo, N_("A photo of a report"), 0},
    {0},
};
