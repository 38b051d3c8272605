# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the packages' tests source; it loads one file a noun.
#
# Relies on these variables (tests/packaging/meson.build sets them):
#   PAM_TRAFFIC_BUILD        the build folder; packages that were built are kept in there
#   PAM_TRAFFIC_DEBIAN13_CACHE   keeps the Debians of debootstrap for the next time
#   PAM_TRAFFIC_LOGS         folder for the logs of a run that fails

HARNESS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 1
SOURCE=$(cd "$HARNESS_LIB/../../.." && pwd) || exit 1
: "${PAM_TRAFFIC_BUILD:?run this by meson test --suite packaging}"
: "${PAM_TRAFFIC_LOGS:=${TMPDIR:-/tmp}/pam_traffic-packaging}"

for HARNESS_NOUN in lib/harness lib/debian packaging/lib/package packaging/lib/root; do
    # shellcheck source=/dev/null
    . "$SOURCE/tests/$HARNESS_NOUN.sh"
done
unset HARNESS_NOUN
