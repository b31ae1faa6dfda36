/* resource.c - the registry of resources. */
#include "resource/resource.h"
#include "resource/resource_pages.h"
#include <assert.h>
#include <string.h>

enum { MAX_RESOURCES = 200 };
static const Resource *resources[MAX_RESOURCES];
static size_t count;

void resource_add(const Resource *res) {
    assert(count < MAX_RESOURCES);
    resources[count++] = res;
    resource_routes(res);
}

size_t resource_count(void) {
    return count;
}
const Resource *resource_at(size_t i) {
    return resources[i];
}

const Resource *resource_by_table(const char *table) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(resources[i]->table, table) || !strcmp(resources[i]->path + 1, table)) return resources[i];
    return NULL;
}
