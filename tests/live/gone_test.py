#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""gone_test.py VMMQD: the kernel takes interfaces away under vmmqd, and gives them back.

    "lan" --- uplink, AF_PACKET --- vmmqd --- TAP, in the namespace of a container "pod"

A container that ends takes its TAP along; an uplink's veth is deleted and made anew.  Each time the port is gone, nothing is burnt,
what is sent to it is counted, and it works again when it can.
"""
import os
import shutil
import sys
import tempfile

from daemon import Daemon, wait_until
from namespace import Namespace, run, veth
from station import Station

LAN, GUEST = bytes.fromhex("0200000008ff"), bytes.fromhex("020000000801")
FRAME = (GUEST + LAN + b"\x88\xb5").ljust(60, b"\x5a")
COUNTS = ("rx_packets", "tx_packets")
CONFIGURATION = """\
adapter: {{processors: [0, 1], uplink: {{af_packet: {{interface: {uplink}}}}}}}
vports:
  - {{id: 1, name: pod, filters: [{{mac: "02:00:00:00:08:01"}}], backend: {{tap: {{interface: {tap}}}}}}}
"""


def sleeps(client):
    rows = client.call("processors.show")["processors"]
    return all(row["asleep"] > 0.9 for row in rows)


class Net:
    def __init__(self, program):
        self.directory = tempfile.mkdtemp(prefix="vmmq-live-")
        self.uplink, self.tap = f"vq{os.getpid()}u", f"vq{os.getpid()}t"
        self.lan = Namespace("lan")
        veth(self.uplink, self.lan, mac=LAN.hex(":"))
        text = CONFIGURATION.format(uplink=self.uplink, tap=self.tap)
        self.daemon = Daemon(program, self.directory, text).start()
        self.client = self.daemon.client()

    def port(self, which):
        return self.client.call("adapter.show")["uplink"] if which == "uplink" else self.vport()["backend"]

    def vport(self):
        return self.client.call("vport.show", vport=1)

    def wait(self, which, *states):
        wait_until(lambda: self.port(which)["state"] in states, lambda: f"{which}: {self.port(which)}, not {states}")

    def counted(self):
        """What the ports have counted: nothing that may become less."""
        return [self.port(which)[count] for which in ("uplink", "backend") for count in COUNTS]

    def crossing(self, pod):
        """One frame from "lan" that arrives in the container."""
        sender, receiver = Station(self.lan), Station(pod, "eth0")

        def arrives():
            sender.send([FRAME])
            return FRAME in receiver.receive()

        wait_until(arrives, "a frame in the container", pause=0.05)
        sender.close()
        receiver.close()

    def container(self, role):
        pod = Namespace(role)
        self.wait("backend", "up")
        run("ip", "link", "set", self.tap, "netns", pod.name, "name", "eth0")
        self.wait("backend", "down")
        pod.run("ip", "link", "set", "eth0", "up")
        self.wait("backend", "up")
        self.crossing(pod)
        return pod

    def lost(self):
        return self.vport()["drops"].get("no_backend", 0)


def grew(before, after):
    assert all(a >= b for a, b in zip(after, before)), f"counters went back: {before}, then {after}"
    return after


def container_ends(net, role):
    """A container with the backend's TAP in it is there, and is not any more."""
    pod = net.container(role)
    before = net.counted()
    station = Station(net.lan)
    pod.delete()
    seen, lost = set(), net.lost()

    def is_back():
        state = net.port("backend")["state"]
        seen.add(state)
        grew(before, net.counted())
        if state != "up":
            station.send([FRAME])
        return state == "up" and "gone" in seen

    wait_until(is_back, lambda: f"the backend gone and back: {seen}", pause=0.01)
    wait_until(lambda: net.lost() > lost, lambda: f"frames counted as no_backend: {net.vport()['drops']}")
    station.close()
    grew(before, net.counted())


def uplink_made_anew(net):
    before = net.counted()
    run("ip", "link", "del", net.uplink)
    net.wait("uplink", "failed")
    assert "there is no network interface" in net.port("uplink")["reason"], net.port("uplink")
    grew(before, net.counted())
    veth(net.uplink, net.lan, mac=LAN.hex(":"))
    net.wait("uplink", "up")
    grew(before, net.counted())


def main():
    net = Net(os.path.abspath(sys.argv[1]))
    net.wait("uplink", "up")
    net.wait("backend", "up")
    container_ends(net, "a")
    uplink_made_anew(net)
    container_ends(net, "b")
    wait_until(lambda: sleeps(net.client), lambda: f"a sleep: {net.client.call('processors.show')}", pause=1)
    print("interfaces went and came back; what was sent meanwhile is counted, no counter went back, and processors sleep")
    net.client.close()
    assert net.daemon.stop() == 0, net.daemon.log_tail()
    shutil.rmtree(net.directory)


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
