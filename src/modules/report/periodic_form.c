/* periodic_form.c - the form of a weekly or monthly report: the numbers stand there already, only words are typed. */
#include "base/i18n.h"
#include "modules/org/org.h"
#include "modules/report/periodic_private.h"
#include "modules/target/target.h"
#include "resource/form.h"
#include <string.h>
#include <talloc.h>

/* ---- the page ---- */

static Value text_field(Req *r, const Field *f, const PeriodicReport *row, const Error *problem) {
    Ctx *c = &r->c;
    Value o = value_object(c->mem);
    const char *typed = problem ? req_form(r, f->name) : NULL;
    value_set_text(o, "name", f->name);
    value_set_text(o, "label", field_label(c, f));
    value_set_text(o, "value", typed ? typed : field_plain(c, f, row));
    value_set_int(o, "max", f->max);
    value_set_text(o, "error", form_message(c, problem, f->name));
    return o;
}

static Value text_fields(Req *r, const Periodic *p, const PeriodicReport *row, const Error *problem) {
    static const char *const names[][4] = {{"problem", "next_focus", "support_need", NULL}, {"highlights", "problem", "measures", "support_need"}};
    Value list = value_array(r->c.mem);
    for (size_t i = 0; i < 4 && names[p->kind][i]; i++)
        for (const Field *f = p->resource->fields; f->kind != F_END; f++)
            if (!strcmp(f->name, names[p->kind][i])) value_push(list, text_field(r, f, row, problem));
    return list;
}

/* Amounts that a lead may type; what the page shows already is sent back and changes nothing. */
static void add_typed_money(Req *r, Value model, const char *name, Money shown, const Error *problem) {
    char buf[MONEY_TEXT];
    const char *typed = problem ? req_form(r, name) : NULL, *value = shown == MONEY_NONE ? "" : talloc_strdup(r->c.mem, money_plain(shown, buf));
    value_set_text(model, talloc_asprintf(r->c.mem, "%s_value", name), typed ? typed : value);
    value_set_text(model, talloc_asprintf(r->c.mem, "%s_error", name), form_message(&r->c, problem, name));
}

static Money fen(Ratio ratio) {
    int64_t n = MONEY_NONE;
    return ratio_scaled(ratio, 100, &n) ? n : MONEY_NONE;
}

/* What was aimed at a week ago is what this week is held against. */
static Error *add_last_focus(Ctx *c, const Periodic *p, Value model, const PeriodicReport *row) {
    const char *text = NULL;
    int64_t id = periodic_id(PERIODIC_WEEK, row->employee_id, row->unit_id, row->first - 7);
    if (p->kind == PERIODIC_WEEK) TRY(db_get_text(c, &text, "SELECT next_focus FROM weekly_report WHERE id = $1 AND state > 0", V(id)));
    value_set_text(model, "last_focus", text && *text ? text : NULL);
    return NULL;
}

static Error *add_deadline(Ctx *c, const Periodic *p, Value model, const PeriodicReport *row) {
    Instant deadline, at = row->submitted_at == INSTANT_NONE ? c->now : row->submitted_at; /* what was in time stays so */
    char when[INSTANT_TEXT];
    TRY(periodic_deadline(c, p->kind, row->first, &deadline));
    bool late = periodic_is_late(at, deadline);
    Msg until = {.id = late ? N_("Late: it was due {1}") : N_("Due {1}"), .args = {talloc_strdup(c->mem, instant_local(deadline, when))}};
    value_set_text(model, "deadline_text", msg_text(c->mem, c->lang, &until));
    value_set_bool(model, "late", late);
    return NULL;
}

static Error *form_page(Req *r, const Periodic *p, const PeriodicReport *row, const Error *problem) {
    Ctx *c = &r->c;
    PeriodicLive live;
    PeriodicSpans spans;
    char iso[DATE_TEXT];
    Value model = value_object(c->mem);
    TRY(periodic_live(c, p->kind, row, &live, &spans));
    PeriodicShown s = periodic_shown(row, &live);
    periodic_add_numbers(c, p->kind, model, row, &s, &spans);
    value_set_text(model, "title", tr(c->lang, p->resource->one));
    value_set_text(model, "action", p->path);
    value_set_text(model, "period", p->period);
    value_set_text(model, "first", talloc_strdup(c->mem, date_text(row->first, iso)));
    value_set_bool(model, "own", row->employee_id && row->employee_id == c->actor->employee_id);
    value_set_int(model, "owner_id", row->employee_id ? row->employee_id : row->unit_id);
    value_set_text(model, "owner", row->employee_id ? "employee_id" : "unit_id");
    value_set_bool(model, "monthly", p->kind == PERIODIC_MONTH);
    value_set_bool(model, "may_type", may(c, ROLE_LEADERS));
    add_typed_money(r, model, "target", fen(s.target), problem);
    if (p->kind == PERIODIC_MONTH) add_typed_money(r, model, "next_target", fen(s.next_target), problem);
    value_set(model, "fields", text_fields(r, p, row, problem));
    TRY(add_last_focus(c, p, model, row));
    TRY(add_deadline(c, p, model, row));
    if (p->kind == PERIODIC_MONTH) {
        KeyMetric *keys;
        size_t n;
        TRY(periodic_keys(c, row, &keys, &n));
        value_set(model, "keys", periodic_keys_model(c, keys, n));
    }
    if (row->version) {
        value_set_int(model, "version", row->version);
        value_set_text(model, "state", report_state_title(c, row->state));
        value_set_text(model, "state_kind", report_state_badge(row->state));
        if (row->state == REPORT_RETURNED) value_set_text(model, "returned_reason", row->return_reason);
    }
    value_set_bool(model, "may_draft", !row->version || row->state == REPORT_DRAFT);
    value_set_text(model, "error", problem ? msg_text(c->mem, c->lang, &problem->message) : NULL);
    return respond_view_status(r, problem ? problem->status : 200, "periodic_edit", model);
}

/* ---- open ---- */

static Error *find(Ctx *c, const Periodic *p, const PeriodicReport *row, PeriodicReport **ret) {
    *ret = NULL;
    Error *e = resource_load(c, p->resource, periodic_row_id(p->kind, row), (void **)ret);
    return e && e->status == 404 ? NULL : e;
}

/* Of the reader or the team he leads, of somebody else (?employee_id=), of a unit (?unit_id=). */
static Error *set_subject(Req *r, PeriodicReport *row) {
    Ctx *c = &r->c;
    int64_t employee_id, unit_id;
    TRY(req_query_int(r, "employee_id", 0, &employee_id));
    TRY(req_query_int(r, "unit_id", 0, &unit_id));
    bool lead = c->actor->employee_id && may(c, ROLE_LEADERS) && !(c->actor->roles & ROLE_REP);
    if (!employee_id && !unit_id && lead) /* who leads writes for the team, unless it is said for whom */
        TRY(db_get_int(c, &unit_id, "SELECT id FROM org_unit WHERE leader_id = $1 AND status = 0 ORDER BY kind, id LIMIT 1", V(c->actor->employee_id)));
    if (!employee_id && !unit_id) {
        row->employee_id = c->actor->employee_id;
        row->employee_name = c->actor->name;
        return row->employee_id ? NULL : err_conflict(c, N_("Your account is not linked to a person, so it has no reports"));
    }
    row->employee_id = employee_id, row->unit_id = employee_id ? 0 : unit_id;
    row->employee_name = row->unit_name = NULL;
    bool own = employee_id && employee_id == c->actor->employee_id;
    if (!own && !may(c, ROLE_LEADERS)) return err_denied(c, N_("You can only enter this for yourself or your own team"));
    TRY(metric_check_scope(c, periodic_scope(row)));
    if (employee_id) TRY(db_get_text(c, &row->employee_name, "SELECT name FROM employee WHERE id = $1", V(employee_id)));
    else TRY(db_get_text(c, &row->unit_name, "SELECT name FROM org_unit WHERE id = $1", V(unit_id)));
    return row->employee_name || row->unit_name ? NULL : err_not_found(c, N_("This page is not there, or not for you"));
}

static Error *new_page(Req *r) {
    Ctx *c = &r->c;
    const Periodic *p = periodic_of_path(r);
    const Field *fields;
    size_t n;
    PeriodicReport *old;
    Date day;
    TRY(resource_fields(c, p->resource, &fields, &n));
    PeriodicReport *row = resource_new_row(c, p->resource, fields, n);
    periodic_defaults(c, p->kind, row);
    TRY(req_query_date(r, p->period, row->first, &day));
    TRY(set_subject(r, row));
    if (day < 0 || day > date_of_instant(c->now)) return err_bad_request(c, N_("The period has not begun"));
    row->first = periodic_first(p->kind, day);
    TRY(find(c, p, row, &old));
    if (old && !resource_may_change(c, p->resource, old)) return respond_redirect(r, resource_href(c, p->resource, old->id));
    return form_page(r, p, old ? old : row, NULL);
}

static Error *edit_page(Req *r) {
    Ctx *c = &r->c;
    const Periodic *p = periodic_of_path(r);
    int64_t id;
    PeriodicReport *row;
    TRY(req_id(r, 0, &id));
    TRY(resource_load(c, p->resource, id, (void **)&row));
    if (!resource_may_change(c, p->resource, row)) return err_conflict(c, N_("An approved report cannot be changed"));
    return form_page(r, p, row, NULL);
}

/* ---- save ---- */

typedef struct Submission {
    const Periodic *p;
    int64_t id; /* 0: by subject and period */
    RowInput input;
    RowSave done;
} Submission;

static Error *save_tx(Ctx *c, void *arg) {
    Submission *s = arg;
    return resource_save_input(c, s->p->resource, s->id, &s->input, &s->done);
}

static Error *saved(Req *r, void *arg) {
    Submission *s = arg;
    const PeriodicReport *row = s->done.row;
    if (r->wants_json) return resource_answer_saved(r, s->p->resource, &s->done);
    Msg done = {.id = row->state == REPORT_DRAFT ? N_("Draft saved") : N_("Report submitted. Thank you!")};
    return respond_done(r, resource_href(&r->c, s->p->resource, row->id), "success", done);
}

static Error *save_failed(Req *r, void *arg, Error *e) {
    Submission *s = arg;
    Ctx *c = &r->c;
    if (r->wants_json || (e->status != 422 && e->status != 409) || !s->input.row) return e;
    PeriodicReport *row = s->input.row, *old = NULL;
    if (s->id) TRY(resource_load(c, s->p->resource, s->id, (void **)&old));
    if (!s->id && !row->employee_id && !row->unit_id) row->employee_id = c->actor->employee_id;
    if (!s->id && (row->first == DATE_NONE || (!row->employee_id && !row->unit_id))) return e;
    if (!s->id) row->first = periodic_first(s->p->kind, row->first);
    if (!s->id) TRY(find(c, s->p, row, &old));
    if (!old) TRY(metric_check_scope(c, periodic_scope(row)));
    return form_page(r, s->p, old ? old : row, e);
}

static Error *save(Req *r, int64_t id) {
    Submission *s = talloc_zero(r->c.mem, Submission);
    *s = (Submission){.p = periodic_of_path(r), .id = id};
    Error *e = resource_read_form(r, s->p->resource, !id, &s->input);
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

const Route periodic_form_routes[] = {
    {GET, "/reports/weekly/new", ROLE_ANY, new_page, N_("Form of the weekly report"), 0},
    {GET, "/reports/weekly/{id}/edit", ROLE_ANY, edit_page, N_("Form of the weekly report"), 0},
    {POST, "/reports/weekly", ROLE_ANY, create, N_("Submit a weekly report, or correct one of the same week"), 0},
    {POST, "/reports/weekly/{id}", ROLE_ANY, change, N_("Change a weekly report"), 0},
    {GET, "/reports/monthly/new", ROLE_ANY, new_page, N_("Form of the monthly report"), 0},
    {GET, "/reports/monthly/{id}/edit", ROLE_ANY, edit_page, N_("Form of the monthly report"), 0},
    {POST, "/reports/monthly", ROLE_ANY, create, N_("Submit a monthly report, or correct one of the same month"), 0},
    {POST, "/reports/monthly/{id}", ROLE_ANY, change, N_("Change a monthly report"), 0},
    {0},
};
