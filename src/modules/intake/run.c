/* run.c - one file on its way in: the row that stands for it, its bytes in the file store, its beginning and its list. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include "service/audit.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static const char *const state_codes[] = {"waiting", "running", "done", "failed", NULL};
static const char *const state_labels[] = {N_("Waiting for your confirmation"), N_("Running"), N_("Taken in"), N_("Failed"), NULL};
static const char *const state_badges[] = {"info", "info", "success", "danger", NULL};
static const char *const origin_codes[] = {"page", "program", "folder", NULL};
static const char *const origin_labels[] = {N_("Uploaded"), N_("Sent by a program"), N_("Drop folder"), NULL};

static const Field fields[] = {
    TEXT_(FeedRun, filename, N_("File"), .flags = IN_LIST | PRIMARY | SEARCH | READONLY),
    REF_(FeedRun, feed_id, feed_name, N_("Data source"), &feed_resource, .flags = IN_LIST | FILTER | READONLY),
    ENUM_(FeedRun, state, N_("State"), .flags = IN_LIST | FILTER | READONLY, .codes = state_codes, .labels = state_labels, .badges = state_badges),
    INT_(FeedRun, rows, N_("Rows"), .flags = IN_LIST | READONLY),
    INT_(FeedRun, added, N_("New"), .flags = IN_LIST | READONLY),
    INT_(FeedRun, updated, N_("Changed"), .flags = IN_LIST | READONLY),
    INT_(FeedRun, unchanged, N_("Unchanged"), .flags = IN_LIST | READONLY),
    INT_(FeedRun, skipped, N_("Not counted"), .flags = READONLY),
    INT_(FeedRun, waiting, N_("Waiting"), .flags = IN_LIST | READONLY),
    INT_(FeedRun, bad, N_("With errors"), .flags = IN_LIST | READONLY),
    ENUM_(FeedRun, origin, N_("Came by"), .flags = IN_LIST | FILTER | READONLY, .codes = origin_codes, .labels = origin_labels),
    DATE_(FeedRun, first_day, N_("First day"), .flags = READONLY),
    DATE_(FeedRun, last_day, N_("Last day"), .flags = READONLY),
    TIME_(FeedRun, created_at, N_("Received at"), .flags = IN_LIST | READONLY),
    TIME_(FeedRun, finished_at, N_("Finished at"), .flags = READONLY),
    TEXT_(FeedRun, sha256, N_("SHA-256"), .flags = READONLY),
    TEXT_(FeedRun, message, N_("Message"), .flags = READONLY),
    LONGTEXT_(FeedRun, errors, N_("Errors"), .flags = INTERNAL),
    INT_(FeedRun, account_id, N_("Account"), .flags = INTERNAL),
    INT_(FeedRun, file_id, N_("File"), .flags = INTERNAL),
    INT_(FeedRun, pass, N_("Pass"), .flags = INTERNAL),
    INT_(FeedRun, last_row, N_("Last row"), .flags = INTERNAL),
    INT_(FeedRun, done, N_("Rows done"), .flags = INTERNAL),
    INT_(FeedRun, good, N_("Good"), .flags = INTERNAL),
    {.kind = F_END},
};

const Resource feed_run_resource = {
    .table = "feed_run", .path = "/intake/runs", .title = N_("Files taken in"), .one = N_("File taken in"), .icon = "file-import", .size = sizeof(FeedRun), .fields = fields,
    .access = {.read = ROLE_INTAKE}, .order = "-created_at", .empty_hint = N_("Upload a file, or let a program send one."),
};

Error *run_load(Ctx *c, int64_t id, FeedRun **ret) {
    void *row;
    TRY(resource_load(c, &feed_run_resource, id, &row));
    *ret = row;
    return NULL;
}

const char *run_href(Ctx *c, int64_t id, const char *suffix) {
    return talloc_asprintf(c->mem, "/intake/runs/%lld%s", (long long)id, suffix);
}

/* ---- bytes ---- */

typedef struct Mapped {
    void *data;
    size_t size;
} Mapped;

static int unmap(Mapped *m) {
    if (m->data) munmap(m->data, m->size);
    return 0;
}

/* Regular files only: a link or a pipe in the drop folder is not followed. */
Error *intake_map_path(Ctx *c, const char *path, SheetFile *ret) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0) close(fd);
        return err_not_found(c, N_("The file is no longer there"));
    }
    Mapped *m = talloc_zero(c->mem, Mapped);
    talloc_set_destructor(m, unmap);
    m->size = (size_t)st.st_size;
    void *data = m->size ? mmap(NULL, m->size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (data == MAP_FAILED) return err_internal(c, "mmap %s: errno %d", path, errno);
    m->data = data;
    bool zip = m->size > 2 && !memcmp(data, "PK", 2);
    *ret = (SheetFile){.data = m->data ? m->data : "", .size = m->size, .max_rows = zip ? 0 : INTAKE_MAX_CSV + 1};
    return NULL;
}

Error *run_file(Ctx *c, const FeedRun *run, SheetFile *ret) {
    return intake_map_path(c, file_path(c, run->sha256), ret);
}

/* ---- a new run ---- */

Error *run_keep(Ctx *c, NewRun *run) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(run->data, run->size, digest);
    run->sha256 = text_hex(c->mem, digest, sizeof digest);
    return file_keep(c, run->sha256, run->data, run->size);
}

static const char *job_key(Ctx *c, int64_t id) {
    return talloc_asprintf(c->mem, "intake.run|%lld", (long long)id);
}

Error *run_add(Ctx *c, void *arg) {
    NewRun *n = arg;
    FileInfo file = {.sha256 = n->sha256, .name = n->filename, .type = "application/octet-stream", .size = (int64_t)n->size, .object = "feed_run"};
    const char *name = n->filename && *n->filename ? n->filename : "data.csv";
    TRY(db_get_int(c, &n->id,
                   "INSERT INTO feed_run(feed_id, filename, sha256, file_id, account_id, origin, state, created_at, created_by, started_at)"
                   " VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $4, $8) RETURNING id",
                   V_id(n->feed_id), V(text_cut(c->mem, text_clean(c->mem, name), 120)), V(n->sha256), V_id(c->actor->account_id), V((int)n->origin), V(n->start ? RUN_RUNNING : RUN_WAITING), V(c->now),
                   n->start ? V(c->now) : param_null()));
    file.object_id = n->id;
    TRY(file_add(c, &file));
    TRY(db_exec(c, "UPDATE feed_run SET file_id = $2 WHERE id = $1", V(n->id), V(file.id)));
    if (!n->start) return NULL;
    TRY(audit_record(c, "intake", "feed_run", n->id, "{}"));
    return job_enqueue(c, "intake.run", n->id, n->delay_s ? c->now + n->delay_s * 1000000 : 0, job_key(c, n->id));
}

Error *run_start(Ctx *c, int64_t id) {
    int64_t changed = 0;
    TRY(db_exec_n(c, &changed,
                  "UPDATE feed_run SET pass = pass + (CASE WHEN state = 0 THEN 0 ELSE 1 END), state = 1, done = 0, good = 0, unchanged = 0, skipped = 0, waiting = 0, bad = 0, errors = NULL,"
                  " message = NULL, started_at = $2, finished_at = NULL, version = version + 1 WHERE id = $1 AND state <> 1 AND feed_id IS NOT NULL",
                  V(id), V(c->now)));
    if (!changed) return err_conflict(c, N_("This file is being taken in already, or its columns are not mapped"));
    TRY(db_exec(c, "DELETE FROM feed_unknown WHERE run_id = $1", V(id)));
    TRY(audit_record(c, "intake", "feed_run", id, "{}"));
    return job_enqueue(c, "intake.run", id, 0, job_key(c, id));
}
