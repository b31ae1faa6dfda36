#!/bin/sh
# Prints the files of one kind, a line each: how meson.build knows the sources without a list to edit.
#     tools/list_sources.sh strict|core|test|fuzz|bench|main|print|data|all
# strict = src/base and src/db (built with -Wconversion); data = what ends up inside the binary; print = the
# helper program, which shares nothing with them.
cd "$(dirname "$0")/.." || exit 1

sources() { # every C file below the folders given, except tests
    find "$@" -name '*.c' ! -name '*_test.c' 2>/dev/null
}

case "$1" in
strict) sources src/base src/db ;;
core) sources src | grep -v -e '^src/main\.c$' -e '^src/base/' -e '^src/db/' ;;
test) find src -name '*_test.c' ;;
fuzz) find tests/fuzz -name 'fuzz_*.c' 2>/dev/null ;;
bench) find tests/bench -name '*.c' 2>/dev/null ;;
main) test ! -f src/main.c || echo src/main.c ;;
print) sources helper/print ;;
data) find web migrations po src/modules -name '*.html' -o -name '*.sql' -o -name '*.po' -o -path 'web/*' -type f 2>/dev/null ;;
all)
    for kind in strict core test fuzz bench main print data; do
        "tools/$(basename "$0")" "$kind"
    done
    for file in web/build.mjs tools/gen_pinyin.mjs; do
        test ! -f "$file" || echo "$file"
    done
    ;;
*)
    echo "usage: $0 strict|core|test|fuzz|bench|main|print|data|all" >&2
    exit 2
    ;;
esac | LC_ALL=C sort
