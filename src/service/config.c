/* config.c - options from default, file, environment and command line; later ones win. */
#include "service/config.h"
#include "base/money.h"
#include "base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_FILE = 64 * 1024 };

typedef enum OptionType { OPT_TEXT, OPT_INT, OPT_BOOL, OPT_LEVEL } OptionType;
typedef struct Option {
    const char *name, *value, *help;
    OptionType type;
    size_t offset;
    int min, max;
} Option;

/* Help is for the sample file, which is for administrators and in English like the option names. */
static const Option table[] = {
    { "db", "xiaoguan.db", "Database: a file, or postgresql://user@host/name", OPT_TEXT, offsetof(Config, db), 0, 0 },
    { "listen", "127.0.0.1:8080", "Address and port to listen on", OPT_TEXT, offsetof(Config, listen), 0, 0 },
    { "files", "", "Folder for uploaded files; empty: beside the database", OPT_TEXT, offsetof(Config, files), 0, 0 },
    { "intake", "", "Drop folder: files of numbers that are taken in each minute; empty: none", OPT_TEXT,
      offsetof(Config, intake), 0, 0 },
    { "assets", "", "Folder to read templates and static files from (development); empty: built in", OPT_TEXT,
      offsetof(Config, assets), 0, 0 },
    { "proxy", "", "Address of the reverse proxy whose X-Forwarded-For is believed; empty: none", OPT_TEXT,
      offsetof(Config, proxy), 0, 0 },
    { "print", "", "Program that makes PDFs, as a whole path; empty: xiaoguan-print beside this one or in ../libexec", OPT_TEXT,
      offsetof(Config, print), 0, 0 },
    { "log", "info", "Least level to log: debug, info, warn or error", OPT_LEVEL, offsetof(Config, log), 0, 0 },
    { "workers", "8", "Threads that answer requests", OPT_INT, offsetof(Config, workers), 1, 256 },
    { "queue", "1024", "Requests that may wait for a worker; beyond, 503 is answered", OPT_INT, offsetof(Config, queue),
      1, 65536 },
    { "jobs", "1", "Threads that run jobs; 0: none here, they wait for `xiaoguan job run` or another server", OPT_INT,
      offsetof(Config, jobs), 0, 16 },
    { "per_address", "4096", "Connections allowed from one address", OPT_INT, offsetof(Config, per_address), 1, 65536 },
    { "api_per_minute", "600", "Requests a minute with one API token, a tenth of them at once; 0: no limit", OPT_INT,
      offsetof(Config, api_per_minute), 0, 1000000 },
    { "https", "no", "Served behind TLS: Secure cookies and HSTS on any address", OPT_BOOL, offsetof(Config, https), 0,
      0 },
    { "plain_http", "no", "Allow log-in over plain HTTP beyond this machine (cookies without Secure)", OPT_BOOL,
      offsetof(Config, plain_http), 0, 0 },
};
enum { OPTIONS = sizeof table / sizeof *table };
static const char *source[OPTIONS]; /* where the value in force came from, for config_print */

/* Options live as long as the process. */
static char *keep(const char *s) {
    static void *kept;
    if (!kept) kept = talloc_new(NULL);
    return talloc_strdup(kept, s);
}

static const Option *find(const char *name, size_t n) {
    for (size_t i = 0; i < OPTIONS; i++)
        if (strlen(table[i].name) == n && !memcmp(table[i].name, name, n)) return &table[i];
    return NULL;
}

static bool parse_bool(const char *s, bool *ret) {
    static const char *const words[] = { "no", "yes", "false", "true", "0", "1", "off", "on" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(s, words[i])) {
            *ret = i % 2;
            return true;
        }
    return false;
}

/* What the option takes, for the message. */
static const char *expected(Ctx *c, const Option *o) {
    if (o->type == OPT_INT) return talloc_asprintf(c->mem, "%d..%d", o->min, o->max);
    return o->type == OPT_BOOL ? "yes / no" : "debug / info / warn / error";
}

static Error *put(Ctx *c, Config *config, const Option *o, const char *value, const char *from) {
    char *at = (char *)config + o->offset;
    int64_t n = 0;
    bool ok = true, yes = false;
    switch (o->type) {
    case OPT_LEVEL:
        ok = !strcmp(value, "debug") || !strcmp(value, "info") || !strcmp(value, "warn") || !strcmp(value, "error");
        /* fall through */
    case OPT_TEXT:
        if (ok) *(const char **)(void *)at = keep(value);
        break;
    case OPT_INT:
        ok = int_parse(value, &n) && n >= o->min && n <= o->max;
        if (ok) *(int *)(void *)at = (int)n;
        break;
    case OPT_BOOL:
        ok = parse_bool(value, &yes);
        if (ok) *(bool *)(void *)at = yes;
        break;
    }
    if (!ok) return err_invalid(c, N_("{1}: the option {2} must be one of: {3}"), from, o->name, expected(c, o));
    source[o - table] = keep(from);
    return NULL;
}

Error *config_set(Ctx *c, Config *config, const char *name, const char *value) {
    const Option *o = find(name, strlen(name));
    if (!o) return err_invalid(c, N_("{1}: there is no option {2}"), "command line", talloc_strdup(c->mem, name));
    return put(c, config, o, value, "command line");
}

/* ---- the file ---- */

static Error *put_line(Ctx *c, Config *config, const char *place, char *line) {
    line += strspn(line, " \t");
    line[strcspn(line, "\r\n")] = 0;
    if (!*line || *line == '#') return NULL;
    char *eq = strchr(line, '=');
    if (!eq) return err_invalid(c, N_("{1}: expected name = value"), place);
    size_t n = (size_t)(eq - line);
    while (n && (line[n - 1] == ' ' || line[n - 1] == '\t')) n--;
    const Option *o = find(line, n);
    if (!o) return err_invalid(c, N_("{1}: there is no option {2}"), place, talloc_strndup(c->mem, line, n));
    return put(c, config, o, text_clean(c->mem, eq + 1), place);
}

static Error *put_file(Ctx *c, Config *config, const char *path, bool required) {
    FILE *f = fopen(path, "re");
    if (!f && errno == ENOENT && !required) return NULL;
    char *text = talloc_zero_array(c->mem, char, MAX_FILE + 1);
    size_t n = f ? fread(text, 1, MAX_FILE + 1, f) : 0;
    bool failed = !f || ferror(f);
    if (f) fclose(f);
    if (failed) return err_invalid(c, N_("The configuration file {1} cannot be read"), talloc_strdup(c->mem, path));
    if (n > MAX_FILE || !text_is_utf8(text, n))
        return err_invalid(c, N_("The configuration file {1} is too long or not a text"), talloc_strdup(c->mem, path));
    int number = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        TRY(put_line(c, config, talloc_asprintf(c->mem, "%s:%d", path, ++number), line));
    }
    return NULL;
}

static const char *variable(Ctx *c, const Option *o) {
    char *name = talloc_asprintf(c->mem, "XIAOGUAN_%s", o->name);
    for (char *s = name; *s; s++)
        if (*s >= 'a' && *s <= 'z') *s = (char)(*s - 32);
    return name;
}

Error *config_load(Ctx *c, const char *path, Config *ret) {
    *ret = (Config){ 0 };
    for (size_t i = 0; i < OPTIONS; i++) TRY(put(c, ret, &table[i], table[i].value, "default"));
    TRY(put_file(c, ret, path ? path : "xiaoguan.conf", path != NULL));
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *name = variable(c, &table[i]), *value = getenv(name);
        if (value) TRY(put(c, ret, &table[i], value, name));
    }
    return NULL;
}

/* ---- printing ---- */

void config_print_sample(void) {
    puts("# Configuration of Xiaoguan: name = value, one a line. Shown are the defaults.\n"
         "# Each can also be given as an environment variable, XIAOGUAN_LISTEN for listen, or as an argument, "
         "--listen.");
    for (size_t i = 0; i < OPTIONS; i++) printf("\n# %s\n#%s = %s\n", table[i].help, table[i].name, table[i].value);
}

/* A password inside a database URL is not shown. */
static void print_text(const char *s) {
    const char *scheme = strstr(s, "://"), *at = scheme ? strchr(scheme, '@') : NULL;
    const char *colon = at ? memchr(scheme + 3, ':', (size_t)(at - scheme - 3)) : NULL;
    if (colon)
        printf("%.*s:***%s", (int)(colon - s), s, at);
    else
        printf("%s", s);
}

void config_print(const Config *config) {
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *at = (const char *)config + table[i].offset;
        printf("%s = ", table[i].name);
        if (table[i].type == OPT_INT)
            printf("%d", *(const int *)(const void *)at);
        else if (table[i].type == OPT_BOOL)
            printf("%s", *(const bool *)(const void *)at ? "yes" : "no");
        else
            print_text(*(const char *const *)(const void *)at);
        printf("    # %s\n", source[i] ? source[i] : "default");
    }
}
