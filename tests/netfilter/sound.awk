# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads iptables-save -t mangle and prints the number of sessions of each way, or else what is wrong with
# our chains. Written from their names alone, not from what the C code does: a rule stands in a chain of
# its ports, and before the branch that would take its packets; each chain has one branch, from the chain
# above, that matches what its name says; no chain below a port's is empty, and none but the base and the
# last level has more than 8 sessions.

function wrong(what) {
        print what
        failed = 1
}

function hex(text,    i, n) {
        n = 0
        for (i = 1; i <= length(text); i++)
                n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
        return n
}

function range(text, ends) {
        if (split(text, ends, ":") < 2)
                ends[2] = ends[1]
}

# PAM_TRAFFIC_IN_22_c38: level 4, 0xc380 to 0xc3bf, below PAM_TRAFFIC_IN_22_c3
function learn(chain,    part) {
        split(chain, part, "_")
        way[chain] = part[3]
        port[chain] = part[4]
        level[chain] = part[4] == "" ? 0 : 1 + length(part[5])
        above[chain] = substr(chain, 1, length(chain) - 1)
        if (level[chain] == 1)
                above[chain] = "PAM_TRAFFIC_" part[3]
        if (level[chain] == 2)
                above[chain] = "PAM_TRAFFIC_" part[3] "_" part[4]
        first[chain] = hex(substr(part[5] "000", 1, 3) "0")
        last[chain] = first[chain] + size[level[chain]] - 1
}

function session(chain,    i) {
        sessions[way[chain]]++
        if (++own[chain] > 8 && level[chain] && level[chain] < 4)
                wrong(chain " has more than 8 sessions")
        if (level[chain] && port[chain] != here[1])
                wrong("of another local port: " $0)
        if (there[1] < first[chain] || there[1] > last[chain])
                wrong("not of this range: " $0)
        for (i = 1; i <= turns[chain]; i++)
                if (turn[chain, i, 1] <= here[1] && here[1] <= turn[chain, i, 2] &&
                    turn[chain, i, 3] <= there[1] && there[1] <= turn[chain, i, 4])
                        wrong("behind its branch: " $0)
}

function branch(chain, to,    i) {
        if (above[to] != chain || links[to]++)
                wrong("a wrong branch: " $0)
        if (there[1] != first[to] || there[2] != last[to])
                wrong("a branch with wrong remote ports: " $0)
        if (level[to] == 1 && (here[1] != port[to] || here[2] != port[to]))
                wrong("a branch with a wrong local port: " $0)
        if (level[to] > 1 && (here[1] != 0 || here[2] != 65535))
                wrong("a branch with a local port: " $0)
        i = ++turns[chain]
        turn[chain, i, 1] = here[1]
        turn[chain, i, 2] = here[2]
        turn[chain, i, 3] = there[1]
        turn[chain, i, 4] = there[2]
}

BEGIN {
        size[0] = size[1] = 65536
        size[2] = 4096
        size[3] = 256
        size[4] = 64
}

/^:PAM_TRAFFIC_/ {
        learn(substr($1, 2))
}

/^-A PAM_TRAFFIC_/ && !/conntrack/ {
        to = ""
        source = destination = "0:65535"
        rules[$2]++
        for (i = 3; i < NF; i++) {
                if ($i == "-g")
                        to = $(i + 1)
                if ($i == "--sport")
                        source = $(i + 1)
                if ($i == "--dport")
                        destination = $(i + 1)
        }
        range(way[$2] == "IN" ? destination : source, here)
        range(way[$2] == "IN" ? source : destination, there)
        if (to == "")
                session($2)
        else
                branch($2, to)
}

END {
        for (chain in way) {
                if (level[chain] && !links[chain])
                        wrong("no way to " chain)
                if (level[chain] > 1 && !rules[chain])
                        wrong("empty: " chain)
        }
        if (!failed)
                print sessions["IN"] + 0, sessions["OUT"] + 0
}
