#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""too_big_test.py VMMQD: a guest whose buffers are smaller than the MTU allows loses the frames that do not fit, and no others.

    sender --- vmmqd (mtu 9000) --- receiver, with buffers of 1,530 bytes: what virtio has for an MTU of 1,500
"""
import os
import shutil
import sys
import tempfile
import time

from daemon import Daemon, HANG, wait_until
from frontend import BUFFER, RING, WRITE, Frontend

SENDER, RECEIVER = bytes.fromhex("020000000601"), bytes.fromhex("020000000602")
ROOM, HEADER = 1530, 12
SHORT, LONG, FRAMES = 60, 1900, 400
CONFIGURATION = """\
adapter: {{processors: [0, 1], mtu: 9000}}
vports:
  - {{id: 1, name: sender, filters: [{{mac: "02:00:00:00:06:01"}}], backend: {{vhost_user: {{socket: sender.sock}}}}}}
  - {{id: 2, name: receiver, filters: [{{mac: "02:00:00:00:06:02"}}], backend: {{vhost_user: {{socket: receiver.sock}}}}}}
"""


class Small(Frontend):
    def fill(self):
        for slot in range(RING):
            self.descriptor(0, slot, self.buffer_at(0, slot), ROOM, WRITE)
        self.offer(0, range(RING))


def frame(number, length):
    return (RECEIVER + SENDER + b"\x88\xb5" + number.to_bytes(4, "big")).ljust(length, b"\xa5")


def run(sender, receiver, lengths):
    """Sends frames of these lengths; returns the numbers of those that arrived, once all that fit have."""
    arrived, deadline = [], time.monotonic() + HANG
    fit = sum(length <= ROOM - HEADER for length in lengths)
    sent = 0
    while len(arrived) < fit:
        assert time.monotonic() < deadline, f"{len(arrived)} of {fit} arrived"
        if sent < len(lengths) and sent - len(arrived) < RING // 2:
            sent += sender.send([frame(sent, lengths[sent])])
        arrived += [int.from_bytes(frame[14:18], "big") for frame in receiver.receive()]
    return arrived


def drops(client):
    return client.call("vport.show", vport=2)["drops"]


def main():
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    daemon = Daemon(os.path.abspath(sys.argv[1]), directory, CONFIGURATION.format(d=directory)).start()
    sender = Frontend(f"{directory}/sender.sock").start()
    receiver = Small(f"{directory}/receiver.sock").start()
    client = daemon.client()
    assert LONG < BUFFER
    wait_until(lambda: all(v["backend"]["state"] == "up" for v in client.call("vports.show")["vports"] if v["vport"]),
               "the guests' ports")
    # One that does not fit every now and then, with a short one behind each of them: the last of all is one.
    lengths = [LONG if n % 10 == 3 else SHORT if n % 2 else ROOM - HEADER for n in range(FRAMES)]
    arrived = run(sender, receiver, lengths)
    assert arrived == [n for n in range(FRAMES) if lengths[n] != LONG], arrived
    lost = lengths.count(LONG)
    wait_until(lambda: sum(drops(client).values()) >= lost, lambda: f"{lost} drops: {drops(client)}")
    assert drops(client) == {"too_big": lost}, drops(client)
    print(f"{len(arrived)} frames arrived, in order, past {lost} that did not fit")
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
