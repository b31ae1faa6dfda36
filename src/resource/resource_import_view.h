/* resource_import_view.h - models and sheets of the import pages. Private to resource/. */
#pragma once
#include "resource/resource_import_job.h"

Value import_upload_model(Ctx *c, const Resource *res, const Error *problem);
/* result: of the check; problem: why the import was refused, or NULL. */
Value import_preview_model(Ctx *c, const ImportJob *job, const ImportResult *result, const Error *problem);
Value import_result_model(Ctx *c, const ImportJob *job);
/* What a program gets from a dry run or an import in one call. */
Value import_answer(Ctx *c, const Resource *res, const ImportResult *result);
const char *import_title(Ctx *c, const Resource *res);
const char *import_href(Ctx *c, const ImportJob *job, const char *suffix);

/* An empty table with headings, choices and explanations. */
Error *import_template(Ctx *c, const Resource *res, const char **ret_path) MUST_USE;
/* The failed rows as they were, with the reason in a last column. */
Error *import_failed_rows(Ctx *c, const ImportJob *job, const char **ret_path) MUST_USE;
