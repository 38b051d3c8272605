#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The unit tests of the parsers on a big-endian processor: built for s390x by Debian's cross compiler
# and run by qemu's user emulation. /proc/net/tcp has addresses as numbers of the host's byte order, so
# that here, and only here, the tables that a big-endian host prints are the host's own.
#
# Arguments: the names of the tests (tests/unit/test-NAME.c). They are built against cmocka.h beside
# this file: cmocka itself is not there for s390x. -static: neither is a C library to load.
set -u
HERE=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=../lib/tap.sh
. "$HERE/../lib/tap.sh"
ROOT=${HERE%/tests/cross}
COMPILER=s390x-linux-gnu-gcc
EMULATOR=qemu-s390x

for tool in $COMPILER $EMULATOR; do
    [ -n "$(type -P "$tool")" ] || tap_skip_all "$tool is not here (packaging/install-packages cross)"
done
FOLDER=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$FOLDER"' EXIT
FLAGS=(-std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -I"$ROOT" -I"$ROOT/include" -I"$ROOT/lib" -I"$HERE"
    -DTEST_DATA="\"$ROOT/tests/unit/data\"")

# build NAME FILE...: prints what the compiler has against it
build() {
    $COMPILER "${FLAGS[@]}" "${@:2}" "$FOLDER/libraries.a" -static -o "$FOLDER/$1" 2>&1
}

# The libraries base and net, and what their tests share.
mapfile -t sources < <(ls "$ROOT"/lib/base/*.c "$ROOT"/lib/net/*.c "$ROOT"/tests/unit/proc.c)
for source in "${sources[@]}"; do
    $COMPILER "${FLAGS[@]}" -c "$source" -o "$FOLDER/${source##*/}.o" 2>>"$FOLDER/errors" || echo "$source" >>"$FOLDER/failed"
done
tap_is 'the libraries build' "$(cat "$FOLDER/errors" "$FOLDER/failed" 2>/dev/null)" ''
s390x-linux-gnu-ar rc "$FOLDER/libraries.a" "$FOLDER"/*.o || tap_bail 'no library'

printf '#include <endian.h>\nint main(void) { return BYTE_ORDER == BIG_ENDIAN ? 7 : 1; }\n' >"$FOLDER/order.c"
tap_is 'a program builds' "$(build order "$FOLDER/order.c")" ''
$EMULATOR "$FOLDER/order"
tap_is 'its byte order is the other one' "$?" 7

for name; do
    said=$(build "$name" "$ROOT/tests/unit/test-$name.c")
    if [ -n "$said" ]; then
        tap_fail "$name: it builds" "$said"
        continue
    fi
    said=$($EMULATOR "$FOLDER/$name" 2>&1)
    status=$?
    if [ $status = 0 ] && grep -q '^passed: ' <<<"$said"; then
        tap_pass "$name: $(grep -c '^passed: ' <<<"$said") tests"
    else
        tap_fail "$name: exit status $status" "$said"
    fi
done
tap_done
