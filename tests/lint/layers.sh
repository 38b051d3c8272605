#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may include whom. A room is a folder of lib/; its header of the same name is its facade. A program sees facades
# alone; a room sees all headers of those below it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# folder: the rooms that it may include; * before a room: its facade alone
ROOMS='
lib/base       base
lib/net        base net
lib/netlink    base net netlink
lib/netfilter  base net netlink netfilter
lib/request    base net request
lib/store      base net store
lib/index      base net store index
lib/audit      base net netlink netfilter store audit
lib/account    base net store account
lib/reading    base net netlink netfilter request store account reading
lib/ports      base net netlink netfilter request store account reading ports
lib/session    base net netlink netfilter request store account reading ports session
pam_module     *base *net *request
helper         *base *net *netfilter *request *store *reading *session
cli            *base *net *netlink *netfilter *request *store *index *audit *reading pam_module
include
'

# folder: the headers of libraries that it may include, an awk pattern
LIBRARIES='
lib/netlink    libmnl|linux.netlink|linux.rtnetlink
lib/netfilter  libiptc|libnetfilter|libnftnl|libmnl|linux.netfilter|linux.netlink
lib/store      jansson|libeconf|nettle|zlib|zstd
lib/index      sqlite3
pam_module     security.
helper         linux.capability
cli            libsmartcols|curses
'

# header: the folders that may include it, where that is not all of those above
HEADERS='
netfilter/changes   lib/netfilter lib/ports lib/session
'

# of TABLE FOLDER: what its line has
of() {
    awk -v folder="$2" '$1 == folder { sub(/^[^ ]* */, ""); print }' <<<"$1"
}

folders() {
    awk 'NF { print $1 }' <<<"$ROOMS"
}

wrong_rooms() {
    local folder
    for folder in $(folders); do
        grep -rnE '#include "[a-z_]+/[a-z_0-9]+\.h"' --include='*.[ch]' "$folder" |
            awk -v may=" $(of "$ROOMS" "$folder") " -v own="${folder##*/}" '
                { path = $0; sub(/.*#include "/, "", path); sub(/\.h".*/, "", path); split(path, part, "/")
                  if (part[1] == own || part[1] == "pam_traffic") next
                  if (index(may, " " part[1] " ")) next
                  if (part[1] == part[2] && index(may, " *" part[1] " ")) next
                  print }'
    done
}

wrong_headers() {
    local folder
    for folder in $(folders); do
        grep -rnE '#include "[a-z_]+/[a-z_0-9]+\.h"' --include='*.[ch]' "$folder" |
            awk -v folder="$folder" -v headers="$HEADERS" '
                BEGIN { n = split(headers, line, "\n")
                        for (i = 1; i <= n; i++) { split(line[i], word, " "); may[word[1]] = " " line[i] " " } }
                { path = $0; sub(/.*#include "/, "", path); sub(/\.h".*/, "", path)
                  if (path in may && !index(may[path], " " folder " ")) print }'
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

# a folder of lib/ that the table does not have
unknown_rooms() {
    comm -3 <(printf '%s\n' lib/*/ | sed 's|/$||' | sort) <(folders | grep ^lib/ | sort)
}

same_names() {
    find lib pam_module helper cli include -name '*.c' -o -name '*.h' | sed 's|\.[ch]$||' | sort -u |
        awk -F/ '{ if (seen[$NF]) print seen[$NF] " and " $0; seen[$NF] = $0 }'
    grep -rhoE '^struct [a-z_0-9]+ \{' --include='*.[ch]' lib pam_module helper cli include | sort | uniq -d
}

check 'every room is in the table' unknown_rooms
check 'nothing includes what it may not' wrong_rooms
check 'who looks includes nothing that changes' wrong_headers
check 'each outside library has its room' wrong_libraries
check 'no base name and no struct has two places' same_names
tap_done
