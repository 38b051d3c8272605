# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the packages' tests source; it loads one file a noun.
#
# Relies on these variables (tests/packaging/meson.build sets them):
#   PAM_TRAFFIC_BUILD        the build folder
#   PAM_TRAFFIC_DEBIANS      keeps the Debians and the packages that were built (tests/lib/debian.sh, package.sh)
#   PAM_TRAFFIC_LOGS         folder for the logs of a run that fails

: "${PAM_TRAFFIC_BUILD:?run this by meson test --suite packaging}"
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-packaging}"
SOURCE=$(cd "${BASH_SOURCE[0]%/*}/../../.." && pwd) || exit 1

for HARNESS_NOUN in lib/harness lib/debian lib/package packaging/lib/root; do
    # shellcheck source=/dev/null
    . "$SOURCE/tests/$HARNESS_NOUN.sh"
done
unset HARNESS_NOUN
