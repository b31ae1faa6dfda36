/* frame.c - what stands around every page: navigation, tabs, user, to-do count, flash message. */
#include "base/embed.h"
#include "base/i18n.h"
#include "http/respond.h"
#include "modules/module.h"
#include "program/program.h"
#include "service/lang.h"
#include "service/notify.h"
#include "service/session.h"
#include "service/setting.h"
#include <string.h>
#include <talloc.h>

enum { MAX_GROUPS = 16 };

/* The entry the path belongs to: the longest whose address begins it. */
static const NavItem *active_item(const char *path) {
    const NavItem *best = NULL;
    for (const Module *const *m = modules; *m; m++)
        for (const NavItem *i = (*m)->nav; i && i->title; i++) {
            size_t n = strlen(i->href);
            bool under = !strcmp(i->href, path) || (n > 1 && !strncmp(i->href, path, n) && path[n] == '/');
            if (under && (!best || n > strlen(best->href))) best = i;
        }
    return best;
}

static Value item_model(Ctx *c, const NavItem *i, const NavItem *active, const char *path) {
    Value o = value_object(c->mem);
    int64_t count = 0;
    value_set_text(o, "title", tr(c->lang, i->title));
    value_set_text(o, "href", i->href);
    value_set_text(o, "icon", i->icon);
    value_set_bool(o, "active", i == active);
    value_set_bool(o, "above", i == active && strcmp(i->href, path)); /* the page is below this entry: a crumb */
    /* null, not absent: a template that misses a member looks for it further out, and a page may have a `count` of its own */
    value_set(o, "count", i->count && !i->count(c, &count) && count ? value_int(count) : value_null());
    return o;
}

static Value group_of(Ctx *c, Value groups, const char *title) {
    for (size_t i = 0; i < value_count(groups); i++) {
        Value g = value_at(groups, i), name = value_get(g, "_key", 4, NULL);
        if (!strcmp(name.text, title)) return value_get(g, "items", 5, NULL);
    }
    Value g = value_object(c->mem), items = value_array(c->mem);
    value_set_text(g, "_key", title);
    value_set_text(g, "title", tr(c->lang, title));
    value_set(g, "items", items);
    value_push(groups, g);
    return items;
}

static void add_navigation(Req *r, Value model) {
    Ctx *c = &r->c;
    Value groups = value_array(c->mem), tabs = value_array(c->mem);
    const NavItem *active = active_item(r->path), *by_tab[8] = {0};
    static const char *const order[] = {N_("Daily work"), N_("Numbers"), N_("Organisation"), N_("Settings")};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) (void)group_of(c, groups, order[i]);
    for (const Module *const *m = modules; *m; m++)
        for (const NavItem *i = (*m)->nav; i && i->title; i++) {
            if (!may(c, i->roles)) continue;
            if (i->tab > 0 && i->tab < 8 && !by_tab[i->tab]) by_tab[i->tab] = i;
            Value items = group_of(c, groups, i->group);
            if (i->tab != 1) value_push(items, item_model(c, i, active, r->path));
        }
    Value shown = value_array(c->mem);
    for (size_t i = 0; i < value_count(groups); i++) {
        Value g = value_at(groups, i);
        if (value_count(value_get(g, "items", 5, NULL))) value_push(shown, g);
    }
    for (int i = 1; i < 8; i++)
        if (by_tab[i]) value_push(tabs, item_model(c, by_tab[i], active, r->path));
    Value start = value_object(c->mem), first = value_array(c->mem);
    if (by_tab[1]) value_push(first, item_model(c, by_tab[1], active, r->path));
    value_set(start, "title", value_null());
    value_set(start, "items", first);
    Value all = value_array(c->mem);
    value_push(all, start);
    for (size_t i = 0; i < value_count(shown); i++) value_push(all, value_at(shown, i));
    value_set(model, "_nav", all);
    value_set(model, "_tabs", tabs);
}

/* "张三" shows 三's full given name: the last two characters of a Chinese name, else the first letter. */
static const char *initials(Ctx *c, const char *name) {
    size_t n = text_length(name), skip = (unsigned char)name[0] >= 0x80 && n > 2 ? n - 2 : 0;
    const char *s = name;
    for (size_t i = 0; i < skip; i++)
        for (s++; ((unsigned char)*s & 0xC0) == 0x80;) s++;
    return text_cut(c->mem, s, (unsigned char)name[0] >= 0x80 ? 2 : 1);
}

static void add_user(Req *r, Value model) {
    Ctx *c = &r->c;
    const Actor *a = c->actor;
    Value user = value_object(c->mem), todo = value_object(c->mem);
    int64_t unread = 0;
    for (uint32_t role = 1 << (ROLE_COUNT - 1); role; role >>= 1)
        if (a->roles & role) {
            value_set_text(user, "role_name", tr(c->lang, role_name(role)));
            break;
        }
    value_set_int(user, "id", a->account_id);
    value_set_text(user, "name", a->name);
    value_set_text(user, "initials", initials(c, a->name));
    value_set_text(user, "unit_name", *a->unit_name ? a->unit_name : NULL);
    if (!notify_unread(c, &unread) && unread) value_set_int(todo, "count", unread);
    value_set_text(todo, "href", "/notices");
    value_set(model, "_user", user);
    value_set(model, "_todo", todo);
}

static void add_flash(Req *r, Value model) {
    const char *coded = req_cookie(r, "flash");
    size_t n = 0;
    if (!coded || strlen(coded) > 2000) return;
    char *packed = (char *)text_base64url_decode(r->c.mem, coded, &n);
    if (!packed || n > 1500) return;
    const char *text = talloc_strndup(r->c.mem, packed, n), *colon = strchr(text, ':');
    if (!colon || !text_is_utf8(text, strlen(text))) return;
    const char *kind = talloc_strndup(r->c.mem, text, (size_t)(colon - text));
    if (strcmp(kind, "success") && strcmp(kind, "warning") && strcmp(kind, "danger")) return;
    Value flash = value_object(r->c.mem);
    value_set_text(flash, "kind", kind);
    value_set_text(flash, "text", colon + 1);
    value_set(model, "_flash", flash);
    respond_header(r, "Set-Cookie", "flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

static Value assets;

/* assets.json: logical name -> hashed file name, read once at start. Templates say _assets.css for app.css and so on. */
static Error *load_assets(Ctx *c) {
    const Embedded *e = embedded_find("assets/assets.json");
    json_t *root = NULL;
    Pair *names = NULL;
    assets = value_object(NULL);
    if (!e) return NULL;
    TRY(parse_json(c, (const char *)e->data, e->size, &root, &names));
    static const char *const known[][2] = {{"app.css", "css"}, {"app.js", "js"}, {"boot.js", "boot"}, {"sprite.svg", "sprite"}};
    for (const Pair *p = names; p; p = p->next)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (!strcmp(p->name, known[i][0])) value_set_text(assets, known[i][1], talloc_asprintf(NULL, "/assets/%s", p->value));
    return NULL;
}

static void decorate(Req *r, Value model) {
    Ctx *c = &r->c;
    bool english = !strcmp(lang_code(c->lang), "en"), demo = false;
    Value other = value_object(c->mem);
    value_set_text(model, "_lang", lang_tag(c->lang));
    value_set_text(model, "_csrf", r->csrf ? r->csrf : "");
    value_set(model, "_assets", assets);
    if (r->fragment) return; /* forms and icons work there too; the frame is already in the browser */
    value_set_text(other, "title", english ? "中文" : "English");
    value_set_text(other, "href", talloc_asprintf(c->mem, "/account/language?lang=%s&next=%s", english ? "zh_CN" : "en", r->path));
    value_set(model, "_other_lang", other);
    add_flash(r, model);
    if (!c->actor || !c->actor->account_id) return;
    add_user(r, model);
    add_navigation(r, model);
    if (!has_demo_accounts(c, &demo)) value_set_bool(model, "_demo", demo);
}

void frame_install(void) {
    Ctx c = {.mem = talloc_new(NULL)};
    if (load_assets(&c)) assets = value_object(NULL);
    http_hooks.decorate = decorate;
    talloc_free(c.mem);
}
