/* sheet_bench.c - reads a spreadsheet through sheet_read, looks at every byte of every cell, prints rows, cells, seconds and
 * peak memory; or writes one. sheet_bench read FILE | sheet_bench write FILE ROWS */
#include "base/text.h"
#include "service/sheet.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

typedef struct Sum {
    long long rows, cells, bytes, bad;
} Sum;

static Error *look(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Sum *sum = arg;
    (void)c, (void)number;
    sum->rows++;
    sum->cells += (long long)count;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(cells[i]);
        sum->bytes += (long long)n;
        if (!text_is_utf8(cells[i], n)) sum->bad++;
    }
    return NULL;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int report(const Error *e) {
    fprintf(stderr, "%d %s [%s %s %s]: %s\n", e->status, e->message.id, e->message.args[0] ? e->message.args[0] : "",
            e->message.args[1] ? e->message.args[1] : "", e->detail ? e->detail : "", e->trace);
    return 1;
}

static int read_file(Ctx *c, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) return perror(path), 1;
    void *data = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (data == MAP_FAILED) return perror(path), 1;
    Sum sum = { 0 };
    double begin = now();
    SheetFile file = { .data = data, .size = (size_t)st.st_size, .max_rows = 2000000 };
    Error *e = sheet_read(c, &file, look, &sum);
    double seconds = now() - begin;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld rows, %lld cells, %lld bytes, %lld not UTF-8, %.3f s, peak %ld KiB (file %lld KiB mapped)\n", sum.rows,
           sum.cells, sum.bytes, sum.bad, seconds, usage.ru_maxrss, (long long)st.st_size / 1024);
    return e ? report(e) : 0;
}

static int write_file(Ctx *c, const char *to, long rows) {
    static const SheetColumn columns[] = {
        { .heading = "编号", .kind = CELL_INT },  { .heading = "姓名" },
        { .heading = "日期", .kind = CELL_DATE }, { .heading = "产品" },
        { .heading = "一", .kind = CELL_MONEY },  { .heading = "二", .kind = CELL_MONEY },
        { .heading = "三", .kind = CELL_MONEY },  { .heading = "四", .kind = CELL_MONEY },
        { .heading = "五", .kind = CELL_MONEY },  { .heading = "备注" },
    };
    const char *path;
    char text[32];
    SheetWriter *w;
    double begin = now();
    Error *e = sheet_writer_new(c, "业绩", columns, sizeof columns / sizeof *columns, NULL, &w);
    if (e) return report(e);
    for (int i = 0; i < rows; i++) {
        sheet_put_int(w, i + 1);
        snprintf(text, sizeof text, "员工%d", i % 10000);
        sheet_put_text(w, text);
        sheet_put_date(w, 20000 + i % 700);
        snprintf(text, sizeof text, "P%04d", i % 300);
        sheet_put_text(w, text);
        for (int k = 4; k < 9; k++) sheet_put_money(w, (i * 37L + k) % 100000);
        sheet_put_text(w, "visited, wants a demo");
        sheet_next_row(w);
    }
    e = sheet_writer_close(w, &path);
    if (e) return report(e);
    double seconds = now() - begin;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld rows, %.3f s, peak %ld KiB\n", rows, seconds, usage.ru_maxrss);
    return link(path, to) ? perror(to), 1 : 0; /* the arena removes the other name */
}

int main(int argc, char **argv) {
    int failed = 2;
    Ctx c = { .mem = talloc_new(NULL) };
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        failed = read_file(&c, argv[2]);
    else if (argc == 4 && strcmp(argv[1], "write") == 0)
        failed = write_file(&c, argv[2], strtol(argv[3], NULL, 10));
    else
        fprintf(stderr, "sheet_bench read FILE | sheet_bench write FILE ROWS\n");
    talloc_free(c.mem);
    return failed;
}
