/* pinyin.h - finding and sorting Chinese names by how they are pronounced.
 *
 * A key set is one line of ASCII for most names: keys separated by spaces, "ZhangSan zs". For every combination of readings,
 * likeliest first and at most eight of them, it has the full pinyin without tones and then the initials. In the full
 * form each syllable begins with a capital, and so shows where the next may be abbreviated; to software that ignores
 * case (LIKE on lower(), full-text search) it is plain "zhangsan". Other words, as in "TCL科技", are kept in lower case with
 * a capital first, whole even among initials: "TclKeJi tclkj". ü is v. Punctuation is left out. Names are read to their 64th
 * syllable or word.
 *
 * At the head of what looks like a person's name (two to four Chinese characters) the surname's reading comes first. */
#pragma once
#include <stdbool.h>

/* "" if the name has nothing that can be typed. */
char *pinyin_keys(void *mem, const char *name);
/* True if query is how one may begin to type the name: each syllable whole, cut short or as its initial ("zhangsan", "zhangs",
 * "zsan", "zs", "zha san"). Case and full width do not matter; a space, hyphen, dot or apostrophe in the query ends a
 * syllable ("xi'an" is not 先); ü may be v, u or yu. An empty query matches every name. */
bool pinyin_matches(const char *keys, const char *query);
/* The same, but the query may begin with any syllable of the name: "hw" finds 深圳华为. */
bool pinyin_contains(const char *keys, const char *query);
/* Text whose order byte by byte is the order of the names by likeliest reading: "zhang san  张三". Lower case; shorter
 * first; equal sounds are kept apart by the name itself at the end. */
char *pinyin_sort_key(void *mem, const char *name);
