#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may include whom. A room is a folder of lib/; its header of the same name is its facade. A program sees facades
# alone; a room sees all headers of those below it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# folder: the rooms that it may include; * before a room: its facade alone; behind a colon: these of its headers alone.
# What changes the kernel is in changes: who only looks has it not.
ROOMS='
lib/base       base
lib/net        base net
lib/netlink    base net netlink
lib/netfilter  base net netlink netfilter
lib/request    base net request
lib/usermap    base net usermap
lib/store      base net store
lib/index      base net store index
lib/audit      base net netlink netfilter:conntrack,flow store audit
lib/account    base net store account
lib/reading    base net netlink netfilter:backend,conntrack request usermap:usermap,userlogin store account reading
lib/ports      base net netlink netfilter:backend,changes request store account reading ports
lib/userledger base net usermap store reading:context userledger
lib/session    base net netlink netfilter:backend,changes,conntrack request store account reading ports *userledger session
pam_module     *base *net *request
ledger         *base usermap:userlayout,userpins
helper         *base *net *request *store *reading *session
cli            *base *net *netlink *netfilter *request *usermap *store *index *audit *reading *userledger pam_module:launch cli
include
'

# folder: the headers of libraries that it may include, an awk pattern
LIBRARIES='
lib/netlink    libmnl|linux.netlink|linux.rtnetlink
lib/netfilter  libiptc|libnetfilter|libnftnl|libmnl|linux.netfilter|linux.netlink
lib/store      jansson|libeconf|nettle|zlib|zstd
lib/index      sqlite3
lib/usermap    linux.bpf
pam_module     security.
ledger         bpf.|linux.bpf
helper         linux.capability
cli            libsmartcols|curses
'

# of TABLE FOLDER: what its line has
of() {
    awk -v folder="$2" '$1 == folder { sub(/^[^ ]* */, ""); print }' <<<"$1"
}

folders() {
    awk 'NF { print $1 }' <<<"$ROOMS"
}

# an include is of a room ("net/address.h"), of the own folder ("filter.h"), or "config.h", which meson makes; by no
# other way to write it
wrong_rooms() {
    local folder rooms
    rooms=$(folders | sed 's|.*/||' | paste -sd '|')
    for folder in $(folders); do
        grep -rnE "#[[:space:]]*include(_next)?[[:space:]]*(<(($rooms)/|\.)|[^[:space:]\"<])" --include='*.[ch]' "$folder" |
            grep -v '<net/if'
        grep -rnE '#[[:space:]]*include[[:space:]]*"' --include='*.[ch]' "$folder" |
            awk -v may="$(of "$ROOMS" "$folder")" -v own="${folder##*/}" '
                BEGIN { n = split(may, word, " ")
                        for (i = 1; i <= n; i++) { split(word[i], part, ":"); allowed[part[1]] = "," part[2] "," } }
                { path = $0; sub(/[^"]*"/, "", path); sub(/".*/, "", path); depth = split(path, part, "/")
                  if (path ~ /\.\./) { print; next }
                  if (depth == 1 && (path == "config.h" || $0 !~ /^lib\//)) next
                  room = part[1]; header = part[depth]; sub(/\.h$/, "", header)
                  if (depth == 2 && (room == own || room == "pam_traffic")) next
                  if (room == "cli" && own == "cli") next
                  if (depth == 2 && (room in allowed) && (allowed[room] == ",," || index(allowed[room], "," header ","))) next
                  if (depth == 2 && room == header && (("*" room) in allowed)) next
                  print }'
    done
}

wrong_libraries() {
    local pattern folder may
    pattern=$(awk 'NF { print $2 }' <<<"$LIBRARIES" | paste -sd '|')
    for folder in $(folders); do
        may=$(of "$LIBRARIES" "$folder")
        grep -rnE "#include <($pattern)" --include='*.[ch]' "$folder" | grep -vE "#include <(${may:- })"
    done
}

# a folder with C that the table does not have, and what has no folder
unknown_rooms() {
    comm -3 <(find . -path ./build -prune -o -path ./tests -prune -o -name '*.[ch]' -print | cut -d / -f 2-3 |
        sed -E 's@^(lib/[^.]*)$@\1@; t; s@/.*@@' | sort -u) <(folders | sort)
}

same_names() {
    find lib pam_module helper cli include tests/lib -name '*.c' -o -name '*.h' | sed 's|\.[ch]$||' | sort -u |
        awk -F/ '{ if (seen[$NF]) print seen[$NF] " and " $0; seen[$NF] = $0 }'
    grep -rhoE '^(typedef )?(struct|union) [a-z_0-9]+( \{)?$' --include='*.[ch]' lib pam_module helper cli include |
        sed 's/typedef //; s/ {//' | sort | uniq -d
}

check 'every room is in the table' unknown_rooms
check 'nothing includes what it may not' wrong_rooms
check 'each outside library has its room' wrong_libraries
check 'no base name and no struct has two places' same_names
tap_done
