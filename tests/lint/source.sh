#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# House rules that a script can see: licence, length, functions that are not used here.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

no_licence() {
    {
        lint_files .c .h .sh meson.build meson_options.txt
        ls examples/quickstart tests/{run,coverage,bench/run,lib/debian-prepare} .ci/run \
            packaging/{build-deb,build-rpm,export,install-packages} packaging/debian/tests/login completion/*.in
    } | xargs awk 'FNR > 2 { nextfile } /SPDX-License-Identifier: GPL-2.0-or-later/ { has[FILENAME] = 1 }
        END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in has)) print ARGV[i] }'
}

too_long() {
    lint_files .c .h .sh | xargs awk 'FNR == 401 { print FILENAME ": more than 400 lines"; nextfile }'
}

# of grep's lines, those that are not in a comment
code_only() {
    grep -vE '^[^:]*:[0-9]+: +\* |^[^:]*:[0-9]+:/\*'
}

# grep for an expression in the C files of some folders
code() {
    local expression=$1
    shift
    grep -rnE --include='*.[ch]' "$expression" "$@" | code_only
}

# what docs/style.md forbids in our own code (tests are not meant), and what may end or block sshd
forbidden() {
    code '\b(atoi|atol|strtol|strtoul|sscanf|sprintf|gets|strcat|system|popen|abort|assert)\(' lib ledger pam_module helper cli
    code '\b(exit|fork|wait|sleep|getpwnam|getaddrinfo)\(' pam_module lib/base lib/net
}

# library code does not print or log
library_prints() {
    code '\b(printf|fprintf|puts|syslog|perror|getenv)\(' lib
}

# writable statics: a static that is neither const nor a function
writable_statics() {
    code '^[[:space:]]*static [^(]*(=|;)' lib pam_module helper cli | grep -vE '\bconst\b|static inline'
}

no_first_comment() {
    lint_files .c .h | grep -E '^./(lib|ledger|pam_module|helper|cli|include)/' |
        xargs awk 'FNR == 3 { if ($0 != "/*") print FILENAME ": no comment that says what it owns"; nextfile }'
}

# the headers that programs see: each room's facade, and what it includes of the room
facades() {
    local room
    for room in lib/*/; do
        room=$(basename "$room")
        echo "lib/$room/$room.h"
        sed -n "s|^#include \"\($room/[a-z_]*\.h\)\"|lib/\1|p" "lib/$room/$room.h"
    done
}

# every function of a facade has a docstring where it is defined; of two files that define it, in one
undocumented() {
    local -a headers
    mapfile -t headers < <(facades)
    lint_files .c | grep '^./lib/' | xargs awk '
        function name_of(line) {
            line = substr(line, 1, RLENGTH - 1)
            sub(/.*[ *]/, "", line)
            return line
        }
        match($0, /^ \* [a-z0-9_]+\(\) - /) { documented[substr($0, 4, index($0, "(") - 4)] = 1 }
        !/^(static|else|return|_)/ && match($0, /^[a-z][A-Za-z_ *]*[ *][a-z0-9_]+\(/) {
            if (FILENAME ~ /\.h$/)
                wanted[name_of($0)] = FILENAME
        }
        END { for (name in wanted) if (!(name in documented)) print wanted[name] ": " name "() has no docstring" }' "${headers[@]}"
}

# functions that do not begin with their file's name. The room's name may stand before it (session_open in
# lib/session/open.c), and there may be more underscores than in the file's name; what ends in p is made for _cleanup_
# from a function of a library
misnamed() {
    lint_files .c | grep -E '^./(lib|pam_module|helper|cli)/' | grep -v '_none\.c$' | xargs awk '
        function spaced(name) { gsub(/_/, "", name); gsub(/./, "&_?", name); return name }
        FNR == 1 { n = split(FILENAME, part, "/"); room = spaced(part[n - 1]); file = part[n]; sub(/\.c$/, "", file)
                   command = file ~ /^command_/; sub(/^command_/, "", file); file = spaced(file) }
        { line = $0; gsub(/__attribute__\(\([^)]*(\([^)]*\))?[^)]*\)\)/, "", line); if (/^__/) sub(/^[) ]+/, "", line) }
        line ~ /^[A-Za-z_][A-Za-z0-9_ *]*\(/ && line !~ /;$/ && line !~ /^[A-Z_]+\(/ {
            name = line; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
            if (name ~ "^(" room ")?" file "(_|$)" || (command && name ~ /^command_/)) next
            if (name ~ /^(pam_sm_|main$|[a-z_]*(close|destroy|econf|free)[a-z_]*p$)/) next
            print FILENAME ": " name "()" }'
}

check 'every file names its licence' no_licence
check 'no file is longer than 400 lines' too_long
check 'no forbidden function' forbidden
check 'library code neither prints nor logs nor reads the environment' library_prints
check 'no writable statics' writable_statics
check 'every file says what it owns' no_first_comment
check "every function begins with its file's name" misnamed
check 'every function of a facade has a docstring' undocumented
tap_done
