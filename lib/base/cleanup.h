/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Cleanup attributes.
 *
 * Owns: the few release functions that run when a local variable goes out of scope, and the steal
 * macros that pass a local's value to the caller in the last line of a constructor.
 * Relies on: __attribute__((cleanup)) of gcc and clang.
 */

#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

/* Define <type>_freep() for a `type *type_free(type *)`. */
#define CLEANUP_DEFINE(type, free_function)                  \
        static inline void free_function##p(type **object) { \
                if (*object)                                 \
                        (void)free_function(*object);        \
        }

/**
 * fd_close() - close a file descriptor and forget it
 * @fd: the descriptor, or a negative number, which is left alone
 *
 * errno is kept, so that it may stand on an error path.
 *
 * Return: always -1, for `fd = fd_close(fd)`.
 */
static inline int fd_close(int fd) {
        int saved = errno;

        if (fd >= 0)
                (void)close(fd);
        errno = saved;
        return -1;
}

static inline void fd_closep(int *fd) {
        *fd = fd_close(*fd);
}

/* Hand out a descriptor that a cleanup would close. */
static inline int fd_steal(int *fd) {
        int taken = *fd;

        *fd = -1;
        return taken;
}

static inline void freep(void *object) {
        free(*(void **)object);
}

/* Hand out a pointer that a cleanup would free. */
#define pointer_steal(object)                                    \
        __extension__({                                          \
                __typeof__(*(object)) pointer_taken = *(object); \
                *(object) = NULL;                                \
                pointer_taken;                                   \
        })

#endif
