/* view.h - all templates of the program, loaded and checked at start. */
#pragma once
#include "base/ctx.h"
#include "base/error.h"
#include "base/value.h"

/* Parses every embedded template (or those under dir, read afresh on each request, for development). A missing partial or an unclosed
 * section fails here, not on a page. Call once. */
Error *view_load(Ctx *c, const char *dir) MUST_USE;
/* Renders one template over the model. */
Error *view_render(Ctx *c, const char *name, Value model, Text *out) MUST_USE;
/* The same inside layout.html, which sees the model and the rendered page as _page. */
Error *view_page(Ctx *c, const char *name, Value model, Text *out) MUST_USE;
bool view_exists(const char *name);
/* 128 random bits for one answer's Content-Security-Policy. */
const char *view_nonce(Ctx *c);
