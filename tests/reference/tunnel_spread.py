#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""10,000 inner flows in 4 tunnels over 8 processors: how they spread when the VPort looks into the tunnels, and when not.

    tunnel_spread.py PATH/vmmq

Prints each processor's share; exit status 1 when 4 tunnels reach more than 4 processors without, or some processor gets more than
15 % or less than 10 % with.  The outer UDP source port is the tunnel's, so there is no entropy but what is inside.
"""

import collections
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

from capture_file import LINK_TYPE_ETHERNET, Packet, write_capture

FLOWS, TUNNELS, PROCESSORS = 10000, 4, 8
CONFIG = """adapter: {{processors: {processors}, encapsulation: {encapsulation}}}
vports:
  - id: 1
    filters: [{{mac: "02:00:00:00:00:01"}}]
    rss: {{enabled: true, key: {key:080x}, indirection_table: {table}}}
"""


def ipv4(source, destination, protocol, payload):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    return head + source + destination + payload


def outer(kind, tunnel, inner):
    source, destination = bytes([10, 0, 0, 1 + tunnel]), bytes([10, 0, 1, 1])
    if kind == "nvgre":
        return ipv4(source, destination, 47, bytes.fromhex("2000655800002a00") + inner)
    udp = struct.pack("!HHHH", 49152 + tunnel, 4789, 16 + len(inner), 0)
    return ipv4(source, destination, 17, udp + bytes.fromhex("0800000000002a00") + inner)


def packets(kind):
    rng = random.Random(1)
    for flow in range(FLOWS):
        ports = struct.pack("!HH", rng.randrange(1024, 65536), 443)
        tcp = ipv4(b"\xc0\xa8" + rng.randbytes(2), b"\xc0\xa8" + rng.randbytes(2), 6, ports + bytes(16))
        inner = bytes.fromhex("020000000a02020000000a010800") + tcp
        frame = bytes.fromhex("0200000000010200000000090800") + outer(kind, flow % TUNNELS, inner)
        yield Packet(frame, len(frame), LINK_TYPE_ETHERNET)


def shares(vmmq, folder, kind, encapsulation):
    """Packets by processor."""
    paths = [os.path.join(folder, name) for name in ("config.yaml", "capture.pcap", "records.ndjson")]
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(CONFIG.format(processors=list(range(PROCESSORS)), encapsulation=encapsulation,
                                 key=random.Random(7).getrandbits(320), table=[i % PROCESSORS for i in range(128)]))
    write_capture(paths[1], packets(kind))
    subprocess.run([vmmq, "replay", "-c", paths[0], "-r", paths[1], "--records", paths[2]], check=True,
                   capture_output=True)
    with open(paths[2], encoding="utf-8") as file:
        return collections.Counter(json.loads(line)["processor"] for line in file)


def main():
    vmmq = os.path.abspath(sys.argv[1])
    good = True
    with tempfile.TemporaryDirectory(prefix="vmmq-spread-") as folder:
        for kind in ("vxlan", "nvgre"):
            for looks in (False, True):
                counted = shares(vmmq, folder, kind, f"[{kind}]" if looks else "[]")
                share = [100 * counted[processor] / FLOWS for processor in range(PROCESSORS)]
                good &= 10 <= min(share) <= max(share) <= 15 if looks else len(counted) <= TUNNELS
                print(f"{kind:6} {'inner' if looks else 'outer'} headers: {len(counted)} processors, busiest {max(share):.1f} %:",
                      " ".join(f"{part:.1f}" for part in share))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
