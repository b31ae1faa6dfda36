/* embed.c - finding a file inside the binary. */
#include "base/embed.h"
#include <stdlib.h>
#include <string.h>

/* The generated part, build/.../embedded.c */
extern const Embedded embedded_files[];
extern const size_t embedded_files_count;

static int by_name(const void *name, const void *file) {
    return strcmp(name, ((const Embedded *)file)->name);
}

const Embedded *embedded_find(const char *name) {
    return bsearch(name, embedded_files, embedded_files_count, sizeof *embedded_files, by_name);
}

size_t embedded_count(void) {
    return embedded_files_count;
}

const Embedded *embedded_at(size_t i) {
    return &embedded_files[i];
}
