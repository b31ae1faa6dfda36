#!/bin/sh
# No file of the repository names a place of the machine it was written on: this checkout's own path, its neighbours, a
# home directory, or a package registry other than the public one.
cd "$(dirname "$0")/.." || exit 2
here=$(pwd -P)
parent=$(dirname "$here")

# What git has or would take in; without git, everything but what is built.
list() {
    git ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build/*' ! -path './node_modules/*' ! -path './var/*' ! -path './.git/*'
}
files=$(mktemp)
trap 'rm -f "$files"' EXIT
list | sed 's|^\./||' | grep -vxF tools/check_paths.sh | while read -r file; do
    [ ! -f "$file" ] || echo "$file"
done >"$files"

status=0
look() { # look WHY GREP-OPTION PATTERN
    if xargs -d '\n' grep -nI "$2" -e "$3" /dev/null <"$files"; then
        echo "^ $1"
        status=1
    fi
}

look "the path of this checkout" -F "$here/"
case "$parent" in
/ | /tmp | /usr | /usr/* | /var | /etc | /run | /dev) ;; # what stands there is named for good reasons
*)
    for neighbour in "$parent"/* "$parent"/.[!.]*; do
        [ ! -e "$neighbour" ] || [ "$neighbour" = "$here" ] || look "a neighbour of this checkout" -F "$neighbour"
    done
    ;;
esac
look "a home directory" -E '(^|[^A-Za-z0-9_.~-])(/root/|/Users/[A-Za-z]|/home/[a-z])'
if [ -f package-lock.json ] && grep -n '"resolved"' package-lock.json | grep -v '"https://registry\.npmjs\.org/'; then
    echo "^ a package registry other than the public one"
    status=1
fi
exit $status
