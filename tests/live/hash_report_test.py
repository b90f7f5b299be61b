#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""hash_report_test.py VMMQD VMMQ: a guest that asks for it is told of the hash of each frame, value and type, in the header before it.

The guest is a front end of ours, since QEMU's own has the last word on what a Linux guest may ask for.  What it is told is compared with
`vmmq hash`, for each type, with the VPort's own key; a guest that has not asked finds its headers as they always were.
"""
import ipaddress
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from daemon import Daemon, wait_until
import frontend
from frontend import Frontend, RING, USED

HASH_REPORT = 1 << 57
HEADER = 20  # struct virtio_net_hdr_v1_hash
GUEST, SENDER, PLAIN = (bytes.fromhex(f"02000000090{n}") for n in (1, 2, 3))
KEY = bytes(range(7, 47)).hex()
CONFIGURATION = f"""\
adapter: {{processors: [0, 1], moderation: adaptive}}
vports:
  - id: 1
    filters: [{{mac: "02:00:00:00:09:01"}}]
    rss: {{enabled: true, key: "{KEY}", hash_types: [ipv4, tcp_ipv4, udp_ipv4, ipv6, tcp_ipv6, udp_ipv6], indirection_table: [0, 1, 1, 0]}}
    backend: {{vhost_user: {{socket: guest.sock}}}}
  - {{id: 2, filters: [{{mac: "02:00:00:00:09:02"}}], backend: {{vhost_user: {{socket: sender.sock}}}}}}
  - {{id: 3, filters: [{{mac: "02:00:00:00:09:03"}}], backend: {{vhost_user: {{socket: plain.sock, features: {{hash: off}}}}}}}}
"""
TYPES = {"ipv4": 1, "tcp_ipv4": 2, "udp_ipv4": 3, "ipv6": 4, "tcp_ipv6": 5, "udp_ipv6": 6}  # VIRTIO_NET_HASH_REPORT_*
PROTOCOLS = {"tcp": 6, "udp": 17}


class Told(Frontend):
    """A guest that is told; headers: of the frames that have arrived."""

    features = frontend.VERSION_1 | HASH_REPORT

    def receive(self):
        headers, slots = [], []
        while self.seen[0] != self.used(0):
            slot, _ = struct.unpack_from("<II", self.memory, USED + 4 + (self.seen[0] % RING) * 8)
            start = self.buffer_at(0, slot)
            headers.append(bytes(self.memory[start:start + HEADER]))
            slots.append(slot)
            self.seen[0] = (self.seen[0] + 1) & 0xFFFF
        if slots:
            self.offer(0, slots)
        return headers


def packet(kind, number):
    """(frame, source, destination) of a type, with its own addresses and ports."""
    protocol = PROTOCOLS.get(kind.split("_")[0], 89)
    ports = 1024 + number, 443
    rest = (struct.pack(">HH", *ports) + (struct.pack(">IIBBHHH", 1, 1, 5 << 4, 16, 8192, 0, 0) if protocol == 6 else struct.pack(">HH", 16, 0) + bytes(8)))
    if "ipv4" in kind:
        source, destination = ipaddress.IPv4Address(0x0A000001 + number), ipaddress.IPv4Address("10.9.0.1")
        header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(rest), 1, 0, 64, protocol, 0) + source.packed + destination.packed
        ethertype = b"\x08\x00"
    else:
        source, destination = ipaddress.IPv6Address((0x20010DB8 << 96) + number), ipaddress.IPv6Address("2001:db8::9")
        header = struct.pack(">IHBB", 6 << 28, len(rest), protocol, 64) + source.packed + destination.packed
        ethertype = b"\x86\xdd"
    names = [f"[{a}]:{p}" if a.version == 6 else f"{a}:{p}" for a, p in ((source, ports[0]), (destination, ports[1]))]
    return GUEST + SENDER + ethertype + header + rest, names


def one(receive, what):
    """What arrives: once, and nothing else."""
    got = []
    wait_until(lambda: got.extend(receive()) or got, what)
    return got


def main(vmmqd, vmmq):
    directory = tempfile.mkdtemp(prefix="vmmq-hash-report-")
    daemon = Daemon(vmmqd, directory, CONFIGURATION).start()
    client = daemon.client()
    guest = Told(f"{directory}/guest.sock").start()
    sender = Frontend(f"{directory}/sender.sock").start()
    wait_until(lambda: all(client.call("vport.show", vport=n)["backend"]["state"] == "up" for n in (1, 2)), "the guests")
    for number, kind in enumerate(list(TYPES) * 3):
        frame, names = packet(kind, number)
        printed = subprocess.run([vmmq, "hash", "-t", kind, "-k", KEY, *names], check=True, capture_output=True, text=True).stdout
        assert sender.send([frame]) == 1
        told = one(guest.receive, f"the frame of type {kind}")
        count, value, report, padding = struct.unpack_from("<HIHH", told[0], 10)
        assert (len(told), count, value, report, padding) == (1, 1, int(printed.split()[0], 16), TYPES[kind], 0), (kind, names, printed, told)
    assert sender.send([GUEST + SENDER + b"\x88\xb5" + bytes(46)]) == 1
    told = one(guest.receive, "the frame without a hash")
    assert told == [bytes(10) + b"\x01\x00" + bytes(8)], told
    plain = Frontend(f"{directory}/plain.sock")
    plain.message(frontend.SET_OWNER)
    assert not plain.ask(frontend.GET_FEATURES) & HASH_REPORT, "a feature that is off is offered"
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)
    print(f"{len(TYPES)} types of hash told as vmmq hash has them")


if __name__ == "__main__":
    main(*(os.path.abspath(path) for path in sys.argv[1:]))
