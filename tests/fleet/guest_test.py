#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A Linux guest under QEMU that really migrates, from a vmmqd with its agent to another one: its VPort is ready there before it, begins with
its first frame there, and is let go where it was.

    VMMQD=PROGRAM guest_test.py
"""
import os
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
for part in ("daemon", "live"):
    sys.path.append(os.path.join(HERE, "..", part))
from agent_test import Fleet  # noqa: E402
from daemon import HANG, wait_until  # noqa: E402
from frontend import Frontend  # noqa: E402
from guest import Guest  # noqa: E402

MAKE_GUEST = os.path.join(HERE, "..", "..", "examples", "two-vms", "make-guest")
MAC, SOURCE = "02:00:00:00:00:01", bytes.fromhex("020000000001")


class Vmm(Guest):
    """A guest with a monitor; incoming: where it is awaited."""

    def __init__(self, directory, name, image, port, incoming=None):
        super().__init__("guest", image, MAC, port, queues=2, ip4="10.7.0.1/24")
        self.monitor = os.path.join(directory, name + ".monitor")
        self.command[self.command.index("-monitor") + 1] = f"unix:{self.monitor},server=on,wait=off"
        self.command += ["-incoming", f"unix:{incoming}"] if incoming else []

    def tell(self, command):
        """What the monitor answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(HANG)
            wait_until(lambda: os.path.exists(self.monitor), "the monitor")
            connection.connect(self.monitor)
            text = b""
            for line in (None, command):
                if line:
                    connection.sendall(line.encode() + b"\n")
                while not text.rstrip().endswith(b"(qemu)"):
                    text += connection.recv(4096)
                answer, text = text.decode(errors="replace"), b""
            return answer


class Migration(Fleet):
    config = "vports:\n  - {id: 1, name: peer, filters: [{mac: \"02:00:00:00:00:99\"}], backend: {vhost_user: {socket: peer.sock}}}\n"

    def peer(self, on):
        front = Frontend(os.path.join(self.agents[on].directory, "peer.sock"))
        self.addCleanup(front.close)
        return front.start()

    def vmm(self, image, on, incoming=None):
        guest = Vmm(self.directory, on, image, os.path.join(self.agents[on].directory, "web1.sock"), incoming).start()
        self.addCleanup(guest.kill)
        return guest

    def hears_the_guest(self, peer):
        peer.receive()
        wait_until(lambda: any(frame[6:12] == SOURCE for frame in peer.receive()), "a frame of the guest's")

    def test_guest_migrates(self):
        image = tempfile.TemporaryDirectory()
        self.addCleanup(image.cleanup)
        subprocess.run([MAKE_GUEST, image.name], check=True, stdout=subprocess.DEVNULL)
        self.add("web1", "a", 1, activation="first_frame", queue_pairs=2, indirection_table=["map", [[0, 0], [1, 1]]])
        self.becomes("web1", "a", "active")
        peers = {on: self.peer(on) for on in self.hosts}
        source = self.vmm(image.name, "a").await_up()
        source.must("ping 10.7.0.9 > /dev/null 2>&1 &")  # asks who that is, again and again
        self.hears_the_guest(peers["a"])

        self.change("web1", destination="b")
        self.becomes("web1", "b", "prepared")
        incoming = os.path.join(self.directory, "incoming")
        target = self.vmm(image.name, "b", incoming)
        wait_until(lambda: os.path.exists(incoming), "the place to migrate to")
        self.assertEqual(self.here("b")["web1"]["state"], "deactivated")
        self.assertEqual(self.status("web1", "a")["state"], "active")
        source.tell(f"migrate -d unix:{incoming}")
        wait_until(lambda: "completed" in source.tell("info migrate"), lambda: source.tell("info migrate"), pause=0.1)
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", "released")
        source.kill()
        self.hears_the_guest(peers["b"])
        self.assertEqual(target.must("cat /sys/class/net/eth0/address"), MAC)
        self.change("web1", host="b", destination=None)
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", None)


if __name__ == "__main__":
    unittest.main()
