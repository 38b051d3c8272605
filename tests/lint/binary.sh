#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the built files are: the module's symbols and libraries, hardening, no setuid bit.
# Arguments: the module, the helper, the worker, the admin's program, and yes if they were built with
# sanitizers.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
module=$1 helper=$2 worker=$3 command=$4 sanitized=$5

exports() {
    diff <(nm -D --defined-only "$module" | awk '{ print $3 }' | grep -v '^__\(asan\|odr\)' | sort) \
        <(printf '%s\n' pam_sm_close_session pam_sm_open_session)
}

# needed FILE LIBRARY...: what it needs besides these and libc
needed() {
    local file=$1 libraries
    shift
    libraries=$(IFS='|'; echo "$*")
    readelf -d "$file" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE "^($libraries|libc|libasan|libubsan)\.so"
}

# functions that may end or stop sshd
deadly() {
    nm -D --undefined-only "$module" | awk '{ print $2 }' | sed 's/@.*//' |
        grep -xE 'exit|abort|quick_exit|system|popen|sleep|sigaction|alarm|setitimer|__assert_fail'
}

# state of the whole program: what can be written, is not the C library's, and not of a table that is made read-only
writable() {
    local file
    for file in "$module" "$helper" "$worker" "$command"; do
        objdump -t "$file" | awk -v file="$file" '/ O \.(data|bss)\t/ && $NF !~ /@|^__|^completed/ { print file ": " $NF }'
    done
}

hardened() {
    local file
    for file in "$module" "$helper" "$worker" "$command"; do
        readelf -lW "$file" | grep -q GNU_RELRO || echo "$file: no relro"
        readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.*NOW' || echo "$file: not bound at start"
        readelf -lW "$file" | grep GNU_STACK | grep -q RWE && echo "$file: stack is executable"
        readelf -hW "$file" | grep -qE 'Type: *DYN' || echo "$file: not position independent"
        [ "$sanitized" = yes ] || readelf -sW "$file" | grep -q __stack_chk_fail || echo "$file: no stack protector"
    done
}

privileged() {
    local file
    for file in "$module" "$helper" "$worker" "$command"; do
        [ ! -u "$file" ] && [ ! -g "$file" ] || echo "$file has a setuid or setgid bit"
        getcap "$file" 2>/dev/null
    done
}

check 'the module exports two functions' exports
check 'the module needs libpam and libc' needed "$module" libpam
check "the admin's program needs what is needed to read" needed "$command" libeconf libjansson libmnl libsmartcols \
    libip4tc libip6tc libncursesw libnetfilter_conntrack libnftnl libnettle libsqlite3 libtinfo libz libzstd
# each library is some 50 us of every login (docs/scaling.md)
check 'the helper needs no library that only the worker needs' \
    needed "$helper" libeconf libjansson libmnl libnetfilter_conntrack
check 'the module calls nothing that may end or stop sshd' deadly
[ "$sanitized" = yes ] || check 'nothing of ours keeps state that can be written' writable
check 'all are hardened' hardened
check 'none has privileges of its own' privileged
tap_done
