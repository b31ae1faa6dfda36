/* embed.c - a build program: writes one C file that holds other files, sorted by name (see src/base/embed.h).
 *
 *     embed OUT.c OUT.d [PREFIX DIR SUFFIX]...
 *
 * Takes every file under DIR whose name ends in SUFFIX ("" for all) as PREFIX/path-below-DIR; a DIR that is absent is
 * empty. A DIR may also be a single file, named PREFIX/its-last-part. The bytes are brought in by the assembler's
 * .incbin, which takes milliseconds where a list of numbers would take seconds. OUT.d tells ninja what to watch. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct File {
    char *name, *path;
    size_t size;
} File;

static File *files;
static size_t count;
static char **folders; /* watched too: a new file in one must rerun this program */
static size_t folder_count;

static void die(const char *what, const char *why) {
    fprintf(stderr, "embed: %s: %s\n", what, why);
    exit(1);
}

static char *join(const char *a, const char *b) {
    char *s;
    if (asprintf(&s, "%s/%s", a, b) < 0) die("join", "out of memory");
    return s;
}

static void *grown(void *array, size_t n, size_t size) {
    void *a = reallocarray(array, n, size);
    if (!a) die("grown", "out of memory");
    return a;
}

static int ends_with(const char *s, const char *suffix) {
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

/* Names and paths go between quotes in C, in the assembler and in a makefile: only plain ones are let through. */
static void check_plain(const char *s) {
    for (; *s; s++)
        if (*s == '"' || *s == '\\' || *s == '\n' || *s == '$' || *s == '#' || *s == ' ')
            die(s, "a character that cannot be embedded in a path");
}

static void add(const char *name, const char *path, size_t size) {
    check_plain(name);
    check_plain(path);
    files = grown(files, count + 1, sizeof *files);
    files[count++] = (File){ strdup(name), strdup(path), size };
}

static void walk(const char *prefix, const char *dir, const char *suffix) {
    struct stat st;
    if (stat(dir, &st)) {
        if (errno == ENOENT) return;
        die(dir, strerror(errno));
    }
    if (S_ISREG(st.st_mode)) {
        const char *slash = strrchr(dir, '/');
        add(join(prefix, slash ? slash + 1 : dir), dir, (size_t)st.st_size);
        return;
    }
    DIR *d = opendir(dir);
    if (!d) die(dir, strerror(errno));
    check_plain(dir);
    folders = grown(folders, folder_count + 1, sizeof *folders);
    folders[folder_count++] = strdup(dir);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        char *path = join(dir, e->d_name), *name = join(prefix, e->d_name);
        if (stat(path, &st)) continue; /* an editor's dangling lock link */
        if (S_ISDIR(st.st_mode)) walk(name, path, suffix);
        else if (S_ISREG(st.st_mode) && ends_with(name, suffix)) add(name, path, (size_t)st.st_size);
    }
    closedir(d);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const File *)a)->name, ((const File *)b)->name);
}

static FILE *begin(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f) die(path, strerror(errno));
    return f;
}

static void end(FILE *f, const char *path) {
    if (ferror(f) || fclose(f)) die(path, "cannot write");
}

static void write_source(const char *path, const char *cwd) {
    FILE *f = begin(path);
    fputs("/* Made by tools/embed.c. */\n#include \"base/embed.h\"\n\n", f);
    for (size_t i = 0; i < count; i++) {
        /* The size is said twice, here and in the table, so that a file growing between the two steps cannot disagree. */
        fprintf(f,
                "__asm__(\".pushsection .rodata\\n\\t.balign 16\\nembedded_%zu:\\n\\t.incbin \\\"%s%s%s\\\", 0, %zu\\n"
                "\\t.byte 0\\n\\t.popsection\\n\");\nextern const unsigned char embedded_%zu[];\n",
                i, files[i].path[0] == '/' ? "" : cwd, files[i].path[0] == '/' ? "" : "/", files[i].path, files[i].size, i);
    }
    fputs("extern const Embedded embedded_files[];\nextern const size_t embedded_files_count;\n"
          "const Embedded embedded_files[] = {\n", f);
    for (size_t i = 0; i < count; i++)
        fprintf(f, "    { \"%s\", embedded_%zu, %zu },\n", files[i].name, i, files[i].size);
    fprintf(f, "    { 0 },\n};\nconst size_t embedded_files_count = %zu;\n", count);
    end(f, path);
}

static void write_depfile(const char *path, const char *target) {
    FILE *f = begin(path);
    fprintf(f, "%s:", target);
    for (size_t i = 0; i < folder_count; i++) fprintf(f, " \\\n  %s", folders[i]);
    for (size_t i = 0; i < count; i++) fprintf(f, " \\\n  %s", files[i].path);
    fputc('\n', f);
    end(f, path);
}

int main(int argc, char **argv) {
    if (argc < 3 || argc % 3) {
        fputs("usage: embed OUT.c OUT.d [PREFIX DIR SUFFIX]...\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc; i += 3) walk(argv[i], argv[i + 1], argv[i + 2]);
    if (count) qsort(files, count, sizeof *files, by_name);
    for (size_t i = 1; i < count; i++)
        if (strcmp(files[i - 1].name, files[i].name) == 0) die(files[i].name, "two files of this name");
    char *cwd = getcwd(NULL, 0);
    if (!cwd) die("getcwd", strerror(errno));
    check_plain(cwd);
    write_source(argv[1], cwd);
    write_depfile(argv[2], argv[1]);
    return 0;
}
