#!/bin/sh
# House rules about SQL and about functions that are not used here. Comments are ignored, and so are tests for the
# second kind.
#     tools/check_sql.sh [SOURCE-FOLDER]
cd "${1:-$(dirname "$0")/../src}" || exit 2
# shellcheck disable=SC2046
exec perl -e '
use strict;
my $bad = 0;
my ($file, $text);

sub complain {
    my ($at, $message) = @_;
    my $line = 1 + (substr($text, 0, $at) =~ tr/\n//);
    print "src/$file:$line: $message\n";
    $bad = 1;
}

# Where each function may still be called, as a pattern of paths.
my %banned = (
    (map { $_ => "^(base|db|http|view)/" } qw(malloc calloc realloc)),
    (map { $_ => "^(base|db|http|view|service|resource|program)/" } qw(free talloc_free)), # what foreign libraries hand out, and whole arenas
    (map { $_ => "^base/" } qw(strdup strndup sprintf vsprintf strcpy strcat strncat strtok atoi atol atof system popen gmtime
        localtime ctime asctime rand srand random setlocale gets mktemp tmpnam)),
    db_exec_built => "^(resource|db)/", db_query_built => "^(resource|db)/", db_one_built => "^(resource|db)/",
);
my $names = join "|", map { quotemeta } sort keys %banned;

for my $name (@ARGV) {
    $file = $name;
    local $/;
    open my $in, "<", $file or die "$file: $!\n";
    $text = <$in>;
    # Comments become blanks, strings and characters stay; line numbers are kept.
    $text =~ s{("(?:[^"\\\n]|\\.)*"|\x27(?:[^\x27\\\n]|\\.)*\x27)|(//[^\n]*|/\*.*?\*/)}
              { defined $1 ? $1 : do { my $c = $2; $c =~ s/[^\n]/ /g; $c } }gsex;

    # Adjacent literals are one text to the compiler, so they are one text here.
    while ($text =~ /((?:"(?:[^"\\\n]|\\.)*"\s*(?:PRI[a-zA-Z0-9]+\s*)?)+)/g) {
        my ($run, $at) = ($1, $-[1]);
        (my $sql = $run) =~ s/"\s*"//g;
        next unless $sql =~ /^"\s*(SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE|WITH)\s/;
        next unless $sql =~ /%[-0-9.*]*(?:l|ll|z|h)?[sducxi]|PRI[diux]/;
        next if $file =~ m{^(resource|db)/}; # build SQL from the names in specs or in the catalogue
        complain($at, "SQL made with a format; pass values with V()");
    }

    next if $file =~ /_test\.c$/;
    (my $code = $text) =~ s{"((?:[^"\\\n]|\\.)*)"}{ "\"" . (" " x length $1) . "\"" }ge;
    while ($code =~ /(?<![A-Za-z0-9_>.])($names)\s*\(/g) {
        my ($name, $at) = ($1, $-[1]);
        next if $file =~ /$banned{$name}/;
        next if substr($code, 0, $at) =~ /#\s*define\s[^\n]*\z/ && $file =~ m{^(base|db)/}; # wrappers
        complain($at, "$name() is not used here; only in $banned{$name}");
    }
}
exit $bad;
' $(find . -name '*.[ch]' | sed 's|^\./||' | LC_ALL=C sort)
