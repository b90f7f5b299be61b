#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# verify.sh UNIT SYSUSERS TMPFILES: systemd finds nothing wrong with the unit, and makes the groups and directories of the others.
set -eu
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not there: skipped"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program need not be installed where the unit will look for it.
printf '#!/bin/sh\n' >"$work/vmmqd"
chmod +x "$work/vmmqd"
sed "s|^ExecStart=[^ ]*|ExecStart=$work/vmmqd|" "$1" >"$work/vmmqd.service"
said=$(systemd-analyze verify --man=no "$work/vmmqd.service" 2>&1 | grep -F vmmqd || true)
[ -z "$said" ] || { printf '%s\n' "$said"; exit 1; }
said=$(systemd-sysusers --root="$work" --dry-run "$2" 2>&1)
for group in vmmq vmmq-monitor kvm; do
	printf '%s\n' "$said" | grep -q "group '$group'"
done
if [ "$(id -u)" = 0 ]; then
	mkdir "$work/etc"
	printf 'root:x:0:\nkvm:x:107:\n' >"$work/etc/group"
	printf 'root:x:0:0::/root:/bin/sh\n' >"$work/etc/passwd"
	systemd-tmpfiles --create --root="$work" "$3"
	made=$(stat -c '%a %u:%g' "$work/run/vmmq" "$work/run/vmmq/vmm" | tr '\n' ' ')
	[ "$made" = '755 0:0 1770 0:107 ' ] || { printf 'directories: %s\n' "$made"; exit 1; }
fi
exposure=$(systemd-analyze security --offline=yes --threshold=100 "$work/vmmqd.service" 2>/dev/null | tail -1 || true)
printf '%s\n' "$exposure"
