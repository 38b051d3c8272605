/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A made-up report as a page: page_sample FILE [empty]. What is hostile in it, page.sh names.
 */

#include "../../cli/outfile.h"
#include "../../cli/reportpage.h"
#include "pam_traffic/cleanup.h"

#include <inttypes.h>
#include <string.h>

#define MEGA UINT64_C(1048576)

static const char *const sample_notes[] = {
        "2 lines of the log are not records and were skipped.",
        "1 session <b>was</b> excluded by the configuration and is not counted.",
};

static const struct reportpage_row sample_users[] = {
        { { "backup" }, 734003200, 48318382080, 61, 0 },
        { { "alice" }, 9126805504, 12884901888, 214, 2 },
        { { "</script><script>document.title='taken'</script>" }, 3221225472, 912345678, 12, 0 },
        { { "\"><img src=x onerror=alert(1)>" }, 1610612736, 1234567890, 40, 0 },
        { { "deploy" }, 2147483649, 88888888, 733, 0 },
        { { "a\033[31mb\xe2\x80\xaeg" }, 104857600, 524288000, 9, 0 },
        { { "j\xc3\xbcrgen" }, 73400320, 419430400, 18, 1 },
        { { "carol" }, 52428800, 104857600, 7, 0 },
        { { "monitoring" }, 31457280, 62914560, 8640, 0 },
        { { "dave" }, 10485760, 20971520, 3, 0 },
        { { "a-user-whose-name-has-no-end-and-is-longer-than-any-column-of-this-page" },
          4096,
          8192,
          1,
          0 },
        { { "erin" }, 4829, 4405, 1, 0 },
        { { NULL }, 1024, REPORTPAGE_UNKNOWN, 1, 1 },
        { { "frank" }, 512, 512, 1, 0 },
        { { "none" }, REPORTPAGE_UNKNOWN, REPORTPAGE_UNKNOWN, 1, 1 },
};

#define USERS (sizeof(sample_users) / sizeof(*sample_users))

static const struct reportpage_row sample_ports[] = { { { "22" }, 912680550, 601295421, 0, 0 } };

int main(int argc, char **argv) {
        static struct reportpage_row days[22];
        static char names[22][16];
        static struct reportpage_row sum = { .sessions = 9742, .incomplete = 5 };
        struct reportpage page = {
                .host = "db1.example.org",
                .period = "2026-11-01 to 2026-11-22",
                .layer = "IP bytes, as this host's netfilter counts them",
                .zone = "UTC",
                .generated = "2026-11-22 23:50:00",
                .version = "0.1.0",
                .by = { "user" },
                .n_by = 1,
        };
        _cleanup_(outfile_close) struct outfile file = { 0 };

        if (argc < 2 || outfile_open(argv[1], 0640, &file) < 0)
                return 1;
        for (size_t i = 0; i < USERS; i++) {
                sum.in += sample_users[i].in == REPORTPAGE_UNKNOWN ? 0 : sample_users[i].in;
                sum.out += sample_users[i].out == REPORTPAGE_UNKNOWN ? 0 : sample_users[i].out;
        }
        for (uint64_t i = 0; i < 22; i++) {
                (void)snprintf(names[i], sizeof(names[i]), "2026-11-%02" PRIu64, i + 1);
                days[i].key[0] = names[i];
                days[i].in = (i * 7919 % 23 + 3) * 24 * MEGA;
                days[i].out = (i * 104729 % 31 + 5) * 90 * MEGA / (i % 7 < 5 ? 1 : 6);
                days[i].sessions = 400 + i;
                days[i].incomplete = i == 9 || i == 14;
        }
        if (argc == 2) {
                page.rows = page.users = (struct reportpage_rows){ sample_users, USERS };
                page.ports = (struct reportpage_rows){ sample_ports, 1 };
                page.days = (struct reportpage_rows){ days, 22 };
                page.total = sum;
                page.month = "November 2026";
                page.month_end = (struct reportpage_row){ .in = 23456789012, .out = 87654321098 };
                page.notes = sample_notes;
                page.n_notes = 2;
        }
        return reportpage_write(&page, file.stream) < 0 || outfile_commit(&file) < 0;
}
