/* route.h - the map of the program: one row a page, one array a module. */
#pragma once
#include "http/request.h"

typedef struct Route {
    Method method;
    const char *path;  /* "/people/{id}"; a fixed path wins over one with parameters */
    uint32_t allow;    /* who may call it: role bits of service/access.h; 0 is "no policy" and stops the program at start */
    Handler handler;
    const char *title; /* N_(): what it does, for `xiaoguan routes` and /openapi.json */
    unsigned flags;
} Route;

enum {
    ROUTE_LIGHT = 1,   /* answers at once on the I/O thread: touches no database */
    ROUTE_UPLOAD = 2,  /* body up to LIMIT_UPLOAD */
    ROUTE_TAGGED = 4,  /* a GET whose answer changes only with the database, the reader, the language and the day: 304 by generation */
};

/* Adds rows (ended by a row without path). Asserts on duplicates, rows without policy or without handler. */
void route_add(const Route *rows);
/* Kept by address, so that a row may be part of something larger. False if an earlier row has that method and path: it wins. */
bool route_add_one(const Route *row);
/* Finds the row; fills r->route and r->path_params. 404, or 405 where the path has other methods. */
Error *route_find(Req *r) MUST_USE;
size_t route_count(void);
const Route *route_at(size_t i); /* in path order */
const char *method_name(Method m);
