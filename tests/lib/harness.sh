# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The harness: what a system test sources; it loads one file a noun.
#
# A test is a script of its own:
#
#     set -u
#     # shellcheck source=lib/harness.sh
#     . "$(dirname "$0")/lib/harness.sh"
#     world_enter "$@"            # root, own namespaces, users, keys, syslog
#     traffic_install             # module in pam.d/sshd, helper in its place, configuration, setup
#     sshd_start
#     case_begin "true over IPv4"
#     client_ssh alice@"$WORLD_SERVER4" true
#     case_end user=alice family=ipv4
#     tap_done
#
# Relies on these variables (tests/system/meson.build sets them):
#   PAM_TRAFFIC_MODULE       the built pam_traffic.so
#   PAM_TRAFFIC_MODULE_PATH  the place where PAM looks for it
#   PAM_TRAFFIC_HELPER       the built pam_traffic_helper
#                            and beside it pam_traffic_worker
#   PAM_TRAFFIC_CLI          the built pam_traffic, the admin's program (log.sh)
#   PAM_TRAFFIC_HELPER_PATH  the place where the module looks for it
#   PAM_TRAFFIC_PAM_HOLD     the built pam_hold.so (othersocket.sh)
#   PAM_TRAFFIC_LEDGER       the built pam_traffic_ledger; empty: it was not built (lib/ledger.sh)
#   PAM_TRAFFIC_LOGS         folder for the logs of tests that fail
#   PAM_TRAFFIC_BACKEND      the backend of the configuration; empty: none is named
#   PAM_TRAFFIC_PRELOAD      libasan.so, where module and helper are built with sanitizers; else empty

HARNESS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 1
: "${PAM_TRAFFIC_BACKEND:=}" "${PAM_TRAFFIC_MODULE:=}" "${PAM_TRAFFIC_HELPER:=}" "${PAM_TRAFFIC_CLI:=}"
: "${PAM_TRAFFIC_MODULE_PATH:=}" "${PAM_TRAFFIC_PRELOAD:=}" "${PAM_TRAFFIC_PAM_HOLD:=}"
: "${PAM_TRAFFIC_HELPER_PATH:=/usr/libexec/pam_traffic_helper}"
PAM_TRAFFIC_WORKER=${PAM_TRAFFIC_HELPER%/*}/pam_traffic_worker
PAM_TRAFFIC_WORKER_PATH=${PAM_TRAFFIC_HELPER_PATH%/*}/pam_traffic_worker
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-logs}"

for HARNESS_NOUN in tap await gate host world users keys syslog pam traffic ledger sshd client yardstick rules records case pump; do
    # shellcheck source=/dev/null
    . "$HARNESS_LIB/$HARNESS_NOUN.sh"
done
unset HARNESS_NOUN
