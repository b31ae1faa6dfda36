/* request.c - reading a request: query, cookies, forms, multipart, JSON. Everything is checked to be UTF-8 here, once. */
#include "http/request.h"
#include "base/money.h"
#include "http/route.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const char *pair_get(const Pair *p, const char *name) {
    for (; p; p = p->next)
        if (!strcmp(p->name, name)) return p->value;
    return NULL;
}

const char *req_query(const Req *r, const char *name) {
    return pair_get(r->query, name);
}
const char *req_form(const Req *r, const char *name) {
    return pair_get(r->form, name);
}

const Upload *req_file(const Req *r, const char *field) {
    for (const Upload *u = r->files; u; u = u->next)
        if (!strcmp(u->field, field) && u->size) return u;
    return NULL;
}

const char *req_param(const Req *r, int n) {
    return r->path_params[n];
}

Error *req_id(Req *r, int n, int64_t *ret_id) {
    const char *s = r->path_params[n];
    int64_t id;
    if (!s || strlen(s) > 18 || strspn(s, "0123456789") != strlen(s) || !int_parse(s, &id) || id <= 0)
        return err_not_found(&r->c, N_("There is no such page"));
    *ret_id = id;
    return NULL;
}

Error *req_query_date(Req *r, const char *name, Date otherwise, Date *ret_day) {
    const char *s = req_query(r, name);
    *ret_day = otherwise;
    if (!s || !*s || date_parse(s, ret_day)) return NULL;
    return err_bad_request(&r->c, N_("The date in the address is not a date"));
}

Error *req_query_int(Req *r, const char *name, int64_t otherwise, int64_t *ret_n) {
    const char *s = req_query(r, name);
    *ret_n = otherwise;
    if (!s || !*s || int_parse(s, ret_n)) return NULL;
    return err_bad_request(&r->c, N_("A number in the address is not a number"));
}

/* ---- application/x-www-form-urlencoded ---- */

static int hex_digit(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    ch |= 32;
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* Decodes %XX and + ; NULL if malformed or not UTF-8. */
static char *url_decode(void *mem, const char *s, size_t n) {
    char *out = talloc_array(mem, char, n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '+')
            out[len++] = ' ';
        else if (s[i] == '%') {
            int hi = i + 2 < n ? hex_digit(s[i + 1]) : -1;
            int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;
            if (lo < 0) return NULL;
            out[len++] = (char)(hi << 4 | lo);
            i += 2;
        } else
            out[len++] = s[i];
    }
    out[len] = 0;
    return text_is_utf8(out, len) ? out : NULL;
}

Error *parse_urlencoded(Ctx *c, const char *s, size_t n, Pair **ret) {
    Pair **end = ret;
    *ret = NULL;
    int count = 0;
    for (size_t i = 0; i < n;) {
        const char *amp = memchr(s + i, '&', n - i);
        size_t part = amp ? (size_t)(amp - (s + i)) : n - i;
        const char *eq = memchr(s + i, '=', part);
        size_t name = eq ? (size_t)(eq - (s + i)) : part;
        if (part) {
            if (++count > LIMIT_PARAMETERS) return err_too_large(c, N_("The form has too many fields"));
            Pair *p = talloc(c->mem, Pair);
            *p = (Pair){.name = url_decode(c->mem, s + i, name),
                        .value = eq ? url_decode(c->mem, eq + 1, part - name - 1) : ""};
            if (!p->name || !p->value) return err_bad_request(c, N_("The request holds text that is not UTF-8"));
            *end = p;
            end = &p->next;
        }
        i += part + 1;
    }
    return NULL;
}

/* ---- multipart/form-data (RFC 7578) ---- */

static const char *find(const char *hay, size_t n, const char *needle, size_t m) {
    return n >= m ? memmem(hay, n, needle, m) : NULL;
}

/* The value of name="..." in a Content-Disposition line; NULL if absent. */
static const char *parameter(void *mem, const char *line, size_t n, const char *name) {
    size_t m = strlen(name);
    for (size_t i = 0; i + m + 2 < n; i++) {
        bool at_start = i == 0 || line[i - 1] == ' ' || line[i - 1] == ';';
        if (!at_start || strncasecmp(line + i, name, m) != 0 || line[i + m] != '=' || line[i + m + 1] != '"') continue;
        const char *from = line + i + m + 2, *to = memchr(from, '"', n - (i + m + 2));
        return to ? talloc_strndup(mem, from, (size_t)(to - from)) : NULL;
    }
    return NULL;
}

typedef struct Part {
    const char *name, *filename, *type;
} Part;

static void part_header(Ctx *c, const char *line, size_t n, Part *part) {
    static const char disposition[] = "content-disposition:", type[] = "content-type:";
    if (n > sizeof disposition && !strncasecmp(line, disposition, sizeof disposition - 1)) {
        part->name = parameter(c->mem, line, n, "name");
        part->filename = parameter(c->mem, line, n, "filename");
    } else if (n > sizeof type && !strncasecmp(line, type, sizeof type - 1)) {
        size_t skip = sizeof type - 1;
        while (skip < n && line[skip] == ' ') skip++;
        part->type = talloc_strndup(c->mem, line + skip, n - skip);
    }
}

Error *parse_multipart(Ctx *c, const char *boundary, const char *body, size_t n, Pair **ret_form, Upload **ret_files) {
    Error *malformed = NULL;
    *ret_form = NULL, *ret_files = NULL;
    const char *mark = talloc_asprintf(c->mem, "\r\n--%s", boundary), *end = body + n;
    size_t mark_len = strlen(mark);
    int count = 0;
    const char *at = find(body, n, mark + 2, mark_len - 2); /* the first one may stand at the very beginning */
    if (!at || (at != body && (at < body + 2 || at[-2] != '\r'))) goto bad;
    at += mark_len - 2;
    while (end - at >= 2 && !(at[0] == '-' && at[1] == '-')) {
        if (at[0] != '\r' || at[1] != '\n') goto bad;
        at += 2;
        Part part = {0};
        for (;;) { /* header lines */
            const char *eol = find(at, (size_t)(end - at), "\r\n", 2);
            if (!eol || eol - at > 4096) goto bad;
            if (eol == at) break;
            part_header(c, at, (size_t)(eol - at), &part);
            at = eol + 2;
        }
        at += 2;
        const char *next = find(at, (size_t)(end - at), mark, mark_len);
        if (!next && end - at >= (ptrdiff_t)(mark_len - 2) && at >= body + 2 && !memcmp(at, mark + 2, mark_len - 2)) next = at - 2;
        if (!next || !part.name) goto bad;
        size_t size = next > at ? (size_t)(next - at) : 0;
        if (++count > LIMIT_PARAMETERS) return err_too_large(c, N_("The form has too many fields"));
        if (!text_is_utf8(part.name, strlen(part.name)) || (part.filename && !text_is_utf8(part.filename, strlen(part.filename)))) goto bad;
        if (part.filename) {
            Upload *u = talloc(c->mem, Upload);
            *u = (Upload){.field = part.name, .filename = part.filename, .type = part.type ? part.type : "", .data = at, .size = size};
            *ret_files = u;
            ret_files = &u->next;
        } else {
            if (!text_is_utf8(at, size)) return err_bad_request(c, N_("The request holds text that is not UTF-8"));
            Pair *p = talloc(c->mem, Pair);
            *p = (Pair){.name = part.name, .value = talloc_strndup(c->mem, at, size)};
            *ret_form = p;
            ret_form = &p->next;
        }
        at = next + mark_len;
    }
    if (end - at >= 2) return NULL;
bad:
    malformed = err_bad_request(c, N_("The form was not transmitted completely. Send it again"));
    return malformed;
}

/* ---- application/json ---- */

static int json_free(json_t **root) {
    json_decref(*root);
    return 0;
}

static const char *scalar_text(void *mem, const json_t *v) {
    switch (json_typeof(v)) {
    case JSON_STRING: return json_string_value(v);
    case JSON_INTEGER: return talloc_asprintf(mem, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    case JSON_REAL: {
        /* 15 digits give back what was written for any amount below 10^13; more would show binary noise. */
        double d = json_real_value(v);
        return talloc_asprintf(mem, d > 1e15 || d < -1e15 ? "%.0f" : "%.15g", d);
    }
    case JSON_TRUE: return "1";
    case JSON_FALSE: return "0";
    case JSON_NULL: return "";
    default: return NULL;
    }
}

Error *parse_json(Ctx *c, const char *s, size_t n, json_t **ret_root, Pair **ret_form) {
    json_error_t why;
    *ret_form = NULL;
    json_t *root = json_loadb(s, n, JSON_REJECT_DUPLICATES, &why);
    if (!root) return err_bad_request(c, N_("The JSON in the request cannot be read: {1}"), talloc_strdup(c->mem, why.text));
    json_t **keeper = talloc(c->mem, json_t *);
    *keeper = root;
    talloc_set_destructor(keeper, json_free);
    *ret_root = root;
    if (!json_is_object(root)) return NULL;
    const char *name;
    json_t *v;
    int count = 0;
    json_object_foreach(root, name, v) {
        const char *text = scalar_text(c->mem, v);
        if (!text) continue;
        if (++count > LIMIT_PARAMETERS) return err_too_large(c, N_("The form has too many fields"));
        Pair *p = talloc(c->mem, Pair);
        *p = (Pair){.name = name, .value = text};
        *ret_form = p;
        ret_form = &p->next;
    }
    return NULL;
}

/* ---- the whole request ---- */

Error *request_parse_query(Req *r, const char *query) {
    return query ? parse_urlencoded(&r->c, query, strlen(query), &r->query) : NULL;
}

Error *request_parse_body(Req *r, const char *content_type, const void *body, size_t size) {
    if (!size) return NULL;
    if (!content_type) content_type = "";
    size_t n = strcspn(content_type, "; ");
    if (n == 33 && !strncasecmp(content_type, "application/x-www-form-urlencoded", n))
        return parse_urlencoded(&r->c, body, size, &r->form);
    if (n == 16 && !strncasecmp(content_type, "application/json", n)) {
        r->wants_json = true;
        return parse_json(&r->c, body, size, &r->json, &r->form);
    }
    if (n == 19 && !strncasecmp(content_type, "multipart/form-data", n)) {
        const char *b = strcasestr(content_type, "boundary=");
        if (!b) return err_bad_request(&r->c, N_("The form was not transmitted completely. Send it again"));
        b += strlen("boundary=");
        size_t len = *b == '"' ? strcspn(++b, "\"") : strcspn(b, "; ");
        if (!len || len > 70) return err_bad_request(&r->c, N_("The form was not transmitted completely. Send it again"));
        return parse_multipart(&r->c, talloc_strndup(r->c.mem, b, len), body, size, &r->form, &r->files);
    }
    Error *e = err_bad_request(&r->c, N_("Send a form or JSON"));
    e->status = 415;
    e->code = "unsupported";
    return e;
}
