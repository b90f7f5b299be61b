#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# unit_test.sh UNIT PACKAGING: systemd finds nothing wrong with the unit and each drop-in, exposed to 2.5 at most as
# systemd-analyze counts, and makes the users and directories of sysusers.d and tmpfiles.d.  The AppArmor profile can be read.
set -euo pipefail
unit=$(realpath "$1") packaging=$(realpath "$2")
for program in systemd-analyze apparmor_parser; do
	command -v $program >/dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v $program >/dev/null || { echo "$program is not there: skipped"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	printf '%s\n' "$*"
	exit 1
}
# Neither program need be installed where the unit will look for it.
printf '#!/bin/sh\n' >"$work/program"
chmod +x "$work/program"
sed -E "s#^(Exec[A-Za-z]*=[-+]*)/[^ ]*/(vmmqd|restart-delay)#\1$work/program#" "$unit" >"$work/vmmqd.service"

# exposure LIMIT: fails where the unit is exposed to more; both in tenths, as systemd takes it.
exposure() {
	systemd-analyze security --offline=true --threshold="$1" --no-pager "$work/vmmqd.service" >"$work/exposure" 2>&1
}
verify() {
	local said
	said=$(systemd-analyze verify --man=no "$work/vmmqd.service" 2>&1 | grep -F vmmqd || true)
	[ -z "$said" ] || fail "$said"
}
verify
exposure 25 || fail "$(cat "$work/exposure")"
tail -n 1 "$work/exposure"
! exposure 10 || fail "the limit is not heeded"
cp "$work/vmmqd.service" "$work/kept"
sed -i '/^User=/d; /^CapabilityBoundingSet=/d; /^SystemCallFilter=/d' "$work/vmmqd.service"
! exposure 25 || fail "a unit without user, capabilities and filter passes"
for drop_in in "$packaging"/drop-ins/*.conf; do
	cat "$work/kept" "$drop_in" >"$work/vmmqd.service"
	verify
done

users=$(systemd-sysusers --root="$work" --dry-run "$packaging/vmmq.sysusers" 2>&1) || fail "$users"
for wanted in "group 'vmmq'" "group 'vmmq-monitor'" "group 'kvm'" "user 'vmmq'"; do
	grep -q "$wanted" <<<"$users" || fail "no $wanted is made: $users"
done
if [ "$(id -u)" = 0 ]; then
	mkdir "$work/etc"
	printf 'root:x:0:\nkvm:x:107:\nvmmq:x:990:\n' >"$work/etc/group"
	printf 'root:x:0:0::/root:/bin/sh\nvmmq:x:990:990::/:/bin/false\n' >"$work/etc/passwd"
	for _ in first again; do
		systemd-tmpfiles --create --root="$work" "$packaging/vmmq.tmpfiles"
	done
	made=$(stat -c '%a %u:%g' "$work/run/vmmq" "$work/run/vmmq/vmm" | tr '\n' ' ')
	[ "$made" = '2755 990:107 3770 990:107 ' ] || fail "directories: $made"
fi
apparmor_parser -Q -K --base /etc/apparmor.d "$packaging/apparmor/usr.sbin.vmmqd" 2>"$work/said" || fail "$(cat "$work/said")"

# How long restart-delay waits: a sleep of its own says it.
mkdir "$work/bin"
# shellcheck disable=SC2016 # for the other shell
printf '#!/bin/sh\necho "$1" >>%s/slept\n' "$work" >"$work/bin/sleep"
chmod +x "$work/bin/sleep"
delay() { PATH=$work/bin:$PATH "$packaging/restart-delay" "$work/restarts" "$@" 2>/dev/null; }
slept() {
	[ "$(tr '\n' ' ' <"$work/slept")" = "$1" ] || fail "restart-delay slept $(cat "$work/slept"), not $1"
	: >"$work/slept"
}
: >"$work/slept"
for _ in 1 2 3 4 5 6 7 8 9; do delay; done
slept '1 2 4 8 16 30 30 '
SERVICE_RESULT=exit-code delay ended
delay
slept '30 '
echo "9 0" >"$work/restarts" # it ran for longer than a minute
[ "$(cut -d. -f1 /proc/uptime)" -lt 60 ] || { delay && delay && slept ''; }
for _ in 1 2 3; do delay; done
SERVICE_RESULT=success delay ended
: >"$work/slept"
delay
echo "garbage" >"$work/restarts"
delay
slept ''
