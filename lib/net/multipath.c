/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Connections of MPTCP.
 *
 * Relies on: struct mptcp_info of linux/mptcp.h, which only ever grows at its end (5.16; its byte
 * counters came with 6.5, the number of all subflows with 6.7); /proc/net/netstat, whose lines come
 * in pairs: names, then values.
 */

#include "net/multipath.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define MULTIPATH_LEVEL 284 /* SOL_MPTCP of linux/socket.h */
#define MULTIPATH_OPTION 1  /* MPTCP_INFO of linux/mptcp.h */
#define MULTIPATH_CLOSE 7   /* TCP_CLOSE of netinet/tcp.h */

#define MULTIPATH_NETSTAT_MAX (256U * 1024U) /* bytes */

/* struct mptcp_info of 6.7 as far as it is needed; the header of an older kernel has less. */
struct multipath_info {
        uint8_t subflows; /* beside the first */
        uint8_t unused_limits[7];
        uint32_t flags;
        uint32_t token;
        uint64_t unused_sequences[3];
        uint8_t unused_addresses[8];
        uint64_t bytes_retrans;
        uint64_t bytes_sent;
        uint64_t bytes_received;
        uint64_t bytes_acked;
        uint8_t subflows_total; /* that live */
        uint8_t unused_end[7];
};

_Static_assert(offsetof(struct multipath_info, bytes_retrans) == 48, "as the kernel has it");
_Static_assert(offsetof(struct multipath_info, subflows_total) == 80, "as the kernel has it");

#define MULTIPATH_HAS(size, member)                          \
        ((size) >= offsetof(struct multipath_info, member) + \
                           sizeof(((struct multipath_info *)NULL)->member))

/**
 * multipath_judge() - tell from the kernel's numbers whether a connection has other subflows
 * @whole:      struct mptcp_info, read first
 * @whole_size: its bytes
 * @first:      struct tcp_info of the first subflow, read after it
 * @first_size: its bytes
 *
 * What the connection has taken and sent, and its first subflow has not, was in others. Between the
 * two readings the first one's numbers grow.
 *
 * Return: what is known, never MULTIPATH_NONE.
 */
enum multipath multipath_judge(const void *whole, size_t whole_size, const void *first,
                               size_t first_size) {
        struct multipath_info info = { 0 };
        struct tcp_info tcp = { 0 };

        memcpy(&info, whole, whole_size < sizeof(info) ? whole_size : sizeof(info));
        memcpy(&tcp, first, first_size < sizeof(tcp) ? first_size : sizeof(tcp));
        if (!MULTIPATH_HAS(whole_size, subflows) || info.subflows ||
            (MULTIPATH_HAS(whole_size, subflows_total) && info.subflows_total > 1))
                return MULTIPATH_OTHERS;
        /* once it is over, the kernel forgets the numbers of the first one (tcp_disconnect()) */
        if (!MULTIPATH_HAS(whole_size, bytes_received) || tcp.tcpi_state == MULTIPATH_CLOSE ||
            first_size < offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t))
                return MULTIPATH_UNSURE;
        if (info.bytes_received > tcp.tcpi_bytes_received ||
            info.bytes_sent > tcp.tcpi_bytes_sent - tcp.tcpi_bytes_retrans + tcp.tcpi_notsent_bytes)
                return MULTIPATH_OTHERS;
        return MULTIPATH_ALONE;
}

/**
 * multipath_ask() - ask a socket of MPTCP whether it has other subflows
 * @fd:         the socket; SO_PROTOCOL says that it is one
 *
 * Return: what is known; MULTIPATH_OTHERS if it does not answer.
 */
enum multipath multipath_ask(int fd) {
        struct multipath_info info = { 0 };
        struct tcp_info tcp = { 0 };
        socklen_t info_size = sizeof(info), tcp_size = sizeof(tcp);

        if (getsockopt(fd, MULTIPATH_LEVEL, MULTIPATH_OPTION, &info, &info_size) < 0)
                return MULTIPATH_OTHERS;
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &tcp, &tcp_size) < 0)
                tcp_size = 0;
        return multipath_judge(&info, info_size, &tcp, tcp_size);
}

/* Cut the next word off a line. Return: its length; 0 if there is none. */
static size_t multipath_word(const char **text, const char *end) {
        const char *word;

        while (*text < end && **text == ' ')
                ++*text;
        word = *text;
        while (*text < end && **text != ' ')
                ++*text;
        return (size_t)(*text - word);
}

static bool multipath_is(const char *word, size_t size, const char *wanted) {
        return size == strlen(wanted) && !memcmp(word, wanted, size);
}

/* Add up what stands below the names that are meant. Return: how many of them there are. */
static int multipath_add(const char *names, const char *names_end, const char *values,
                         const char *values_end, uint64_t *ret_sum) {
        uint64_t sum = 0, value;
        int found = 0;

        for (;;) {
                size_t size = multipath_word(&names, names_end);
                size_t digits = multipath_word(&values, values_end);

                if (!size || !digits)
                        break;
                /* one that the peer began, once it has shown that it is the same peer; ours */
                if (!multipath_is(names - size, size, "MPJoinAckRx") &&
                    !multipath_is(names - size, size, "MPJoinSynAckRx"))
                        continue;
                if (number_parse(values - digits, digits, 10, INT64_MAX / 2, &value) < 0)
                        return 0;
                sum += value;
                found++;
        }
        *ret_sum = sum;
        return found;
}

/**
 * multipath_joins_parse() - find in /proc/net/netstat how many subflows joined a connection
 * @text:       the file
 * @size:       its bytes
 * @ret_joins:  how many since the network namespace was made, of all its connections
 *
 * Return: 0 or MULTIPATH_E_NO_COUNTER.
 */
int multipath_joins_parse(const char *text, size_t size, uint64_t *ret_joins) {
        static const char head[] = "MPTcpExt:";
        const size_t n = sizeof(head) - 1;
        const char *end = text + size, *names = NULL, *names_end = NULL;
        uint64_t sum;

        while (text < end) {
                const char *newline = memchr(text, '\n', (size_t)(end - text));
                const char *line = text, *line_end = newline ? newline : end;

                text = newline ? newline + 1 : end;
                if ((size_t)(line_end - line) < n || memcmp(line, head, n) != 0)
                        continue;
                if (!names) {
                        names = line + n;
                        names_end = line_end;
                } else if (multipath_add(names, names_end, line + n, line_end, &sum) == 2) {
                        *ret_joins = sum;
                        return 0;
                } else {
                        return MULTIPATH_E_NO_COUNTER;
                }
        }
        return MULTIPATH_E_NO_COUNTER;
}

/**
 * multipath_joins() - read how many subflows joined a connection of this network namespace
 * @proc_fd:    an open /proc
 * @ret_joins:  how many, of all connections, since the namespace was made
 *
 * Return: 0, MULTIPATH_E_NO_COUNTER, or a negative errno.
 */
int multipath_joins(int proc_fd, uint64_t *ret_joins) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        r = file_read_at(proc_fd, "self/net/netstat", MULTIPATH_NETSTAT_MAX, &text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        return multipath_joins_parse(text, size, ret_joins);
}
