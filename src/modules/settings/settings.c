/* settings.c - the organisation's settings in one form: whatever the modules have declared. */
#include "base/i18n.h"
#include "modules/module.h"
#include "resource/form.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

static bool is_shown(const SettingKind *kind) {
    return kind->title != NULL; /* kept by the program: without a title */
}

static Error *form(Req *r, const Error *problem) {
    Ctx *c = &r->c;
    Value fields = value_array(c->mem), values = value_object(c->mem);
    for (size_t i = 0; i < setting_count(); i++) {
        const SettingKind *kind = setting_at(i);
        if (!is_shown(kind)) continue;
        const char *value = setting_text(c, kind->name);
        FormLine line = {.name = kind->name, .label = kind->title, .help = kind->help, .value = value, .max = kind->type == 't' ? 200 : 0,
                         .kind = kind->type == 'i' ? "int" : kind->type == 'c' ? "time" : kind->type == 'b' ? "bool" : "text"};
        value_push(fields, form_line(r, &line, problem));
        value_set_text(values, kind->name, value);
    }
    Value model = form_page_model(r, tr(c->lang, N_("Settings")), "/settings", "/", tr(c->lang, N_("Save")), fields, problem);
    value_set(model, "values", values);
    return respond_view_status(r, problem ? problem->status : 200, "form", model);
}

static Error *settings_page(Req *r) {
    return form(r, NULL);
}

static Error *save_tx(Ctx *c, void *arg) {
    const Req *r = arg;
    Error *errors = NULL;
    for (size_t i = 0; i < setting_count(); i++) {
        const SettingKind *kind = setting_at(i);
        const char *value = req_form(r, kind->name);
        if (!is_shown(kind)) continue;
        if (!value && kind->type == 'b' && !r->wants_json) value = "0"; /* a box that is off sends nothing */
        if (!value || !strcmp(value, setting_text(c, kind->name))) continue;
        Error *e = setting_save(c, kind->name, value);
        if (e && !e->fields) return e;
        if (e) err_add_field(c, &errors, kind->name, e->fields->message.id, e->fields->message.args[0], e->fields->message.args[1]);
    }
    return errors;
}

static Error *saved(Req *r, void *arg) {
    (void)arg;
    return respond_done(r, "/settings", "success", (Msg){.id = N_("Saved")});
}

static Error *failed(Req *r, void *arg, Error *e) {
    (void)arg;
    return r->wants_json || e->status != 422 ? e : form(r, e);
}

static Error *save(Req *r) {
    return req_commit_or(r, save_tx, r, saved, failed);
}

static const Route rows[] = {
    {GET, "/settings", ROLE_ADMIN, settings_page, N_("Settings of the organisation"), 0},
    {POST, "/settings", ROLE_ADMIN, save, N_("Change settings"), 0},
    {0},
};
static const Route *const routes[] = {rows, NULL};
static const NavItem nav[] = {{N_("Settings"), N_("Settings"), "/settings", "settings", ROLE_ADMIN, 0, NULL}, {0}};
const Module settings_module = {.name = "settings", .routes = routes, .nav = nav};
