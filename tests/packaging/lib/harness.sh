# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the packages' tests source; it loads one file a noun.
#
# Relies on these variables (tests/packaging/meson.build sets them):
#   PAM_TRAFFIC_BUILD        the build folder; packages that were built are kept in there
#   PAM_TRAFFIC_CACHE_ROOTS  keeps the Debians of debootstrap for the next time
#   PAM_TRAFFIC_LOGS         folder for the logs of a run that fails

HARNESS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 1
SOURCE=$(cd "$HARNESS_LIB/../../.." && pwd) || exit 1
: "${PAM_TRAFFIC_BUILD:?run this by meson test --suite packaging}"
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-packaging}"

for HARNESS_NOUN in "$SOURCE"/tests/system/lib/{tap,deadline}.sh "$HARNESS_LIB"/package.sh; do
    # shellcheck source=/dev/null
    . "$HARNESS_NOUN"
done
unset HARNESS_NOUN
