/* demo_row.c - rows of the invented company by their fields' names, whichever module they are of, and whom they are about. */
#include "program/demo_private.h"
#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

const char *demo_number(Ctx *c, int64_t n) {
    return talloc_asprintf(c->mem, "%lld", (long long)n);
}

const char *demo_iso(Ctx *c, Date day) {
    char buf[DATE_TEXT];
    return talloc_strdup(c->mem, date_text(day, buf));
}

DemoPerson *demo_person(Demo *d, const char *name) {
    for (int i = 0; i < DEMO_PEOPLE; i++)
        if (!strcmp(demo_roles[i].name, name)) return &d->people[i];
    return NULL;
}

Actor demo_actor(const DemoPerson *p) {
    Actor a = {.account_id = p->account_id, .employee_id = p->id, .roles = ROLE_ANY, .scope = SCOPE_ALL};
    size_t n = strlen(p->role->name);
    assert(n < sizeof a.name);
    memcpy(a.name, p->role->name, n + 1);
    return a;
}

Error *demo_add_row(Ctx *c, const Resource *res, int64_t *ret_id, ...) {
    const Field *fields;
    size_t n;
    Error *errors = NULL;
    TRY(resource_fields(c, res, &fields, &n));
    ResourceRow *row = resource_new_row(c, res, fields, n);
    va_list args;
    va_start(args, ret_id);
    for (const char *name; (name = va_arg(args, const char *));) {
        const Field *f = field_find(fields, n, name);
        const char *text = va_arg(args, const char *);
        if (f && text) field_parse(c, f, text, row, &errors);
        else if (!f) err_add_field(c, &errors, name, N_("There is no “{1}”"), name);
    }
    va_end(args);
    if (!errors) errors = resource_save(c, res, NULL, row, NULL, NULL);
    if (ret_id) *ret_id = row->id;
    return errors;
}
