/* mustache_node.h - what mustache_parse.c makes and mustache_render.c reads. */
#pragma once
#include "view/mustache.h"

enum { SECTION_DEPTH = 32, PARTIAL_DEPTH = 64 };

typedef enum NodeKind {
    NODE_TEXT,      /* text, len: followed by OUT_PAD readable bytes */
    NODE_VARIABLE,  /* names; text, len: what stands before it */
    NODE_RAW,       /* names */
    NODE_SECTION,   /* names; its body is the nodes up to `next` */
    NODE_INVERTED,  /* the same */
    NODE_PARTIAL,   /* text = name; indent, len: what each of its lines begins with */
    NODE_TRANSLATE, /* text = message id */
    NODE_FORMAT     /* names, format */
} NodeKind;

typedef struct Name {
    const char *text; /* in the template's source, not ended by NUL */
    size_t len;
} Name;

typedef struct Node {
    NodeKind kind;
    bool line_start;     /* the text stands first on its line, so an indented partial indents it */
    uint32_t slot;       /* number of this node in the set: where the renderer remembers the member it found */
    uint32_t next;       /* index behind the body */
    uint32_t line;       /* for messages */
    uint32_t len;        /* of text or indent */
    uint32_t name_count; /* 0 is "." */
    const char *text;
    const Name *names; /* a.b.c has three */
    union {
        const TemplateFormat *format;
        struct {
            const char *indent;
            const Template *partial; /* set by template_set_link; NULL: empty */
        };
    };
} Node;

struct Template {
    const char *name;
    unsigned flags;
    const char *source;
    Node *nodes;
    uint32_t count;
};

/* Parses t->source[0..len), which OUT_PAD bytes follow, into t->nodes. NULL, or "NAME:LINE: what is wrong" in t's memory. */
const char *template_parse(Template *t, size_t len, const TemplateFormat *formats);
