/* resource_pages.h - the generic handlers' shared parts. Private to resource/. */
#pragma once
#include "resource/resource.h"

typedef struct ResourceRoute {
    Route route; /* first: a handler finds its resource behind r->route */
    const Resource *res;
    const Action *action;
} ResourceRoute;

typedef void (*AddRoute)(const Resource *res, const Action *action, Method method, const char *suffix, uint32_t allow, Handler handler,
                         const char *title, unsigned flags);
const Resource *resource_of(const Req *r);
void resource_routes(const Resource *res);
void resource_import_routes(const Resource *res, AddRoute add);
Error *resource_export_page(Req *r);
/* [{when, who, what, changes: [{label, before, after}]}], newest first. */
Error *audit_history(Ctx *c, const Resource *res, const Field *fields, size_t n, int64_t id, Value *ret) MUST_USE;
