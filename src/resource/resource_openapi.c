/* resource_openapi.c - OpenAPI 3.1 of every route, made from the route table and the resources' fields: it cannot be out of date. */
#include "base/i18n.h"
#include "resource/resource_import.h"
#include <string.h>
#include <talloc.h>

#define SCHEMA_PREFIX "#/components/schemas/"

/* {"name": text} */
static Value with_text(Ctx *c, const char *name, const char *text) {
    Value o = value_object(c->mem);
    value_set_text(o, name, text);
    return o;
}

static Value ref(Ctx *c, const char *schema) {
    return with_text(c, "$ref", talloc_asprintf(c->mem, SCHEMA_PREFIX "%s", schema));
}

static Value typed(Ctx *c, const char *type, const char *format) {
    Value o = with_text(c, "type", type);
    if (format) value_set_text(o, "format", format);
    return o;
}

/* {"<type>": {"schema": schema}} */
static Value content(Ctx *c, const char *type, Value schema) {
    Value o = value_object(c->mem), media = value_object(c->mem);
    value_set(media, "schema", schema);
    value_set(o, type, media);
    return o;
}

/* Without a database (`xiaoguan openapi`) the fields made at run time are left out. */
static void known_fields(Ctx *c, const Resource *res, const Field **ret, size_t *ret_count) {
    if (c->db && !resource_fields(c, res, ret, ret_count)) return;
    *ret = res->fields;
    *ret_count = 0;
    while (res->fields[*ret_count].kind != F_END) ++*ret_count;
}

/* ---- schemas ---- */

static const char *schema_type(const Field *f, const char **ret_format) {
    *ret_format = NULL;
    switch (f->kind) {
    case F_INT:
    case F_REF: *ret_format = "int64"; return "integer";
    case F_MONEY: return "number";
    case F_DATE: *ret_format = "date"; return "string";
    case F_TIME: *ret_format = "date-time"; return "string";
    case F_BOOL: return "boolean";
    default: return "string";
    }
}

static Value text_list(Ctx *c, const char *const *texts) {
    Value list = value_array(c->mem);
    for (; *texts; texts++) value_push(list, value_text(*texts));
    return list;
}

static Value field_schema(Ctx *c, const Field *f, bool reading) {
    const char *format, *type = schema_type(f, &format);
    Value o = value_object(c->mem);
    bool nullable = reading && (f->kind == F_INT || f->kind == F_MONEY || f->kind == F_DATE || f->kind == F_TIME || f->kind == F_REF);
    if (nullable) value_set(o, "type", text_list(c, (const char *const[]){type, "null", NULL}));
    else value_set_text(o, "type", type);
    if (format) value_set_text(o, "format", format);
    value_set_text(o, "title", field_label(c, f));
    if (f->kind == F_MONEY) value_set_text(o, "description", tr(c->lang, N_("Yuan with two decimals")));
    else if (f->help) value_set_text(o, "description", tr(c->lang, f->help));
    if (f->kind == F_ENUM) value_set(o, "enum", text_list(c, f->codes));
    if (f->kind == F_TEXT || f->kind == F_LONGTEXT) value_set_int(o, "maxLength", f->max ? f->max : f->kind == F_TEXT ? 200 : 4000);
    if (f->kind == F_INT && f->max) {
        value_set_int(o, "minimum", f->min);
        value_set_int(o, "maximum", f->max);
    }
    return o;
}

static Value row_schema(Ctx *c, const Field *fields, size_t n) {
    Value o = typed(c, "object", NULL), members = value_object(c->mem);
    value_set(members, "id", typed(c, "integer", "int64"));
    value_set(members, "version", typed(c, "integer", "int64"));
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (f->flags & INTERNAL) continue;
        value_set(members, f->name, field_schema(c, f, true));
        if (f->kind == F_REF) value_set(members, f->title_name, typed(c, "string", NULL));
    }
    value_set(o, "properties", members);
    value_set(o, "required", text_list(c, (const char *const[]){"id", "version", NULL}));
    return o;
}

static bool is_writable(const Field *f) {
    return !(f->flags & (READONLY | INTERNAL | NO_COLUMN)) && f->kind != F_TIME;
}

/* What POST and PUT take; nothing is required in a change, so requirements are told in the description of the schema of new rows only. */
static Value input_schema(Ctx *c, const Field *fields, size_t n) {
    Value o = typed(c, "object", NULL), members = value_object(c->mem), version = typed(c, "integer", "int64");
    value_set_text(version, "description", tr(c->lang, N_("The version you saw: 409 if somebody changed the entry since")));
    for (size_t i = 0; i < n; i++)
        if (is_writable(&fields[i])) value_set(members, fields[i].name, field_schema(c, &fields[i], false));
    value_set(members, "version", version);
    value_set(o, "properties", members);
    return o;
}

static Value new_schema(Ctx *c, const char *input, const Field *fields, size_t n) {
    Value o = value_object(c->mem), parts = value_array(c->mem), required = value_array(c->mem), second = value_object(c->mem);
    value_push(parts, ref(c, input));
    for (size_t i = 0; i < n; i++)
        if (is_writable(&fields[i]) && fields[i].flags & REQUIRED) value_push(required, value_text(fields[i].name));
    if (!value_count(required)) return ref(c, input);
    value_set(second, "required", required);
    value_push(parts, second);
    value_set(o, "allOf", parts);
    return o;
}

static Value list_schema(Ctx *c, const char *row) {
    Value o = typed(c, "object", NULL), members = value_object(c->mem), rows = typed(c, "array", NULL);
    value_set(rows, "items", ref(c, row));
    value_set(members, "title", typed(c, "string", NULL));
    value_set(members, "total", typed(c, "integer", "int64"));
    value_set(members, "page", typed(c, "integer", NULL));
    value_set(members, "rows", rows);
    value_set(o, "properties", members);
    return o;
}

static Value problem_schema(Ctx *c) {
    static const char *const texts[] = {"type", "title", "code", "message", "request_id", NULL};
    Value o = typed(c, "object", NULL), members = value_object(c->mem), fields = typed(c, "array", NULL), field = typed(c, "object", NULL),
          parts = value_object(c->mem);
    for (const char *const *name = texts; *name; name++) value_set(members, *name, typed(c, "string", NULL));
    value_set(members, "status", typed(c, "integer", NULL));
    value_set(parts, "field", typed(c, "string", NULL));
    value_set(parts, "message", typed(c, "string", NULL));
    value_set(field, "properties", parts);
    value_set(fields, "items", field);
    value_set(members, "fields", fields);
    value_set(o, "properties", members);
    return o;
}

static Value schemas(Ctx *c) {
    Value o = value_object(c->mem);
    value_set(o, "problem", problem_schema(c));
    for (size_t i = 0; i < resource_count(); i++) {
        const Resource *res = resource_at(i);
        const Field *fields;
        size_t n;
        if (res->reader) continue; /* read from files only */
        const char *input = talloc_asprintf(c->mem, "%s_input", res->table);
        known_fields(c, res, &fields, &n);
        value_set(o, res->table, row_schema(c, fields, n));
        value_set(o, input, input_schema(c, fields, n));
        value_set(o, talloc_asprintf(c->mem, "%s_new", res->table), new_schema(c, input, fields, n));
        value_set(o, talloc_asprintf(c->mem, "%s_list", res->table), list_schema(c, res->table));
    }
    return o;
}

/* ---- paths ---- */

/* The resource whose path this route begins with (the longest), and what follows. */
static const Resource *resource_behind(const char *path, const char **ret_rest) {
    const Resource *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < resource_count(); i++) {
        size_t n = strlen(resource_at(i)->path);
        if (resource_at(i)->reader || n <= best_len || strncmp(path, resource_at(i)->path, n) != 0 || (path[n] && path[n] != '/')) continue;
        best = resource_at(i), best_len = n;
    }
    *ret_rest = path + best_len;
    return best;
}

static Value parameter(Ctx *c, const char *in, const char *name, bool required, Value schema) {
    Value o = value_object(c->mem);
    value_set_text(o, "name", name);
    value_set_text(o, "in", in);
    if (required) value_set_bool(o, "required", true);
    value_set(o, "schema", schema);
    return o;
}

static void path_parameters(Ctx *c, const char *path, Value list) {
    for (const char *s = path; (s = strchr(s, '{')); s++) {
        const char *name = talloc_strndup(c->mem, s + 1, strcspn(s + 1, "}"));
        bool is_id = !strcmp(name, "id") || (strlen(name) > 3 && !strcmp(name + strlen(name) - 3, "_id"));
        value_push(list, parameter(c, "path", name, true, typed(c, is_id ? "integer" : "string", is_id ? "int64" : NULL)));
    }
}

static void list_parameters(Ctx *c, const Resource *res, Value list) {
    static const struct {
        const char *name, *type;
    } own[] = {{"q", "string"}, {"sort", "string"}, {"page", "integer"}, {"per_page", "integer"}};
    const Field *fields;
    size_t n;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) value_push(list, parameter(c, "query", own[i].name, false, typed(c, own[i].type, NULL)));
    known_fields(c, res, &fields, &n);
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (!(f->flags & FILTER) || f->flags & INTERNAL) continue;
        value_push(list, parameter(c, "query", f->name, false, field_schema(c, f, false)));
        if (f->kind != F_DATE && f->kind != F_INT && f->kind != F_MONEY) continue;
        value_push(list, parameter(c, "query", talloc_asprintf(c->mem, "%s_from", f->name), false, field_schema(c, f, false)));
        value_push(list, parameter(c, "query", talloc_asprintf(c->mem, "%s_to", f->name), false, field_schema(c, f, false)));
    }
}

static Value described(Ctx *c, const char *msgid) {
    return with_text(c, "description", tr(c->lang, msgid));
}

static Value responses(Ctx *c, const Route *route, const Resource *res, const char *rest) {
    Value o = value_object(c->mem), good = described(c, N_("Success")), bad = described(c, N_("A problem (RFC 9457)"));
    const char *schema = NULL, *code = "200";
    bool file = strstr(rest, ".xlsx") != NULL;
    if (res && !*rest && route->method == GET) schema = talloc_asprintf(c->mem, "%s_list", res->table);
    if (res && (!strcmp(rest, "/{id}") || (!*rest && route->method == POST)) && route->method != DELETE_) schema = res->table;
    if (res && !*rest && route->method == POST) code = "201";
    if (schema) value_set(good, "content", content(c, "application/json", ref(c, schema)));
    if (file) value_set(good, "content", content(c, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", typed(c, "string", "binary")));
    value_set(bad, "content", content(c, "application/problem+json", ref(c, "problem")));
    value_set(o, code, good);
    value_set(o, "default", bad);
    return o;
}

static Value request_body(Ctx *c, const Route *route, const Resource *res, const char *rest) {
    Value o = value_object(c->mem);
    if (route->flags & ROUTE_UPLOAD) {
        Value form = typed(c, "object", NULL), members = value_object(c->mem);
        value_set(members, "file", typed(c, "string", "binary"));
        value_set(form, "properties", members);
        value_set(o, "content", content(c, "multipart/form-data", form));
    } else if (res && (!*rest || !strcmp(rest, "/{id}")))
        value_set(o, "content", content(c, "application/json", ref(c, talloc_asprintf(c->mem, !*rest ? "%s_new" : "%s_input", res->table))));
    else
        value_set(o, "content", content(c, "application/json", typed(c, "object", NULL)));
    return o;
}

static Value roles_of(Ctx *c, uint32_t allow) {
    Value list = value_array(c->mem);
    for (uint32_t bit = 1; bit <= ROLE_ADMIN; bit <<= 1)
        if (allow & bit) value_push(list, value_text(role_code(bit)));
    return list;
}

/* "get_people_id_edit": the same for the same route always, so that generated clients keep their names. */
static const char *operation_id(Ctx *c, const char *method, const char *path) {
    char *s = talloc_asprintf(c->mem, "%s%s", method, path), *out = s;
    for (const char *p = s; *p; p++) {
        if (*p == '{' || *p == '}') continue;
        *out++ = strchr("/.-", *p) ? '_' : *p;
    }
    *out = 0;
    return s;
}

static Value operation(Ctx *c, const Route *route, const char *method) {
    const char *rest;
    const Resource *res = resource_behind(route->path, &rest);
    Value o = value_object(c->mem), parameters = value_array(c->mem), tags = value_array(c->mem);
    path_parameters(c, route->path, parameters);
    if (res && route->method == GET && (!*rest || !strcmp(rest, "/export.xlsx"))) list_parameters(c, res, parameters);
    value_push(tags, value_text(res ? tr(c->lang, res->title) : tr(c->lang, N_("Other"))));
    value_set_text(o, "operationId", operation_id(c, method, route->path));
    value_set_text(o, "summary", route->title ? tr(c->lang, route->title) : route->path);
    value_set(o, "tags", tags);
    if (value_count(parameters)) value_set(o, "parameters", parameters);
    if (route->method != GET && route->method != DELETE_) value_set(o, "requestBody", request_body(c, route, res, rest));
    value_set(o, "responses", responses(c, route, res, rest));
    if (route->allow & ROLE_PUBLIC) value_set(o, "security", value_array(c->mem));
    else value_set(o, "x-roles", roles_of(c, route->allow));
    return o;
}

static const char *lower_method(Method m) {
    switch (m) {
    case GET: return "get";
    case POST: return "post";
    case PUT: return "put";
    case PATCH: return "patch";
    case DELETE_: return "delete";
    default: return "head";
    }
}

static Value paths(Ctx *c) {
    Value o = value_object(c->mem);
    for (size_t i = 0; i < route_count(); i++) {
        const Route *route = route_at(i);
        bool found;
        Value item = value_get(o, route->path, strlen(route->path), &found);
        if (!found) item = value_object(c->mem), value_set(o, route->path, item);
        const char *method = lower_method(route->method);
        value_set(item, method, operation(c, route, method));
    }
    return o;
}

Value resource_openapi(Ctx *c) {
    Value o = value_object(c->mem), info = value_object(c->mem), components = value_object(c->mem), ways = value_object(c->mem), bearer = typed(c, "http", NULL),
          security = value_array(c->mem), need = value_object(c->mem);
    value_set_text(info, "title", tr(c->lang, N_("Xiaoguan")));
    value_set_text(info, "version", "1");
    value_set_text(info, "description", tr(c->lang, N_("Every page is also JSON: ask with Accept: application/json and a token made by “xiaoguan token new”.")));
    value_set_text(bearer, "scheme", "bearer");
    value_set(ways, "token", bearer);
    value_set(components, "securitySchemes", ways);
    value_set(components, "schemas", schemas(c));
    value_set(need, "token", value_array(c->mem));
    value_push(security, need);
    value_set_text(o, "openapi", "3.1.0");
    value_set(o, "info", info);
    value_set(o, "security", security);
    value_set(o, "paths", paths(c));
    value_set(o, "components", components);
    return o;
}
