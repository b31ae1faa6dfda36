/* pinyin_test.c - tests of pinyin.c, its table and its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/pinyin.h"
#include "base/pinyin_data.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void *mem;

static int set_up(void **state) {
    (void)state;
    mem = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return talloc_free(mem);
}

static bool has_key(const char *keys, const char *key) {
    char *all = talloc_asprintf(mem, " %s ", keys), *one = talloc_asprintf(mem, " %s ", key);
    return strstr(all, one) != NULL;
}

static void assert_first(const char *name, const char *key) {
    const char *keys = pinyin_keys(mem, name);
    size_t n = strcspn(keys, " ");
    if (strlen(key) != n || strncmp(keys, key, n) != 0) fail_msg("%s: %s, not %s", name, keys, key);
}

static bool finds(const char *name, const char *query) {
    return pinyin_matches(pinyin_keys(mem, name), query);
}

/* ---- The table ---- */

static void every_cell_and_list_of_the_table_is_in_bounds(void **state) {
    (void)state;
    int with_reading = 0;
    for (uint32_t p = PINYIN_FIRST; p <= PINYIN_LAST; p++) {
        uint16_t cell = pinyin_cells[p - PINYIN_FIRST];
        if (p >= 0x4e00) with_reading += cell != 0;
        const uint16_t *list = cell & 0x8000 ? pinyin_lists + (cell & 0x7fff) : &cell;
        for (int i = 0; cell; i++) {
            const char *s = pinyin_syllables[list[i] & 0x7fff];
            assert_in_range(strlen(s), 1, 6);
            assert_int_equal(strspn(s, "abcdefghijklmnopqrstuvwxyz"), strlen(s));
            assert_true(i < 4);
            if (!(cell & 0x8000) || (list[i] & 0x8000)) break;
        }
    }
    assert_true(with_reading > 20900);
    for (size_t i = 1; i < pinyin_rare_count; i++) assert_true(pinyin_rare[i - 1].point < pinyin_rare[i].point);
    assert_true(pinyin_rare_count > 150);
}

static void every_word_has_as_many_syllables_as_characters(void **state) {
    (void)state;
    for (const PinyinWord *w = pinyin_words; w->han; w++) {
        size_t syllables = 1;
        for (const char *p = w->readings; *p; p++) syllables += *p == ' ';
        if (syllables != text_length(w->han)) fail_msg("%s", w->han);
        for (const PinyinWord *v = pinyin_words; v < w; v++) assert_string_not_equal(v->han, w->han);
    }
    for (const PinyinWord *w = pinyin_surnames; w->han; w++) {
        assert_int_equal(text_length(w->han), 1);
        for (const PinyinWord *v = pinyin_surnames; v < w; v++) assert_string_not_equal(v->han, w->han);
    }
}

static void every_syllable_of_the_words_is_one_of_the_table(void **state) {
    (void)state;
    const PinyinWord *const tables[] = { pinyin_words, pinyin_surnames };
    for (size_t t = 0; t < 2; t++)
        for (const PinyinWord *w = tables[t]; w->han; w++) {
            char *copy = talloc_strdup(mem, w->readings), *save = NULL;
            for (char *s = strtok_r(copy, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
                bool known = false;
                for (int i = 1; !known && i < 450 && *pinyin_syllables[i]; i++) {
                    known = !strcmp(pinyin_syllables[i], s);
                    if (!strcmp(pinyin_syllables[i], "zuo")) break; /* the last */
                }
                if (!known) fail_msg("%s %s", w->han, s);
            }
        }
}

/* ---- Keys ---- */

static void a_key_set_is_full_pinyin_and_initials(void **state) {
    (void)state;
    assert_string_equal(pinyin_keys(mem, "张三"), "ZhangSan zs");
    assert_string_equal(pinyin_keys(mem, "李小龙"), "LiXiaoLong lxl");
    assert_string_equal(pinyin_keys(mem, "王"), "Wang w");
    assert_string_equal(pinyin_keys(mem, "吕女"), "LvNv ln");
    assert_string_equal(pinyin_keys(mem, ""), "");
    assert_string_equal(pinyin_keys(mem, " ·。!（）👍"), "");
}

static void surnames_are_read_as_surnames_first(void **state) {
    (void)state;
    static const char *const people[][2] = {
        { "单雄信", "ShanXiongXin" },   { "曾国藩", "ZengGuoFan" },
        { "仇英", "QiuYing" },          { "解晓东", "XieXiaoDong" },
        { "区伟明", "OuWeiMing" },      { "查良镛", "ZhaLiangYong" },
        { "盖叫天", "GeJiaoTian" },     { "朴树", "PiaoShu" },
        { "任我行", "RenWoXing" },      { "翟天临", "ZhaiTianLin" },
        { "缪缪", "MiaoMou" },          { "种师道", "ChongShiDao" },
        { "冼星海", "XianXingHai" },    { "乜小明", "NieXiaoMing" },
        { "覃辉", "QinHui" },           { "尉迟恭", "YuChiGong" },
        { "长孙无忌", "ZhangSunWuJi" }, { "万俟卨", "MoQiXie" },
        { "令狐冲", "LingHuChong" },    { "单于丹", "ChanYuDan" },
        { "諸葛亮", "ZhuGeLiang" },     { "諸葛孔明", "ZhuGeKongMing" },
        { "欧阳修", "OuYangXiu" },      { "上官婉儿", "ShangGuanWanEr" },
        { "澹台明", "TanTaiMing" },     { "長孫皓", "ZhangSunHao" },
        { "單田芳", "ShanTianFang" },   { "卜凡", "BuFan" },
        { "薄一波", "BoYiBo" },         { "柏杨", "BaiYang" },
        { "贾平凹", "JiaPingAo" },      { "沈从文", "ShenCongWen" },
        { "都晓", "DuXiao" },           { "石磊", "ShiLei" },
        { "逄先知", "PangXianZhi" },    { "乐嘉", "LeJia" },
    };
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) assert_first(people[i][0], people[i][1]);
}

static void all_readings_of_a_polyphone_can_be_searched(void **state) {
    (void)state;
    const char *keys = pinyin_keys(mem, "单雄信");
    assert_true(has_key(keys, "ShanXiongXin") && has_key(keys, "DanXiongXin") && has_key(keys, "ChanXiongXin"));
    assert_true(has_key(keys, "sxx") && has_key(keys, "dxx") && has_key(keys, "cxx"));
    assert_true(finds("乐嘉", "yuejia") && finds("乐嘉", "lejia"));
    assert_true(finds("仇英", "chouying") && finds("曾国藩", "cengguofan") && finds("王重", "wangchong"));
    /* equal initials are kept once */
    assert_string_equal(pinyin_keys(mem, "张盛"), "ZhangSheng zs ZhangCheng zc");
    assert_string_equal(pinyin_keys(mem, "曾一"), "ZengYi zy CengYi cy");
    assert_string_equal(pinyin_keys(mem, "李种"), "LiZhong lz LiChong lc");
    assert_string_equal(pinyin_keys(mem, "王伯"), "WangBo wb WangBai");
}

static void at_most_eight_combinations_with_the_fewest_unlikely_readings(void **state) {
    (void)state;
    const char *keys = pinyin_keys(mem, "单盛种乐曾");
    int capitals = 0;
    for (const char *p = keys; *p; p++) capitals += (p == keys || p[-1] == ' ') && *p < 'a';
    assert_int_equal(capitals, 8);
    /* The first, six with one change, and one with two. */
    static const char *const some[] = { "DanShengZhongLeCeng", "ShanShengZhongLeCeng", "ChanShengZhongLeCeng",
                                        "DanChengZhongLeCeng", "DanShengChongLeCeng",  "DanShengZhongYueCeng",
                                        "DanShengZhongLeZeng" };
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) assert_true(has_key(keys, some[i]));
    assert_first("单盛种乐曾", "DanShengZhongLeCeng"); /* five characters: not a person */
}

static void companies_and_places_are_read_as_people_say_them(void **state) {
    (void)state;
    static const char *const names[][2] = {
        { "重庆长安汽车股份有限公司", "ChongQingChangAnQiCheGuFenYouXianGongSi" },
        { "中国银行厦门分行", "ZhongGuoYinHangXiaMenFenHang" },
        { "长沙音乐厅", "ChangShaYinYueTing" },
        { "成都地产", "ChengDuDiChan" },
        { "六安会计师事务所", "LuAnKuaiJiShiShiWuSuo" },
        { "东阿阿胶", "DongEEJiao" },
        { "深圳市腾讯计算机系统有限公司", "ShenZhenShiTengXunJiSuanJiXiTongYouXianGongSi" },
        { "乐视网", "LeShiWang" },
        { "重慶銀行", "ChongQingYinHang" },
        { "二〇二五", "ErLingErWu" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_first(names[i][0], names[i][1]);
}

static void other_letters_and_digits_are_words(void **state) {
    (void)state;
    assert_string_equal(pinyin_keys(mem, "TCL科技"), "TclKeJi tclkj");
    assert_string_equal(pinyin_keys(mem, "ＴＣＬ科技"), "TclKeJi tclkj");
    assert_string_equal(pinyin_keys(mem, "58同城"), "58TongCheng 58tc");
    assert_string_equal(pinyin_keys(mem, "3M中国"), "3mZhongGuo 3mzg");
    assert_string_equal(pinyin_keys(mem, "John Smith"), "JohnSmith");
    assert_first("阿卜杜·热西提", "ABuDuReXiTi");
    assert_string_equal(pinyin_keys(mem, "张(北京)"), "ZhangBeiJing zbj");
    assert_string_equal(pinyin_keys(mem, "café张"), "CaféZhang caféz");
}

static void rare_characters_of_names_have_readings(void **state) {
    (void)state;
    assert_first("王䶮", "WangYan");
    assert_first("李㛃", "LiJie");
    assert_first("张𬭎", "ZhangHong");
    assert_first("刘喆", "LiuZhe");
    assert_first("赵堃", "ZhaoKun");
    assert_first("王犇", "WangBen");
    assert_first("陈玥", "ChenYue");
}

static void long_names_are_read_to_their_limit(void **state) {
    (void)state;
    char name[3 * 300 + 1] = "", words[2000] = "";
    for (int i = 0; i < 300; i++) strcat(name, "王");
    assert_int_equal(strcspn(pinyin_keys(mem, name), " "), 64 * 4);
    for (int i = 0; i < 300; i++) strcat(words, "ab ");
    assert_int_equal(strcspn(pinyin_keys(mem, words), " "), 64 * 2);
    memset(words, 'x', 1500);
    words[1500] = 0;
    assert_int_equal(strlen(pinyin_keys(mem, words)), 1500);
    for (int i = 0; i < 300; i++) memcpy(name + i * 3, "曾", 3);
    assert_int_equal(strcspn(pinyin_keys(mem, name), " "), 64 * 4);
}

/* ---- Matching ---- */

static void a_name_is_found_by_pinyin_initials_and_mixtures(void **state) {
    (void)state;
    static const char *const good[] = { "",       "z",         "zh",        "zs",   "zhs",       "zha",  "zhang",
                                        "zhangs", "zhangsan",  "zsa",       "zsan", "zhangsa",   "ZS",   "ZhangSan",
                                        "ＺＳ",   "zhang san", "zhang'san", "z s",  "zhang-san", " zs ", "zhang ",
                                        "zhasan", "zhsan",     "z.s",       "’zs" };
    static const char *const bad[] = { "s",       "san",  "zhangsang", "zss", "zhangsanx", "hang",      "zn",
                                       "zhn",     "zang", "zgs",       "zan", "zh ang",    "zhangs an", "张",
                                       "zhang三", "zsz",  "zhangz",    "li",  "zs1" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!finds("张三", good[i])) fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (finds("张三", bad[i])) fail_msg("%s", bad[i]);
}

static void a_separator_ends_a_syllable(void **state) {
    (void)state;
    assert_true(finds("西安", "xian") && finds("西安", "xi'an") && finds("西安", "xi an") && finds("西安", "xia"));
    assert_true(finds("先锋", "xian") && finds("先锋", "xianf"));
    assert_false(finds("先锋", "xi'an"));
    assert_false(finds("方案", "fan'gan"));
    assert_true(finds("方案", "fangan") && finds("方案", "fang'an"));
    assert_true(finds("反感", "fangan") && finds("反感", "fan'gan"));
}

static void u_umlaut_can_be_typed_in_four_ways(void **state) {
    (void)state;
    static const char *const ways[] = { "lvbu", "lubu", "lyubu", "lübu", "LÜBU", "LYU BU", "lb", "lvb", "lyub", "lyu" };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!finds("吕布", ways[i])) fail_msg("%s", ways[i]);
    assert_true(finds("李玉", "lyu") && finds("略阳", "lueyang") && finds("略阳", "lveyang") &&
                finds("略阳", "lyueyang"));
    assert_false(finds("鲁布", "lvbu"));
    assert_false(finds("吕布", "ly"));
}

static void words_of_other_letters_match_from_their_beginning(void **state) {
    (void)state;
    assert_true(finds("TCL科技", "tcl") && finds("TCL科技", "tclkj") && finds("TCL科技", "tkj") &&
                finds("TCL科技", "TCL keji"));
    assert_true(finds("58同城", "58tc") && finds("58同城", "5t") && finds("58同城", "58 tong"));
    assert_true(finds("John Smith", "js") && finds("John Smith", "john s") && finds("John Smith", "JohnSmith"));
    assert_false(finds("John Smith", "smith"));
    assert_true(finds("жук张", "жук") && finds("жук张", "жукz"));
}

static void inside_matches_begin_at_any_syllable(void **state) {
    (void)state;
    const char *keys = pinyin_keys(mem, "深圳华为技术有限公司");
    assert_true(pinyin_contains(keys, "huawei") && pinyin_contains(keys, "hw") && pinyin_contains(keys, "hwjs"));
    assert_true(pinyin_contains(keys, "shenzhen") && pinyin_contains(keys, "gongsi") && pinyin_contains(keys, ""));
    assert_false(pinyin_contains(keys, "uawei"));
    assert_false(pinyin_contains(keys, "hwyx"));
    assert_false(pinyin_contains(keys, "hweng"));
    assert_false(pinyin_matches(keys, "hw"));
    assert_true(pinyin_contains(pinyin_keys(mem, "北京58同城"), "58tc"));
    assert_true(pinyin_contains(pinyin_keys(mem, "北京жук"), "жук"));
}

static void an_empty_key_set_matches_only_the_empty_query(void **state) {
    (void)state;
    assert_true(pinyin_matches("", "") && pinyin_matches("", " ") && pinyin_contains("", ""));
    assert_false(pinyin_matches("", "a") || pinyin_contains("", "a"));
}

static void a_query_too_long_to_be_typed_matches_nothing(void **state) {
    (void)state;
    char name[3 * 64 + 1] = "", query[1000] = "";
    for (int i = 0; i < 60; i++) strcat(name, "王");
    const char *keys = pinyin_keys(mem, name);
    for (int i = 0; i < 60; i++) {
        strcat(query, "wang");
        assert_int_equal(pinyin_matches(keys, query), strlen(query) <= 124);
    }
}

/* Whether q can be typed for the syllables: the plain recursive way, to compare with. */
static bool can_type(const char *const *syllables, const char *q) {
    if (!*q) return true;
    if (!*syllables) return false;
    for (size_t n = 1; n <= strlen(*syllables) && !strncmp(*syllables, q, n); n++)
        if (can_type(syllables + 1, q + n)) return true;
    return false;
}

static void matching_agrees_with_the_plain_way_on_all_short_queries(void **state) {
    (void)state;
    static const struct {
        const char *name, *syllables[5];
    } names[] = { { "安娜", { "an", "na" } },
                  { "安南安", { "an", "nan", "an" } },
                  { "甘南", { "gan", "nan" } },
                  { "昂格南", { "ang", "ge", "nan" } },
                  { "干娜安", { "gan", "na", "an" } } };
    static const char letters[] = "ange";
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char *keys = pinyin_keys(mem, names[k].name);
        char first[32] = "";
        for (int i = 0; names[k].syllables[i]; i++) {
            strcat(first, names[k].syllables[i]);
        }
        assert_true(pinyin_matches(keys, first));
        for (int len = 1; len <= 8; len++)
            for (int code = 0; code < 1 << (2 * len); code++) {
                char q[9] = "";
                for (int i = 0; i < len; i++) q[i] = letters[code >> (2 * i) & 3];
                bool typed = can_type(names[k].syllables, q);
                if (pinyin_matches(keys, q) != typed) {
                    /* 南 is also na */
                    const char *other[5] = { 0 };
                    for (int i = 0; names[k].syllables[i]; i++)
                        other[i] = strcmp(names[k].syllables[i], "nan") ? names[k].syllables[i] : "na";
                    if (typed || !can_type(other, q)) fail_msg("%s %s", names[k].name, q);
                }
            }
    }
}

/* ---- Sorting ---- */

static void names_sort_by_sound_then_by_themselves(void **state) {
    (void)state;
    assert_string_equal(pinyin_sort_key(mem, "张三"), "zhang san  张三");
    assert_string_equal(pinyin_sort_key(mem, "TCL科技"), "tcl ke ji  TCL科技");
    assert_string_equal(pinyin_sort_key(mem, "…"), "  …");
    static const char *const sorted[] = { "",     "…",    "3M",     "58同城", "阿里",   "安",   "安娜",
                                          "曹操", "重庆", "Li Lei", "李四",   "李斯",   "吕布", "单雄信",
                                          "Tom",  "万科", "王五",   "西安",   "先锋",   "香港", "曾国藩",
                                          "占明", "张",   "章",     "张三",   "张三丰", "张思" };
    for (size_t i = 1; i < sizeof sorted / sizeof *sorted; i++) {
        const char *a = pinyin_sort_key(mem, sorted[i - 1]), *b = pinyin_sort_key(mem, sorted[i]);
        if (strcmp(a, b) >= 0) fail_msg("%s before %s", a, b);
    }
}

static void every_character_can_be_typed_by_its_own_key(void **state) {
    (void)state;
    for (uint32_t p = PINYIN_FIRST; p <= PINYIN_LAST; p++) {
        char s[4] = { (char)(0xe0 | p >> 12), (char)(0x80 | (p >> 6 & 63)), (char)(0x80 | (p & 63)), 0 };
        char *keys = pinyin_keys(mem, s), *first = talloc_strndup(mem, keys, strcspn(keys, " "));
        assert_int_equal(*keys != 0, 1);
        assert_true(pinyin_matches(keys, first));
        if (pinyin_cells[p - PINYIN_FIRST])
            assert_int_equal(strspn(first + 1, "abcdefghijklmnopqrstuvwxyz"), strlen(first) - 1);
        talloc_free(keys);
        talloc_free(first);
    }
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        T(every_cell_and_list_of_the_table_is_in_bounds),
        T(every_word_has_as_many_syllables_as_characters),
        T(every_syllable_of_the_words_is_one_of_the_table),
        T(a_key_set_is_full_pinyin_and_initials),
        T(surnames_are_read_as_surnames_first),
        T(all_readings_of_a_polyphone_can_be_searched),
        T(at_most_eight_combinations_with_the_fewest_unlikely_readings),
        T(companies_and_places_are_read_as_people_say_them),
        T(other_letters_and_digits_are_words),
        T(rare_characters_of_names_have_readings),
        T(long_names_are_read_to_their_limit),
        T(a_name_is_found_by_pinyin_initials_and_mixtures),
        T(a_separator_ends_a_syllable),
        T(u_umlaut_can_be_typed_in_four_ways),
        T(words_of_other_letters_match_from_their_beginning),
        T(inside_matches_begin_at_any_syllable),
        T(an_empty_key_set_matches_only_the_empty_query),
        T(a_query_too_long_to_be_typed_matches_nothing),
        T(matching_agrees_with_the_plain_way_on_all_short_queries),
        T(names_sort_by_sound_then_by_themselves),
        T(every_character_can_be_typed_by_its_own_key),
    };
    return cmocka_run_group_tests_name("base/pinyin", tests, NULL, NULL);
}
