# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the machine's test sources. Results, waiting, the yardstick and what a record must be are those
# of the system tests.
#
# Relies on these variables (tests/machine/meson.build sets them):
#   PAM_TRAFFIC_BUILD        the build folder, installed into the machine
#   PAM_TRAFFIC_HELPER       the built pam_traffic_helper
#   PAM_TRAFFIC_LOGS         folder for the logs of a run that fails

HARNESS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 1
HARNESS_SYSTEM=$HARNESS_LIB/../../lib
# shellcheck disable=SC2034  # for the test
HARNESS_RECORDS_JQ=$HARNESS_SYSTEM/records.jq
: "${PAM_TRAFFIC_BUILD:?run this by meson test --suite machine}" "${PAM_TRAFFIC_HELPER:?}"
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-machine}"

for HARNESS_NOUN in "$HARNESS_SYSTEM"/{tap,await,yardstick}.sh "$HARNESS_LIB"/{base,disk,guest,machine}.sh; do
    # shellcheck source=/dev/null
    . "$HARNESS_NOUN"
done
unset HARNESS_NOUN
# emulated: a boot takes some minutes where others are at work, too
# shellcheck disable=SC2034  # of await.sh
AWAIT_SECONDS=600
