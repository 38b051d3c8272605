#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a session inherits is the same with the module as without: descriptors, environment, signals,
# limits; and so are the processes of sshd around it. The helper gets no privilege from its file.
set -u
# shellcheck source=../lib/harness.sh
. "$(dirname "$0")/../lib/harness.sh"

# run inside the session; numbers that differ from login to login are left out
INHERITED="
    echo environment; env | sed 's/^SSH_\(CONNECTION\|CLIENT\)=.*/SSH_\1/' | sort
    echo descriptors; for fd in /proc/self/fd/*; do readlink \$fd | sed 's/[0-9][0-9]*/N/g'; done
    echo status; grep -E '^(Umask|Uid|Gid|Groups|Sig|Shd|Cap|NoNewPrivs|Seccomp|CoreDumping)' /proc/self/status |
        grep -v -E '^SigQ'
    echo limits; cat /proc/self/limits
    echo oom; cat /proc/self/oom_score_adj; cat /proc/self/coredump_filter; pwd"

# inherited USER
inherited() {
    client_ssh "$1@$WORLD_SERVER4" "$INHERITED"
}

# the children of sshd, zombies too, seen from outside
around() {
    local pid

    for pid in $(pgrep -P "$(pgrep -d, -x 'sshd.*')"); do
        echo "process $(sed 's/[0-9][0-9]*/N/g' "/proc/$pid/comm")"
        find "/proc/$pid/fd" -type l -printf '%l\n' | sed 's/[0-9][0-9]*/N/g' | sort
        grep -E '^(State:.Z|Umask|NoNewPrivs|Cap)' "/proc/$pid/status"
        # a shell blocks and unblocks signals all the time; sshd stands still
        case $(cat "/proc/$pid/comm") in
        sshd*) grep -E '^Sig(Blk|Ign|Cgt)' "/proc/$pid/status" ;;
        esac
    done
}

# held USER with|without: what is around a session while it is up, the module being there or not
held() {
    client_hold "$1@$WORLD_SERVER4" ''
    [ "$2" = without ] || records_wait start 1
    await eval '! traffic_helpers >/dev/null'
    traffic_helpers
    around
    client_release
}

world_enter "$@"
traffic_install
sshd_start

for user in alice root; do
    pam_write sshd
    without=$(inherited "$user")
    held_without=$(held "$user" without)
    pam_write sshd "$(pam_traffic_line)"

    case_begin "a session of $user"
    tap_is "$CASE_NAME inherits nothing" "$(inherited "$user")" "$without"
    case_end "user=$user"

    case_begin "a held session of $user"
    tap_is "$CASE_NAME: sshd and its children are as without the module" "$(held "$user" with)" "$held_without"
    case_end "user=$user"
done
tap_diag "looked at: $(grep -c . <<<"$without") lines in the session, $(grep -c . <<<"$held_without") around it"

mkdir "$WORLD/installed"
if [ -n "${PAM_TRAFFIC_BUILD:-}" ]; then
    DESTDIR=$WORLD/installed meson install -C "$PAM_TRAFFIC_BUILD" --no-rebuild --quiet >>"$WORLD/spawned" 2>&1
    tap_ok 'the installed helper' test -x "$WORLD/installed$PAM_TRAFFIC_HELPER_PATH"
fi
tap_is 'no setuid or setgid bit' \
    "$(find "$WORLD/installed" "$PAM_TRAFFIC_HELPER" "$PAM_TRAFFIC_MODULE" -type f -perm /6000)" ''
tap_is 'no file capability' "$(getcap -r "$WORLD/installed" "$PAM_TRAFFIC_HELPER" "$PAM_TRAFFIC_MODULE")" ''
tap_done
