#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""hostile_test.py VMMQD: guests that flood, spoof, stop reading, and put garbage into their rings; another one keeps its traffic.

Every guest is a vhost-user front end of ours (frontend.py), so that what it sends is exactly known.  "good" sends numbered frames to
"peer" and back all the time; none may be lost, whatever "bad" does, nor whatever its VMM does (hostile_vmm.py).
"""
import multiprocessing
import os
import random
import shutil
import struct
import sys
import tempfile
import time

from daemon import Daemon, HANG, wait_until
from frontend import Frontend
import hostile_vmm

GOOD, PEER, BAD = (bytes.fromhex(f"0200000003{i:02x}") for i in (1, 2, 3))
BROADCAST = b"\xff" * 6
LIMIT = 200  # broadcasts a second
WINDOW = 32
AHEAD = 128  # broadcasts of bad's that are not yet read: with a window, less than good's or peer's ring holds
MEANWHILE = 5000  # frames that good and peer exchange at least while there is a flood
CONFIGURATION = """\
adapter: {{processors: [0, 1], moderation: adaptive}}
vports:
  - {{id: 1, name: good, filters: [{{mac: "02:00:00:00:03:01"}}], backend: {{vhost_user: {{socket: good.sock}}}}}}
  - {{id: 2, name: peer, filters: [{{mac: "02:00:00:00:03:02"}}], primary_processor: 1,
     backend: {{vhost_user: {{socket: peer.sock}}}}}}
  - {{id: 3, name: bad, filters: [{{mac: "02:00:00:00:03:03"}}], flood_limit: {limit},
     backend: {{vhost_user: {{socket: bad.sock}}}}}}
"""


def frame(destination, source, payload):
    return (destination + source + b"\x08\x00" + payload).ljust(60, b"\0")


class Traffic:
    """Numbered frames from good to peer and back, a window of 32 at a time, one always under way.

    It runs in step() only, in turns with what bad does: a ring of theirs that is full of bad's broadcasts because this program
    was kept from reading it would lose them frames, and rightly so.
    """

    def __init__(self, good, peer):
        self.ends = ((good, GOOD, PEER, peer), (peer, PEER, GOOD, good))
        self.sent = self.others = 0
        self.expected = []
        self.started = self.arrived = time.monotonic()
        self.slowest = 0.0

    def _send(self):
        sender, source, destination, _ = self.ends[self.sent // WINDOW % 2]
        self.expected = list(range(self.sent, self.sent + WINDOW))
        self.started = time.monotonic()
        self.sent += WINDOW
        frames = [frame(destination, source, struct.pack("<Q", n)) for n in self.expected]
        assert sender.send(frames) == WINDOW

    def _read(self, source, destination, receiver):
        for got in receiver.receive():
            if got[6:12] != source or got[:6] != destination:
                self.others += 1
                continue
            number = struct.unpack_from("<Q", got, 14)[0]
            assert self.expected and number == self.expected[0], f"{number} came instead of {self.expected[:1]}"
            self.expected.pop(0)
            self.arrived = time.monotonic()

    def step(self, more=True):
        """Reads both ends, and sends the next window if the last one has arrived."""
        for _, source, destination, receiver in self.ends:
            self._read(source, destination, receiver)
        if self.expected:
            assert time.monotonic() < self.started + HANG, f"good and peer lost {self.expected} of {self.sent}"
            time.sleep(0.0002)
            return
        self.slowest = max(self.slowest, self.arrived - self.started)
        if more:
            self._send()

    def exchange(self, count):
        """Returns when so many frames more have been sent."""
        enough = self.sent + count
        while self.sent < enough:
            self.step()

    def finish(self):
        while self.expected:
            self.step(more=False)


def await_up(rpc):
    def backends():
        return [v["backend"]["state"] for v in rpc.call("vports.show")["vports"] if v["vport"]]

    wait_until(lambda: set(backends()) == {"up"}, lambda: f"backends: {backends()}")


def drops(rpc, vport):
    return {row["reason"]: row["packets"] for row in rpc.call("drops.show")["drops"] if row["vport"] == vport}


def storm(bad, rpc, traffic):
    """More than what the limit lets through at most in the time that it takes, however long that is."""
    burst, sent, started, enough = [frame(BROADCAST, BAD, b"storm")] * 64, 0, time.monotonic(), traffic.sent + MEANWHILE

    def most():
        return LIMIT * (time.monotonic() - started) + LIMIT / 10 + 1

    def done():
        dropped, replicated = drops(rpc, 3).get("storm", 0), rpc.call("vport.show", vport=1)["replicas"]
        return dropped + replicated == sent and (dropped, replicated)

    while sent < 20 * LIMIT or sent < 3 * most() or traffic.sent < enough:
        sent += bad.send(burst, ahead=AHEAD)
        traffic.step()
    dropped, replicated = wait_until(done, lambda: f"the end of {sent} broadcasts: {drops(rpc, 3)}")
    print(f"storm: {sent} broadcasts sent, {dropped} dropped as storm, {replicated} replicated to good")
    assert LIMIT / 10 <= replicated <= most(), (sent, dropped, replicated)


def spoof(bad, rpc, traffic):
    burst, sent, enough = [frame(PEER, GOOD, b"spoofed")] * 64, 0, traffic.sent + MEANWHILE
    while sent < 20000 or traffic.sent < enough:
        sent += bad.send(burst)
        traffic.step()
    wait_until(lambda: drops(rpc, 3).get("spoofed", 0) == sent, lambda: f"{sent} drops as spoofed: {drops(rpc, 3)}")
    print(f"spoofing: {sent} sent, all dropped as spoofed")


def stop_reading(good, rpc):
    """Frames to bad, which does not read: its own queue fills, and what does not fit is charged to it."""
    burst, sent = [frame(BAD, GOOD, b"to the deaf")] * 16, 0

    def full_at_last():
        nonlocal sent
        sent += good.send(burst)
        return drops(rpc, 3).get("backend_full", 0)

    full = wait_until(full_at_last, "a drop as backend_full", pause=0.001)
    print(f"a guest that stops reading: {sent} frames to it, {full} dropped as backend_full")


def garbage(directory, traffic, seed):
    """Front ends with garbage in their rings, one after the other."""
    source = random.Random(seed)
    for _ in range(15):
        bad = Frontend(f"{directory}/bad.sock").start()
        for _ in range(5):
            bad.garbage(source)
            traffic.exchange(2 * WINDOW)
        bad.close()
    print(f"garbage: 15 front ends, 75 times garbage in both rings (seed {seed})")


def attack(daemon, directory, frames):
    """What a VMM does at the socket of bad, and at good's.  A process of its own; frames: those that the others have exchanged."""
    path, rpc = f"{directory}/bad.sock", daemon.client()

    def reason():
        return rpc.call("vport.show", vport=3)["backend"]["reason"] or ""

    def descriptors():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    def meanwhile():
        enough = frames.value + 10 * WINDOW
        wait_until(lambda: frames.value >= enough, "frames of the others")

    def works(vmm):
        before = drops(rpc, 3).get("spoofed", 0)
        assert vmm.send([frame(PEER, GOOD, b"spoofed")]) == 1
        wait_until(lambda: drops(rpc, 3).get("spoofed", 0) == before + 1, lambda: f"a frame of bad's: {reason()!r}")

    wait_until(lambda: rpc.call("vport.show", vport=3)["backend"]["state"] == "no_peer", "the end of bad's last front end")
    before = descriptors()
    hostile_vmm.refusals(path, reason)
    hostile_vmm.halves(path, meanwhile)
    hostile_vmm.second_front_end(f"{directory}/good.sock", meanwhile)
    hostile_vmm.spoilt_rings(path, reason, meanwhile, works)
    hostile_vmm.sizes_that_lie(path, reason, meanwhile)
    messages = hostile_vmm.toggles(path)
    hostile_vmm.calls_that_block(path, reason, meanwhile)
    hostile_vmm.memory_cut(path, reason, meanwhile)
    hostile_vmm.memory_cut_in_messages(path, meanwhile)
    wait_until(lambda: descriptors() <= before, lambda: f"{descriptors()} descriptors, {before} before")
    print(f"a VMM: {len(hostile_vmm.REFUSED)} kinds of nonsense refused, each with its reason; a ring broken in "
          f"{len(hostile_vmm.SPOILT)} ways, each told and mended by a reset; {messages} messages to "
          "queues and memory in use; memory cut off under it", flush=True)


def vmm(daemon, directory, traffic):
    frames = multiprocessing.Value("Q", traffic.sent)
    attacker = multiprocessing.Process(target=attack, args=(daemon, directory, frames))
    attacker.start()
    while attacker.is_alive():
        traffic.step()
        frames.value = traffic.sent
    assert attacker.exitcode == 0, "an attack did not go as it should"


def main():
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    daemon = Daemon(os.path.abspath(sys.argv[1]), directory, CONFIGURATION.format(limit=LIMIT)).start()
    good, peer, bad = (Frontend(f"{directory}/{name}.sock").start() for name in ("good", "peer", "bad"))
    rpc = daemon.client()
    await_up(rpc)
    traffic = Traffic(good, peer)
    traffic.exchange(MEANWHILE)
    storm(bad, rpc, traffic)
    spoof(bad, rpc, traffic)
    bad.close()
    garbage(directory, traffic, seed)
    vmm(daemon, directory, traffic)
    traffic.exchange(MEANWHILE)
    traffic.finish()
    print(f"meanwhile good and peer exchanged {traffic.sent} frames: none lost, none out of order, "
          f"slowest window of 32: {traffic.slowest * 1e3:.0f} ms")

    bad = Frontend(f"{directory}/bad.sock").start()
    await_up(rpc)
    stop_reading(good, rpc)
    traffic = Traffic(good, peer)
    traffic.exchange(MEANWHILE)
    traffic.finish()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
