/* mustache.c - the set of all templates: fills it, ties partials together, finds by name. */
#include "base/value_out.h"
#include "view/mustache_node.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

struct TemplateSet {
    const TemplateFormat *formats;
    Template **templates; /* sorted by name once linked */
    unsigned count;
    uint32_t slots;
};

static void *must(void *p) {
    if (!p) abort();
    return p;
}

TemplateSet *template_set_new(void *mem, const TemplateFormat *formats) {
    TemplateSet *set = must(talloc_zero(mem, TemplateSet));
    set->formats = formats;
    return set;
}

bool template_add(TemplateSet *set, const char *name, const char *source, size_t len, unsigned flags,
                  const char **ret_why) {
    Template *t = must(talloc_zero(set, Template));
    char *copy = must(talloc_zero_size(t, len + OUT_PAD));
    if (len) memcpy(copy, source, len);
    t->name = must(talloc_strdup(t, name));
    t->source = copy;
    t->flags = flags | (strcmp(name, "layout") == 0 ? TEMPLATE_RAW : 0);

    bool taken = false;
    for (unsigned i = 0; i < set->count; i++) taken |= strcmp(set->templates[i]->name, name) == 0;
    const char *why = taken ? must(talloc_asprintf(t, "%s:1: there is a template of this name already", name))
                            : template_parse(t, len, set->formats);
    if (why) {
        *ret_why = why;
        return false;
    }
    for (uint32_t i = 0; i < t->count; i++) t->nodes[i].slot = set->slots++;
    set->templates = must(talloc_realloc(set, set->templates, Template *, set->count + 1));
    set->templates[set->count++] = t;
    return true;
}

static int by_name(const void *a, const void *b) {
    const Template *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static int is_named(const void *name, const void *element) {
    const Template *const *t = element;
    return strcmp(name, (*t)->name);
}

const Template *template_get(const TemplateSet *set, const char *name) {
    if (set->count == 0) return NULL;
    Template *const *found = bsearch(name, set->templates, set->count, sizeof *set->templates, is_named);
    return found ? *found : NULL;
}

bool template_set_link(TemplateSet *set, const char **ret_why) {
    if (set->count) qsort(set->templates, set->count, sizeof *set->templates, by_name);
    for (unsigned i = 0; i < set->count; i++) {
        Template *t = set->templates[i];
        for (uint32_t k = 0; k < t->count; k++) {
            Node *node = &t->nodes[k];
            if (node->kind != NODE_PARTIAL) continue;
            node->partial = template_get(set, node->text);
            if (node->partial || t->flags & TEMPLATE_LAX) continue;
            *ret_why = must(talloc_asprintf(set, "%s:%u: there is no partial %s", t->name, node->line, node->text));
            return false;
        }
    }
    return true;
}
