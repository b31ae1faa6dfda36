/* invoice_rules_test.c - contract numbers as they are typed, and vector U6 for whole windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "modules/target/invoice_rules.h"
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* The numbers with | between them. */
static void typed(const char *text, const char *expected) {
    void *mem = talloc_new(NULL);
    const char *numbers[INVOICE_NUMBERS_MAX];
    char *all = talloc_strdup(mem, "");
    size_t n = invoice_contract_numbers(mem, text, numbers);
    for (size_t i = 0; i < n; i++) all = talloc_asprintf(mem, "%s%s%s", all, i ? "|" : "", numbers[i]);
    assert_string_equal(all, expected);
    talloc_free(mem);
}

static void numbers_are_parted_by_what_people_type_between_them(void **state) {
    (void)state;
    typed("HT-2024-001", "HT-2024-001");
    typed("HT-1、HT-2，HT-3；HT-4,HT-5; HT-6", "HT-1|HT-2|HT-3|HT-4|HT-5|HT-6");
    typed("HT-1 HT-2\u3000HT-3", "HT-1|HT-2|HT-3");
    typed("HT/2024/1", "HT/2024/1");
}

static void a_number_with_blanks_in_it_stays_one(void **state) {
    (void)state;
    typed("HT 2024", "HT 2024");
    typed("合同号 HT-1、框架 协议", "合同号 HT-1|框架 协议");
}

static void the_same_number_twice_is_one_and_nothing_is_none(void **state) {
    (void)state;
    typed("HT-1、HT-1", "HT-1");
    typed(" 、，; ", "");
    typed("", "");
    typed(NULL, "");
}

static void more_numbers_than_there_is_room_for_are_left_out(void **state) {
    (void)state;
    void *mem = talloc_new(NULL);
    const char *numbers[INVOICE_NUMBERS_MAX];
    char *text = talloc_strdup(mem, "");
    for (int i = 0; i < INVOICE_NUMBERS_MAX + 9; i++) text = talloc_asprintf(mem, "%s,%d", text, i);
    assert_int_equal(invoice_contract_numbers(mem, text, numbers), INVOICE_NUMBERS_MAX);
    assert_string_equal(numbers[INVOICE_NUMBERS_MAX - 1], "49");
    talloc_free(mem);
}

static const Date july_1 = 19905; /* 2024-07-01 */
static InvoiceDue contract(Date signed_on, int reminded_after) {
    return (InvoiceDue){ signed_on, key_action_due(signed_on, INVOICE_DAYS), reminded_after < 0 ? DATE_NONE : signed_on + reminded_after };
}

static void U6_signed_on_1_July_the_reminder_is_in_time_up_to_8_July(void **state) {
    (void)state;
    InvoiceDue open = contract(july_1, -1), in_time = contract(july_1, 7), late = contract(july_1, 8);
    assert_int_equal(july_1, date_make(2024, 7, 1));
    assert_int_equal(open.due_on, date_make(2024, 7, 8));
    assert_int_equal(invoice_judge(&open, date_make(2024, 7, 8)), KEY_ACTION_RUNNING);
    assert_int_equal(invoice_judge(&open, date_make(2024, 7, 9)), KEY_ACTION_MISSED);
    assert_int_equal(invoice_judge(&in_time, date_make(2024, 7, 9)), KEY_ACTION_MET);
    assert_int_equal(invoice_judge(&late, date_make(2024, 7, 9)), KEY_ACTION_MISSED);
}

static KeyActionState july(const InvoiceDue *list, size_t count, Date today) {
    InvoiceCount n = invoice_count(list, count, (DaySpan){ july_1, july_1 + 30 }, july_1, today);
    assert_int_equal(n.due, n.met + n.missed + n.open);
    return invoice_judge_all(&n);
}

static void one_missed_contract_misses_the_month(void **state) {
    (void)state;
    InvoiceDue list[] = { contract(july_1, 2), contract(july_1 + 1, -1), contract(july_1 + 30, -1) }; /* the last is due in August */
    assert_int_equal(july(list, 0, july_1), KEY_ACTION_EXCUSED);
    assert_int_equal(july(list, 1, july_1), KEY_ACTION_MET);
    assert_int_equal(july(list, 3, july_1 + 8), KEY_ACTION_RUNNING);
    assert_int_equal(july(list, 3, july_1 + 9), KEY_ACTION_MISSED);
    list[1].reminded_on = july_1 + 8;
    assert_int_equal(july(list, 3, july_1 + 60), KEY_ACTION_MET);
}

static void contracts_from_before_the_action_do_not_count(void **state) {
    (void)state;
    InvoiceDue list[] = { contract(july_1 - 3, -1) };
    assert_int_equal(july(list, 1, july_1 + 20), KEY_ACTION_EXCUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_parted_by_what_people_type_between_them),
        cmocka_unit_test(a_number_with_blanks_in_it_stays_one),
        cmocka_unit_test(the_same_number_twice_is_one_and_nothing_is_none),
        cmocka_unit_test(more_numbers_than_there_is_room_for_are_left_out),
        cmocka_unit_test(U6_signed_on_1_July_the_reminder_is_in_time_up_to_8_July),
        cmocka_unit_test(one_missed_contract_misses_the_month),
        cmocka_unit_test(contracts_from_before_the_action_do_not_count),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
