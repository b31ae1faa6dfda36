/* view.c - loads all templates at start; renders pages inside the layout. */
#include "view/view.h"
#include "base/embed.h"
#include "view/format.h"
#include "view/mustache.h"
#include <dirent.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { MAX_TEMPLATE = 1 << 20, MAX_TEMPLATES = 500 };
static TemplateSet *templates;
static const char *folders[3]; /* read afresh on each request when set */

static bool is_html(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && !strcmp(dot, ".html");
}

static bool add(TemplateSet *set, const char *name, const char *source, size_t size, const char **why) {
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    return template_add(set, talloc_strndup(set, base, strlen(base) - strlen(".html")), source, size, 0, why);
}

static Error *broken(Ctx *c, const char *why) {
    return err_internal(c, "template %s", why ? why : "?");
}

static Error *load_embedded(Ctx *c, TemplateSet *set) {
    const char *why = NULL;
    for (size_t i = 0; i < embedded_count(); i++) {
        const Embedded *e = embedded_at(i);
        if (text_starts(e->name, "templates/") && is_html(e->name) && !add(set, e->name, (const char *)e->data, e->size, &why)) return broken(c, why);
    }
    return template_set_link(set, &why) ? NULL : broken(c, why);
}

static Error *load_folder(Ctx *c, TemplateSet *set, const char *folder) {
    DIR *dir = opendir(folder);
    if (!dir) return err_internal(c, "cannot read %s", folder);
    const char *why = NULL;
    for (struct dirent *entry; (entry = readdir(dir)) && !why;) {
        const char *path = talloc_asprintf(c->mem, "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            Error *e = load_folder(c, set, path);
            if (e) {
                closedir(dir);
                return e;
            }
        }
        FILE *file = is_html(entry->d_name) ? fopen(path, "r") : NULL;
        if (!file) continue;
        char *source = talloc_array(c->mem, char, MAX_TEMPLATE);
        size_t n = fread(source, 1, MAX_TEMPLATE - 1, file);
        fclose(file);
        if (!add(set, entry->d_name, source, n, &why) && !why) why = path;
    }
    closedir(dir);
    return why ? broken(c, why) : NULL;
}

/* The set to render with: the embedded one, or in development one that is read again for this request. */
static Error *current(Ctx *c, const TemplateSet **ret) {
    *ret = templates;
    if (!folders[0]) return NULL;
    TemplateSet *set = template_set_new(c->mem, view_formats);
    const char *why = NULL;
    for (int i = 0; folders[i]; i++) TRY(load_folder(c, set, folders[i]));
    if (!template_set_link(set, &why)) return broken(c, why);
    *ret = set;
    return NULL;
}

Error *view_load(Ctx *c, const char *dir) {
    templates = template_set_new(NULL, view_formats);
    TRY(load_embedded(c, templates));
    if (!dir || !*dir) return NULL;
    folders[0] = talloc_asprintf(NULL, "%s/web/templates", dir);
    folders[1] = talloc_asprintf(NULL, "%s/src/modules", dir);
    return NULL;
}

static Error *render(Ctx *c, const TemplateSet *set, const char *name, Value model, Text *out) {
    const Template *t = template_get(set, name);
    RenderEnv env = {.lang = c->lang, .shared = value_null()};
    if (!t) return err_internal(c, "there is no template %s", name);
    if (!template_render(t, &env, model, out)) return err_too_large(c, N_("The page is too large. Use a filter"));
    return NULL;
}

Error *view_render(Ctx *c, const char *name, Value model, Text *out) {
    const TemplateSet *set;
    TRY(current(c, &set));
    return render(c, set, name, model, out);
}

Error *view_page(Ctx *c, const char *name, Value model, Text *out) {
    const TemplateSet *set;
    TRY(current(c, &set));
    Text *page = text_new(c->mem, out->max);
    TRY(render(c, set, name, model, page));
    value_set(model, "_page", value_text_n(page->data, page->len));
    return render(c, set, "layout", model, out);
}

bool view_exists(const char *name) {
    return template_get(templates, name) != NULL;
}

const char *view_nonce(Ctx *c) {
    uint8_t bytes[16];
    RAND_bytes(bytes, sizeof bytes);
    return text_base64url(c->mem, bytes, sizeof bytes);
}
