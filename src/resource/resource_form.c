/* resource_form.c - a form or JSON object into a row, and a row into a form. */
#include "base/i18n.h"
#include "resource/form.h"
#include "resource/resource.h"
#include "view/view.h"
#include <string.h>
#include <talloc.h>

static bool is_writable(const Field *f, bool is_new) {
    if (f->flags & (READONLY | INTERNAL | NO_COLUMN) || f->kind == F_TIME) return false;
    return is_new || !(f->flags & CREATE_ONLY);
}

/* A check box that is off sends nothing, so a browser's form names its boxes in _bools. */
static bool box_is_off(const Req *r, const Field *f) {
    const char *names = f->kind == F_BOOL ? req_form(r, "_bools") : NULL;
    size_t n = strlen(f->name);
    for (const char *s = names; s && (s = strstr(s, f->name)); s += n)
        if ((s == names || s[-1] == ' ') && (s[n] == ' ' || !s[n])) return true;
    return false;
}

Error *resource_read_form(Req *r, const Resource *res, bool is_new, RowInput *ret) {
    Ctx *c = &r->c;
    const Field *fields;
    size_t n;
    Error *errors = NULL;
    if (r->json && !json_is_object(r->json)) return err_bad_request(c, N_("Send one JSON object"));
    TRY(resource_fields(c, res, &fields, &n));
    *ret = (RowInput){.row = resource_new_row(c, res, fields, n), .given = talloc_zero_array(c->mem, bool, n + 1)};
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (!is_writable(f, is_new)) continue;
        const char *text = req_form(r, f->name);
        if (!text && box_is_off(r, f)) text = "0";
        if (!text) continue;
        field_parse(c, f, text, ret->row, &errors);
        if (f->flags & REQUIRED && !*text_clean(c->mem, text)) err_add_field(c, &errors, f->name, N_("This is required")); /* with all the other errors */
        ret->given[i] = true;
    }
    const char *version = req_form(r, "version");
    if (version && *version && !int_parse(version, &ret->version)) err_add_field(c, &errors, "version", N_("Write a whole number"));
    if (!res->read_input) return errors;
    Error *e = res->read_input(r, fields, n, ret);
    if (e && !e->fields) return e;
    for (FieldError *f = e ? e->fields : NULL; f; f = f->next)
        err_add_field(c, &errors, f->field, f->message.id, f->message.args[0], f->message.args[1], f->message.args[2]);
    return errors;
}

void row_apply(const Field *fields, size_t n, const RowInput *input, void *row) {
    for (size_t i = 0; i < n; i++)
        if (input->given[i]) field_copy(&fields[i], input->row, row);
    ((ResourceRow *)row)->version = input->version;
}

static Value options(Ctx *c, const Field *f, const char *chosen) {
    Value list = value_array(c->mem);
    for (int i = 0; f->codes[i]; i++) {
        Value o = value_object(c->mem);
        value_set_text(o, "value", f->codes[i]);
        value_set_text(o, "title", tr(c->lang, f->labels[i]));
        value_set_bool(o, "selected", !strcmp(f->codes[i], chosen));
        value_push(list, o);
    }
    return list;
}

/* What the form shows in a field: what was typed if that was refused, else the row. */
static const char *shown(Req *r, const Field *f, const void *row, const Error *problem) {
    const char *typed = problem ? req_form(r, f->name) : NULL;
    if (typed) return typed;
    return f->flags & TRANSLATED ? field_show(&r->c, f, row) : field_plain(&r->c, f, row);
}

Value resource_form_field(Req *r, const Field *f, const void *row, bool is_new, const Error *problem) {
    Ctx *c = &r->c;
    Value o = value_object(c->mem);
    const char *text = shown(r, f, row, problem);
    bool readonly = !is_writable(f, is_new);
    value_set_text(o, "name", f->name);
    value_set_text(o, "label", field_label(c, f));
    value_set_text(o, "kind", kind_name(f->kind));
    value_set_bool(o, talloc_asprintf(c->mem, "is_%s", kind_name(f->kind)), true);
    value_set_text(o, "value", f->kind == F_BOOL && strcmp(text, "1") ? NULL : text);
    value_set_bool(o, "required", f->flags & REQUIRED);
    value_set_bool(o, "readonly", readonly);
    value_set_text(o, "help", f->help ? tr(c->lang, f->help) : NULL);
    value_set_text(o, "unit", f->unit ? tr(c->lang, f->unit) : NULL);
    value_set_text(o, "error", form_message(c, problem, f->name));
    if (f->kind == F_TEXT || f->kind == F_LONGTEXT) value_set_int(o, "max", f->max ? f->max : f->kind == F_TEXT ? 200 : 4000);
    if (f->kind == F_ENUM) value_set(o, "options", options(c, f, text));
    if (f->kind == F_REF) {
        value_set_text(o, "value_title", field_show(c, f, row));
        value_set_text(o, "search_href", talloc_asprintf(c->mem, "%s/search", f->target->path));
    }
    if (readonly) value_set_text(o, "value_text", field_show(c, f, row));
    return o;
}

Error *resource_form_page(Req *r, const Resource *res, const void *old, const void *row, Error *problem) {
    Ctx *c = &r->c;
    const Field *fields;
    size_t n;
    TRY(resource_fields(c, res, &fields, &n));
    const char *one = tr(c->lang, res->one), *home = old ? resource_href(c, res, ((const ResourceRow *)old)->id) : res->path;
    Msg title = {.id = old ? N_("Edit {1}") : N_("New: {1}"), .args = {old ? resource_row_title(c, res, old) : one}};
    Value model = value_object(c->mem), list = value_array(c->mem);
    Text *bools = text_new(c->mem, 4096);
    for (size_t i = 0; i < n; i++) {
        if (fields[i].flags & (INTERNAL | NO_COLUMN) || fields[i].kind == F_TIME || (!old && fields[i].flags & READONLY)) continue;
        value_push(list, resource_form_field(r, &fields[i], row, !old, problem));
        if (fields[i].kind == F_BOOL) text_addf(bools, "%s%s", bools->len ? " " : "", fields[i].name);
    }
    value_set_text(model, "title", msg_text(c->mem, c->lang, &title));
    value_set_text(model, "action", home);
    value_set_text(model, "cancel_href", home);
    value_set(model, "fields", list);
    value_set_text(model, "_bools", bools->data);
    value_set_text(model, "submit_title", tr(c->lang, N_("Save")));
    if (old) value_set_int(model, "version", ((const ResourceRow *)old)->version);
    if (problem) value_set_text(model, "error", msg_text(c->mem, c->lang, &problem->message));
    const char *own = talloc_asprintf(c->mem, "%s_form", res->table);
    return respond_view_status(r, problem ? problem->status : 200, view_exists(own) ? own : "form", model);
}
