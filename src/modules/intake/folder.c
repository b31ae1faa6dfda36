/* folder.c - the drop folder: each minute files whose name a data source knows are taken in, then moved to done/ or failed/.
 *
 * Whoever may write there may write numbers, so the folder has to be ours and closed to others, and links and other people's files are left alone. */
#include "base/i18n.h"
#include "base/log.h"
#include "modules/intake/intake_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

enum { FILES_A_TURN = 20, SETTLED_SECONDS = 5, NAME_LENGTH = 200 };

static char folder[3000];

void intake_setup(const char *path) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    if (n >= sizeof folder) n = 0;
    memcpy(folder, path, n);
    folder[n] = 0;
}

static const char *path_of(Ctx *c, const char *below, const char *name) {
    return talloc_asprintf(c->mem, "%s/%s%s", folder, below, name);
}

static bool is_ours(const struct stat *st) {
    return st->st_uid == geteuid() && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Whole for some seconds: a file that is still being copied is left for the next turn. */
static bool is_ready(Ctx *c, const char *name) {
    struct stat st;
    size_t n = strlen(name);
    bool part = n > 5 && (!strcmp(name + n - 5, ".part") || !strcmp(name + n - 4, ".tmp"));
    if (name[0] == '.' || part || n > NAME_LENGTH || !text_is_utf8(name, n)) return false;
    return lstat(path_of(c, "", name), &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 && is_ours(&st) && st.st_mtime <= instant_now() / 1000000 - SETTLED_SECONDS;
}

static Error *feed_of(Ctx *c, const char *name, Feed **ret) {
    Rows *rows;
    int64_t id = 0;
    *ret = NULL;
    TRY(db_query(c, &rows, "SELECT id, folder_pattern FROM feed WHERE active = 1 AND folder_pattern IS NOT NULL ORDER BY id"));
    while (!id && rows_next(rows))
        if (fnmatch(row_text(rows, 1), name, FNM_NOESCAPE) == 0) id = row_int(rows, 0);
    TRY(rows_done(rows));
    return id ? feed_load(c, id, ret) : NULL;
}

/* Under a name of its own: a second orders.csv does not replace the first. */
static Error *move(Ctx *c, const char *name, const char *below, int64_t run_id) {
    const char *to = path_of(c, below, talloc_asprintf(c->mem, "/%lld-%s", (long long)run_id, name));
    if (mkdir(path_of(c, below, ""), 0700) != 0 && errno != EEXIST) return err_internal(c, "mkdir %s: errno %d", below, errno);
    if (rename(path_of(c, "", name), to) != 0) return err_internal(c, "rename %s: errno %d", name, errno);
    return NULL;
}

static Error *take_file(Ctx *c, const char *name) {
    Feed *feed;
    FeedRun *run;
    SheetFile file;
    NewRun new_run = {.filename = name, .origin = ORIGIN_FOLDER};
    TRY(feed_of(c, name, &feed));
    if (!feed) return NULL;
    TRY(intake_map_path(c, path_of(c, "", name), &file));
    new_run.data = file.data, new_run.size = file.size, new_run.feed_id = feed->id;
    TRY(run_take(c, &new_run));
    TRY(run_load(c, new_run.id, &run));
    return move(c, name, run->state == RUN_DONE ? "done" : "failed", run->id);
}

static Error *list_files(Ctx *c, const char **names, size_t *ret_count) {
    DIR *dir = opendir(folder);
    *ret_count = 0;
    if (!dir) return err_internal(c, "the drop folder cannot be read: errno %d", errno);
    for (const struct dirent *entry; *ret_count < FILES_A_TURN && (entry = readdir(dir));)
        if (is_ready(c, entry->d_name)) names[(*ret_count)++] = talloc_strdup(c->mem, entry->d_name);
    closedir(dir);
    return NULL;
}

Error *intake_folder_job(Ctx *c, int64_t arg) {
    const char *names[FILES_A_TURN];
    struct stat st;
    size_t count;
    Error *first = NULL;
    (void)arg;
    if (!*folder) return NULL;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode) || !is_ours(&st))
        return err_internal(c, "the drop folder must be a folder of the user who runs the program, and not writable for others");
    TRY(list_files(c, names, &count));
    for (size_t i = 0; i < count; i++) {
        Ctx *turn = ctx_child(c);
        Error *e = err_copy(c->mem, take_file(turn, names[i]));
        ctx_done(turn);
        if (e) log_event(LOG_WARN_, "a file of the drop folder was not taken in", "file", names[i], "detail", e->detail ? e->detail : e->message.id, NULL);
        if (!first) first = e;
    }
    return first;
}
