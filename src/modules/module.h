/* module.h - what a module brings: one row of modules.c. */
#pragma once
#include "resource/resource.h"
#include "service/job.h"
#include "service/setting.h"

/* An entry of the left navigation and, with tab > 0, of the phone's bottom tabs. */
typedef struct NavItem {
    const char *group, *title, *href, *icon; /* group and title N_() */
    uint32_t roles;
    int tab;                                 /* place among the bottom tabs, 0 = not there */
    Error *(*count)(Ctx *c, int64_t *ret);   /* badge; NULL = none */
} NavItem;

typedef struct Module {
    const char *name;
    const Resource *const *resources; /* NULL-terminated */
    const Route *const *routes;       /* NULL-terminated tables, added before the generic routes, so they win */
    const JobKind *jobs;
    const SettingKind *settings;
    const NavItem *nav;               /* ended by a row without title */
    Error *(*first_start)(Ctx *c);    /* in a transaction, once a database: seeded rows */
} Module;

extern const Module *const modules[]; /* NULL-terminated, in order of dependency */
/* Adds everything to the registries. Once, before anything else. */
void modules_setup(void);
/* Seeds an empty database once. */
Error *modules_first_start(Ctx *c) MUST_USE;
