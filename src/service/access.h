/* access.h - who acts, in which roles, and how far they see. */
#pragma once
#include "base/ctx.h"
#include "base/error.h"
#include "http/request.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    ROLE_REP = 1,
    ROLE_LEAD = 2,
    ROLE_MANAGER = 4,
    ROLE_TRAINER = 8, /* trainer and HR */
    ROLE_FINANCE = 16,
    ROLE_ADMIN = 32,
    ROLE_COUNT = 6,
    ROLE_ANY = 63,           /* everybody who is logged in */
    ROLE_LEADERS = ROLE_LEAD | ROLE_MANAGER | ROLE_ADMIN,
    ROLE_PUBLIC = 1 << 30    /* visitors too */
};
/* How far an actor sees. own: rows about oneself; team: the units one leads; subtree: those and all below; all: everything. */
typedef enum Scope { SCOPE_OWN, SCOPE_TEAM, SCOPE_SUBTREE, SCOPE_ALL } Scope;

typedef struct Actor {
    int64_t account_id;  /* 0: a visitor, or the system */
    int64_t employee_id; /* 0 if none */
    int64_t unit_id;     /* the employee's unit today; 0 if none */
    int64_t session_id;  /* 0 for tokens and commands */
    uint32_t roles;
    Scope scope;
    bool system;         /* jobs and the command line: may do everything, named in the audit log */
    bool must_change;    /* has to set a new password first */
    char name[96];
    char unit_name[96];
    char lang[8];
} Actor;

extern const Actor visitor_actor, system_actor;

const char *role_name(uint32_t role);       /* N_() name of one role bit */
const char *role_code(uint32_t role);       /* "rep" "lead" "manager" "trainer" "finance" "admin" */
uint32_t role_of_code(const char *code);    /* 0 if unknown */
const char *scope_code(Scope s);
/* The widest scope of the roles: rep own, lead team, manager subtree, the others all. */
Scope scope_of_roles(uint32_t roles);
bool may(const Ctx *c, uint32_t roles);     /* the actor has one of these roles (or is the system) */

/* Route policy: 401 for a visitor, 403 for a role that is not allowed. Installed as http_hooks.authorize. */
Error *access_authorize(Req *r) MUST_USE;
/* Prints "role x route", sorted: what `xiaoguan access` shows. */
void access_print(void);
