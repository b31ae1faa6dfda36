/* money.h - amounts as int64 分 (1/100 元) and ratios computed from integers. No floating point. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef int64_t Money; /* 分 */
#define MONEY_NONE INT64_MIN
#define MONEY_MAX INT64_C(100000000000000000) /* 10^17 分 = 10^15 元: larger input is refused */
#define MONEY_TEXT 40

/* Reads an amount in 元: "25000", "25,000.00", "￥1,234.5", "¥…", "1.2万", "3亿", optional "元", sign, full-width digits, spaces
 * around. At most two decimals of 元 after 万/亿 are applied; more precision than a 分 is refused, not rounded.
 * False for anything else or beyond MONEY_MAX. Thousands separators must stand in threes. */
bool money_parse(const char *s, Money *ret_amount);
char *money_plain(Money m, char buf[static MONEY_TEXT]);   /* "-25000.00": for JSON, CSV and copying */
char *money_grouped(Money m, char buf[static MONEY_TEXT]); /* "-25,000.00": for people */
/* For boards: "4.75万" from 10,000 元 up, "1.20亿" from 10^8 元 up, else grouped; half-up to two decimals. */
char *money_short(Money m, char buf[static MONEY_TEXT]);

/* part / whole x 100, half-up (away from zero) to 2 decimals, as "95.00"; "—" if whole is 0. */
char *ratio_percent(int64_t part, int64_t whole, char buf[static MONEY_TEXT]);
/* The same as hundredths of a percent: 9500; false if whole is 0. Exact in 128 bits. */
bool ratio_bp(int64_t part, int64_t whole, int64_t *ret_bp);
/* Splits total into n parts in proportion to weights[] (all >= 0, sum > 0; NULL means equal) by largest remainder, ties to the
 * earlier part, so that the parts sum to total exactly (Hamilton's method; product.md T1). */
void money_split(Money total, const int64_t *weights, int n, Money *ret_parts);
/* Reads a whole number with optional sign, thousands separators in threes and full-width digits. */
bool int_parse(const char *s, int64_t *ret_n);
char *int_grouped(int64_t n, char buf[static MONEY_TEXT]);
