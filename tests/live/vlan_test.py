#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vlan_test.py VMMQD [af_packet|af_xdp]: VLANs between guests and an uplink, frame by frame.

    access10, access20 (one VLAN each), trunk (any), plain (untagged): vhost-user front ends --- vmmqd --- uplink --- "lan"

Every frame that is sent must come out at those that it is for, and nowhere else, with the tag that it has there, priority included,
also when it is as long as the MTU allows.
"""
import os
import shutil
import sys
import tempfile
import time

from daemon import Daemon, HANG, wait_until
from frontend import Frontend
from namespace import Namespace, veth
from station import Station

ETHERTYPE = 0x88B5  # for local experiments
BROADCAST, LAN = b"\xff" * 6, bytes.fromhex("0200000005ff")
GUESTS = {"access10": (bytes.fromhex("020000000501"), 10), "access20": (bytes.fromhex("020000000502"), 20),
          "trunk": (bytes.fromhex("020000000503"), "any"), "plain": (bytes.fromhex("020000000504"), None)}
PRIORITY = 5 << 13
CONFIGURATION = """\
adapter: {{processors: [0, 1], uplink: {{{uplink}}}}}
vports:
"""
VPORT = """\
  - {{id: {id}, name: {name}, filters: [{{mac: "{mac}"{rule}}}], backend: {{vhost_user: {{socket: {name}.sock}}}}}}
"""


def mac_of(name):
    return {"lan": LAN, "all": BROADCAST, "bpdu": bytes.fromhex("0180c2000000")}.get(name) or GUESTS[name][0]


def frame(destination, source, tag, number, length=60):
    """tag: a whole TCI, None, or all tags in bytes."""
    tags = b"" if tag is None else tag if isinstance(tag, bytes) else b"\x81\0" + tag.to_bytes(2, "big")
    payload = ETHERTYPE.to_bytes(2, "big") + number.to_bytes(4, "big")
    return (mac_of(destination) + mac_of(source) + tags + payload).ljust(length + len(tags), b"\xa5")


def is_ours(arrived):
    """Not a frame by which the kernel introduces itself to its network."""
    at = 12
    while arrived[at : at + 2] in (b"\x81\0", b"\x88\xa8", b"\x91\0"):
        at += 4
    return int.from_bytes(arrived[at : at + 2], "big") == ETHERTYPE


class Net:
    def __init__(self, program, kind):
        self.directory = tempfile.mkdtemp(prefix="vmmq-live-")
        lan, uplink = Namespace("lan"), f"vq{os.getpid()}u"
        veth(uplink, lan, mac=LAN.hex(":"))
        text = CONFIGURATION.format(uplink=f"{kind}: {{interface: {uplink}}}")
        for i, (name, (mac, vlan)) in enumerate(GUESTS.items(), 1):
            text += VPORT.format(id=i, name=name, mac=mac.hex(":"), rule=f", vlan: {vlan}" if vlan else "")
        self.daemon = Daemon(program, self.directory, text).start()
        self.stations = {name: Frontend(f"{self.directory}/{name}.sock").start() for name in GUESTS}
        self.stations["lan"] = Station(lan)
        self.number = 0
        self.client = self.daemon.client()
        wait_until(lambda: all(port["state"] == "up" for port in self.ports()), lambda: f"the ports: {self.ports()}")

    def ports(self):
        vports = self.client.call("vports.show")["vports"]
        return [self.client.call("adapter.show")["uplink"]] + [v["backend"] for v in vports if v["vport"]]

    def exchange(self, source, destination, tag, wanted, length):
        """One frame; wanted: {who receives it: the tag (or all tags, in bytes) that it has there}."""
        self.number += 1
        assert self.stations[source].send([frame(destination, source, tag, self.number, length)]) == 1
        what = f"frame {self.number}, {length} bytes, {source} to {destination}, tag {tag}"
        expected = {name: frame(destination, source, there, self.number, length) for name, there in wanted.items()}
        deadline, got = time.monotonic() + HANG, {}
        settle = time.monotonic() + 0.1  # for what should not come
        while (got.keys() != expected.keys() and time.monotonic() < deadline) or time.monotonic() < settle:
            for name, station in self.stations.items():
                for arrived in filter(is_ours, station.receive()):
                    assert name not in got, f"{what}: twice at {name}"
                    got[name] = arrived
            time.sleep(0.002)
        assert got.keys() == expected.keys(), f"{what}: at {sorted(got)}, not {sorted(expected)}"
        for name, arrived in got.items():
            assert arrived == expected[name], f"{what}, at {name}: {arrived[:24].hex()}, not {expected[name][:24].hex()}"


def scenarios():
    """(from, to, tag, {who receives it: tag there})"""
    # from outside: the VLAN decides, an access port gets it without the tag, a trunk with it
    yield "lan", "access10", PRIORITY | 10, {"access10": None}
    yield "lan", "access10", 20, {}
    yield "lan", "access10", None, {}
    yield "lan", "access20", 20, {"access20": None}
    yield "lan", "trunk", PRIORITY | 10, {"trunk": PRIORITY | 10}
    yield "lan", "trunk", 4094, {"trunk": 4094}
    yield "lan", "trunk", None, {"trunk": None}
    yield "lan", "plain", None, {"plain": None}
    yield "lan", "plain", PRIORITY, {"plain": PRIORITY}
    yield "lan", "plain", 10, {}
    yield "lan", "all", PRIORITY | 10, {"access10": None, "trunk": PRIORITY | 10}
    yield "lan", "all", 30, {"trunk": 30}
    yield "lan", "all", None, {"trunk": None, "plain": None}
    # to the outside: an access port's VLAN is put in, a trunk's stays
    yield "access10", "lan", None, {"lan": 10}
    yield "access10", "lan", PRIORITY, {"lan": PRIORITY | 10}
    yield "access10", "lan", 20, {}
    yield "access20", "lan", None, {"lan": 20}
    yield "trunk", "lan", PRIORITY | 30, {"lan": PRIORITY | 30}
    yield "trunk", "lan", None, {"lan": None}
    yield "plain", "lan", None, {"lan": None}
    yield "plain", "lan", 10, {}
    yield "access10", "all", None, {"trunk": 10, "lan": 10}
    # tags that are not an access port's or untagged port's guest's to set, whatever they are
    for source in ("access10", "plain"):
        for tags in ("8100000a", "88a8000a", "81000000 81000014", "81000000 88a80014", "8100000a 81000014", "88a80000", "91000014"):
            for destination in ("lan", "all", "trunk", "access20"):
                yield source, destination, bytes.fromhex(tags), {}
    # two tags behind each other
    yield "trunk", "lan", bytes.fromhex("8100000a 81000014"), {"lan": bytes.fromhex("8100000a 81000014")}
    yield "trunk", "access10", bytes.fromhex("88a8000a 81000014"), {"access10": 20}
    # frames of a link stay on it
    yield "plain", "bpdu", None, {}
    yield "trunk", "bpdu", None, {}
    yield "lan", "bpdu", None, {}
    # among themselves
    yield "trunk", "access10", PRIORITY | 10, {"access10": None}
    yield "access10", "trunk", None, {"trunk": 10}
    yield "plain", "trunk", None, {"trunk": None}


def main():
    net = Net(os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "af_packet")
    for length in (60, 1514):
        for source, destination, tag, wanted in scenarios():
            if isinstance(tag, bytes) and "lan" in wanted and length > 1500:
                continue  # the interface has no room for a second tag above its MTU
            net.exchange(source, destination, tag, wanted, length)
    print(f"{net.number} frames of VLANs arrived where they should, as they should, and nowhere else")
    net.client.close()
    assert net.daemon.stop() == 0, net.daemon.log_tail()
    shutil.rmtree(net.directory)


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
