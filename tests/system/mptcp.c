/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sockets of MPTCP for a program that knows nothing of it, as `mptcpize run` has them: preloaded.
 */

#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>

#include <netinet/in.h>

#define MPTCP_PROTOCOL 262 /* IPPROTO_MPTCP of linux/in.h */

__attribute__((visibility("default"))) int socket(int domain, int type, int protocol) {
        static int (*next)(int, int, int);

        if (!next) {
                /* ISO C has no conversion of the one kind of pointer to the other */
                void *function = dlsym(RTLD_NEXT, "socket");

                memcpy(&next, &function, sizeof(next));
        }
        if ((domain == AF_INET || domain == AF_INET6) &&
            (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_STREAM &&
            (!protocol || protocol == IPPROTO_TCP))
                protocol = MPTCP_PROTOCOL;
        return next(domain, type, protocol);
}
