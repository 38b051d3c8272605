#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A new admin's tasks on a booted Debian, by what README and man pages say, each at the first try:  tasks.sh RELEASE
#
# The machine has the package in a repository, and nothing else of it. Each command of ours is one of the pages' (task):
# its options must be in its page.
set -u
# shellcheck source=lib/harness.sh
. "$(dirname "$0")/lib/harness.sh"
# shellcheck disable=SC2034  # of disk.sh
DISK_BARE=yes DISK_PACKAGES='cron dma e2fsprogs rsync prometheus-node-exporter'

PAM=/etc/pam.d/sshd
SAID=

# documented WORD...: a command of ours, as somebody types it: all of its options are in its page
documented() {
    local page=$HARNESS_SOURCE/man/pam_traffic-$2.1.scd word

    for word; do
        case $word in
        --*) grep -qF -- "*${word%%=*}*" "$page" || return ;;
        -[a-z]) grep -qE -- "\*$word\*|\($word\)" "$page" || return ;;
        esac
    done
    [ -e "$page" ]
}

# task NAME COMMAND: a command of the admin's works; what it says is in SAID
task() {
    SAID=$(guest "{ $2
    } 2>&1")
    local status=$?

    if [ "$status" != 0 ]; then
        tap_fail "$1" "$2: exit status $status" "$SAID"
        return 1
    fi
    case $2 in
    pam_traffic\ *)
        # shellcheck disable=SC2086  # its words
        documented ${2%%[|>]*} || {
            tap_fail "$1" "not in the page: $2"
            return 1
        }
        ;;
    esac
    tap_pass "$1"
}

# says NAME ERE: the last task said so
says() {
    tap_ok "$1" grep -qE -- "$2" <<<"$SAID" || tap_diag "$SAID"
}

# someone USER [ARG...]: ssh, scp or sftp from an address of his own
someone() {
    world_in client "$@" </dev/null >>"$WORK/clients" 2>&1
}

# stops USER N: as many of his logins are over in the log
stops() {
    guest_wait "[ \$(pam_traffic log --user $1 --csv | grep -c ',User-Request,\|,Admin-Reset,\|,Lost-Carrier,') -ge $2 ]"
}

# the ssh options of all clients here
options() {
    printf '%s\n' -F none -o BatchMode=yes -o IdentitiesOnly=yes -o "UserKnownHostsFile=$WORK/keys/known_hosts" \
        -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes -o KexAlgorithms=curve25519-sha256 -o LogLevel=ERROR \
        -o ConnectTimeout=60
}

machine_enter "$1" "$@"
machine_power_on
machine_up
mapfile -t OPTIONS < <(options)
ssh-keygen -q -t ed25519 -N '' -C second -f "$WORK/keys/second"

# the package
tap_ok 'the machine lets root in' await guest true
tap_ok 'it lets others in' guest_wait 'test ! -e /run/nologin'
task 'apt update' 'apt-get -q update'
task 'apt install' 'DEBIAN_FRONTEND=noninteractive apt-get -q -y install libpam-traffic'
tap_is 'apt install: one line says what is next' "$(grep -c 'pam_traffic enable' <<<"$SAID")" 1
SAID=$(guest 'pam_traffic doctor')
tap_is 'before enable, doctor prints one command' "$(sed '1,/To begin:$/d' <<<"$SAID")" \
    'pam_traffic enable && pam_traffic doctor'
task 'enable' 'pam_traffic enable'
task 'doctor is content' 'pam_traffic doctor'

# users: a key, a password, an account that two keys share
guest "useradd -m -s /bin/bash bob && echo bob:secret | chpasswd && useradd -m -s /bin/bash team &&
    install -d -m 700 -o team -g team /home/team/.ssh && printf '%s\n' '$(cat "$WORK/keys/id.pub")' '$(cat "$WORK/keys/second.pub")' \
        >/home/team/.ssh/authorized_keys && head -c 3000000 /dev/urandom >/srv/file && chmod 644 /srv/file"
tap_ok 'ssh, by key' someone ssh "${OPTIONS[@]}" -i "$WORK/keys/id" "alice@$MACHINE_ADDR" 'head -c 2000000 /dev/zero'
tap_ok 'ssh, by password' someone sshpass -p secret ssh -o BatchMode=no "${OPTIONS[@]}" -o PubkeyAuthentication=no "bob@$MACHINE_ADDR" true
tap_ok 'scp' someone scp -q "${OPTIONS[@]}" -i "$WORK/keys/id" "alice@$MACHINE_ADDR:/srv/file" "$WORK/scp"
tap_ok 'sftp' eval 'echo "get /srv/file $WORK/sftp" | world_in client sftp -q -b - "${OPTIONS[@]}" -i "$WORK/keys/id" "alice@$MACHINE_ADDR" 2>>"$WORK/ssh"'
tap_ok 'rsync' someone rsync -e "ssh ${OPTIONS[*]} -i $WORK/keys/id" "alice@$MACHINE_ADDR:/srv/file" "$WORK/rsync"
# not by world_in, whose process would stand between: this one is killed
nsenter --net="$MACHINE_NET" -- ssh "${OPTIONS[@]}" -i "$WORK/keys/id" -N -L 127.0.0.1:2200:127.0.0.1:22 \
    "alice@$MACHINE_ADDR" </dev/null 2>>"$WORK/ssh" &
forward=$!
tap_ok 'a forward' await eval 'world_in client timeout 60 "$BASH" -c "exec 3<>/dev/tcp/127.0.0.1/2200 && read -r banner <&3"'
kill "$forward"
wait "$forward" 2>/dev/null
tap_ok 'one key of a shared account' someone ssh "${OPTIONS[@]}" -i "$WORK/keys/id" "team@$MACHINE_ADDR" 'head -c 5000000 /dev/zero'
tap_ok '... and the other one' someone ssh "${OPTIONS[@]}" -i "$WORK/keys/second" "team@$MACHINE_ADDR" true
tap_ok 'all of them are in the log' eval 'stops alice 5 && stops bob 1 && stops team 2'

# questions
task 'who moved most this month' 'pam_traffic report --since this-month'
tap_is '... alice' "$(awk 'NR == 2 { print $1 }' <<<"$SAID")" alice
task 'what one key of a shared account moved' 'pam_traffic report --user team --by key'
tap_is '... the first key has most of it' "$(awk 'NR == 2 { print $1 }' <<<"$SAID")" \
    "$(ssh-keygen -lf "$WORK/keys/id.pub" | awk '{ print substr($2, 8, 12) }')"
machine_address
guest_hold "$MACHINE_CLIENT"
task 'who is on, and how fast' 'pam_traffic list --sort rate'
says '... alice is' '^alice '
tap_ok '... and what for' guest_wait 'pam_traffic list --json | jq -e "select(.kind == \"command\")"'
task 'what logins were for' 'pam_traffic report --by kind --json'
tap_is '... that is known' "$(jq -r '[.rows[].kind | select(. != null)] | contains(["command"])' <<<"$SAID")" true
task 'the log' 'pam_traffic log -n 1 --user bob --noheadings'
id=$(awk '{ print $NF }' <<<"$SAID")
task 'one login by its short id' "pam_traffic show $id"
says '... it is that one' '^User      bob, '
task 'CSV' 'pam_traffic log --csv --since today'
tap_is '... a line each' "$(grep -c ',team,' <<<"$SAID")" 2
task 'the page' 'pam_traffic report --by day,user --html /root/report.html'
tap_ok '... is one file' guest 'grep -q "</html>" /root/report.html'
guest_release

# over 1 MB today, by cron: one mail
guest "printf '* * * * * root /usr/bin/pam_traffic alert --any --over 1M --per day --quiet --once\n' >/etc/cron.d/traffic-alert"
tap_ok 'who is over 1 MB today: cron mails it' guest_wait 'grep -rq "users are over 1" /var/mail /var/spool/dma'
tap_ok '... names them' guest 'grep -rhE "alice .*team|team .*alice" /var/mail /var/spool/dma | grep -q over'
guest 'rm /etc/cron.d/traffic-alert'

# a job of cron's has an audit session of its own: it is in the user's row, and in no login's
guest "mkdir -p /etc/pam_traffic.conf.d && printf 'interim_interval = 1us\n' >/etc/pam_traffic.conf.d/users.conf"
world_in client socat TCP-LISTEN:7001,bind=10.77.0.2,reuseaddr,fork OPEN:/dev/null </dev/null 2>>"$WORK/ssh" &
guest "printf 'SHELL=/bin/bash\n* * * * * alice head -c 200000 /dev/zero >/dev/tcp/10.77.0.2/7001\n' >/etc/cron.d/traffic-job"
tap_ok 'a job of cron: it is in the log' guest_wait "systemctl start pam_traffic-reap.service
    grep -a '\"event\":\"user\"' /var/log/pam_traffic | jq -es 'any(.[]; .user == \"alice\" and .out_bytes > 200000 and
        .audit_session != null and .ssh_session == null)'"
guest 'rm -r /etc/cron.d/traffic-job /etc/pam_traffic.conf.d'

# Prometheus
task 'the timer of the metrics' 'pam_traffic enable --metrics'
tap_ok 'the real node_exporter has them' guest_wait \
    'perl -MIO::Socket::INET -e '\''my $s = IO::Socket::INET->new("127.0.0.1:9100") or exit 1; print $s "GET /metrics HTTP/1.0\r\n\r\n"; print <$s>'\'' |
        grep -q "^pam_traffic_user_bytes_total{.*user=\"team\""'

# a network that is not to be counted
machine_address
guest "echo 'exclude = $MACHINE_CLIENT/32' >>/etc/pam_traffic.conf"
task 'which settings are in force' 'pam_traffic config'
says '... and which file says so' "exclude .*$MACHINE_CLIENT/32.*/etc/pam_traffic.conf"
tap_ok 'a login from there' guest_login true
tap_ok '... has its record' guest_has "$MACHINE_CLIENT" stop
tap_is '... without counters' "$(guest_session "$MACHINE_CLIENT" | jq -r '.[-1] | "\(.excluded) \(.in_bytes)"')" 'true null'
guest 'rm /etc/pam_traffic.conf'

# a user's own figures, without root
task 'figures for the users' 'pam_traffic enable --usage'
tap_ok 'a user sees his own' guest_wait 'su -l -c "pam_traffic usage" team | grep -q "^today .* 2 "'
tap_is '... and nobody else'"'"'s' "$(guest 'su -l -c "pam_traffic usage --user alice" team 2>&1' | grep -c today)" 0

# off for a day, and on again
task 'disable' 'pam_traffic disable'
guest 'date -s "+1 day" >/dev/null'
task 'enable again' 'pam_traffic enable'
task 'the report has the gap' 'pam_traffic report --since -3d'
says '... and says why' 'pam_traffic was off'
task 'so does the log' 'pam_traffic log --since -3d'
says '... in the same words' 'pam_traffic was off'

# sshd is restarted, the machine reboots, and crashes
machine_address
restarted=$MACHINE_CLIENT
guest_hold "$restarted"
task 'sshd is restarted' 'systemctl restart ssh'
guest_release
guest_exact 'sshd is restarted' "$restarted"
machine_address
rebooted=$MACHINE_CLIENT
guest_hold "$rebooted"
tap_ok 'the machine reboots' machine_reboot
machine_up
wait "$GUEST_HELD"
tap_ok 'rebooted: the login has its end' eval 'await guest true && guest_has "$rebooted" stop'
machine_address
crashed=$MACHINE_CLIENT
guest_hold "$crashed"
tap_ok 'a login has its record' guest_has "$crashed" start
began=$(guest_session "$crashed" | jq -r '.[0].time | .[:16] | sub("T"; " ")')
guest sync
machine_power_off
machine_power_on
machine_up
wait "$GUEST_HELD"
tap_ok 'crashed: the login has its end' eval 'await guest true && guest_has "$crashed" stop'
task 'crashed: the log' "pam_traffic log --from $crashed --utc --noheadings"
tap_is 'crashed: it began when it did' "$(awk '{ print $1, $2 }' <<<"$SAID")" "$began"
task 'crashed: show' "pam_traffic show $(awk '{ print $NF }' <<<"$SAID")"
says '... says that the host went down' 'the host went down'

# doctor
scp_to=$WORK/breakages
cp "$HARNESS_LIB/../breakages.sh" "$scp_to"
guest "cat >/root/breakages.sh <<'END'
$(cat "$scp_to")
END
bash /root/breakages.sh" >"$WORK/mended"
tap_is 'doctor: as many things were broken' "$(wc -l <"$WORK/mended")" 25
while IFS=$'\t' read -r name before after mend; do
    tap_ok "doctor: $name: it is noticed ($before)" [ "$before" = fail -o "$before" = warn ]
    tap_is "doctor: $name: '$mend' mends it" "$after" pass
done <"$WORK/mended"
task 'doctor is content again' 'pam_traffic doctor'

# upgrade, remove, purge, while logins come
logins() {
    while [ -e "$WORK/logins" ]; do
        someone ssh "${OPTIONS[@]}" -i "$WORK/keys/id" "alice@$MACHINE_ADDR" true || echo failed >>"$WORK/failed"
    done
}
: >"$WORK/logins"
: >"$WORK/failed"
logins &
looping=$!
task 'upgrade' 'DEBIAN_FRONTEND=noninteractive apt-get -q -y install --reinstall libpam-traffic'
task '... and it goes on' 'pam_traffic doctor'
task 'remove' 'DEBIAN_FRONTEND=noninteractive apt-get -q -y remove libpam-traffic'
tap_is 'removed: the line is gone' "$(guest "grep -c pam_traffic $PAM")" 0
task 'install again' 'DEBIAN_FRONTEND=noninteractive apt-get -q -y install libpam-traffic'
tap_is '... it is enabled as it was' "$(guest "grep -c pam_traffic $PAM")" 1
task 'purge' 'DEBIAN_FRONTEND=noninteractive apt-get -q -y purge libpam-traffic'
rm "$WORK/logins"
wait "$looping"
tap_is 'no login failed' "$(cat "$WORK/failed")" ''
tap_is 'nothing is left in the kernel' \
    "$(guest '{ iptables-legacy-save; ip6tables-legacy-save; nft list ruleset; } 2>/dev/null | grep -ci pam_traffic')" 0
tap_is 'nothing is left on the disk' "$(guest 'find / -xdev \( -name "pam_traffic*" -o -path "/etc/systemd/system/*pam_traffic*" \) \
    ! -path "/proc/*" ! -path "/etc/systemd/system/pam_traffic-reap.timer.d*" | sort | xargs')" ''
tap_done
