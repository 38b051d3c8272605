# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the machine's tests source. Results, waiting, Debians, the yardstick and what a record must be are those of
# all tests.
#
# Relies on these variables (tests/machine/meson.build sets them):
#   PAM_TRAFFIC_BUILD        the build folder: a machine's disk is kept in there while it runs
#   PAM_TRAFFIC_LOGS         folder for the logs of a run that fails

HARNESS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 1
HARNESS_SHARED=$HARNESS_LIB/../../lib
# shellcheck disable=SC2034  # for the test
HARNESS_SOURCE=$HARNESS_LIB/../../..
# shellcheck disable=SC2034  # for the test
HARNESS_RECORDS_JQ=$HARNESS_SHARED/records.jq
: "${PAM_TRAFFIC_BUILD:?run this by meson test --suite machine}"
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-machine}"

for HARNESS_NOUN in "$HARNESS_SHARED"/{tap,await,yardstick,debian,package}.sh "$HARNESS_LIB"/{disk,guest,machine}.sh; do
    # shellcheck source=/dev/null
    . "$HARNESS_NOUN"
done
unset HARNESS_NOUN
# emulated: a boot takes some minutes where others are at work, too
# shellcheck disable=SC2034  # of await.sh
AWAIT_SECONDS=600
