/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An audit without a kernel: the tests hand in what a look reads.
 */

#ifndef PAM_TRAFFIC_TESTS_AUDIT_WORLD_H
#define PAM_TRAFFIC_TESTS_AUDIT_WORLD_H

#include "audit/look.h"
#include "unit.h"

#include <netinet/tcp.h>

#define HERE "192.0.2.1"
#define HERE6 "2001:db8::1"
#define FAR "198.51.100.7"
#define FAR6 "2001:db8:ffff::7"

static inline struct endpoint end(const char *address, unsigned int port) {
        struct endpoint endpoint = { .port = (uint16_t)port };

        assert_int_equal(address_parse(address, &endpoint.address), 0);
        return endpoint;
}

static inline struct audit *begin(const struct audit_options *options) {
        static const struct audit_options usual = { .proc_fd = -1 };
        struct audit *audit;

        assert_int_equal(audit_new(options ? options : &usual, &audit), 0);
        audit->locals.addresses = calloc(2, sizeof(struct address));
        assert_non_null(audit->locals.addresses);
        audit->locals.addresses[audit->locals.n++] = end(HERE, 0).address;
        audit->locals.addresses[audit->locals.n++] = end(HERE6, 0).address;
        locals_sort(&audit->locals);
        return audit;
}

static inline uint32_t place(struct audit *audit, uint8_t protocol, struct endpoint local,
                             struct endpoint remote, uint32_t uid, uint64_t inode) {
        struct socktable_row row = {
                .local = local,
                .remote = remote,
                .state = TCP_ESTABLISHED,
                .uid = uid,
                .inode = inode,
        };

        if (!remote.port)
                row.state = protocol == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE;
        assert_int_equal(socketrows_take(audit, protocol, &row), 0);
        return audit->rows.n - 1;
}

#endif
