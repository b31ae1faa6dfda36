#!/bin/sh
# Who may include whom. Every #include "folder/..." points to the same folder or to one on a lower line of src/LAYERS; a
# module reaches another module only through its public header (modules/x/x.h) and only along an edge of
# src/modules/DEPENDS ("report: org calendar"), which must have no cycle; the headers of databases and of the HTTP
# library stay in their folders, those of text layout outside src.
#     tools/check_layers.sh [SOURCE-FOLDER]
cd "${1:-$(dirname "$0")/../src}" || exit 2
depends=modules/DEPENDS
[ -f "$depends" ] || depends=/dev/null
status=0

find . -name '*.[ch]' | sed 's|^\./||' | LC_ALL=C sort >"${TMPDIR:-/tmp}/layers.$$"
trap 'rm -f "${TMPDIR:-/tmp}/layers.$$"' EXIT
# shellcheck disable=SC2046
awk -v depends="$depends" '
function complain(text) { print "src/" FILENAME ":" FNR ": " text; bad = 1 }
FILENAME == "LAYERS" { if (!/^#/ && NF) { n++; for (i = 1; i <= NF; i++) rank[$i] = n }; next }
FILENAME == depends {
    sub(/#.*/, "")
    if (NF) { from = $1; sub(":", "", from); for (i = 2; i <= NF; i++) may[from, $i] = 1 }
    next
}
FNR == 1 { split(FILENAME, me, "/"); if (!(me[1] in rank)) complain(me[1] " is in no line of LAYERS") }
/^[ \t]*#[ \t]*include[ \t]*<(sqlite3|libpq-fe)\.h>/ && me[1] != "db" { complain("only src/db may include " $NF) }
/^[ \t]*#[ \t]*include[ \t]*<microhttpd\.h>/ && me[1] != "http" { complain("only src/http may include " $NF) }
/^[ \t]*#[ \t]*include[ \t]*<(pango|cairo|glib|gio|fontconfig|seccomp)/ { complain("only helper programs may include " $NF) }
/^[ \t]*#[ \t]*include[ \t]*"[^"]+"/ {
    split($0, quoted, "\""); target = quoted[2]
    if (target !~ /\//) {
        if (target !~ /_table\.h$/) complain("write the folder too: \"" target "\"") # *_table.h are made by the build
        next
    }
    parts = split(target, to, "/")
    if (!(to[1] in rank)) { complain("unknown folder in \"" target "\""); next }
    if (rank[to[1]] > rank[me[1]] || (rank[to[1]] == rank[me[1]] && to[1] != me[1]))
        complain(me[1] " may not include " target)
    if (me[1] == "modules" && to[1] == "modules" && me[3] != "" && parts > 2 && me[2] != to[2])
        if (target != "modules/" to[2] "/" to[2] ".h" || !((me[2], to[2]) in may))
            complain("module " me[2] " may not include " target)
}
END { exit bad }' LAYERS $(test "$depends" = /dev/null || echo "$depends") $(cat "${TMPDIR:-/tmp}/layers.$$") || status=1

# tsort names the members of a cycle; a module that stands there but not in the tree is a slip of the pen.
sed -e 's/#.*//' -e 's/://' "$depends" | awk 'NF { for (i = 2; i <= NF; i++) print $i, $1; print $1, $1 }' |
    tsort >/dev/null || { echo "src/$depends: a cycle"; status=1; }
for module in $(sed -e 's/#.*//' -e 's/://' "$depends"); do
    [ -d "modules/$module" ] || { echo "src/$depends: there is no module $module"; status=1; }
done
exit $status
