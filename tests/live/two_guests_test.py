#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""two_guests_test.py VMMQD [af_packet|af_xdp]: two Linux guests, a host TAP and a namespace behind the uplink, on one vmmqd.

    vm1 --- vhost-user, 2 queues ---+
    vm2 --- vhost-user, 2 queues ---+ vmmqd +--- uplink (AF_PACKET or AF_XDP on veth) --- namespace "lan" with a DHCP server
    namespace "host" --- TAP -------+
"""
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from daemon import Daemon, wait_until
from guest import Guest
from namespace import Namespace, run, veth
import survive

HERE = os.path.dirname(os.path.abspath(__file__))
MAKE_GUEST = os.path.join(HERE, "..", "..", "examples", "two-vms", "make-guest")
MACS = {"vm1": "02:00:00:00:01:01", "vm2": "02:00:00:00:01:02", "host": "02:00:00:00:01:fe", "lan": "02:00:00:00:01:ff"}
SIZE_MB = 20
HASH_REPORT = 57  # the bit of a virtio feature

CONFIGURATION = """\
adapter:
  name: vmmq0
  processors: [0, 1]
  moderation: adaptive
  uplink: {{{uplink}}}
vports:
  - id: 0
    filters: [{{mac: "{host}"}}]
    backend: {{tap: {{interface: {tap}}}}}
  - id: 1
    name: vm1
    queue_pairs: 2
    filters: [{{mac: "{vm1}"}}]
    rss: {{enabled: true, indirection_table: [0, 1, 0, 1, 0, 1, 0, 1]}}
    backend: {{vhost_user: {{socket: vm1.sock, queues: 2}}}}
  - id: 2
    name: vm2
    queue_pairs: 2
    filters: [{{mac: "{vm2}"}}]
    rss: {{enabled: true, indirection_table: [0, 1, 0, 1, 0, 1, 0, 1]}}
    backend: {{vhost_user: {{socket: vm2.sock, queues: 2}}}}
"""

DHCP = """\
start 10.77.0.100
end 10.77.0.120
interface eth0
option subnet 255.255.255.0
lease_file {directory}/leases
pidfile {directory}/udhcpd.pid
"""


def step(text, started=[time.monotonic()]):  # the default is the moment the test began
    print(f"{time.monotonic() - started[0]:6.1f} s  {text}", flush=True)


class Moves:
    """Moves entries of VPorts' tables, 100 times a second each, until it is left."""

    def __init__(self, daemon, vports):
        self.daemon, self.vports = daemon, vports
        self.stopping = threading.Event()
        self.done = 0
        self.failure = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        client = self.daemon.client()
        started = time.monotonic()
        try:
            for i in itertools.count():
                if self.stopping.is_set():
                    break
                for vport in self.vports:
                    client.call("rss.move", vport=vport, moves=[{"entry": i % 8, "processor": random.randrange(2)}])
                    self.done += 1
                time.sleep(max(0.0, started + (i + 1) / 100 - time.monotonic()))
        except Exception as failure:  # seen by whoever leaves
            self.failure = failure
        client.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        if self.failure:
            raise self.failure


class Net:
    """Everything, up and running."""

    def __init__(self, program, uplink):
        self.directory = tempfile.mkdtemp(prefix="vmmq-live-")
        self.pid = os.getpid()
        run(MAKE_GUEST, self.directory)
        self.lan, self.host = Namespace("lan"), Namespace("host")
        self.uplink, self.tap = f"vq{self.pid}u", f"vq{self.pid}t"
        self.plug()
        with open(f"{self.directory}/udhcpd.conf", "w", encoding="ascii") as file:
            file.write(DHCP.format(directory=self.directory))
        open(f"{self.directory}/leases", "w", encoding="ascii").close()
        self.lan.popen("busybox", "udhcpd", "-f", f"{self.directory}/udhcpd.conf", stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.daemon = Daemon(program, self.directory, CONFIGURATION.format(
            uplink=f"{uplink}: {{interface: {self.uplink}}}", tap=self.tap, **MACS)).start()
        self.place_tap()
        self.guests = {}
        for i, name in ((1, "vm1"), (2, "vm2")):
            self.guests[name] = self.make_guest(name, i).start()

    def make_guest(self, name, i):
        return Guest(name, self.directory, MACS[name], f"{self.directory}/{name}.sock", ip6=f"fd77::{i}1/64",
                     hash_report=name == "vm1")

    def plug(self):
        veth(self.uplink, self.lan, mac=MACS["lan"], addresses=("10.77.0.1/24", "fd77::1/64"))

    def place_tap(self):
        """The kernel side of the TAP moves into a namespace, as a host's own stack."""
        wait_until(lambda: os.path.exists(f"/sys/class/net/{self.tap}"), "the TAP")
        run("ip", "link", "set", self.tap, "netns", self.host.name)
        self.host.run("ip", "link", "set", self.tap, "address", MACS["host"])
        for address in ("10.77.0.2/24", "fd77::2/64"):
            self.host.run("ip", "address", "add", address, "dev", self.tap, *(("nodad",) if ":" in address else ()))
        self.host.run("ip", "link", "set", self.tap, "up")

    def address(self, name):
        text = self.guests[name].must("ip -4 address show dev eth0")
        return text.split("inet ")[1].split("/")[0]

    def close(self):
        for guest in self.guests.values():
            guest.kill()
        status = self.daemon.stop()
        shutil.rmtree(self.directory)
        return status

    def lent(self):
        """Frames that were lent by guests' memory: all, and those that another processor copied from there."""
        with contextlib.closing(self.daemon.client()) as client:
            ports = [client.call("vport.show", vport=vport)["backend"] for vport in (1, 2)]
        return tuple(sum(port[key] for port in ports) for key in ("rx_lent", "rx_lent_handed", "rx_lent_kept", "rx_lent_waited"))

    def lost(self):
        """What the switch dropped of unicast traffic, by VPort and reason."""
        with contextlib.closing(self.daemon.client()) as client:
            return {(drop["vport"], drop["reason"]): drop["packets"] for drop in client.call("drops.show")["drops"]
                    if drop["reason"] not in ("no_backend", "runt")}


def ping(net, source, target, count=3, interval=0.2):
    """Echo requests, all of which must be answered."""
    command = f"ping -c {count} -i {interval} -W 60 {target}" if source not in net.guests else f"ping -c {count} -W 60 {target}"
    if source in net.guests:
        output = net.guests[source].must(command)
    else:
        output = {"lan": net.lan, "host": net.host}[source].run(*command.split()).stdout
    assert f"{count} packets received" in output or f" {count} received" in output, output


def everybody_pings(net, addresses):
    for source in ("vm1", "vm2", "host", "lan"):
        for target, (four, six) in addresses.items():
            if target != source:
                ping(net, source, four, count=1)
                ping(net, source, six, count=1)


def transfer(net, source, target, address):
    """SIZE_MB of random bytes from one guest to the other, by HTTP; returns MB/s."""
    sender, receiver = net.guests[source], net.guests[target]
    sender.must(f"[ -f /tmp/data ] || dd if=/dev/urandom of=/tmp/data bs=1M count={SIZE_MB} 2>/dev/null")
    sender.must("pidof httpd || httpd -p 80 -h /tmp")
    wanted = sender.must("md5sum < /tmp/data").split()[0]
    started = time.monotonic()
    output = receiver.must(f"wget -q -O - http://{address}/data | md5sum")
    assert output.split()[0] == wanted, f"{source} to {target}: {output}, not {wanted}"
    return SIZE_MB / (time.monotonic() - started)


def transfers_while_moving(net, addresses):
    before = net.lost()
    with Moves(net.daemon, (1, 2)) as moves:
        for source, target in (("vm1", "vm2"), ("vm2", "vm1")):
            rate = transfer(net, source, target, addresses[source][0])
            step(f"{SIZE_MB} MB {source} to {target}: checksums equal, {rate:.1f} MB/s, {moves.done} moves so far")
    lost = {key: count - before.get(key, 0) for key, count in net.lost().items() if count != before.get(key, 0)}
    assert not lost, f"lost in the switch: {lost}"
    lent, handed, kept, waited = net.lent()
    assert handed, f"of {lent} lent frames none went to the other processor as it was"
    step(f"{lent} frames were lent: {handed} to the other processor; {kept} were copied for others, {waited} waited")


def main():
    program = os.path.abspath(sys.argv[1])
    uplink = sys.argv[2] if len(sys.argv) > 2 else "af_packet"
    net = Net(program, uplink)
    for guest in net.guests.values():
        guest.await_up()
    step("both guests are up")
    told = {name: guest.must("cat /sys/bus/virtio/devices/virtio0/features").split()[-1][HASH_REPORT] for name, guest in net.guests.items()}
    assert told == {"vm1": "1", "vm2": "0"}, f"VIRTIO_NET_F_HASH_REPORT: {told}"
    step("vm1 is told of hashes, vm2 is not")
    for guest in net.guests.values():
        wait_until(lambda guest=guest: "inet " in guest.must("ip -4 address show dev eth0"), f"{guest.name}'s address", pause=0.1)
    addresses = {"vm1": (net.address("vm1"), "fd77::11"), "vm2": (net.address("vm2"), "fd77::21"),
                 "host": ("10.77.0.2", "fd77::2"), "lan": ("10.77.0.1", "fd77::1")}
    step(f"addresses by DHCP through {uplink}: vm1 {addresses['vm1'][0]}, vm2 {addresses['vm2'][0]}")
    everybody_pings(net, addresses)
    step("everybody reaches everybody, IPv4 and IPv6")
    transfers_while_moving(net, addresses)
    if uplink == "af_packet":
        for scenario in (survive.guest_dies, survive.uplink_unplugged, survive.daemon_dies, survive.all_die):
            scenario(net, addresses, step)
    status = net.close()
    assert status == 0, f"vmmqd ended with {status}"
    step("clean stop")


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
