/* embed.h - the files that are part of the binary: templates, web assets, migrations, catalogues. Made by tools/embed.c. */
#pragma once
#include <stddef.h>

typedef struct Embedded {
    const char *name;          /* "templates/list.html", "assets/assets.json", "migrations/0001_org.sql", "po/zh_CN.mo" */
    const unsigned char *data; /* size bytes and one NUL after them, so that text can be used as a string */
    size_t size;
} Embedded;

const Embedded *embedded_find(const char *name); /* NULL if there is no such file */
size_t embedded_count(void);
const Embedded *embedded_at(size_t i); /* in order of names (strcmp); i < embedded_count() */
