#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""offloads_test.py VMMQD [af_packet|af_xdp|tap]: what kernels' stacks send each other through vmmqd arrives, byte for byte.

    "lan" --- uplink --- vmmqd --- backend --- "vm"        both ports of that kind

With the kernel's defaults, stacks leave checksums, and the cutting into frames of the MTU, to the veth that they send by.
"""
import hashlib
import os
import random
import select
import shutil
import socket
import sys
import tempfile
import threading
import time

from daemon import Daemon, HANG, wait_until
from namespace import Namespace, configure, run, veth
from station import socket_in

BYTES, DATAGRAMS = 4_000_000, 200
MAC = {"lan": "02:00:00:00:07:ff", "vm": "02:00:00:00:07:01"}
ADDRESS = {"lan": ("10.7.0.9", "fd00:7::9"), "vm": ("10.7.0.1", "fd00:7::1")}
CONFIGURATION = """\
adapter: {{processors: [0, 1], uplink: {{{kind}: {{interface: {uplink}}}}}}}
vports:
  - {{id: 1, name: vm, filters: [{{mac: "{mac}"}}], backend: {{{kind}: {{interface: {backend}}}}}}}
"""


def digest_of_stream(listener, result):
    connection, _ = listener.accept()
    connection.settimeout(HANG)
    digest = hashlib.sha256()
    while data := connection.recv(1 << 16):
        digest.update(data)
    result.append(digest.hexdigest())


def stream(namespaces, source, destination, family):
    """BYTES of TCP."""
    which = int(family == socket.AF_INET6)
    listener = socket_in(namespaces[destination], family, socket.SOCK_STREAM)
    listener.bind((ADDRESS[destination][which], 5000))
    listener.listen(1)
    listener.settimeout(HANG)
    result = []
    thread = threading.Thread(target=digest_of_stream, args=(listener, result), daemon=True)
    thread.start()
    client = socket_in(namespaces[source], family, socket.SOCK_STREAM)
    client.settimeout(HANG)
    client.connect((ADDRESS[destination][which], 5000))
    data = random.Random(which).randbytes(BYTES)
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)
    thread.join(HANG)
    client.close()
    listener.close()
    assert result == [hashlib.sha256(data).hexdigest()], f"TCP, {family.name}, {source} to {destination}: {result}"


def exchange(sender, receiver, address, data, before):
    """What comes of a datagram.  It is sent again where nothing does, as TCP would do: interfaces lose what is in their queues when their features change, as vmmqd has them
    do; before: the one before this, which may come twice for that."""
    deadline = time.monotonic() + HANG
    while time.monotonic() < deadline:
        sender.sendto(data, address)
        while select.select([receiver], [], [], 2)[0]:
            got = receiver.recv(1 << 16)
            if got != before:
                return got
    return None


def datagrams(namespaces, source, destination, family):
    """UDP of all lengths up to the MTU's, and longer ones, in fragments, each awaited."""
    which = int(family == socket.AF_INET6)
    receiver = socket_in(namespaces[destination], family, socket.SOCK_DGRAM)
    receiver.bind((ADDRESS[destination][which], 5001))
    sender = socket_in(namespaces[source], family, socket.SOCK_DGRAM)
    data = None
    for number in range(DATAGRAMS):
        before, data = data, random.Random(number).randbytes(1 + number * 17)
        got = exchange(sender, receiver, (ADDRESS[destination][which], 5001), data, before)
        assert got == data, f"UDP, {family.name}, {source} to {destination}: datagram {number}"
    sender.close()
    receiver.close()


def checksum_errors(namespace):
    """All that the stack there has found wrong."""
    lines = [line.split() for line in namespace.run("cat", "/proc/net/snmp", "/proc/net/snmp6").stdout.splitlines()]
    wrong = {}
    for names, values in zip(lines, lines[1:]):
        if names[0] == values[0] and names[0] in ("Tcp:", "Udp:"):
            wrong.update({names[0] + name: int(value) for name, value in zip(names, values)
                          if name in ("InErrs", "InErrors", "InCsumErrors")})
    wrong.update({line[0]: int(line[1]) for line in lines if line[0] in ("Udp6InErrors", "Udp6InCsumErrors")})
    return {name: count for name, count in wrong.items() if count}


def make_ports(kind, namespaces):
    """The interfaces' names; a TAP is made when it is opened."""
    names = {role: f"vq{os.getpid()}{role[0]}" for role in namespaces}
    if kind == "tap":
        return names
    for role, name in names.items():
        veth(name, namespaces[role], mac=MAC[role], addresses=subnets(role))
    return names


def subnets(role):
    return f"{ADDRESS[role][0]}/24", f"{ADDRESS[role][1]}/64"


def tap_into(namespace, name, role):
    run("ip", "link", "set", name, "netns", namespace.name)
    namespace.run("ip", "link", "set", name, "address", MAC[role])
    configure(namespace, name, subnets(role))


def ports_of(client):
    return client.call("adapter.show")["uplink"], client.call("vport.show", vport=1)["backend"]


def all_of_it(namespaces):
    for family in (socket.AF_INET, socket.AF_INET6):
        for source, destination in (("lan", "vm"), ("vm", "lan")):
            stream(namespaces, source, destination, family)
            datagrams(namespaces, source, destination, family)


def main():
    kind = sys.argv[2] if len(sys.argv) > 2 else "af_packet"
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    namespaces = {role: Namespace(role) for role in ADDRESS}
    names = make_ports(kind, namespaces)
    text = CONFIGURATION.format(kind=kind, uplink=names["lan"], backend=names["vm"], mac=MAC["vm"])
    daemon = Daemon(os.path.abspath(sys.argv[1]), directory, text).start()
    client = daemon.client()
    wait_until(lambda: all(port["state"] == "up" for port in ports_of(client)), lambda: f"the ports: {ports_of(client)}")
    if kind == "tap":
        for role, name in names.items():
            tap_into(namespaces[role], name, role)
    wait_until(lambda: all(port["state"] == "up" for port in ports_of(client)), lambda: f"the ports: {ports_of(client)}")
    all_of_it(namespaces)
    if kind != "tap":
        for name in names.values():
            run("ethtool", "-K", name, "gro", "on")
        all_of_it(namespaces)
    for role, namespace in namespaces.items():
        assert not checksum_errors(namespace), f"{role}: {checksum_errors(namespace)}"
    print(f"{kind}: TCP and UDP both ways, IPv4 and IPv6, as they were sent; no checksum was wrong")
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
