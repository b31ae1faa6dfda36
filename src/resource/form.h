/* form.h - forms that belong to no resource: a transfer, the settings. One line an input; form.html shows them. */
#pragma once
#include "http/respond.h"

typedef struct FormLine {
    const char *name, *label, *help; /* label and help N_() */
    const char *kind;                /* "text" "password" "date" "time" "int" "bool" "ref" "file" */
    const char *value;               /* shown unless something else was typed and refused */
    const char *search_href;         /* ref */
    const char *autocomplete;
    bool required;
    int max;                         /* characters; 0 = not said */
} FormLine;

/* The model of one input: what was typed and the message beside it where problem has one. */
Value form_line(Req *r, const FormLine *line, const Error *problem);
/* The message about one field in the reader's language, or NULL. */
const char *form_message(Ctx *c, const Error *problem, const char *field);
/* What form.html needs beside `fields`; problem's message stands at the top. */
Value form_page_model(Req *r, const char *title, const char *action, const char *cancel_href, const char *submit_title, Value fields, const Error *problem);
