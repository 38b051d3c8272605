/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A line of the system's log in which sshd says that somebody has logged in, or was refused at
 * last.
 *
 * Relies on: auth_log() of OpenSSH ("Accepted publickey for alice from 10.77.0.2 port 40022 ssh2",
 * by sshd, from 9.8 on by sshd-session; the same process opens the PAM session), and
 * pam_sm_open_session() of pam_unix ("pam_unix(sshd:session): session opened for user
 * alice(uid=20001) by (uid=0)"); do_pam_session() of OpenSSH, where pam_open_session(3) fails: it
 * takes all forwarding from the connection (auth_restrict_session(), since 3.7), says "error: PAM:
 * pam_open_session(): ...", and do_child() runs nothing; RFC 3164 and RFC 3339 for files,
 * journalctl(1) -o short-unix.
 */

#include "sshdline.h"

#include "base/base.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SSHDLINE_DAY (86400 * CLOCK_SECOND)
#define SSHDLINE_OPENED_TEXT "pam_unix(sshd:session): session opened for user "
#define SSHDLINE_ACCEPTED_TEXT "Accepted "
#define SSHDLINE_REFUSED_TEXT "error: PAM: pam_open_session(): "

/* Whether a text begins so; then it is passed over. */
static bool sshdline_skip(const char **text, const char *begin) {
        size_t size = strlen(begin);

        if (strncmp(*text, begin, size) != 0)
                return false;
        *text += size;
        return true;
}

/* Digits, and what ends them. */
static bool sshdline_number(const char **text, uint64_t maximum, uint64_t *ret_number) {
        size_t size = strspn(*text, "0123456789");

        if (number_parse(*text, size, 10, maximum, ret_number) < 0)
                return false;
        *text += size;
        return true;
}

/* A fraction of a second, if there is one: as microseconds. */
static uint64_t sshdline_fraction(const char **text) {
        uint64_t fraction = 0, place = CLOCK_SECOND / 10;

        if (**text != '.')
                return 0;
        for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, place /= 10)
                fraction += (uint64_t)(**text - '0') * place;
        return fraction;
}

/* 1669723203.123456, of journalctl. */
static bool sshdline_unix(const char **text, uint64_t *ret_time) {
        uint64_t seconds;

        if (!sshdline_number(text, UINT32_MAX, &seconds) || **text != '.')
                return false;
        *ret_time = seconds * CLOCK_SECOND + sshdline_fraction(text);
        return true;
}

/* 2026-11-29T12:00:03.123456+01:00 */
static bool sshdline_rfc3339(const char **text, uint64_t *ret_time) {
        static const size_t whole = sizeof("2026-11-29T12:00:03") - 1;
        uint64_t time, hours, minutes, offset;
        char normal[CLOCK_TEXT_MAX];
        bool east;

        if (strnlen(*text, whole) < whole)
                return false;
        (void)snprintf(normal, sizeof(normal), "%.*s.000000Z", (int)whole, *text);
        if (clock_parse(normal, &time) < 0)
                return false;
        *text += whole;
        time += sshdline_fraction(text);
        if (sshdline_skip(text, "Z")) {
                *ret_time = time;
                return true;
        }
        east = **text == '+';
        if (!east && **text != '-')
                return false;
        (*text)++;
        if (!sshdline_number(text, 23, &hours) || !sshdline_skip(text, ":") ||
            !sshdline_number(text, 59, &minutes))
                return false;
        offset = (hours * 60 + minutes) * 60 * CLOCK_SECOND;
        if (time < offset)
                return false;
        *ret_time = east ? time - offset : time + offset;
        return true;
}

/* Nov 29 12:00:03, of the year that makes it the last one that is not still to come. */
static bool sshdline_rfc3164(const char **text, uint64_t now, uint64_t *ret_time) {
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        time_t seconds = (time_t)(now / CLOCK_SECOND), then;
        uint64_t day, hour, minute, second;
        struct tm local = { 0 }, tm;
        int month = 0;

        while (month < 12 && strncmp(*text, months + (size_t)3 * (size_t)month, 3) != 0)
                month++;
        if (month == 12)
                return false;
        *text += 3;
        if (!sshdline_skip(text, "  ") && !sshdline_skip(text, " "))
                return false;
        if (!sshdline_number(text, 31, &day) || !day || !sshdline_skip(text, " ") ||
            !sshdline_number(text, 23, &hour) || !sshdline_skip(text, ":") ||
            !sshdline_number(text, 59, &minute) || !sshdline_skip(text, ":") ||
            !sshdline_number(text, 59, &second) || !localtime_r(&seconds, &local))
                return false;
        for (int back = 0; back < 2; back++) {
                tm = (struct tm){
                        .tm_year = local.tm_year - back,
                        .tm_mon = month,
                        .tm_mday = (int)day,
                        .tm_hour = (int)hour,
                        .tm_min = (int)minute,
                        .tm_sec = (int)second,
                        .tm_isdst = -1,
                };
                then = mktime(&tm);
                if (then >= 0 && (uint64_t)then * CLOCK_SECOND <= now + SSHDLINE_DAY) {
                        *ret_time = (uint64_t)then * CLOCK_SECOND;
                        return true;
                }
        }
        return false;
}

static bool sshdline_time(const char **text, uint64_t now, uint64_t *ret_time) {
        const char *at = *text;
        bool told = sshdline_unix(text, ret_time);

        if (!told) {
                *text = at;
                told = sshdline_rfc3339(text, ret_time);
        }
        if (!told) {
                *text = at;
                told = sshdline_rfc3164(text, now, ret_time);
        }
        return told && sshdline_skip(text, " ");
}

/* "host sshd[123]: " */
static bool sshdline_sender(const char **text, pid_t *ret_pid) {
        uint64_t pid;
        size_t host = strcspn(*text, " ");

        if (!host || (*text)[host] != ' ')
                return false;
        *text += host + 1;
        if (!sshdline_skip(text, "sshd[") && !sshdline_skip(text, "sshd-session["))
                return false;
        if (!sshdline_number(text, INT_MAX, &pid) || !pid || !sshdline_skip(text, "]: "))
                return false;
        *ret_pid = (pid_t)pid;
        return true;
}

static bool sshdline_user(const char *begin, const char *end, struct sshdline *line) {
        if (!end || end == begin)
                return false;
        (void)snprintf(line->user, sizeof(line->user), "%.*s",
                       (int)(end - begin < SSHDLINE_USER_MAX ? end - begin : SSHDLINE_USER_MAX),
                       begin);
        return true;
}

/* "10.77.0.2 port 40022 ssh2", then the key or the end. */
static bool sshdline_remote(const char *text, struct endpoint *ret_remote) {
        char address[ADDRESS_TEXT_MAX];
        struct endpoint remote = { .port = 0 };
        size_t size = strcspn(text, " "), bare = strcspn(text, " %");
        bool none = size == strlen("UNKNOWN") && !strncmp(text, "UNKNOWN", size);
        uint64_t port;

        if (bare >= sizeof(address))
                return false;
        (void)snprintf(address, sizeof(address), "%.*s", (int)bare, text);
        text += size;
        if ((!none && address_parse(address, &remote.address) < 0) ||
            !sshdline_skip(&text, " port ") || !sshdline_number(&text, UINT16_MAX, &port) ||
            !sshdline_skip(&text, " ssh2") || (*text && *text != ':' && *text != ' '))
                return false;
        remote.port = (uint16_t)port;
        *ret_remote = remote;
        return true;
}

/* The first place that reads so counts: behind it stands what a certificate says of itself. */
static bool sshdline_accepted(const char *text, struct sshdline *line) {
        const char *user = strstr(text, " for "), *from;

        if (!user || (size_t)(user - text) != strcspn(text, " "))
                return false;
        user += strlen(" for ");
        for (from = strstr(user, " from "); from; from = strstr(from + 1, " from "))
                if (sshdline_remote(from + strlen(" from "), &line->remote))
                        return sshdline_user(user, from, line);
        return false;
}

static bool sshdline_opened(const char *text, struct sshdline *line) {
        const char *end = strstr(text, "(uid=");
        const char *by = strstr(text, " by ");

        /* "alice by (uid=0)", before Linux-PAM 1.4 */
        if (by && (!end || by < end))
                end = by;
        return sshdline_user(text, end, line);
}

/**
 * sshdline_parse() - read a line
 * @line:       the line, without its newline
 * @now:        CLOCK_REALTIME in microseconds: lines of files may have no year
 * @ret_line:   what it says
 *
 * Return: 0 or SSHDLINE_E_OTHER.
 */
int sshdline_parse(const char *line, uint64_t now, struct sshdline *ret_line) {
        struct sshdline result = { .pid = 0 };
        bool told;

        if (!sshdline_time(&line, now, &result.time) || !sshdline_sender(&line, &result.pid))
                return SSHDLINE_E_OTHER;
        if (sshdline_skip(&line, SSHDLINE_ACCEPTED_TEXT)) {
                result.kind = SSHDLINE_ACCEPTED;
                told = sshdline_accepted(line, &result);
        } else if (sshdline_skip(&line, SSHDLINE_REFUSED_TEXT)) {
                result.kind = SSHDLINE_REFUSED;
                told = true;
        } else {
                result.kind = SSHDLINE_OPENED;
                told = sshdline_skip(&line, SSHDLINE_OPENED_TEXT) && sshdline_opened(line, &result);
        }
        if (!told)
                return SSHDLINE_E_OTHER;
        *ret_line = result;
        return 0;
}
