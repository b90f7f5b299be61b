#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""uplink_test.py VMMQD [af_packet|af_xdp]: more frames through an uplink than it has buffers, in both directions; then silence.

    guest: vhost-user front end --- vmmqd --- uplink --- "lan"

None may be lost or overtaken, and when nothing is sent any more, with the guest still connected, vmmqd sleeps.
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

ETHERTYPE = b"\x88\xb5"  # for local experiments
LAN, GUEST = bytes.fromhex("0200000006ff"), bytes.fromhex("020000000601")
WINDOW, WINDOWS = 32, 640  # 20,480 frames each way; AF_XDP has 8,192 buffers a queue
CONFIGURATION = """\
adapter: {{processors: [0, 1], moderation: adaptive, uplink: {{{uplink}}}}}
vports:
  - {{id: 1, name: guest, filters: [{{mac: "02:00:00:00:06:01"}}], backend: {{vhost_user: {{socket: guest.sock}}}}}}
"""


def ports(client):
    return client.call("adapter.show")["uplink"], client.call("vport.show", vport=1)["backend"]


def window(sender, receiver, destination, source, first):
    """Numbered frames, each awaited, in their order."""
    frames = [(destination + source + ETHERTYPE + n.to_bytes(4, "big")).ljust(1514, b"\x5a")
              for n in range(first, first + WINDOW)]
    assert sender.send(frames) == WINDOW
    arrived, deadline = [], time.monotonic() + HANG
    while len(arrived) < WINDOW:
        arrived += [frame for frame in receiver.receive() if frame[12:14] == ETHERTYPE]
        assert time.monotonic() < deadline, f"{len(arrived)} of the frames {first} to {first + WINDOW - 1} arrived"
    assert arrived == frames, f"frames {first} to {first + WINDOW - 1}: not as they were sent"


def sleep_of(client):
    """The processors' shares of the last second asleep, if all of them have slept through it, but for some looks."""
    shares = [row["asleep"] for row in client.call("processors.show")["processors"]]
    return min(shares) > 0.9 and shares


def change(client, station, guest, uplink, other):
    """The uplink is taken away, and given back as another kind of port, by requests."""
    client.call("uplink.clear")
    assert ports(client)[0]["state"] == "none"
    answer = client.call("uplink.set", **{other: {"interface": uplink}, "rx_queues": 1})
    assert answer["notice"] is None, answer
    wait_until(lambda: ports(client)[0]["state"] == "up", lambda: f"the uplink: {ports(client)[0]}")
    assert ports(client)[0]["kind"] == other and ports(client)[0][other] == {"interface": uplink}
    for i in range(8):
        window(station, guest, GUEST, LAN, i * WINDOW)
        window(guest, station, LAN, GUEST, i * WINDOW)
    print(f"changed to {other} by a request: {8 * WINDOW} frames each way")


def main():
    kind = sys.argv[2] if len(sys.argv) > 2 else "af_packet"
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    lan, uplink = Namespace("lan"), f"vq{os.getpid()}u"
    veth(uplink, lan, mac=LAN.hex(":"))
    daemon = Daemon(os.path.abspath(sys.argv[1]), directory,
                    CONFIGURATION.format(uplink=f"{kind}: {{interface: {uplink}}}")).start()
    client, station = daemon.client(), Station(lan)
    guest = Frontend(f"{directory}/guest.sock").start()
    wait_until(lambda: all(port["state"] == "up" for port in ports(client)), lambda: f"the ports: {ports(client)}")
    started = time.monotonic()
    for i in range(WINDOWS):
        window(station, guest, GUEST, LAN, i * WINDOW)
        window(guest, station, LAN, GUEST, i * WINDOW)
    print(f"{kind}: {WINDOWS * WINDOW} frames each way in {time.monotonic() - started:.1f} s, none lost, none overtaken")
    asleep = wait_until(lambda: sleep_of(client), lambda: f"a sleep: {client.call('processors.show')}", pause=1)
    print(f"with nothing to do, and the guest connected: processors are asleep {asleep} of a second")
    change(client, station, guest, uplink, "af_xdp" if kind == "af_packet" else "af_packet")
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
