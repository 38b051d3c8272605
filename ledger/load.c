/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loading the programs of the users' ledger into the kernel.
 *
 * Owns: that counting begins once and is not interrupted. What is pinned already stays: the maps
 * are used again, and the links get the new programs, each in one step (BPF_LINK_UPDATE). What is
 * made anew is pinned in a folder with another name, which is renamed when it is complete. If the
 * maps of an earlier release have another form, they are taken away then, and counting begins anew.
 * Relies on: libbpf.
 */

#include "load.h"

#include "base/base.h"
#include "usermap/userlayout.h"
#include "usermap/userpins.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The compiled programs, as bytes: object.S. */
extern const unsigned char load_object[], load_object_end[];

static const struct {
        const char *program;
        const char *link;
} load_links[] = {
        { "count_create", "link_create" },
        { "count_in", "link_in" },
        { "count_out", "link_out" },
};

#define LOAD_LINKS (sizeof(load_links) / sizeof(*load_links))

static void load_closep(struct bpf_object **object) {
        bpf_object__close(*object);
}

static void load_path(const char *folder, const char *name, char path[static PATH_MAX]) {
        (void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

/* Name the pins of the maps. A name with a dot is one of the compiler's own sections. */
static int load_pin_maps(struct bpf_object *object, const char *folder) {
        struct bpf_map *map;
        int r;

        bpf_object__for_each_map(map, object) {
                char path[PATH_MAX];

                if (strchr(bpf_map__name(map), '.'))
                        continue;
                load_path(folder, bpf_map__name(map), path);
                r = bpf_map__set_pin_path(map, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Load the programs; their maps are taken from the folder, or are pinned in it. */
static int load_open(const char *folder, uint64_t netns, bool mptcp,
                     struct bpf_object **ret_object) {
        const struct userlayout_settings settings = { .netns = netns, .mptcp = mptcp };
        const struct bpf_object_open_opts options = { .sz = sizeof(options),
                                                      .object_name = "pam_traffic" };
        _cleanup_(load_closep) struct bpf_object *object = NULL;
        struct bpf_map *map;
        int r;

        object = bpf_object__open_mem(load_object, (size_t)(load_object_end - load_object),
                                      &options);
        if (!object)
                return -errno;
        map = bpf_object__find_map_by_name(object, USERLAYOUT_SETTINGS);
        r = map ? bpf_map__set_initial_value(map, &settings, sizeof(settings)) : -EINVAL;
        if (!r)
                r = load_pin_maps(object, folder);
        if (!r)
                r = bpf_object__load(object);
        if (!r)
                *ret_object = pointer_steal(&object);
        return r;
}

/* The same; a kernel without MPTCP refuses the programs that look for it. */
static int load_open_any(const char *folder, uint64_t netns, struct bpf_object **ret_object) {
        int r = load_open(folder, netns, true, ret_object);

        return r == -EINVAL || r == -EACCES ? load_open(folder, netns, false, ret_object) : r;
}

static int load_attach(struct bpf_object *object, const char *folder, int cgroup_fd, size_t i) {
        struct bpf_program *program;
        struct bpf_link *link;
        char path[PATH_MAX];
        int r;

        program = bpf_object__find_program_by_name(object, load_links[i].program);
        link = program ? bpf_program__attach_cgroup(program, cgroup_fd) : NULL;
        if (!link)
                return -errno;
        load_path(folder, load_links[i].link, path);
        /* one that lost its cgroup, or was taken away by hand */
        (void)unlink(path);
        r = bpf_link__pin(link, path);
        (void)bpf_link__destroy(link);
        return r;
}

/* Give a link the new program. Return: 0; -ENOENT: there is no link that counts. */
static int load_update(struct bpf_object *object, size_t i) {
        struct bpf_program *program;
        struct bpf_link *link;
        char path[PATH_MAX];
        int r;

        program = bpf_object__find_program_by_name(object, load_links[i].program);
        load_path(USERLAYOUT_FOLDER, load_links[i].link, path);
        link = program ? bpf_link__open(path) : NULL;
        if (!link)
                return -ENOENT;
        r = bpf_link__update_program(link, program);
        (void)bpf_link__destroy(link);
        /* ENOLINK: the cgroup is gone */
        return r == -ENOLINK ? -ENOENT : r;
}

/* From now on everything is counted. */
static int load_note(struct bpf_object *object) {
        const uint64_t now = clock_now(CLOCK_BOOTTIME);
        const uint32_t place = USERLAYOUT_STATE_SINCE;

        return bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "state"), &place, &now,
                                   BPF_ANY) < 0
                       ? -errno
                       : 0;
}

/* Return: 0; -ENOENT: nothing is pinned; -EINVAL: what is pinned has another form. */
static int load_again(int cgroup_fd, uint64_t netns) {
        _cleanup_(load_closep) struct bpf_object *object = NULL;
        int r;

        if (access(USERLAYOUT_FOLDER, F_OK) < 0)
                return -errno;
        r = load_open_any(USERLAYOUT_FOLDER, netns, &object);
        for (size_t i = 0; !r && i < LOAD_LINKS; i++) {
                r = load_update(object, i);
                if (r != -ENOENT)
                        continue;
                /* also before: whoever is killed in between has not counted all since then */
                r = load_note(object);
                if (!r)
                        r = load_attach(object, USERLAYOUT_FOLDER, cgroup_fd, i);
                if (!r)
                        r = load_note(object);
        }
        return r;
}

static int load_anew(int cgroup_fd, uint64_t netns) {
        _cleanup_(load_closep) struct bpf_object *object = NULL;
        int r = userpins_remove(USERLAYOUT_FOLDER_NEW);

        if (!r && mkdir(USERLAYOUT_FOLDER_NEW, 0700) < 0)
                r = -errno;
        if (!r)
                r = load_open_any(USERLAYOUT_FOLDER_NEW, netns, &object);
        for (size_t i = 0; !r && i < LOAD_LINKS; i++)
                r = load_attach(object, USERLAYOUT_FOLDER_NEW, cgroup_fd, i);
        if (!r)
                r = load_note(object);
        if (!r)
                r = userpins_remove(USERLAYOUT_FOLDER);
        if (!r && rename(USERLAYOUT_FOLDER_NEW, USERLAYOUT_FOLDER) < 0)
                r = -errno;
        if (r < 0)
                (void)userpins_remove(USERLAYOUT_FOLDER_NEW);
        return r;
}

/**
 * load_run() - have the kernel count, from now on or as before
 * @cgroup_fd:  the root of cgroup2
 * @netns:      cookie of the network namespace in which a socket can be asked for its uid
 *
 * Return: 0, or a negative errno; then what counted before still does.
 */
int load_run(int cgroup_fd, uint64_t netns) {
        int r = load_again(cgroup_fd, netns);

        return r == -ENOENT || r == -EINVAL ? load_anew(cgroup_fd, netns) : r;
}
