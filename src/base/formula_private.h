/* formula_private.h - what formula.c, formula_parse.c and formula_scan.c share: tokens and the tree. */
#pragma once
#include "base/formula.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void *need(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

/* ---- Tokens ---- */

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_NAME,
    TOKEN_QUOTED,
    TOKEN_SIGN, /* + - * / ( ) , % */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    char sign;         /* of TOKEN_SIGN, in ASCII however it was typed; 0 otherwise */
    const char *typed; /* for messages: as typed, cut if long */
    const char *text;  /* a number in ASCII without needless zeros, a name without quotation marks */
    size_t position;   /* of its first character, from 1 */
} Token;

typedef struct Scanner {
    Ctx *c;
    const char *at;
    size_t position, count; /* of the character at `at`; characters so far, by the rule of FORMULA_MAX_CHARS */
} Scanner;

Error *formula_scan(Scanner *s, Token *ret) MUST_USE;
/* n for a message. */
const char *formula_number(Ctx *c, size_t n);
/* May it be written without quotation marks? */
bool formula_plain_name(const char *name);

/* ---- The tree ---- */

typedef enum NodeKind {
    NODE_NUMBER,
    NODE_NAME,
    NODE_ADD,
    NODE_SUB,
    NODE_MUL,
    NODE_DIV,
    NODE_NEG,
    NODE_MAX,
    NODE_MIN,
    NODE_ABS,
} NodeKind;

typedef struct Node {
    NodeKind kind;
    const struct Node *left, *right; /* NODE_NEG and NODE_ABS have only left */
    Ratio number;                    /* NODE_NUMBER, and how it is written: "0.35", "20%" */
    const char *written;
    size_t name; /* NODE_NAME: index into names */
} Node;

struct Formula {
    const Node *root;
    const char **names;
    size_t *bound; /* index into the values of formula_eval, one a name */
    size_t count;  /* of names */
};
