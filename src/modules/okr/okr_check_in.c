/* okr_check_in.c - the weekly check-in of a key result, and the scores that close an objective. */
#include "base/i18n.h"
#include "modules/okr/okr_private.h"
#include "resource/form.h"
#include <string.h>
#include <talloc.h>

/* ---- check-in ---- */

Error *okr_check_in(Ctx *c, void *check_in) {
    OkrCheckIn *x = check_in;
    void *found;
    char day[DATE_TEXT];
    Date today = date_of_instant(c->now);
    TRY(resource_load(c, &key_result_resource, x->key_result_id, &found));
    KeyResult *old = found, *k = talloc_memdup(c->mem, old, sizeof *k);
    x->objective_id = k->objective_id;
    TRY(resource_load(c, &objective_resource, k->objective_id, &found));
    Objective *o = found;
    if (o->state != OBJECTIVE_ACTIVE) return err_conflict(c, N_("Only an objective under way is checked in on"));
    if (x->value != MONEY_NONE && k->source != KEY_RESULT_TYPED) return err_field(c, "value", N_("This value comes from the metric and is not typed"));
    if (x->value != MONEY_NONE) k->typed_value = x->value;
    if (x->evidence && *x->evidence) k->evidence = x->evidence;
    k->confidence = x->confidence, k->checked_on = today;
    TRY(resource_save(c, &key_result_resource, old, k, "check_in", NULL));
    if (!okr_may_edit(c, o->employee_id, o->unit_id)) return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    ObjectiveNow now;
    int64_t progress = INT_NONE;
    TRY(okr_now(c, o->id, o->first_day, o->last_day, &now));
    for (size_t i = 0; i < now.count; i++)
        if (now.results[i].row.id == k->id) (void)ratio_scaled(now.results[i].progress, 10000, &progress);
    return db_exec(c, "INSERT INTO check_in(key_result_id, day, confidence, progress, comment, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)", V(k->id), V(date_text(today, day)),
                   V(x->confidence), progress == INT_NONE ? param_null() : V(progress), V(x->comment), V(c->now), V_id(c->actor->account_id));
}

static Error *checked_in(Req *r, void *arg) {
    const OkrCheckIn *x = arg;
    return respond_done(r, resource_href(&r->c, &objective_resource, x->objective_id), "success", (Msg){.id = N_("Checked in")});
}

static const char *clean(Req *r, const char *name, size_t max, Error **errors) {
    const char *text = req_form(r, name);
    if (!text) return NULL;
    text = text_clean(r->c.mem, text);
    if (text_length(text) > max) err_add_field(&r->c, errors, name, N_("At most {1} characters"), talloc_asprintf(r->c.mem, "%zu", max));
    return *text ? text : NULL;
}

static Error *check_in(Req *r) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    OkrCheckIn *x = talloc_zero(c->mem, OkrCheckIn);
    const char *confidence = req_form(r, "confidence"), *value = req_form(r, "value");
    void *seen;
    x->value = MONEY_NONE;
    TRY(req_id(r, 0, &x->key_result_id));
    TRY(resource_load(c, &key_result_resource, x->key_result_id, &seen)); /* 404 before anything is said about the fields */
    if (!confidence || !int_parse(confidence, &x->confidence) || x->confidence < 0 || x->confidence > 10) err_add_field(c, &errors, "confidence", N_("Write a whole number from {1} to {2}"), "0", "10");
    if (value && *value && !money_parse(value, &x->value)) err_add_field(c, &errors, "value", N_("Write a number with at most two decimals"));
    x->comment = clean(r, "comment", 500, &errors);
    x->evidence = clean(r, "evidence", 1000, &errors);
    return errors ? errors : req_commit(r, okr_check_in, x, checked_in);
}

/* ---- closing ---- */

static const char *named(Ctx *c, const char *what, int64_t id) {
    return talloc_asprintf(c->mem, "%s_%lld", what, (long long)id);
}

static Error *score_result(Ctx *c, const OkrClosing *x, size_t i, int proposal) {
    void *found;
    TRY(resource_load(c, &key_result_resource, x->list[i].id, &found));
    KeyResult *k = talloc_memdup(c->mem, found, sizeof *k);
    const char *note = x->list[i].note;
    Money score = x->list[i].score != MONEY_NONE ? x->list[i].score : proposal < 0 ? 0 : proposal;
    if (score != proposal && (!note || !*note)) return err_field(c, named(c, "note", k->id), N_("The score differs from what the numbers propose: say why"));
    k->score = score, k->score_note = note;
    return resource_save(c, &key_result_resource, found, k, "score", NULL);
}

Error *okr_close(Ctx *c, void *closing) {
    OkrClosing *x = closing;
    void *found;
    ObjectiveNow now;
    TRY(resource_load(c, &objective_resource, x->objective_id, &found));
    Objective *old = found, *o = talloc_memdup(c->mem, old, sizeof *o);
    if (!okr_may_edit(c, o->employee_id, o->unit_id)) return err_denied(c, N_("An objective is changed by who answers for it, who leads them, and administrators"));
    if (o->state != OBJECTIVE_ACTIVE) return err_conflict(c, N_("This is not possible in the entry's present state"));
    TRY(okr_now(c, o->id, o->first_day, o->last_day, &now));
    for (size_t i = 0; i < now.count; i++) {
        size_t at = 0;
        while (at < x->count && x->list[at].id != now.results[i].row.id) at++;
        if (at == x->count) return err_field(c, named(c, "score", now.results[i].row.id), N_("Give every key result a score"));
        TRY(score_result(c, x, at, okr_score(now.results[i].progress)));
    }
    o->state = OBJECTIVE_CLOSED;
    o->version = x->version;
    return resource_save(c, &objective_resource, old, o, "close", NULL);
}

static Error *close_form(Req *r, Error *problem) {
    Ctx *c = &r->c;
    void *found;
    int64_t id;
    ObjectiveNow now;
    Value fields = value_array(c->mem);
    TRY(req_id(r, 0, &id));
    TRY(resource_load(c, &objective_resource, id, &found));
    Objective *o = found;
    if (!okr_may_edit(c, o->employee_id, o->unit_id) || o->state != OBJECTIVE_ACTIVE) return err_conflict(c, N_("This is not possible in the entry's present state"));
    TRY(okr_now(c, o->id, o->first_day, o->last_day, &now));
    for (size_t i = 0; i < now.count; i++) {
        const KeyResult *k = &now.results[i].row;
        int score = okr_score(now.results[i].progress);
        char buf[MONEY_TEXT];
        const FormLine lines[] = {
            {.name = named(c, "score", k->id), .label = k->title, .kind = "text", .required = true, .max = 4, .value = score < 0 ? NULL : talloc_strdup(c->mem, money_plain(score, buf)), .help = N_("From 0 to 1; the numbers propose what stands here")},
            {.name = named(c, "note", k->id), .label = N_("Note on the score"), .kind = "text", .max = 500},
        };
        for (size_t j = 0; j < 2; j++) value_push(fields, form_line(r, &lines[j], problem));
    }
    Msg title = {.id = N_("Score and close “{1}”"), .args = {o->title}};
    const char *home = resource_href(c, &objective_resource, id);
    Value model = form_page_model(r, msg_text(c->mem, c->lang, &title), talloc_asprintf(c->mem, "%s/close", home), home, tr(c->lang, N_("Close")), fields, problem);
    return respond_view_status(r, problem ? problem->status : 200, "form", model);
}

static Error *close_page(Req *r) {
    return close_form(r, NULL);
}

static Error *closed(Req *r, void *arg) {
    const OkrClosing *x = arg;
    return respond_done(r, resource_href(&r->c, &objective_resource, x->objective_id), "success", (Msg){.id = N_("Closed; the scores stay out of pay")});
}

static Error *close_failed(Req *r, void *arg, Error *e) {
    (void)arg;
    return r->wants_json || e->status != 422 ? e : close_form(r, e);
}

static Error *close_objective(Req *r) {
    Ctx *c = &r->c;
    Error *errors = NULL;
    OkrClosing *x = talloc_zero(c->mem, OkrClosing);
    void *seen;
    TRY(req_id(r, 0, &x->objective_id));
    TRY(resource_load(c, &objective_resource, x->objective_id, &seen));
    for (const Pair *p = r->form; p && x->count < OKR_RESULTS; p = p->next) {
        int64_t id, score;
        if (strncmp(p->name, "score_", 6) != 0 || !int_parse(p->name + 6, &id)) continue;
        if (!money_parse(p->value, &score) || score < 0 || score > 100) {
            err_add_field(c, &errors, p->name, N_("A score lies between 0 and 1, with at most two decimals"));
            continue;
        }
        x->list[x->count].id = id, x->list[x->count].score = score;
        x->list[x->count++].note = clean(r, named(c, "note", id), 500, &errors);
    }
    const char *version = req_form(r, "version");
    if (version && *version && !int_parse(version, &x->version)) err_add_field(c, &errors, "version", N_("Write a whole number"));
    if (errors) return close_failed(r, x, errors);
    return req_commit_or(r, okr_close, x, closed, close_failed);
}

const Route okr_check_in_routes[] = {
    {POST, "/okr/results/{id}/check-in", ROLE_ANY, check_in, N_("Check in on a key result"), 0},
    {GET, "/okr/objectives/{id}/close", ROLE_ANY, close_page, N_("Form to score and close an objective"), 0},
    {POST, "/okr/objectives/{id}/close", ROLE_ANY, close_objective, N_("Score and close an objective"), 0},
    {0},
};
