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
    code '\b(atoi|atol|strtol|strtoul|sscanf|sprintf|gets|strcat|system|popen|abort|assert)\(' lib pam_module helper cli
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
    lint_files .c .h | grep -E '^./(lib|pam_module|helper|cli|include)/' |
        xargs awk 'FNR == 3 { if ($0 != "/*") print FILENAME ": no comment that says what it owns"; nextfile }'
}

# every function that is not static has a docstring where it is defined
undocumented() {
    lint_files .c | grep -E '^./(lib|pam_module|helper|cli)/' | xargs awk '
        match($0, /^ \* [a-z0-9_]+\(\) - /) { documented[FILENAME, substr($0, 4, index($0, "(") - 4)] = 1 }
        !/^(static|else|return|_)/ && match($0, /^[a-z][A-Za-z_ *]*[ *][a-z0-9_]+\(/) {
            name = substr($0, 1, RLENGTH - 1)
            sub(/.*[ *]/, "", name)
            if (name != "main" && !((FILENAME, name) in documented))
                print FILENAME ": " name "() has no docstring"
        }'
}

check 'every file names its licence' no_licence
check 'no file is longer than 400 lines' too_long
check 'no forbidden function' forbidden
check 'library code neither prints nor logs nor reads the environment' library_prints
check 'no writable statics' writable_statics
check 'every file says what it owns' no_first_comment
check 'every public function has a docstring' undocumented
tap_done
