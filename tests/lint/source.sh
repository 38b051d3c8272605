#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# House rules that a script can see: licence, length, functions that are not used here.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

no_licence() {
    local file
    for file in $(lint_files .c .h .sh meson.build meson_options.txt) examples/quickstart tests/run tests/coverage tests/lib/debian-prepare tests/bench/run \
        packaging/{build-deb,build-rpm,export,install-packages} packaging/debian/tests/login .ci/run \
        completion/*.in; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$file"
    done
}

too_long() {
    local file
    for file in $(lint_files .c .h .sh); do
        awk 'END { if (NR > 400) print FILENAME ": " NR " lines" }' "$file"
    done
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

# what style.md forbids in our own code (tests are not meant), and what may end or block sshd
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
    lint_files .c .h | grep -E '^./(lib|pam_module|helper|cli|include)/' | while IFS= read -r file; do
        sed -n 3p "$file" | grep -qx '/\*' || echo "$file: no comment that says what it owns"
    done
}

# every function that is not static has a docstring where it is defined
undocumented() {
    lint_files .c | grep -E '^./(lib|pam_module|helper|cli)/' | while IFS= read -r file; do
        sed -nE '/^(static|else|return|_)/d; s/^[a-z][A-Za-z_ *]*[ *]([a-z0-9_]+)\(.*/\1/p' "$file" |
            while IFS= read -r name; do
                [ "$name" = main ] || grep -q "^ \* $name() - " "$file" || echo "$file: $name() has no docstring"
            done
    done
}

check 'every file names its licence' no_licence
check 'no file is longer than 400 lines' too_long
check 'no forbidden function' forbidden
check 'library code neither prints nor logs nor reads the environment' library_prints
check 'no writable statics' writable_statics
check 'every file says what it owns' no_first_comment
check 'every public function has a docstring' undocumented
tap_done
