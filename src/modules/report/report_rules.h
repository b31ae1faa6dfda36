/* report_rules.h - entry rules (product.md B7): the same on web, phone, import and API. */
#pragma once
#include "modules/report/report.h"

/* Lines of text that say something. */
int report_count_points(const char *text);
/* "意向客户跟进次数需备注沟通要点; 成交金额需附合同编号": adds what is missing, under talk_points and contract_no. */
void report_check_entry(Ctx *c, const ReportItems *items, const DailyReport *report, Error **errors);
/* The messages of an error's fields as one text in the reader's language. */
const char *report_missing_text(Ctx *c, const Error *missing);
