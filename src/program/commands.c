/* commands.c - what the command line can do with a database, also through a running server's socket. */
#include "base/i18n.h"
#include "modules/account/account.h"
#include "modules/metric/metric.h"
#include "program/program.h"
#include "resource/resource.h"
#include "resource/resource_import.h"
#include "service/audit.h"
#include "service/backup.h"
#include "service/job.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static Error *usage(Ctx *c, const char *text) {
    return err_bad_request(c, N_("Usage: xiaoguan {1}"), text);
}

static Error *find_resource(Ctx *c, const char *name, const Resource **ret) {
    *ret = resource_by_table(name);
    if (*ret) return NULL;
    Text *names = text_new(c->mem, 4000);
    for (size_t i = 0; i < resource_count(); i++) text_addf(names, "%s%s", i ? " " : "", resource_at(i)->table);
    return err_not_found(c, N_("There is no “{1}”. There are: {2}"), name, names->data);
}

static bool has_flag(int argc, char **argv, const char *flag) {
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], flag)) return true;
    return false;
}

/* argument n that is no flag, 1 for the first; NULL if absent */
static const char *argument(int argc, char **argv, int n) {
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' && !--n) return argv[i];
    return NULL;
}

static Error *import(Ctx *c, int argc, char **argv, Text *out) {
    const char *name = argument(argc, argv, 1), *path = argument(argc, argv, 2);
    const Resource *res;
    if (!name || !path) return usage(c, "import RESOURCE FILE [--dry-run] [--skip-bad]");
    TRY(find_resource(c, name, &res));
    return import_file(c, res, path, has_flag(argc, argv, "--dry-run"), has_flag(argc, argv, "--skip-bad"), out);
}

static Error *export(Ctx *c, int argc, char **argv, Text *out) {
    const char *name = argument(argc, argv, 1), *path = argument(argc, argv, 2);
    const Resource *res;
    if (!name || !path) return usage(c, "export RESOURCE FILE");
    TRY(find_resource(c, name, &res));
    return export_file(c, res, path, out);
}

static Error *migrate(Ctx *c, int argc, char **argv, Text *out) {
    int applied = 0;
    (void)argc, (void)argv;
    TRY(db_migrate(c, &applied));
    text_addf(out, "%d migrations applied\n", applied);
    Text *report = text_new(c->mem, 64 * 1024);
    TRY(resource_check_schema(c, report));
    text_add(out, report->len ? report->data : "The database is as this program needs it.\n");
    return NULL;
}

static Error *token(Ctx *c, int argc, char **argv, Text *out) {
    const char *verb = argument(argc, argv, 1), *login = argument(argc, argv, 2), *text;
    if (!verb || !login || strcmp(verb, "new") != 0) return usage(c, "token new USER");
    TRY(account_token_for_login(c, login, &text));
    text_addf(out, "%s\n", text);
    return NULL;
}

static Error *password_link(Ctx *c, int argc, char **argv, Text *out) {
    const char *login = argument(argc, argv, 1), *path;
    if (!login) return usage(c, "link USER");
    TRY(account_link_for_login(c, login, &path));
    text_addf(out, "%s\n", path);
    return NULL;
}

static Error *audit(Ctx *c, int argc, char **argv, Text *out) {
    const char *verb = argument(argc, argv, 1);
    int64_t rows, blocks, bad;
    if (!verb || strcmp(verb, "verify") != 0) return usage(c, "audit verify");
    TRY(audit_verify(c, &rows, &blocks, &bad, out));
    text_addf(out, "%lld rows in %lld blocks, %lld findings\n", (long long)rows, (long long)blocks, (long long)bad);
    return bad ? err_conflict(c, N_("The audit log has been tampered with")) : NULL;
}

static Error *rebuild(Ctx *c, void *arg) {
    return roll_rebuild(c, arg);
}

static Error *metrics(Ctx *c, int argc, char **argv, Text *out) {
    const char *verb = argument(argc, argv, 1);
    int64_t rows = 0, wrong = 0;
    if (verb && !strcmp(verb, "rebuild")) {
        TRY(db_tx(c, rebuild, &rows));
        text_addf(out, "%lld sums computed\n", (long long)rows);
        return NULL;
    }
    if (!verb || strcmp(verb, "verify") != 0) return usage(c, "metrics rebuild|verify");
    TRY(roll_verify(c, &rows, &wrong, out));
    text_addf(out, "%lld sums, %lld differences\n", (long long)rows, (long long)wrong);
    return wrong ? err_conflict(c, N_("Sums differ from the entries behind them; “xiaoguan metrics rebuild” computes them again")) : NULL;
}

static Error *job(Ctx *c, int argc, char **argv, Text *out) {
    const char *verb = argument(argc, argv, 1);
    int ran = 0;
    if (!verb || strcmp(verb, "run") != 0) return usage(c, "job run");
    TRY(job_run_due(c, &ran));
    text_addf(out, "%d jobs run\n", ran);
    return NULL;
}

static Error *backup(Ctx *c, int argc, char **argv, Text *out) {
    const char *path = argument(argc, argv, 1);
    if (!path) return usage(c, "backup FILE");
    return backup_write(c, path, out);
}

static Error *restore(Ctx *c, int argc, char **argv, Text *out) {
    const char *path = argument(argc, argv, 1);
    if (!path) return usage(c, "restore FILE");
    return backup_restore(c, path, out);
}

static Error *demo(Ctx *c, int argc, char **argv, Text *out) {
    (void)argc, (void)argv;
    return demo_fill(c, out);
}

const Command commands[] = {
    {"demo", "", N_("fill an empty database with a company of invented people and reports"), demo, true},
    {"migrate", "", N_("bring the database to this version and compare it with the program"), migrate, true},
    {"token", "new USER", N_("make an API token and print it once"), token, true},
    {"link", "USER", N_("make a one-time link to set a password"), password_link, true},
    {"import", "RESOURCE FILE [--dry-run] [--skip-bad]", N_("import a spreadsheet (.xlsx, .csv)"), import, true},
    {"export", "RESOURCE FILE", N_("write a spreadsheet (.xlsx, .csv)"), export, true},
    {"backup", "FILE", N_("write everything into one file, also while the server runs"), backup, true},
    {"restore", "FILE", N_("fill an empty database from a backup"), restore, true},
    {"audit", "verify", N_("check the audit log's hash chain"), audit, true},
    {"metrics", "rebuild|verify", N_("compute all sums from the entries again, or prove that they are right"), metrics, true},
    {"job", "run", N_("run what is due now"), job, true},
    {0},
};

const Command *command_find(const char *name) {
    for (const Command *x = commands; x->name; x++)
        if (!strcmp(x->name, name)) return x;
    return NULL;
}
