/* serve.c - `xiaoguan serve`: opens, migrates, listens, and stops cleanly on SIGTERM. */
#include "base/i18n.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "modules/account/account.h"
#include "modules/intake/intake.h"
#include "modules/module.h"
#include "program/program.h"
#include "resource/resource_import.h"
#include "service/audit.h"
#include "service/control.h"
#include "service/file.h"
#include "service/job.h"
#include "service/lang.h"
#include "service/service.h"
#include "service/session.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static const char *problem_page(Req *r, Error *e) {
    if (e->status == 401) return talloc_asprintf(r->c.mem, "/login%s%s", r->method == GET && strlen(r->path) > 1 ? "?next=" : "", r->method == GET && strlen(r->path) > 1 ? r->path : "");
    return !strcmp(e->code, "must_change") ? "/account/password" : NULL;
}

Error *has_demo_accounts(Ctx *c, bool *ret) {
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT 1 FROM account WHERE demo = 1 LIMIT 1"));
    *ret = n != 0;
    return NULL;
}

static bool is_loopback(const char *listen) {
    return text_starts(listen, "127.") || text_starts(listen, "[::1]") || text_starts(listen, "localhost:");
}

/* Demo accounts have known passwords: such a database is for trying out, on this machine alone. */
static Error *refuse_open_demo(Ctx *c, const Config *config) {
    bool demo = false;
    TRY(has_demo_accounts(c, &demo));
    if (demo && !is_loopback(config->listen))
        return err_denied(c, N_("This database has demo accounts with known passwords, so it is served on loopback only, not on {1}"), config->listen);
    return NULL;
}

static bool on_loopback;

static Error *run_command(Ctx *c, int argc, char **argv, Text *out) {
    if (!strcmp(argv[0], "demo") && !on_loopback)
        return err_denied(c, N_("Demo accounts have known passwords, and this server listens beyond loopback. Stop it first"));
    const Command *command = command_find(argv[0]);
    if (!command || !command->needs_db) return err_bad_request(c, N_("There is no such command: {1}"), argv[0]);
    return command->run(c, argc, argv, out);
}

static void print_demo_logins(Ctx *c) {
    static const char *const logins[] = {"rep", "lead", "manager", "trainer", "finance", "admin"};
    bool demo = false;
    if (has_demo_accounts(c, &demo) || !demo) return;
    printf("Demo data. Log in as:");
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
        int64_t there = 0;
        if (!db_get_int(c, &there, "SELECT 1 FROM account WHERE demo = 1 AND login = $1", V(logins[i])) && there) printf(" %s", logins[i]);
    }
    printf("  (password " DEMO_PASSWORD ")\n");
}

static void print_start(Ctx *c, const char *address) {
    const char *setup = NULL;
    printf("%s\n", db_version_line(c));
    printf("Listening on http://%s\n", address);
    if (!account_setup_link(c, &setup) && setup) printf("Set up the first administrator: http://%s%s\n", address, setup);
    print_demo_logins(c);
    fflush(stdout);
}

static Error *wait_for_end(Ctx *c) {
    sigset_t set;
    int signal = 0;
    (void)c;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigwait(&set, &signal);
    log_event(LOG_INFO_, "stopping", "signal", signal == SIGTERM ? "TERM" : "INT", NULL);
    return NULL;
}

Error *serve(Ctx *c, const Config *config) {
    Db *db;
    int port = 0, applied = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL); /* every thread inherits it: only wait_for_end takes them */
    signal(SIGPIPE, SIG_IGN);
    TRY(db_open(c, NULL, config->db, (DbOptions){.exclusive = true, .who = "xiaoguan serve"}, &db));
    TRY(db_migrate(c, &applied));
    TRY(modules_first_start(c));
    TRY(refuse_open_demo(c, config));
    on_loopback = is_loopback(config->listen);
    const char *files = *config->files ? config->files : text_starts(config->db, "postgres") ? "xiaoguan.files" : talloc_asprintf(c->mem, "%s.files", config->db);
    TRY(file_setup(c, files));
    intake_setup(config->intake);
    bool secure = !config->plain_http;
    session_setup((SessionOptions){.secure = secure, .api_per_minute = config->api_per_minute});
    http_hooks.authenticate = session_authenticate;
    http_hooks.authorize = access_authorize;
    http_hooks.tag = session_tag;
    http_hooks.problem_page = problem_page;
    TRY(server_start(c, (ServerOptions){.listen = config->listen, .workers = config->workers, .queue = config->queue, .per_address = config->per_address,
                                        .secure = config->https, .trusted_proxy = config->proxy, .db = db, .lang = lang_get("zh_CN")}, &port));
    Ctx app = *c;
    if (db_engine(db) == DB_SQLITE) TRY(control_start(&app, config->db, run_command));
    TRY(job_start(&app, config->jobs));
    const char *colon = strrchr(config->listen, ':');
    print_start(c, talloc_asprintf(c->mem, "%.*s:%d", (int)(colon - config->listen), config->listen, port));
    TRY(wait_for_end(c));
    server_stop();
    job_stop();
    control_stop();
    c->now = instant_now();
    Error *sealed = audit_seal(c);
    if (sealed) log_event(LOG_WARN_, "the audit log was not sealed", "detail", sealed->detail, NULL);
    db_close(db);
    return NULL;
}
