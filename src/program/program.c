/* program.c - the command line: options, then one command. */
#include "program/program.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/log.h"
#include "http/route.h"
#include "modules/intake/intake.h"
#include "modules/module.h"
#include "resource/resource_import.h"
#include "service/access.h"
#include "service/control.h"
#include "service/file.h"
#include "service/lang.h"
#include "service/pdf.h"
#include "service/service.h"
#include "view/view.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static void print_error(Ctx *c, const Error *e) {
    Text *out = text_new(c->mem, 64 * 1024);
    control_error_text(c, e, out);
    fputs(out->data, stderr);
}

static void print_help(Ctx *c) {
    printf("xiaoguan — 销冠\n\n  xiaoguan [--config FILE] [--db PATH|postgresql://...] COMMAND\n\n");
    printf("  %-48s %s\n", "serve [--listen ADDRESS:PORT]", tr(c->lang, N_("serve the database")));
    for (const Command *x = commands; x->name; x++) printf("  %-48s %s\n", talloc_asprintf(c->mem, "%s %s", x->name, x->arguments), tr(c->lang, x->help));
    printf("  %-48s %s\n", "routes | access [--check]", tr(c->lang, N_("print all pages, and which role may use them")));
    printf("  %-48s %s\n", "config [--sample]", tr(c->lang, N_("print the configuration, or a documented sample of it")));
    printf("  %-48s %s\n", "openapi | version | help", "");
}

static void print_routes(Ctx *c) {
    for (size_t i = 0; i < route_count(); i++) printf("%-6s %-44s %s\n", method_name(route_at(i)->method), route_at(i)->path, tr(c->lang, route_at(i)->title));
}

/* Options stand anywhere: --name value. What is left are the command and its arguments. */
static Error *read_options(Ctx *c, Config *config, int *argc, char **argv) {
    int n = 1;
    const char *file = NULL;
    for (int i = 1; i + 1 < *argc; i++)
        if (!strcmp(argv[i], "--config")) file = argv[i + 1];
    TRY(config_load(c, file, config));
    for (int i = 1; i < *argc; i++) {
        static const char *const flags[] = {"--dry-run", "--skip-bad", "--sample", "--check", "--help", NULL};
        bool flag = argv[i][0] != '-' || argv[i][1] != '-';
        for (int k = 0; flags[k] && !flag; k++) flag = !strcmp(argv[i], flags[k]);
        if (flag) {
            argv[n++] = argv[i];
            continue;
        }
        if (i + 1 == *argc) return err_bad_request(c, N_("The option {1} needs a value"), argv[i]);
        if (strcmp(argv[i], "--config") != 0) TRY(config_set(c, config, argv[i] + 2, argv[i + 1]));
        i++;
    }
    *argc = n;
    argv[n] = NULL;
    return NULL;
}

/* Paths are made absolute: the server that may run the command works in another folder. */
static void absolute_paths(Ctx *c, int argc, char **argv) {
    static const char *const with_file[] = {"import", "export", "backup", "restore", NULL};
    bool takes_file = false;
    char folder[4096];
    for (int i = 0; with_file[i]; i++) takes_file |= !strcmp(argv[0], with_file[i]);
    int last = argc - 1;
    while (last > 0 && argv[last][0] == '-') last--;
    if (!takes_file || last < 1 || argv[last][0] == '/' || !getcwd(folder, sizeof folder)) return;
    argv[last] = talloc_asprintf(c->mem, "%s/%s", folder, argv[last]);
}

static Error *run_on_database(Ctx *c, const Config *config, const Command *command, int argc, char **argv) {
    bool served = false, pg = text_starts(config->db, "postgres");
    int status = 0;
    const char *text = "";
    absolute_paths(c, argc, argv);
    if (!pg) TRY(control_send(c, config->db, argc, argv, &served, &status, &text));
    if (served) {
        fputs(text, status ? stderr : stdout);
        return status ? err_make_(c, 0, "printed", HERE, "", NULL) : NULL;
    }
    Db *db;
    Text *out = text_new(c->mem, 16 << 20);
    TRY(db_open(c, NULL, config->db, (DbOptions){.exclusive = true, .who = talloc_asprintf(c->mem, "xiaoguan %s", argv[0])}, &db));
    const char *files = *config->files ? config->files : pg ? "xiaoguan.files" : talloc_asprintf(c->mem, "%s.files", config->db);
    TRY(file_setup(c, files));
    intake_setup(config->intake);
    if (strcmp(argv[0], "restore") != 0) {
        TRY(db_migrate(c, NULL));
        TRY(modules_first_start(c));
    } else
        TRY(db_migrate(c, NULL));
    Error *e = command->run(c, argc, argv, out);
    fputs(out->data, stdout);
    fflush(stdout);
    db_close(db);
    return e;
}

static Error *run(Ctx *c, int argc, char **argv) {
    Config config;
    TRY(lang_setup(c));
    c->lang = lang_get("en");
    TRY(read_options(c, &config, &argc, argv));
    log_set_level(!strcmp(config.log, "debug") ? LOG_DEBUG_ : !strcmp(config.log, "warn") ? LOG_WARN_ : !strcmp(config.log, "error") ? LOG_ERROR_ : LOG_INFO_);
    pdf_setup(config.print, 0);
    service_add_jobs();
    job_add(resource_jobs);
    modules_setup();
    TRY(system_routes_add(c));
    TRY(view_load(c, config.assets));
    frame_install();
    const char *name = argc > 1 ? argv[1] : "help";
    const Command *command = command_find(name);
    if (command) return run_on_database(c, &config, command, argc - 1, argv + 1);
    if (!strcmp(name, "serve")) return serve(c, &config);
    if (!strcmp(name, "routes")) print_routes(c);
    else if (!strcmp(name, "access")) argc > 2 && !strcmp(argv[2], "--check") ? (void)puts("every route has a policy") : access_print(); /* a route without one stopped the start */
    else if (!strcmp(name, "config")) argc > 2 ? config_print_sample() : config_print(&config);
    else if (!strcmp(name, "openapi")) {
        Text *t = text_new(c->mem, 8 << 20);
        value_json(resource_openapi(c), t);
        puts(t->data);
    } else if (!strcmp(name, "version")) puts("xiaoguan 0.1.0");
    else if (!strcmp(name, "help") || !strcmp(name, "--help")) print_help(c);
    else return err_bad_request(c, N_("There is no such command: {1}"), name);
    return NULL;
}

int program_main(int argc, char **argv) {
    Ctx c = {.mem = talloc_new(NULL), .actor = &system_actor, .now = instant_now(), .request_id = "command", .address = ""};
    date_set_zone("Asia/Shanghai");
    umask(0077); /* the database, its files and backups hold secrets */
    char **args = talloc_zero_array(c.mem, char *, (unsigned)argc + 2);
    memcpy(args, argv, (size_t)argc * sizeof *argv);
    Error *e = run(&c, argc, args);
    if (e && e->status) print_error(&c, e);
    int status = e ? 1 : 0;
    talloc_free(c.mem);
    return status;
}
