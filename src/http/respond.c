/* respond.c - answers: pages, fragments, JSON, files, redirects, errors. */
#include "http/respond.h"
#include "base/i18n.h"
#include "base/log.h"
#include "http/route.h"
#include "view/view.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { MAX_PAGE = 16 << 20 };

HttpHooks http_hooks;

void respond_header(Req *r, const char *name, const char *value) {
    Header *h = talloc(r->c.mem, Header);
    *h = (Header){.next = r->response.headers, .name = name, .value = value};
    r->response.headers = h;
}

static Error *body(Req *r, int status, const char *type, const Text *t) {
    if (t->overflow) return err_too_large(&r->c, N_("The page is too large. Use a filter"));
    r->response.status = status;
    r->response.type = type;
    r->response.body = t->data;
    r->response.size = t->len;
    r->response.may_gzip = true;
    return NULL;
}

Error *respond_json(Req *r, int status, Value model) {
    Text *t = text_new(r->c.mem, MAX_PAGE);
    value_json(model, t);
    return body(r, status, "application/json; charset=utf-8", t);
}

Error *respond_view(Req *r, const char *template, Value model) {
    return respond_view_status(r, 200, template, model);
}

Error *respond_view_status(Req *r, int status, const char *template, Value model) {
    if (r->wants_json) return respond_json(r, status, model);
    Text *t = text_new(r->c.mem, MAX_PAGE);
    if (http_hooks.decorate) http_hooks.decorate(r, model);
    if (r->fragment) {
        TRY(view_render(&r->c, template, model, t));
    } else {
        r->response.nonce = view_nonce(&r->c);
        value_set_text(model, "_nonce", r->response.nonce);
        TRY(view_page(&r->c, template, model, t));
    }
    r->response.page = true;
    return body(r, status, "text/html; charset=utf-8", t);
}

Error *respond_text(Req *r, int status, const char *type, const char *text) {
    r->response.status = status;
    r->response.type = type;
    r->response.body = text;
    r->response.size = strlen(text);
    r->response.may_gzip = true;
    return NULL;
}

Error *respond_bytes(Req *r, const char *type, const void *bytes, size_t size) {
    r->response.status = 200;
    r->response.type = type;
    r->response.body = bytes;
    r->response.size = size;
    return NULL;
}

Error *respond_redirect(Req *r, const char *url) {
    if (r->wants_json) {
        Value o = value_object(r->c.mem);
        value_set_text(o, "location", url);
        return respond_json(r, 200, o);
    }
    bool htmx = req_header(r, "HX-Request") != NULL;
    respond_header(r, htmx ? "HX-Redirect" : "Location", url);
    return respond_text(r, htmx ? 200 : 303, "text/plain; charset=utf-8", "");
}

/* The message rides in a short-lived cookie to the next page: no state on the server, nothing secret in it. */
void respond_flash(Req *r, const char *kind, Msg msg) {
    const char *packed = talloc_asprintf(r->c.mem, "%s:%s", kind, msg_text(r->c.mem, r->c.lang, &msg));
    const char *coded = text_base64url(r->c.mem, (const uint8_t *)packed, strlen(packed));
    respond_header(r, "Set-Cookie", talloc_asprintf(r->c.mem, "flash=%s; Path=/; Max-Age=30; HttpOnly; SameSite=Lax", coded));
}

Error *respond_done(Req *r, const char *url, const char *kind, Msg msg) {
    if (r->wants_json) {
        Value o = value_object(r->c.mem);
        value_set_text(o, "location", url);
        value_set_text(o, "message", msg_text(r->c.mem, r->c.lang, &msg));
        return respond_json(r, 200, o);
    }
    respond_flash(r, kind, msg);
    return respond_redirect(r, url);
}

/* RFC 6266: an ASCII fallback and the real name in UTF-8. */
static const char *disposition(void *mem, const char *name) {
    Text *t = text_new(mem, 4096);
    const char *dot = strrchr(name, '.');
    text_addf(t, "attachment; filename=\"download%.8s\"; filename*=UTF-8''", dot ? dot : "");
    for (const unsigned char *s = (const unsigned char *)name; *s; s++)
        if ((*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '-' || *s == '.' || *s == '_')
            text_add_char(t, (char)*s);
        else
            text_addf(t, "%%%02X", *s);
    return t->data;
}

Error *respond_download(Req *r, const char *type, const void *body, size_t size, const char *download_name) {
    respond_header(r, "Content-Disposition", disposition(r->c.mem, download_name));
    return respond_bytes(r, type, body, size);
}

Error *respond_file(Req *r, const char *path, const char *type, const char *download_name) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0) close(fd);
        return err_not_found(&r->c, N_("The file is no longer there"));
    }
    r->response.status = 200;
    r->response.type = type;
    r->response.fd = fd; /* the server closes it with the answer */
    r->response.size = (size_t)st.st_size;
    if (download_name) respond_header(r, "Content-Disposition", disposition(r->c.mem, download_name));
    return NULL;
}

/* ---- errors ---- */

Value error_model(Ctx *c, const Error *e) {
    Value o = value_object(c->mem);
    const char *text = msg_text(c->mem, c->lang, &e->message);
    value_set_text(o, "type", "about:blank");
    value_set_text(o, "title", text);
    value_set_int(o, "status", e->status);
    value_set_text(o, "code", e->code);
    value_set_text(o, "message", text);
    if (e->fields) {
        Value list = value_array(c->mem);
        for (const FieldError *f = e->fields; f; f = f->next) {
            Value item = value_object(c->mem);
            value_set_text(item, "field", f->field);
            value_set_text(item, "message", msg_text(c->mem, c->lang, &f->message));
            value_push(list, item);
        }
        value_set(o, "fields", list);
    }
    value_set_text(o, "request_id", c->request_id);
    return o;
}

static const char *hint(int status) {
    switch (status) {
    case 401: return N_("Log in and try again.");
    case 403: return N_("If you need this page for your work, ask your administrator.");
    case 404: return N_("It may have been moved or deleted. Go back to the start page.");
    case 409: return N_("Go back, reload the page and make your change again.");
    case 429:
    case 503: return N_("Wait a moment and try again.");
    case 500: return N_("The administrator can find the cause with this number.");
    default: return NULL;
    }
}

void respond_error(Req *r, Error *e) {
    r->response = (Response){.fd = -1};
    if (e->status == 500)
        log_event(LOG_ERROR_, "internal error", "id", r->c.request_id, "path", r->path, "detail", e->detail, "trace", e->trace, NULL);
    if (e->retry_after || e->status == 503)
        respond_header(r, "Retry-After", talloc_asprintf(r->c.mem, "%d", e->retry_after ? e->retry_after : 2));
    const char *elsewhere = http_hooks.problem_page && !r->wants_json ? http_hooks.problem_page(r, e) : NULL;
    if (elsewhere && !respond_redirect(r, elsewhere)) return;
    Value model = error_model(&r->c, e);
    Error *again = NULL;
    if (r->wants_json) {
        again = respond_json(r, e->status, model);
        r->response.type = "application/problem+json; charset=utf-8";
    } else {
        value_set_text(model, "hint", hint(e->status) ? tr(r->c.lang, hint(e->status)) : NULL);
        again = respond_view_status(r, e->status, "error", model);
    }
    if (!again) return;
    r->response = (Response){.fd = -1, .status = e->status, .type = "text/plain; charset=utf-8", .body = tr(r->c.lang, e->message.id)};
    r->response.size = strlen(r->response.body);
}
