/* csrf.c - two independent guards: where the browser says the request comes from, and a token only our pages know. */
#include "http/csrf.h"
#include <openssl/crypto.h>
#include <string.h>

static bool same_origin(const Req *r) {
    const char *site = req_header(r, "Sec-Fetch-Site");
    if (site) return !strcmp(site, "same-origin") || !strcmp(site, "none");
    const char *origin = req_header(r, "Origin"), *host = req_header(r, "Host");
    if (!origin) return true; /* not a browser of the last years; the token still guards sessions */
    const char *slashes = strstr(origin, "://");
    return slashes && host && !strcmp(slashes + 3, host);
}

Error *csrf_check(Req *r) {
    if (r->method == GET || r->method == HEAD_ || r->bearer) return NULL;
    if (!same_origin(r)) return err_denied(&r->c, N_("The request came from another site and was refused"));
    if (!r->csrf) return NULL;
    const char *given = req_header(r, "X-CSRF-Token");
    if (!given) given = req_form(r, "_csrf");
    size_t n = strlen(r->csrf);
    if (given && strlen(given) == n && !CRYPTO_memcmp(given, r->csrf, n)) return NULL;
    Error *e = err_denied(&r->c, N_("This page is too old. Reload it and try again"));
    e->code = "csrf";
    return e;
}
