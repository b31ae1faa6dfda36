/* route.c - finds the row for a path. Rows are sorted once; a path is compared segment by segment, fixed ones first. */
#include "http/route.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_ROUTES = 2048 };
static const Route *routes[MAX_ROUTES];
static size_t count;

const char *method_name(Method m) {
    switch (m) {
    case GET: return "GET";
    case POST: return "POST";
    case PUT: return "PUT";
    case PATCH: return "PATCH";
    case DELETE_: return "DELETE";
    default: return "HEAD";
    }
}

/* Fixed segments sort before parameters, so the first match is the most exact one. */
static int compare(const Route *a, const Route *b) {
    const char *x = a->path, *y = b->path;
    while (*x && *x == *y) x++, y++;
    if (*x == *y) return (int)a->method - (int)b->method;
    if (*x == '{') return 1;
    if (*y == '{') return -1;
    return (unsigned char)*x - (unsigned char)*y;
}

bool route_add_one(const Route *row) {
    if (!row->allow || !row->handler || row->path[0] != '/') {
        fprintf(stderr, "route %s %s has no policy or no handler\n", method_name(row->method), row->path);
        abort();
    }
    assert(count < MAX_ROUTES);
    size_t i = count;
    while (i && compare(row, routes[i - 1]) < 0) i--;
    if (i && !compare(row, routes[i - 1])) return false; /* a module's own page wins over the generic one */
    memmove(&routes[i + 1], &routes[i], (count - i) * sizeof *routes);
    routes[i] = row;
    count++;
    return true;
}

void route_add(const Route *rows) {
    for (; rows->path; rows++) (void)route_add_one(rows);
}

size_t route_count(void) {
    return count;
}
const Route *route_at(size_t i) {
    return routes[i];
}

/* Matches path against pattern; on success the parameters' spans are left in from/len. */
static bool matches(const char *pattern, const char *path, const char **from, size_t *len) {
    int n = 0;
    while (*pattern) {
        if (*pattern == '{') {
            size_t span = strcspn(path, "/");
            if (!span || n == MAX_PATH_PARAMS) return false;
            from[n] = path;
            len[n++] = span;
            path += span;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++)
            return false;
    }
    return !*path;
}

/* The first row whose path could match: rows are sorted, so the fixed prefix up to the second '/' narrows them by binary search. */
static size_t first_candidate(const char *path) {
    size_t prefix = 1 + strcspn(path + 1, "/"), low = 0, high = count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (strncmp(routes[mid]->path, path, prefix) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

Error *route_find(Req *r) {
    const char *from[MAX_PATH_PARAMS] = {0};
    size_t len[MAX_PATH_PARAMS] = {0};
    bool other_method = false;
    Method method = r->method == HEAD_ ? GET : r->method;
    size_t prefix = 1 + strcspn(r->path + 1, "/");
    for (size_t i = first_candidate(r->path); i < count && !strncmp(routes[i]->path, r->path, prefix); i++) {
        if (!matches(routes[i]->path, r->path, from, len)) continue;
        if (routes[i]->method != method) {
            other_method = true;
            continue;
        }
        r->route = routes[i];
        for (int k = 0; k < MAX_PATH_PARAMS; k++)
            r->path_params[k] = from[k] ? talloc_strndup(r->c.mem, from[k], len[k]) : NULL;
        return NULL;
    }
    if (!other_method) return err_not_found(&r->c, N_("There is no such page"));
    Error *e = err_bad_request(&r->c, N_("This page does not take that kind of request"));
    e->status = 405;
    e->code = "method_not_allowed";
    return e;
}
