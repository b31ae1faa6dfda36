#!/bin/sh
# Builds the web assets into OUTDIR and touches STAMP. The folder is shared by all build directories, so the work is done
# once: it is skipped while neither the sources nor the npm packages have changed.
#     tools/build_web.sh OUTDIR STAMP
set -e
outdir=$(realpath -m "$1") stamp=$(realpath -m "$2")
cd "$(dirname "$0")/.."
mkdir -p "$outdir"
exec 9>"$outdir.lock"
flock 9
sum=$(find web package-lock.json -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
if [ "$(cat "$outdir.sum" 2>/dev/null)" != "$sum" ]; then
    rm -rf "$outdir" "$outdir.sum"
    mkdir -p "$outdir"
    node web/build.mjs "$outdir"
    echo "$sum" >"$outdir.sum"
fi
touch "$stamp"
