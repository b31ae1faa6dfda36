/* sandbox.c - what this program may do: compute, read what is open, write what is open, end. It lays out text that
 * anybody may have typed, with libraries too large to be trusted, as the user that owns the database. */
#include "print.h"
#include <seccomp.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <sched.h>

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif

enum { SECONDS = 20, MEMORY = 1 << 30, FILE_SIZE = 2 * MAX_OUTPUT_BYTES, FILES = 64 };

static void limit(int what, rlim_t most, rlim_t at_last) {
    struct rlimit r = { most, at_last };
    if (setrlimit((__rlimit_resource_t)what, &r)) fail(BROKEN, "a limit cannot be set: %s", strerror(errno));
}

void sandbox_limit(void) {
    limit(RLIMIT_CPU, SECONDS, SECONDS + 1); /* SIGXCPU first, which says why */
#ifndef SANITIZED                            /* its shadow memory takes terabytes of addresses */
    limit(RLIMIT_AS, MEMORY, MEMORY);
#endif
    limit(RLIMIT_FSIZE, FILE_SIZE, FILE_SIZE);
    limit(RLIMIT_NOFILE, FILES, FILES);
    limit(RLIMIT_CORE, 0, 0);
}

static void allow(scmp_filter_ctx ctx, int call, unsigned count, const struct scmp_arg_cmp *when) {
    int rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call, count, when);
    if (rc) fail(BROKEN, "system call %d cannot be allowed: %s", call, strerror(-rc));
}

void sandbox_lock(void) {
    /* No open, no socket, no exec, no fork, no signal to others; memory is never executable. What is not allowed fails
     * with ENOSYS, as on a kernel without it, because that is what the C library has other ways for. */
    static const int plain[] = {
        SCMP_SYS(read),
        SCMP_SYS(write),
        SCMP_SYS(writev),
        SCMP_SYS(pread64),
        SCMP_SYS(close),
        SCMP_SYS(lseek),
        SCMP_SYS(fstat),
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(futex),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(getrandom),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(sched_yield),
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(rseq),
        SCMP_SYS(set_robust_list),
        SCMP_SYS(restart_syscall),
#ifdef SANITIZED
        SCMP_SYS(sigaltstack),
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(sched_getaffinity),
        SCMP_SYS(readlink),
#endif
    };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail(BROKEN, "no_new_privs: %s", strerror(errno));
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    /* TSYNC: threads that run already are under the same rules. */
    if (!ctx || seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) fail(BROKEN, "no system call filter can be made");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) allow(ctx, plain[i], 0, NULL);
    const struct scmp_arg_cmp not_executable[] = { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) };
    allow(ctx, SCMP_SYS(mmap), 1, not_executable);
    allow(ctx, SCMP_SYS(mprotect), 1, not_executable);
    /* fstat of newer C libraries: of a descriptor, not of a path */
    const struct scmp_arg_cmp descriptor[] = { SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH) };
    allow(ctx, SCMP_SYS(newfstatat), 1, descriptor);
    /* cairo asks whether it may read a font before it takes the one that is open: the answer is yes, unasked. */
    if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(access), 0) ||
        seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(faccessat), 0))
        fail(BROKEN, "access cannot be answered");
    /* pango asks fontconfig in threads; clone3 hides its flags, so the C library has to fall back to clone */
    const struct scmp_arg_cmp thread[] = { SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM,
                                                   CLONE_THREAD | CLONE_VM) };
    allow(ctx, SCMP_SYS(clone), 1, thread);
    int rc = seccomp_load(ctx);
    if (rc) fail(BROKEN, "the system call filter cannot be loaded: %s", strerror(-rc));
    seccomp_release(ctx);
}
