/* pile.h - many short strings in one place: a bump allocator inside an arena, for the rows of a list. */
#pragma once
#include <stddef.h>
#include <string.h>
#include <talloc.h>

typedef struct Pile {
    void *mem;
    char *at;
    size_t left;
} Pile;

static inline const char *pile_add(Pile *p, const char *s, size_t n) {
    if (n + 1 > p->left) {
        p->left = n + 1 > 16384 ? n + 1 : 16384;
        p->at = talloc_array(p->mem, char, p->left);
    }
    char *to = p->at;
    memcpy(to, s, n);
    to[n] = 0;
    p->at += n + 1;
    p->left -= n + 1;
    return to;
}
