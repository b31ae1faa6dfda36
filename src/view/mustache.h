/* mustache.h - templates: the Mustache core language, parsed once at start into immutable nodes, rendered over a Value.
 *
 * Two additions to the language:
 *     {{#t}}Hello {name}{{/t}}                 the literal text, translated; {name} is then replaced by that member's text
 *     {{#fmt.money}}{{amount}}{{/fmt.money}}   one variable written by a registered format
 * Both are escaped like every {{variable}}. {{{raw}}} and {{&raw}} are refused unless the caller allows them. */
#pragma once
#include "base/i18n.h"
#include "base/value.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct Template Template;
typedef struct TemplateSet TemplateSet;

/* What rendering needs besides the model. */
typedef struct RenderEnv {
    const Lang *lang; /* NULL: message ids as they are */
    Value shared;     /* an object looked at after the model: nonce, csrf token, who is signed in; V_NULL for none */
} RenderEnv;

enum { FORMAT_TEXT = 96 };

/* One {{#fmt.NAME}}: writes v into buf, ended by NUL. False if v is of a kind it does not know: then v's plain text is shown. */
typedef struct TemplateFormat {
    const char *name;
    bool (*write)(const RenderEnv *env, Value v, char buf[static FORMAT_TEXT]);
} TemplateFormat;

typedef enum TemplateFlags {
    TEMPLATE_RAW = 1, /* {{{x}}} and {{&x}} are allowed; always so in the template named "layout" */
    TEMPLATE_LAX = 2, /* a missing partial is empty text, as Mustache's own tests want */
} TemplateFlags;

/* formats ends with a row without a name, and outlives the set; NULL for none. */
TemplateSet *template_set_new(void *mem, const TemplateFormat *formats);
/* Parses a copy of source. False with "NAME:LINE: what is wrong" in *ret_why (in the set's memory) if it cannot be parsed
 * or the name is taken. A set is filled and linked by one thread; afterwards any number may render. */
bool template_add(TemplateSet *set, const char *name, const char *source, size_t len, unsigned flags,
                  const char **ret_why) MUST_USE;
/* Ties {{>name}} to the templates; once, after the last template_add. False with *ret_why if one is missing. */
bool template_set_link(TemplateSet *set, const char **ret_why) MUST_USE;
/* NULL if there is none. After template_set_link. */
const Template *template_get(const TemplateSet *set, const char *name);

/* Adds the rendered text to out. False if out's maximum was passed, or sections or partials are nested too deep (32 and 64). */
bool template_render(const Template *t, const RenderEnv *env, Value model, Text *out) MUST_USE;
