/* form.c - models of short forms. */
#include "resource/form.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

const char *form_message(Ctx *c, const Error *problem, const char *field) {
    for (const FieldError *f = problem ? problem->fields : NULL; f; f = f->next)
        if (!strcmp(f->field, field)) return msg_text(c->mem, c->lang, &f->message);
    return NULL;
}

Value form_line(Req *r, const FormLine *line, const Error *problem) {
    Ctx *c = &r->c;
    Value o = value_object(c->mem);
    bool secret = !strcmp(line->kind, "password");
    const char *typed = problem && !secret ? req_form(r, line->name) : NULL;
    value_set_text(o, "name", line->name);
    value_set_text(o, "label", tr(c->lang, line->label));
    value_set_text(o, "kind", line->kind);
    value_set_bool(o, talloc_asprintf(c->mem, "is_%s", line->kind), true);
    value_set_text(o, "value", typed ? typed : line->value ? line->value : "");
    if (!strcmp(line->kind, "bool") && (!line->value || strcmp(line->value, "1") != 0)) value_set(o, "value", value_null());
    value_set_bool(o, "required", line->required);
    value_set_text(o, "help", line->help ? tr(c->lang, line->help) : NULL);
    value_set_text(o, "search_href", line->search_href);
    value_set_text(o, "autocomplete", line->autocomplete);
    value_set_text(o, "error", form_message(c, problem, line->name));
    if (line->max) value_set_int(o, "max", line->max);
    return o;
}

Value form_page_model(Req *r, const char *title, const char *action, const char *cancel_href, const char *submit_title, Value fields, const Error *problem) {
    Ctx *c = &r->c;
    Value model = value_object(c->mem);
    value_set_text(model, "title", title);
    value_set_text(model, "action", action);
    value_set_text(model, "cancel_href", cancel_href);
    value_set_text(model, "submit_title", submit_title);
    value_set(model, "fields", fields);
    if (problem) value_set_text(model, "error", msg_text(c->mem, c->lang, &problem->message));
    return model;
}
