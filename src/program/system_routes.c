/* system_routes.c - what belongs to no module: health, metrics, OpenAPI, static assets. */
#include "base/embed.h"
#include "http/respond.h"
#include "http/route.h"
#include "program/program.h"
#include "resource/resource.h"
#include "service/access.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

static Error *healthz(Req *r) {
    return respond_text(r, 200, "application/json; charset=utf-8", "{\"status\":\"ok\",\"product\":\"xiaoguan\"}");
}

/* ---- metrics (Prometheus text 0.0.4) ---- */

static void counter(Text *t, const char *name, const char *help, uint64_t value) {
    text_addf(t, "# HELP %s %s\n# TYPE %s counter\n%s %" PRIu64 "\n", name, help, name, name, value);
}
static void gauge(Text *t, const char *name, const char *help, int64_t value) {
    text_addf(t, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRId64 "\n", name, help, name, name, value);
}

static int64_t resident_bytes(void) {
    char text[128];
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f) return 0;
    if (fgets(text, sizeof text, f) && sscanf(text, "%ld %ld", &pages, &resident) != 2) resident = 0;
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE);
}

static void latency(Text *t) {
    uint64_t sum = 0;
    text_add(t, "# HELP xiaoguan_request_seconds Time from request to answer\n# TYPE xiaoguan_request_seconds histogram\n");
    for (int i = 0; i < 12; i++) {
        sum += http_stats.latency_bucket[i];
        if (i < 11)
            text_addf(t, "xiaoguan_request_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", http_latency_ms[i] / 1000.0, sum);
        else
            text_addf(t, "xiaoguan_request_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", sum);
    }
    text_addf(t, "xiaoguan_request_seconds_sum %g\nxiaoguan_request_seconds_count %" PRIu64 "\n", (double)http_stats.latency_us_sum / 1e6, sum);
}

/* Figures for the operator, not for the public: from this machine, or an administrator's token. */
static Error *metrics(Req *r) {
    bool local = !strcmp(r->c.address, "127.0.0.1") || !strcmp(r->c.address, "::1");
    if (!local && !may(&r->c, ROLE_ADMIN)) return err_denied(&r->c, N_("Your role does not allow this"));
    Text *t = text_new(r->c.mem, 64 * 1024);
    DbStats db = db_stats(r->c.db);
    counter(t, "xiaoguan_requests_total", "Requests answered", http_stats.requests);
    counter(t, "xiaoguan_client_errors_total", "Answers with a 4xx status", http_stats.errors_4xx);
    counter(t, "xiaoguan_server_errors_total", "Answers with a 5xx status", http_stats.errors_5xx);
    counter(t, "xiaoguan_refused_busy_total", "Requests refused because the queue was full", http_stats.refused_busy);
    counter(t, "xiaoguan_slow_clients_cut_total", "Connections cut by their deadline", http_stats.cut_slow);
    gauge(t, "xiaoguan_connections", "Open connections", http_stats.connections);
    counter(t, "xiaoguan_transactions_total", "Committed transactions", db.transactions);
    counter(t, "xiaoguan_commit_batches_total", "Group commits", db.batches);
    counter(t, "xiaoguan_transactions_failed_total", "Transactions rolled back", db.failed);
    counter(t, "xiaoguan_checkpoints_total", "Checkpoints of the write-ahead log", db.checkpoints);
    gauge(t, "process_resident_memory_bytes", "Resident memory", resident_bytes());
    latency(t);
    return respond_text(r, 200, "text/plain; version=0.0.4; charset=utf-8", t->data);
}

static Error *openapi(Req *r) {
    return respond_json(r, 200, resource_openapi(&r->c));
}

/* ---- static assets ---- */

static const char *type_of(const char *name) {
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"}, {".svg", "image/svg+xml"}, {".png", "image/png"},
        {".webmanifest", "application/manifest+json"}, {".json", "application/json; charset=utf-8"}, {".txt", "text/plain; charset=utf-8"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i][0], dot)) return types[i][1];
    return "application/octet-stream";
}

static Error *send_asset(Req *r, const char *name, const char *cache) {
    const Embedded *e = embedded_find(talloc_asprintf(r->c.mem, "assets/%s", name));
    if (!e) return err_not_found(&r->c, N_("There is no such page"));
    TRY(respond_bytes(r, type_of(name), e->data, e->size));
    r->response.may_gzip = true;
    respond_header(r, "Cache-Control", cache);
    return NULL;
}

static Error *asset(Req *r) {
    return send_asset(r, req_param(r, 0), "public, max-age=31536000, immutable"); /* names carry a hash */
}
static Error *service_worker(Req *r) {
    return send_asset(r, "sw.js", "no-cache");
}
static Error *manifest(Req *r) {
    return send_asset(r, "manifest.webmanifest", "no-cache");
}
static Error *favicon(Req *r) {
    return send_asset(r, "icon-192.png", "public, max-age=86400");
}
static Error *robots(Req *r) {
    return respond_text(r, 200, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n");
}

static const Route rows[] = {
    {GET, "/healthz", ROLE_PUBLIC, healthz, N_("Is the server alive?"), ROUTE_LIGHT},
    {GET, "/metrics", ROLE_PUBLIC, metrics, N_("Figures for Prometheus"), 0},
    {GET, "/openapi.json", ROLE_PUBLIC, openapi, N_("This description"), 0},
    {GET, "/assets/{file}", ROLE_PUBLIC, asset, N_("Static file"), 0},
    {GET, "/sw.js", ROLE_PUBLIC, service_worker, N_("Service worker"), 0},
    {GET, "/manifest.webmanifest", ROLE_PUBLIC, manifest, N_("Web app manifest"), 0},
    {GET, "/favicon.ico", ROLE_PUBLIC, favicon, N_("Icon"), 0},
    {GET, "/robots.txt", ROLE_PUBLIC, robots, N_("For search engines"), ROUTE_LIGHT},
    {0},
};

Error *system_routes_add(Ctx *c) {
    (void)c;
    route_add(rows);
    return NULL;
}
