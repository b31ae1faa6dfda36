/* pdf.c - starts xiaoguan-print for one document, feeds it, reads the PDF, and never waits longer than the deadline.
 *
 * posix_spawn and not fork: the server has many threads, and a child of fork could find a lock of the allocator taken. */
#define _GNU_SOURCE
#include "service/pdf.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

/* As in helper/print/print.h, which this program does not share. */
enum { MAX_DOCUMENT = 8 << 20, MAX_PDF = 20 << 20, MAX_COMPLAINT = 2000 };
enum { BAD_INPUT = 2, TOO_LARGE = 3, NO_FONT = 4 };
enum { AT_ONCE = 2, MAY_WAIT = 4, DEADLINE_MS = 20000, MAX_PATH = 4096 };

static char helper_path[MAX_PATH];
static int deadline_ms = DEADLINE_MS;

void pdf_setup(const char *helper, int ms) {
    snprintf(helper_path, sizeof helper_path, "%s", helper ? helper : "");
    deadline_ms = ms > 0 ? ms : DEADLINE_MS;
}

/* ---- sentences ---- */

static Error *not_installed(Ctx *c) {
    return err_busy(c, N_("The PDF helper is not installed. Ask your administrator to install xiaoguan-print"));
}
static Error *too_large(Ctx *c) {
    return err_too_large(c, N_("The document is too large for a PDF. Choose fewer rows or columns, or a spreadsheet"));
}
static Error *too_slow(Ctx *c) {
    return err_busy(c, N_("The PDF takes too long. Choose fewer rows, or try again later"));
}
static Error *too_busy(Ctx *c) {
    Error *e = err_busy(c, N_("Other PDFs are being made. Try again in a moment"));
    e->retry_after = 5;
    return e;
}

/* ---- the gate: two at once, so that printing leaves workers and processors to the others ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int inside, waiting;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .left = PTHREAD_COND_INITIALIZER };

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool gate_enter(int64_t until) {
    const struct timespec at = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };
    pthread_mutex_lock(&gate.lock);
    if (gate.inside >= AT_ONCE && gate.waiting < MAY_WAIT) {
        gate.waiting++;
        while (gate.inside >= AT_ONCE)
            if (pthread_cond_clockwait(&gate.left, &gate.lock, CLOCK_MONOTONIC, &at) == ETIMEDOUT) break;
        gate.waiting--;
    }
    bool ok = gate.inside < AT_ONCE;
    if (ok) gate.inside++;
    pthread_mutex_unlock(&gate.lock);
    return ok;
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate.lock);
    gate.inside--;
    pthread_cond_signal(&gate.left);
    pthread_mutex_unlock(&gate.lock);
}

/* ---- starting the helper ---- */

typedef struct Helper {
    pid_t pid;
    int exit;         /* readable when it has ended */
    int in, out, err; /* our ends; -1 when closed */
    const char *feed; /* what it has not been given yet */
    size_t feed_size;
    Text *pdf, *complaint;
} Helper;

/* NULL if there is none. */
static const char *find_helper(Ctx *c) {
    static const char *const places[] = { "xiaoguan-print", "../libexec/xiaoguan-print" };
    char self[MAX_PATH];
    if (*helper_path) return helper_path[0] == '/' && !access(helper_path, X_OK) ? helper_path : NULL;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    while (n > 0 && self[n - 1] != '/') n--;
    for (size_t i = 0; n > 0 && i < sizeof places / sizeof *places; i++) {
        const char *path = talloc_asprintf(c->mem, "%.*s%s", (int)n, self, places[i]);
        if (!access(path, X_OK)) return path;
    }
    return NULL;
}

static void close_end(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* The child gets its three ends and nothing else: no other descriptor, no environment, signals as a program expects. */
static int spawn(const char *path, int in, int out, int err, pid_t *ret_pid) {
    static char *const environment[] = { "LC_ALL=C.UTF-8", NULL };
    char *const arguments[] = { "xiaoguan-print", NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    int rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    if (!rc) rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (!rc) rc = posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    if (!rc) rc = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (!rc) rc = posix_spawn_file_actions_addchdir_np(&files, "/");
    if (!rc) rc = posix_spawn(ret_pid, path, &files, &how, arguments, environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

/* Its wait status. It is ours and not waited for yet, so the pid is of nobody else. */
static int finish(Helper *h, bool ended) {
    int status = 0;
    if (!ended) kill(h->pid, SIGKILL);
    while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

/* A socket to write to: send() can be told not to raise SIGPIPE where a pipe cannot. */
static Error *start(Ctx *c, Helper *h) {
    const char *path = find_helper(c);
    if (!path) return not_installed(c);
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, rc = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
        rc = errno;
    if (!rc) rc = spawn(path, in[1], out[1], err[1], &h->pid);
    close_end(&in[1]), close_end(&out[1]), close_end(&err[1]);
    h->in = in[0], h->out = out[0], h->err = err[0];
    if (rc) return err_internal(c, "%s cannot be started: %s", path, strerror(rc));
    h->exit = pidfd_open(h->pid, 0);
    if (h->exit >= 0) return NULL;
    Error *e = err_internal(c, "pidfd_open: %s", strerror(errno));
    finish(h, false);
    return e;
}

/* ---- talking to it ---- */

static void feed(Helper *h) {
    ssize_t n = send(h->in, h->feed, h->feed_size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) h->feed += n, h->feed_size -= (size_t)n;
    if (n < 0 || !h->feed_size) close_end(&h->in); /* it ended early: its status says why */
}

/* What does not fit into `to` is read and forgotten; to->overflow tells. */
static void take(int *fd, Text *to) {
    char part[64 * 1024];
    ssize_t n = read(*fd, part, sizeof part);
    if (n > 0) text_add_n(to, part, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR)) close_end(fd);
}

/* Until it has closed both outputs and ended. False: the deadline came first, or it wrote too much. */
static bool talk(Helper *h, int64_t until) {
    for (;;) {
        struct pollfd fds[] = {
            { h->in, POLLOUT, 0 }, { h->out, POLLIN, 0 }, { h->err, POLLIN, 0 }, { h->exit, POLLIN, 0 }
        };
        bool all_read = h->out < 0 && h->err < 0;
        if (!all_read) fds[3].fd = -1; /* it may have ended with something left to read */
        int64_t left = until - clock_ms();
        if (left <= 0 || h->pdf->overflow) return false;
        int n = poll(fds, 4, (int)left);
        if (n < 0 && errno != EINTR) return false;
        if (n <= 0) continue;
        if (fds[0].revents) feed(h);
        if (fds[1].revents) take(&h->out, h->pdf);
        if (fds[2].revents) take(&h->err, h->complaint);
        if (fds[3].revents) return true;
    }
}

/* The first line of what it said, for the log. */
static const char *complaint(Ctx *c, const Helper *h) {
    return talloc_strndup(c->mem, h->complaint->data, strcspn(h->complaint->data, "\n"));
}

static Error *judge(Ctx *c, const Helper *h, bool ended, int status) {
    if (h->pdf->overflow) return too_large(c);
    if (!ended) return too_slow(c);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return too_large(c);
    if (WIFSIGNALED(status))
        return err_internal(c, "xiaoguan-print ended by signal %d: %s", WTERMSIG(status), complaint(c, h));
    int code = WEXITSTATUS(status);
    if (code == TOO_LARGE) return too_large(c);
    if (code == NO_FONT)
        return err_busy(
            c, N_("The server has no Chinese font for a PDF. Ask your administrator to install fonts-noto-cjk"));
    if (code) return err_internal(c, "xiaoguan-print ended with status %d: %s", code, complaint(c, h));
    if (!text_starts(h->pdf->data, "%PDF-")) return err_internal(c, "xiaoguan-print did not write a PDF");
    return NULL;
}

static Error *run(Ctx *c, int64_t until, Helper *h) {
    Error *e = start(c, h);
    if (!e) {
        bool ended = talk(h, until);
        e = judge(c, h, ended, finish(h, ended));
    }
    close_end(&h->in), close_end(&h->out), close_end(&h->err), close_end(&h->exit);
    return e;
}

Error *pdf_render(Ctx *c, Value document, const void **ret_pdf, size_t *ret_size) {
    int64_t until = clock_ms() + deadline_ms;
    if (c->tx) return err_internal(c, "pdf_render inside a transaction");
    Text *json = text_new(c->mem, MAX_DOCUMENT);
    value_json(document, json);
    if (json->overflow) return too_large(c);
    Helper h = { .exit = -1,
                 .in = -1,
                 .out = -1,
                 .err = -1,
                 .feed = json->data,
                 .feed_size = json->len,
                 .pdf = text_new(c->mem, MAX_PDF),
                 .complaint = text_new(c->mem, MAX_COMPLAINT) };
    if (!gate_enter(until)) return too_busy(c);
    Error *e = run(c, until, &h);
    gate_leave();
    if (e) return e;
    *ret_pdf = h.pdf->data;
    *ret_size = h.pdf->len;
    return NULL;
}
