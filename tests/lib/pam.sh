# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# PAM services of the world, in the private /etc/pam.d.
#
#   pam_write SERVICE [LINE...]   the usual auth, account and session lines, then LINEs
#   pam_traffic_line [ARG...]     prints the session line of the module, with the world's configuration and, unless
#                                 ARGs name another, an open_timeout that a slow machine does not reach
#
# XDG_SESSION_ID comes from pam_env here: there is no logind in the world.

pam_write() {
    local service=$1

    shift
    if [ ! -e "$WORLD/pam_env" ]; then
        printf 'XDG_SESSION_ID=c42\n' >"$WORLD/pam_env"
        : >"$WORLD/pam_env.conf"
    fi
    {
        [ "$service" != su ] || printf 'auth sufficient pam_rootok.so\n'
        printf 'auth required pam_unix.so\n'
        printf 'account required pam_unix.so\n'
        [ "$service" != sshd ] || printf 'session required pam_loginuid.so\n'
        printf 'session required pam_env.so readenv=1 conffile=%s envfile=%s\n' "$WORLD/pam_env.conf" "$WORLD/pam_env"
        printf 'session required pam_unix.so\n'
        [ $# -eq 0 ] || printf '%s\n' "$@"
    } >"/etc/pam.d/$service"
}

pam_traffic_line() {
    case " $*" in
    *' open_timeout='*) ;;
    *) set -- open_timeout=60s "$@" ;;
    esac
    printf 'session optional %s conf=%s %s\n' "$PAM_TRAFFIC_MODULE" "$TRAFFIC_CONFIG" "$*"
}
