#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The page of pam_traffic report --html in a headless Chromium: figures, sorting, hostile names, both themes,
# no request. PAM_TRAFFIC_PAGE_KEEP=FOLDER keeps the screenshots there, to be looked at.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
# shellcheck source=../lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=../lib/hide.sh
. "$here/../lib/hide.sh"
hide_host "$@"

for program in chromium chromedriver python3; do
    [ -n "$(type -P "$program")" ] || tap_skip_all "$program is missing (packaging/install-packages page)"
done
folder=${PAM_TRAFFIC_PAGE_KEEP:-$(mktemp -d)} || tap_bail 'no temporary folder'
[ -n "${PAM_TRAFFIC_PAGE_KEEP:-}" ] || trap 'rm -rf "$folder"' EXIT

PYTHONDONTWRITEBYTECODE=1 python3 "$here/page.py" "${PAM_TRAFFIC_CLI:?}" "$folder"
