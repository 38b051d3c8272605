#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The metrics in a real Prometheus, and every query of examples/grafana-dashboard.json asked of it. Both run in
# a network namespace that has loopback only.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=../lib/hide.sh
. "$here/../lib/hide.sh"
hide_host "$@"

for program in prometheus python3 ip unshare; do
    [ -n "$(type -P "$program")" ] || tap_skip_all "$program is missing (packaging/install-packages metrics quickstart)"
done
[ "$(id -u)" = 0 ] || tap_skip_all 'only root can make a network namespace'
if [ -z "${PROMETHEUS_WORLD:-}" ]; then
    PROMETHEUS_WORLD=yes exec unshare --net "$here/prometheus.sh"
fi
ip link set lo up || tap_bail 'no loopback'
folder=$(mktemp -d) || tap_bail 'no temporary folder'
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$here/prometheus.py" "${PAM_TRAFFIC_CLI:?}" "$folder" \
    "$here/../../examples/grafana-dashboard.json"
