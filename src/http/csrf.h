/* csrf.h - unsafe requests must come from our own pages. */
#pragma once
#include "http/request.h"

/* GET and HEAD pass, and so do requests by bearer token (no cookie is involved). Others need Sec-Fetch-Site same-origin or none, or where the
 * browser does not send that, an Origin equal to Host; and in a session the token, as header X-CSRF-Token or field _csrf. 403 else. */
Error *csrf_check(Req *r) MUST_USE;
