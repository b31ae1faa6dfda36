/* control.c - a thread that takes commands from the local socket, one after another. */
#include "service/control.h"
#include "base/date.h"
#include "base/i18n.h"
#include "db/db.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>

enum { MAX_ARGS = 32, MAX_REQUEST = 64 * 1024, MAX_ANSWER = 16 << 20 };

static struct {
    int fd;
    pthread_t thread;
    _Atomic bool stop;
    Ctx app;
    ControlRun run;
    char path[108];
} control = {.fd = -1};

static bool set_path(const char *target, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t n = strlen(target);
    if (n + sizeof ".sock" > sizeof address->sun_path) return false;
    memcpy(address->sun_path, target, n);
    memcpy(address->sun_path + n, ".sock", sizeof ".sock");
    return true;
}

static bool write_all(int fd, const char *data, size_t n) {
    while (n) {
        ssize_t k = send(fd, data, n, MSG_NOSIGNAL);
        if (k <= 0) return false;
        data += k;
        n -= (size_t)k;
    }
    return true;
}

/* Reads until the other side has shut down its writing end. */
static char *read_all(void *mem, int fd, size_t max, size_t *ret_len) {
    Text *t = text_new(mem, max);
    char chunk[8192];
    ssize_t k;
    while ((k = recv(fd, chunk, sizeof chunk, 0)) > 0) text_add_n(t, chunk, (size_t)k);
    *ret_len = t->len;
    return k < 0 || t->overflow ? NULL : t->data;
}

void control_error_text(Ctx *c, const Error *e, Text *out) {
    text_addf(out, "xiaoguan: %s\n", msg_text(c->mem, c->lang, &e->message));
    for (const FieldError *f = e->fields; f; f = f->next) text_addf(out, "  %s: %s\n", f->field, msg_text(c->mem, c->lang, &f->message));
    if (e->detail) text_addf(out, "  (%s)\n", e->detail);
    if (e->status == 500 && e->trace) text_addf(out, "  at %s\n", e->trace);
}

static void serve_one(int fd) {
    Ctx c = control.app;
    c.mem = talloc_new(NULL);
    c.now = instant_now();
    size_t len;
    char *argv[MAX_ARGS + 1] = {0}, *request = read_all(c.mem, fd, MAX_REQUEST, &len);
    int argc = 0;
    for (size_t i = 0; request && i < len && argc < MAX_ARGS; i += strlen(request + i) + 1) argv[argc++] = request + i;
    Text *out = text_new(c.mem, MAX_ANSWER);
    Error *e = argc ? control.run(&c, argc, argv, out) : err_bad_request(&c, N_("The request cannot be understood"));
    if (e) control_error_text(&c, e, out);
    if (write_all(fd, e ? "1" : "0", 1)) (void)write_all(fd, out->data, out->len);
    db_close_cursors();
    talloc_free(c.mem);
}

static void *listen_loop(void *arg) {
    (void)arg;
    while (!atomic_load(&control.stop)) {
        struct pollfd p = {.fd = control.fd, .events = POLLIN};
        if (poll(&p, 1, 500) <= 0) continue;
        int fd = accept(control.fd, NULL, NULL);
        if (fd < 0) continue;
        serve_one(fd);
        close(fd);
    }
    db_thread_end();
    return NULL;
}

Error *control_start(Ctx *app, const char *target, ControlRun run) {
    struct sockaddr_un address;
    if (!set_path(target, &address)) return err_invalid(app, N_("The database's path is too long for its local socket: {1}"), target);
    unlink(address.sun_path); /* we hold the database's lock, so what lies there is left over */
    memcpy(control.path, address.sun_path, sizeof control.path);
    control.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t old = umask(0177);
    bool ok = control.fd >= 0 && bind(control.fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(control.fd, 16) == 0;
    umask(old);
    if (!ok) return err_internal(app, "control socket %s: %s", address.sun_path, strerror(errno));
    control.app = *app;
    control.run = run;
    if (pthread_create(&control.thread, NULL, listen_loop, NULL) != 0) return err_internal(app, "cannot start the control thread");
    return NULL;
}

void control_stop(void) {
    if (control.fd < 0) return;
    atomic_store(&control.stop, true);
    pthread_join(control.thread, NULL);
    close(control.fd);
    unlink(control.path);
    control.fd = -1;
}

Error *control_send(Ctx *c, const char *target, int argc, char **argv, bool *ret_served, int *ret_status, const char **ret_text) {
    struct sockaddr_un address;
    *ret_served = false;
    if (!set_path(target, &address)) return NULL;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (fd >= 0) close(fd);
        return NULL;
    }
    bool sent = true;
    for (int i = 0; i < argc; i++) sent = sent && write_all(fd, argv[i], strlen(argv[i]) + 1);
    shutdown(fd, SHUT_WR);
    size_t len = 0;
    const char *answer = sent ? read_all(c->mem, fd, MAX_ANSWER, &len) : NULL;
    close(fd);
    if (!answer || !len) return err_busy(c, N_("The running server did not answer. Look at its log"));
    *ret_served = true;
    *ret_status = answer[0] == '0' ? 0 : 1;
    *ret_text = answer + 1;
    return NULL;
}
