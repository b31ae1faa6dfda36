/* report_private.h - shared inside the report module. */
#pragma once
#include "modules/report/report.h"
#include "service/job.h"

extern const Route report_routes[], report_board_routes[], report_queue_routes[], report_missing_routes[];
extern const JobKind report_jobs[];
/* Bits of DailyReport.arrival: only what came in with this very request may count, and the stored row begins as a copy of the old one. */
enum { REPORT_IMPORTED = 1, REPORT_NO_POINTS_COLUMN = 2, REPORT_NO_CONTRACT_COLUMN = 4, REPORT_WITH_KEY = 8 };

/* The form page of a report; row may be half-typed and refused. */
Error *report_form_page(Req *r, const DailyReport *row, const Error *problem) MUST_USE;
Value report_photos(Ctx *c, int64_t report_id);
