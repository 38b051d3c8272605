#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# clang-format and shellcheck.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# releases format differently; the one of Debian 12 decides
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    mapfile -t sources < <(lint_files .c .h)
    check 'clang-format' clang-format --dry-run -Werror "${sources[@]}"
else
    skip 'clang-format' 'clang-format 14 is not here'
fi

if command -v shellcheck >/dev/null; then
    mapfile -t scripts < <(
        lint_files .sh
        ls completion/complete.sh.in completion/pam_traffic.bash.in
        ls examples/quickstart tests/run tests/bench/run tests/lib/debian-prepare .ci/run
        ls packaging/{build-deb,build-rpm,export,install-packages} packaging/debian/*.{postrm,prerm} packaging/debian/tests/login
    )
    check 'shellcheck' shellcheck -f gcc "${scripts[@]}"
else
    skip 'shellcheck' 'shellcheck is not here'
fi
lint_done
