# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The thing under test, installed into the world: module, helper, configuration.
#
#   traffic_install [ARG...]            all of it: configuration, helper, setup, pam.d/sshd (ARGs for the module)
#   traffic_configure [KEY=VALUE...]    the configuration, in WORLD/pam_traffic.conf; its backend is
#                                       PAM_TRAFFIC_BACKEND where none is named
#   traffic_place                       puts the built helper where the module looks for it
#   traffic_place_module                puts the built module where PAM looks for it, and takes the paths of a
#                                       world without configuration: enable.sh and doctor.sh do the rest
#   traffic_place_script LINE...        puts a shell script there instead
#   traffic_displace                    removes what is there
#   traffic_setup, traffic_teardown, traffic_reap   the helper's verbs, in the server's namespace;
#                                       what a reap says is in WORLD/reap
#   traffic_helpers                     lists the live helper processes (also shells of a helper script)
#   traffic_works                       true while there is one
#   traffic_idle                        true once no helper is alive and no session's state is left
#   traffic_left                        lists what the module left for a reap to do
#   traffic_faults                      prints the reports of the sanitizers
#
# With PAM_TRAFFIC_PRELOAD the helper gets its sanitizer options from a script in its place, since the
# module starts it with an empty environment. UBSan as gcc has it reports to standard error only.

TRAFFIC_CONFIG=$WORLD/pam_traffic.conf

# shellcheck disable=SC2120  # tests do pass settings
traffic_configure() {
    local setting

    {
        printf 'log_file = %s\nstate_dir = %s\n' "$RECORDS_LOG" "$RECORDS_STATE"
        case " $*" in
        *' backend='*) ;;
        *) [ -z "$PAM_TRAFFIC_BACKEND" ] || printf 'backend = %s\n' "$PAM_TRAFFIC_BACKEND" ;;
        esac
        # a slow machine is no reason to leave the end of a session to a reap
        case " $*" in
        *' linger='*) ;;
        *) printf 'linger = 20s\n' ;;
        esac
        case " $*" in
        *' users='*) ;;
        *) printf 'users = no\n' ;;
        esac
        for setting in "$@"; do
            printf '%s = %s\n' "${setting%%=*}" "${setting#*=}"
        done
    } >"$TRAFFIC_CONFIG"
}

traffic_displace() {
    rm -f "$PAM_TRAFFIC_HELPER_PATH"
}

traffic_place_script() {
    traffic_displace
    printf '%s\n' '#!/bin/sh' "$@" >"$PAM_TRAFFIC_HELPER_PATH"
    chmod 755 "$PAM_TRAFFIC_HELPER_PATH"
}

traffic_place() {
    install -m 755 "$PAM_TRAFFIC_WORKER" "$PAM_TRAFFIC_WORKER_PATH"
    if [ -n "$PAM_TRAFFIC_PRELOAD" ]; then
        traffic_place_script \
            "export ASAN_OPTIONS=log_path=$WORLD/sanitizer.helper UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1" \
            "case \$1 in open | close) exec 2>>$WORLD/sanitizer.helper.stderr ;; esac" \
            "exec $PAM_TRAFFIC_HELPER \"\$@\""
    else
        traffic_displace
        install -m 755 "$PAM_TRAFFIC_HELPER" "$PAM_TRAFFIC_HELPER_PATH"
    fi
}

traffic_place_module() {
    [ -n "$PAM_TRAFFIC_MODULE_PATH" ] || tap_bail 'PAM_TRAFFIC_MODULE_PATH is not set: run this by meson test --suite system'
    world_shadow "${PAM_TRAFFIC_MODULE_PATH%/*}" || tap_bail 'no place for the module'
    rm -f "$PAM_TRAFFIC_MODULE_PATH"
    install -m 644 "$PAM_TRAFFIC_MODULE" "$PAM_TRAFFIC_MODULE_PATH"
    rm -f /etc/pam_traffic.conf
    TRAFFIC_CONFIG=/etc/pam_traffic.conf
    RECORDS_LOG=/var/log/pam_traffic
    RECORDS_STATE=/var/lib/pam_traffic
}

traffic_setup() {
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" setup --config "$TRAFFIC_CONFIG"
}

traffic_reap() {
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" reap --config "$TRAFFIC_CONFIG" 2>>"$WORLD/reap"
}

traffic_teardown() {
    world_in server env -i "$PAM_TRAFFIC_HELPER_PATH" teardown --config "$TRAFFIC_CONFIG"
}

traffic_install() {
    if [ -z "$PAM_TRAFFIC_MODULE" ] || [ -z "$PAM_TRAFFIC_HELPER" ]; then
        tap_bail 'PAM_TRAFFIC_MODULE or PAM_TRAFFIC_HELPER is not set: run this by meson test --suite system'
    fi
    # shellcheck disable=SC2119  # no setting but the paths
    traffic_configure
    traffic_place
    pam_write sshd "$(pam_traffic_line "$@")"
    traffic_setup || tap_bail 'pam_traffic_helper setup failed'
    rules_snapshot
    yardstick_watch "$WORLD_CLIENT4"
    yardstick_watch "$WORLD_CLIENT6"
}

traffic_helpers() {
    ps -eo pid=,ppid=,stat=,args= | grep -E 'pam_traffic_(helper|worker)' | grep -v 'grep -E'
}

traffic_works() {
    pgrep -f 'pam_traffic_(helper|worker)' >/dev/null
}

traffic_idle() {
    ! traffic_works && ! compgen -G "$RECORDS_STATE/sessions/*" >/dev/null
}

traffic_left() {
    find /var/lib/pam_traffic/spool -mindepth 1 2>/dev/null
}

traffic_faults() {
    local file

    for file in "$WORLD"/sanitizer.*; do
        [ ! -s "$file" ] || head -n 40 "$file"
    done
}
