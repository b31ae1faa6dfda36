/* formula_test.c - tests of formula.c, formula_parse.c and formula_scan.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/formula.h"
#include "base/i18n.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

static Ctx ctx;

static int set_up(void **state) {
    (void)state;
    ctx = (Ctx){ .mem = talloc_new(NULL) };
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return talloc_free(ctx.mem);
}

static Formula *parse(const char *text) {
    Formula *f = NULL;
    Error *e = formula_parse(&ctx, text, &f);
    if (e) fail_msg("%s: %s", text, msg_text(ctx.mem, NULL, &e->message));
    return f;
}

/* What a person reads who typed this; "" if it is a formula. */
static const char *complaint(const char *text) {
    Formula *f = NULL;
    Error *e = formula_parse(&ctx, text, &f);
    if (!e) return "";
    assert_null(f);
    assert_int_equal(e->status, 422);
    return msg_text(ctx.mem, NULL, &e->message);
}

static const char *printed(const char *text) {
    return formula_text(&ctx, parse(text), NULL);
}

/* Values for the names in order of appearance: primes, so that no two formulas agree by chance. */
static Ratio eval(const char *text) {
    static const int primes[] = { 2, 3, 5, 7, 11, 13, 17, 19 };
    Ratio values[8];
    for (int i = 0; i < 8; i++) values[i] = ratio_make(primes[i], 1);
    const char *const *names;
    Formula *f = parse(text);
    assert_true(formula_names(f, &names) <= 8);
    return formula_eval(f, values);
}

static void assert_eval(const char *text, int64_t num, int64_t den) {
    Ratio r = eval(text);
    if (r.num != num || r.den != den) fail_msg("%s is %lld/%lld", text, (long long)r.num, (long long)r.den);
}

static char *repeat(const char *s, size_t n) {
    Text *t = text_new(ctx.mem, 1 << 24);
    while (n-- > 0) text_add(t, s);
    return t->data;
}

/* ---- Values ---- */

static void numbers_are_exact(void **state) {
    (void)state;
    assert_eval("285000 / 6", 47500, 1);
    assert_eval("0.1 + 0.2", 3, 10);
    assert_eval("100000000 / 3 * 3", 100000000, 1);
    assert_eval("20%", 1, 5);
    assert_eval("12.5 %", 1, 8);
    assert_eval("0.35", 7, 20);
    assert_eval("007.50", 15, 2);
    assert_eval("0", 0, 1);
    assert_eval("0.00", 0, 1);
    assert_eval("999999999999999999", INT64_C(999999999999999999), 1);
    assert_eval("0.00000000000000001", 1, INT64_C(100000000000000000));
}

static void signs_bind_as_in_school(void **state) {
    (void)state;
    assert_eval("a - b - c", 2 - 3 - 5, 1);
    assert_eval("a - (b - c)", 2 - (3 - 5), 1);
    assert_eval("a / b / c", 2, 15);
    assert_eval("a / (b / c)", 10, 3);
    assert_eval("a / b * c", 10, 3);
    assert_eval("-a * b", -6, 1);
    assert_eval("a * -b", -6, 1);
    assert_eval("a - -b", 5, 1);
    assert_eval("--a", 2, 1);
    assert_eval("+a", 2, 1);
    assert_eval("-(a + b)", -5, 1);
    assert_eval("a + b * c", 17, 1);
    assert_eval("(a + b) * 2 - c / 3", 25, 3);
    assert_eval("((((a))))", 2, 1);
    assert_eval("a + a", 4, 1);
}

static void max_min_and_abs_compare_exactly(void **state) {
    (void)state;
    assert_eval("max(a, b)", 3, 1);
    assert_eval("min(a, b)", 2, 1);
    assert_eval("MAX(a, b, c, 4)", 5, 1);
    assert_eval("Min(c, b, a, 4)", 2, 1);
    assert_eval("max(1/3, 0.333)", 1, 3);
    assert_eval("min(1/3, 0.333)", 333, 1000);
    assert_eval("abs(a - b)", 1, 1);
    assert_eval("abs(b)", 2, 1);
    assert_eval("max(min(a, b), c) * 2", 10, 1);
    assert_eval("max + min(a, abs)", 2 + 3, 1); /* without a bracket it is a name like any other */
}

static void missing_values_and_zero_give_none(void **state) {
    (void)state;
    static const char *const all[] = { "a + b", "b + a",  "a - b",     "a * b",     "b / a", "a / b",
                                       "-a",    "abs(a)", "max(a, b)", "min(b, a)", "0 * a", "a - a" };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        Formula *f = parse(all[i]);
        const char *const *names;
        Ratio values[2];
        for (size_t k = 0; k < formula_names(f, &names); k++)
            values[k] = !strcmp(names[k], "a") ? RATIO_NONE : ratio_make(1, 1);
        assert_int_equal(ratio_why(formula_eval(f, values)), RATIO_MISSING);
    }
    assert_int_equal(ratio_why(eval("1 / 0")), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(eval("1 / (a - 2) + 3")), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(eval("max(1 / 0, 3)")), RATIO_BY_ZERO);
    assert_int_equal(ratio_why(eval("abs(-(1 / 0))")), RATIO_BY_ZERO);
    Formula *f = parse("x * x * x");
    Ratio large = ratio_make(INT64_MAX, 1);
    assert_int_equal(ratio_why(formula_eval(f, &large)), RATIO_TOO_LARGE);
    assert_int_equal(ratio_why(formula_eval(parse("abs(x * x * x)"), &large)), RATIO_TOO_LARGE);
    Ratio square = formula_eval(parse("x * x"), &large);
    assert_true(square.num == (Int128)INT64_MAX * INT64_MAX);
}

static void names_are_bound_to_values(void **state) {
    (void)state;
    const char *const *names;
    Formula *f = parse("成交金额 / 新签客户数 + 成交金额");
    assert_int_equal(formula_names(f, &names), 2);
    assert_string_equal(names[0], "成交金额");
    assert_string_equal(names[1], "新签客户数");
    Ratio values[] = { ratio_make(6, 1), ratio_make(0, 1), ratio_make(28500000, 100) };
    formula_bind(f, 0, 2);
    formula_bind(f, 1, 0);
    int64_t fen = 0;
    assert_true(ratio_scaled(formula_eval(f, values), 100, &fen));
    assert_int_equal(fen, 4750000 + 28500000);
    f = parse("1 + 2");
    assert_int_equal(formula_names(f, &names), 0);
    assert_true(formula_eval(f, NULL).num == 3);
}

/* ---- Writing ---- */

static void formulas_are_read_as_chinese_people_type_them(void **state) {
    (void)state;
    static const char *const same[][2] = {
        { "（已回款＋预收款）÷应回款×１００", "(已回款 + 预收款) / 应回款 * 100" },
        { "　a－b　", "a - b" },
        { "a\u2212b", "a - b" },
        { "a＊b／c", "a * b / c" },
        { "ｍ", "ｍ" },
        { "１．５％", "1.5%" },
        { "max（a，b）", "max(a, b)" },
        { "\u00a0a\t/\r\nb\u200b\ufeff", "a / b" },
        { "「回款 (含税)」*2", "「回款 (含税)」 * 2" },
        { "\"回款 (含税)\"", "「回款 (含税)」" },
        { "“回款 (含税)”", "「回款 (含税)」" },
        { "＂回款 (含税)＂", "「回款 (含税)」" },
        { "「 成交金额 」", "成交金额" },
        { "「30天留存」", "「30天留存」" },
        { "「３０天留存」", "「３０天留存」" },
        { "\"a\"\"b\"", "「a\"b」" },
        { "「a」」b」", "「a」」b」" },
        { "“a””」”", "「a”」」」" },
        { "指标１/m_2", "指标１ / m_2" },
        { "毛利①-é", "毛利① - é" },
        { "𠮷*😀", "𠮷 * 😀" },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_string_equal(printed(same[i][0]), same[i][1]);
        assert_string_equal(printed(same[i][1]), same[i][1]);
    }
}

static void printing_needs_no_more_brackets_than_reading(void **state) {
    (void)state;
    static const char *const same[][2] = {
        { "((a+b))*(c)", "(a + b) * c" },
        { "(a*b)+(c/d)", "a * b + c / d" },
        { "(a+b)+c", "a + b + c" },
        { "a+(b+c)", "a + (b + c)" }, /* the same number, but what was typed */
        { "a-(b-c)", "a - (b - c)" },
        { "(a-b)-c", "a - b - c" },
        { "a/(b*c)", "a / (b * c)" },
        { "(a/b)*c", "a / b * c" },
        { "-(a)", "-a" },
        { "-(a*b)", "-(a * b)" },
        { "(-a)*b", "-a * b" },
        { "a-(-b)", "a - -b" },
        { "a*(-b)", "a * -b" },
        { "-(-a)", "--a" },
        { "+(a)", "a" },
        { "max((a),(b))", "max(a, b)" },
        { "max(max(a,b),c)", "max(a, b, c)" },
        { "max(a,max(b,c))", "max(a, max(b, c))" },
        { "max(min(a,b),c)", "max(min(a, b), c)" },
        { "abs((a-b))/2", "abs(a - b) / 2" },
        { "abs(-a)", "abs(-a)" },
        { "00.3500+010", "0.35 + 10" },
        { "1.0", "1" },
        { "0.0", "0" },
        { "100", "100" },
        { "20.0 %*a", "20% * a" },
        { "max*2", "max * 2" },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_string_equal(printed(same[i][0]), same[i][1]);
        assert_string_equal(printed(same[i][1]), same[i][1]);
    }
}

static void a_formula_is_shown_with_the_names_of_today(void **state) {
    (void)state;
    Formula *f = parse("deal_amount / (deal_count + m2) * deal_amount");
    assert_string_equal(formula_text(&ctx, f, (const char *const[]){ "成交金额", "成交单数（含续）", "30天」新增" }),
                        "成交金额 / (「成交单数（含续）」 + 「30天」」新增」) * 成交金额");
    assert_string_equal(formula_text(&ctx, f, NULL), "deal_amount / (deal_count + m2) * deal_amount");
}

static uint64_t random64(void) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* A formula with all the brackets it can have. */
static void grow(Text *t, int depth) {
    static const char *const leaves[] = { "a", "乙", "「c d」", "7", "0.25", "30%", "「2x」", "max" };
    static const char *const signs[] = { "+", "-", "*", "/", "－", "×", "÷", "," };
    unsigned which = depth > 0 ? (unsigned)(random64() % 10) : 0;
    if (which < 2) {
        text_add(t, leaves[random64() % 8]);
        return;
    }
    text_add(t, which == 2 ? "-(" : which == 3 ? "max(" : which == 4 ? "min(" : which == 5 ? "abs(" : "(");
    grow(t, depth - 1);
    if (which != 2 && which != 5) {
        text_add(t, which == 3 || which == 4 ? "，" : signs[random64() % 7]);
        grow(t, depth - 1);
    }
    text_add(t, ")");
}

static bool same_value(Ratio a, Ratio b) {
    return a.num == b.num && a.den == b.den;
}

static void what_is_printed_is_the_same_formula(void **state) {
    (void)state;
    for (int i = 0; i < 5000; i++) {
        Ctx *turn = ctx_child(&ctx);
        Text *t = text_new(turn->mem, 10000);
        Formula *f, *again;
        grow(t, 5);
        Error *e = formula_parse(turn, t->data, &f);
        if (e) fail_msg("%s: %s", t->data, msg_text(turn->mem, NULL, &e->message));
        const char *text = formula_text(turn, f, NULL);
        if (formula_parse(turn, text, &again)) fail_msg("%s", text);
        assert_string_equal(formula_text(turn, again, NULL), text);
        const char *const *names, *const *names_again;
        size_t n = formula_names(f, &names);
        assert_int_equal(formula_names(again, &names_again), n);
        for (size_t k = 0; k < n; k++) assert_string_equal(names[k], names_again[k]);
        for (int turns = 0; turns < 4; turns++) {
            Ratio values[8];
            for (int k = 0; k < 8; k++) values[k] = ratio_make((int64_t)(random64() % 200) - 100, 7);
            if (!same_value(formula_eval(f, values), formula_eval(again, values))) fail_msg("%s: %s", t->data, text);
        }
        ctx_done(turn);
    }
}

/* ---- What is wrong ---- */

static void every_mistake_is_told_with_its_place(void **state) {
    (void)state;
    static const char *const told[][2] = {
        { "", "The formula is empty" },
        { " 　\t", "The formula is empty" },
        { "成交金额 / ", "Expected a name or number after “/” (position 6)" },
        { "成交金额 ／ * 2", "Expected a name or number after “／” (position 6)" },
        { "a + (b - )", "Expected a name or number after “-” (position 8)" },
        { "()", "Expected a name or number after “(” (position 1)" },
        { "max()", "Expected a name or number after “(” (position 4)" },
        { "max(a,)", "Expected a name or number after “,” (position 6)" },
        { "max(,a)", "Expected a name or number after “(” (position 4)" },
        { "-", "Expected a name or number after “-” (position 1)" },
        { " * a", "Expected a name or number before “*” (position 2)" },
        { ")", "Expected a name or number before “)” (position 1)" },
        { "%", "Expected a name or number before “%” (position 1)" },
        { "a b", "Expected + - × or ÷ before “b” (position 3)" },
        { "2 3", "Expected + - × or ÷ before “3” (position 3)" },
        { "2(a)", "Expected + - × or ÷ before “(” (position 2)" },
        { "(a)「很长很长很长很长很长很长很长很长很长很长很长」",
          "Expected + - × or ÷ before “「很长很长很长很长很长很长很长很长很长很…” (position 4)" },
        { "max(a b)", "Expected + - × or ÷ before “b” (position 7)" },
        { "「max」(a)", "Expected + - × or ÷ before “(” (position 6)" },
        { "a * (b + c", "“)” is missing: the “(” at position 5 is not closed" },
        { "（（a）", "“)” is missing: the “(” at position 1 is not closed" },
        { "max(a, b", "“)” is missing: the “(” at position 4 is not closed" },
        { "a + b）", "The “)” at position 6 has no “(” before it" },
        { "a%", "The “%” at position 2 does not stand after a number" },
        { "(a + 1)%", "The “%” at position 8 does not stand after a number" },
        { "20%%", "The “%” at position 4 does not stand after a number" },
        { "1,000 * a", "The comma at position 2 separates nothing; write numbers without it" },
        { "max((1,2))", "The comma at position 7 separates nothing; write numbers without it" },
        { "sum(a, b)",
          "“sum” (position 1) is not a function like max, min and abs; put a name with brackets in 「…」" },
        { "1+回款（含税）",
          "“回款” (position 3) is not a function like max, min and abs; put a name with brackets in 「…」" },
        { "1 + max(a)", "“max” (position 5) takes two values or more" },
        { "abs(a, b)", "“abs” (position 1) takes one value" },
        { "30天留存 / a", "“30天留存” (position 1) begins with a digit; put such a name in 「…」" },
        { "a + 1.", "“1.” (position 5) is not a number; write it like 1234.5" },
        { "1.2.3", "“1.2.3” (position 1) is not a number; write it like 1234.5" },
        { "1..2", "“1..2” (position 1) is not a number; write it like 1234.5" },
        { "1 + 1000000000000000000", "The number “1000000000000000000” (position 5) has more than 18 digits" },
        { "0.123456789012345678", "The number “0.123456789012345678” (position 1) has more than 18 digits" },
        { "a + 「b", "The quotation mark at position 5 is not closed" },
        { "\"b\"\"", "The quotation mark at position 1 is not closed" },
        { "「", "The quotation mark at position 1 is not closed" },
        { "a+「 」", "There is no name between the quotation marks at position 3" },
        { "\"\"", "There is no name between the quotation marks at position 1" },
        { "a ＆ b", "“＆” (position 3) cannot stand in a formula; put a name that contains it in 「…」" },
        { "成交金额：1", "“：” (position 5) cannot stand in a formula; put a name that contains it in 「…」" },
        { ".5", "“.” (position 1) cannot stand in a formula; put a name that contains it in 「…」" },
        { "a; DROP", "“;” (position 2) cannot stand in a formula; put a name that contains it in 「…」" },
        { "a」", "“」” (position 2) cannot stand in a formula; put a name that contains it in 「…」" },
        { "a\x01", "“U+0001” (position 2) cannot stand in a formula; put a name that contains it in 「…」" },
        { "a\xc2\x85", "“U+0085” (position 2) cannot stand in a formula; put a name that contains it in 「…」" },
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) assert_string_equal(complaint(told[i][0]), told[i][1]);
}

static void length_is_limited_to_500_characters_whatever_the_spaces_and_names(void **state) {
    (void)state;
    static const char too_long[] = "A formula has at most 500 characters";
    char *sum = repeat("1+", 249);
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%s11", sum)), "");
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%s111", sum)), too_long);
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%s很长的名称 + 1", repeat(" 很长的名称 + ", 249))),
                        too_long);
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%s很长的名称", repeat(" 很长的名称 + ", 249))), "");
    assert_string_equal(complaint(repeat("a", 1000000)), too_long);
    assert_string_equal(complaint(repeat("1", 1000000)), too_long);
    assert_string_equal(complaint(repeat("1", 60000)), too_long);
    assert_string_equal(complaint(repeat("(", 100000)), too_long);
    assert_string_equal(complaint(repeat("-", 1000000)), too_long);
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "「%s", repeat("」」", 1000000))), too_long);
    assert_string_equal(complaint(repeat(" ", 60000)), "The formula is empty");
}

static void the_longest_formula_prints_whole_with_any_names(void **state) {
    (void)state;
    char *text = talloc_asprintf(ctx.mem, "%sa", repeat("a+", 249));
    Formula *f = parse(text);
    char *name = repeat("」", 100);
    const char *shown = formula_text(&ctx, f, (const char *const[]){ name });
    assert_int_equal(text_length(shown), 250 * 202 + 249 * 3);
    Ratio one = ratio_make(1, 1);
    assert_true(formula_eval(f, &one).num == 250);
}

static void depth_is_limited_to_50(void **state) {
    (void)state;
    char *good = talloc_asprintf(ctx.mem, "%sa%s", repeat("(", 50), repeat(")", 50));
    assert_string_equal(complaint(good), "");
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "a + (%s)", good)),
                        "More than 50 brackets or signs within each other (position 55)");
    assert_string_equal(complaint(repeat("(", 300)), "More than 50 brackets or signs within each other (position 51)");
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%sa", repeat("-", 50))), "");
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "%sa", repeat("-", 51))),
                        "More than 50 brackets or signs within each other (position 51)");
    assert_string_equal(complaint(repeat("abs(", 90)),
                        "More than 50 brackets or signs within each other (position 204)");
    assert_string_equal(complaint(talloc_asprintf(ctx.mem, "1%s", repeat("+(a)", 120))), ""); /* beside each other */
}

static void text_that_is_not_utf8_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = { "\xff",         "a + \xe6\x88", "\xc0\xaf",
                                       "\xed\xa0\x80", "\"\xe6\"",     "\xf5\x80\x80\x80" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(complaint(bad[i]), "The formula is not valid UTF-8 text");
    assert_string_equal(complaint("a\0)"), ""); /* NUL is the end */
}

/* ---- Loops ---- */

static void loops_among_metrics_are_found_and_named(void **state) {
    (void)state;
    int path[6];
    const int to0[] = { 1, 2 }, to1[] = { 2, 3 }, to2[] = { 4 }, to4[] = { 1 }, to5[] = { 5 };
    const int *uses[] = { to0, to1, to2, NULL, to4, to5 };
    assert_int_equal(formula_cycle(&ctx, 6, uses, (size_t[]){ 2, 2, 1, 0, 0, 0 }, path), 0); /* shared is no loop */
    assert_int_equal(formula_cycle(&ctx, 6, uses, (size_t[]){ 2, 2, 1, 0, 1, 0 }, path), 3);
    assert_memory_equal(path, ((int[]){ 1, 2, 4 }), 3 * sizeof *path);
    assert_int_equal(formula_cycle(&ctx, 6, uses, (size_t[]){ 2, 2, 0, 0, 0, 1 }, path), 1);
    assert_int_equal(path[0], 5);
    assert_int_equal(formula_cycle(&ctx, 0, uses, NULL, path), 0);
}

static void a_long_chain_of_metrics_is_no_deep_recursion(void **state) {
    (void)state;
    enum { MANY = 200000 };
    int *to = talloc_array(ctx.mem, int, MANY), *path = talloc_array(ctx.mem, int, MANY);
    const int **uses = talloc_array(ctx.mem, const int *, MANY);
    size_t *counts = talloc_array(ctx.mem, size_t, MANY);
    for (int i = 0; i < MANY; i++) {
        to[i] = (i + 1) % MANY;
        uses[i] = &to[i];
        counts[i] = 1;
    }
    assert_int_equal(formula_cycle(&ctx, MANY, uses, counts, path), MANY);
    assert_int_equal(path[MANY - 1], MANY - 1);
    counts[MANY - 1] = 0;
    assert_int_equal(formula_cycle(&ctx, MANY, uses, counts, path), 0);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(signs_bind_as_in_school),
        cmocka_unit_test(max_min_and_abs_compare_exactly),
        cmocka_unit_test(missing_values_and_zero_give_none),
        cmocka_unit_test(names_are_bound_to_values),
        cmocka_unit_test(formulas_are_read_as_chinese_people_type_them),
        cmocka_unit_test(printing_needs_no_more_brackets_than_reading),
        cmocka_unit_test(a_formula_is_shown_with_the_names_of_today),
        cmocka_unit_test(what_is_printed_is_the_same_formula),
        cmocka_unit_test(every_mistake_is_told_with_its_place),
        cmocka_unit_test(length_is_limited_to_500_characters_whatever_the_spaces_and_names),
        cmocka_unit_test(the_longest_formula_prints_whole_with_any_names),
        cmocka_unit_test(depth_is_limited_to_50),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(loops_among_metrics_are_found_and_named),
        cmocka_unit_test(a_long_chain_of_metrics_is_no_deep_recursion),
    };
    return cmocka_run_group_tests_name("base/formula", tests, set_up, tear_down);
}
