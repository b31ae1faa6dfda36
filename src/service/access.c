/* access.c - roles, scopes and the policy of routes. */
#include "service/access.h"
#include "http/route.h"
#include <stdio.h>
#include <string.h>

const Actor visitor_actor = { .scope = SCOPE_OWN };
const Actor system_actor = { .scope = SCOPE_ALL, .system = true, .name = "system" };

static const struct {
    uint32_t role;
    const char *code, *name;
    Scope scope;
} roles[ROLE_COUNT] = {
    { ROLE_REP, "rep", N_("Salesperson"), SCOPE_OWN },
    { ROLE_LEAD, "lead", N_("Team leader"), SCOPE_TEAM },
    { ROLE_MANAGER, "manager", N_("Sales manager"), SCOPE_SUBTREE },
    { ROLE_TRAINER, "trainer", N_("Trainer and HR"), SCOPE_ALL },
    { ROLE_FINANCE, "finance", N_("Finance"), SCOPE_ALL },
    { ROLE_ADMIN, "admin", N_("Administrator"), SCOPE_ALL },
};

const char *role_name(uint32_t role) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == role) return roles[i].name;
    return "";
}

const char *role_code(uint32_t role) {
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == role) return roles[i].code;
    return "";
}

uint32_t role_of_code(const char *code) {
    for (size_t i = 0; code && i < ROLE_COUNT; i++)
        if (!strcmp(roles[i].code, code)) return roles[i].role;
    return 0;
}

const char *scope_code(Scope s) {
    static const char *const codes[] = { "own", "team", "subtree", "all" };
    return (unsigned)s < 4 ? codes[s] : "own";
}

Scope scope_of_roles(uint32_t bits) {
    Scope widest = SCOPE_OWN;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (bits & roles[i].role && roles[i].scope > widest) widest = roles[i].scope;
    return widest;
}

bool may(const Ctx *c, uint32_t bits) {
    const Actor *a = c->actor;
    if (!a) return false;
    return a->system || (a->account_id && a->roles & bits & ROLE_ANY);
}

/* Where somebody who has to set a new password may still go. */
static bool is_open_to_all(const char *path) {
    return !strcmp(path, "/account/password") || !strcmp(path, "/logout") || !strncmp(path, "/assets/", 8);
}

Error *access_authorize(Req *r) {
    const Actor *a = r->c.actor;
    if (r->route->allow & ROLE_PUBLIC) return NULL;
    if (!a || (!a->account_id && !a->system)) return err_unauthorized(&r->c, N_("Please log in first"));
    if (a->must_change && !is_open_to_all(r->path)) {
        Error *e = err_denied(&r->c, N_("Please set a new password first"));
        e->code = "must_change";
        return e;
    }
    if (may(&r->c, r->route->allow)) return NULL;
    return err_denied(&r->c, N_("Your role does not allow this"));
}

void access_print(void) {
    for (size_t i = 0; i < route_count(); i++)
        if (route_at(i)->allow & ROLE_PUBLIC)
            printf("%-8s %-6s %s\n", "visitor", method_name(route_at(i)->method), route_at(i)->path);
    for (size_t k = 0; k < ROLE_COUNT; k++)
        for (size_t i = 0; i < route_count(); i++)
            if (route_at(i)->allow & (roles[k].role | ROLE_PUBLIC))
                printf("%-8s %-6s %s\n", roles[k].code, method_name(route_at(i)->method), route_at(i)->path);
}
