#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# verify.sh UNIT SYSUSERS: systemd finds nothing wrong with the unit, and knows what the group file says.
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
grep -Eq '^g vmmq ' "$2"
exposure=$(systemd-analyze security --offline=yes --threshold=100 "$work/vmmqd.service" 2>/dev/null | tail -1 || true)
printf '%s\n' "$exposure"
