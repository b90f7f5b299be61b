#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""migration_test.py VMMQD: a guest with chained or indirect descriptors and event indices is migrated while it has traffic.

The guest and its peer are front ends of ours (ring_vmm.py, frontend.py), so that every byte of the guest's memory is known: each page that
vmmqd writes must be marked in the log of dirty pages, and none else; what lies in the rings when they stop is neither lost nor doubled
by the front end that goes on with them.
"""
import ctypes
import os
import shutil
import struct
import sys
import tempfile
import time

import frontend as vhost
from daemon import Daemon, wait_until
from frontend import Frontend, RING, RING_SPAN
from ring_vmm import CHAINS, LOG_ALL, PAGE, PostcopyFrontend, RingFrontend

GUEST, PEER = bytes.fromhex("020000000701"), bytes.fromhex("020000000702")
WHILE = 0.1  # seconds, in which what must not happen could
CONFIGURATION = """\
adapter: {processors: [0, 1], moderation: adaptive}
vports:
  - {id: 1, name: guest, filters: [{mac: "02:00:00:00:07:01"}], backend: {vhost_user: {socket: guest.sock, postcopy: true}}}
  - {id: 2, name: peer, filters: [{mac: "02:00:00:00:07:02"}], primary_processor: 1, backend: {vhost_user: {socket: peer.sock}}}
"""


def frame(destination, source, number):
    """Of a length, and with bytes, of its own."""
    return destination + source + b"\x08\x00" + struct.pack("<Q", number) + bytes((number + i) & 255 for i in range(46 + number * 37 % 1400))


class Pair:
    """The guest and its peer, and numbers for their frames."""

    def __init__(self, guest, peer):
        self.guest, self.peer, self.number = guest, peer, 0

    def frames(self, destination, source, count):
        self.number += count
        return [frame(destination, source, n) for n in range(self.number - count, self.number)]

    def send(self, sender, frames):
        rest = list(frames)
        wait_until(lambda: rest.__delitem__(slice(0, sender.send(rest))) or not rest, "room in a ring", pause=0.0005)

    def receive(self, receiver, frames):
        got = []
        wait_until(lambda: got.extend(receiver.receive()) or len(got) >= len(frames), lambda: f"{len(got)} of {len(frames)} frames",
                   pause=0.0005)
        assert got == frames, "frames came otherwise than they were sent"

    def exchange(self, rounds, count=16):
        for _ in range(rounds):
            for sender, receiver, destination, source in ((self.guest, self.peer, PEER, GUEST), (self.peer, self.guest, GUEST, PEER)):
                frames = self.frames(destination, source, count)
                self.send(sender, frames)
                self.receive(receiver, frames)


def event_indices(pair):
    """A kick comes only where it is asked for, and a queue asks once it is silent (QUIET_AFTER_NS in src/host/guest_polls.h); so does the
    guest for the frames that come to it."""
    guest = pair.guest
    for _ in range(5):
        wait_until(lambda: guest.event(1) == guest.put[1], "a silent queue that asks for a kick")
        before = guest.kicks[1]
        frames = pair.frames(PEER, GUEST, 8)
        pair.send(guest, frames)
        pair.receive(pair.peer, frames)
        assert guest.kicks[1] == before + 1, f"a queue that was silent asked for {guest.kicks[1] - before} kicks"
        frames = pair.frames(GUEST, PEER, 1)
        pair.send(pair.peer, frames)
        guest.await_call(0)
        pair.receive(guest, frames)
    assert guest.kicks[0] <= 1, f"{guest.kicks[0]} kicks for buffers, which nobody waits for"


def own_pages(guest):
    """Those that the guest writes, and not vmmqd."""
    descriptors = {(ring * RING_SPAN + at) // PAGE for ring in range(2) for at in (0, RING * 16)}
    return descriptors | set(range(guest.buffer_at(1, 0) // PAGE, guest.size // PAGE))


def dirty_pages(pair):
    """Every page that changes is marked, while traffic runs, time and again; pages that nobody writes are not."""
    guest = pair.guest
    guest.log_start()
    own, marked = own_pages(guest), set()
    for rounds in (1, 2, 20):
        before = bytes(guest.memory)
        pair.exchange(rounds, 3)
        after, marks = bytes(guest.memory), guest.log_take()
        changed = {at // PAGE for at in range(0, guest.size, PAGE) if before[at:at + PAGE] != after[at:at + PAGE]} - own
        assert len(changed) > 2 and not changed - marks, f"not marked: {sorted(changed - marks)} of {sorted(changed)}"
        assert not marks & own, f"marked, though it was not written: {sorted(marks & own)}"
        marked |= marks
    wait_until(lambda: not guest.log_take(), "the end of a silent guest's marks")
    guest.message(vhost.SET_FEATURES, struct.pack("<Q", (guest.features | vhost.PROTOCOL_FEATURES) & ~LOG_ALL))
    for ring in range(2):
        guest.ring_address(ring)
    guest.settle()
    pair.exchange(1)
    assert not guest.log_take(), "pages are marked though nobody wants a log"
    guest.message(vhost.SET_FEATURES, struct.pack("<Q", guest.features | vhost.PROTOCOL_FEATURES))
    for ring in range(2):
        guest.ring_address(ring, 1, ring * RING_SPAN + vhost.USED)
    guest.settle()
    return len(marked)


def stopped(pair, state):
    """The guest's rings are stopped with frames in both; returns the frames that are its peer's and its own after that."""
    guest, peer = pair.guest, pair.peer
    for_guest = pair.frames(GUEST, PEER, CHAINS // 2)
    pair.send(peer, for_guest)
    wait_until(lambda: guest.unread() == len(for_guest), "frames in the ring")
    gone = pair.frames(PEER, GUEST, CHAINS // 2)
    pair.send(guest, gone)
    bases = guest.stop()
    wait_until(lambda: state() == "no_peer", "the end of the rings")
    assert bases == [guest.used(0), guest.used(1)], (bases, guest.used(0), guest.used(1))
    room = CHAINS - (guest.put[1] - guest.used(1))
    left = pair.frames(PEER, GUEST, room)
    assert guest.send(left) == room
    memory = bytes(guest.memory)
    pair.send(peer, pair.frames(GUEST, PEER, 8))
    time.sleep(WHILE)
    assert bytes(guest.memory) == memory, "memory is written though the rings are stopped"
    return for_guest, gone + left


def migrate(pair, path, state, target):
    """Another front end goes on with memory and bases.  What came while there was none is lost to the guest, as on any network."""
    for_guest, for_peer = stopped(pair, state)
    got = []
    source = pair.guest
    source.socket.close()
    pair.guest = target(path, source.shape, source).start()
    source.close()
    wait_until(lambda: state() == "up", "the target")
    wait_until(lambda: got.extend(pair.peer.receive()) or len(got) >= len(for_peer), lambda: f"{len(got)} of {len(for_peer)} frames")
    assert got == for_peer, "a frame that was in the ring was lost, or came twice"
    pair.guest.finish()
    got = pair.guest.receive()
    assert got[:len(for_guest)] == for_guest, "a frame that had come before was lost"
    wait_until(lambda: marker_came(pair), "traffic")


def marker_came(pair):
    """One frame more for the guest: what was put aside meanwhile comes before it."""
    marker = pair.frames(GUEST, PEER, 1)
    pair.send(pair.peer, marker)
    got = []
    wait_until(lambda: got.extend(pair.guest.receive()) or marker[0] in got, "a frame after the migration")
    return True


def answer_missing(path, backend, after):
    """A target that says something else where its answer to the addresses is waited for is told so."""
    vmm = PostcopyFrontend(path, after.shape, after)
    vmm.protocols()
    vmm.listen()
    vmm.message(vhost.SET_OWNER)
    wait_until(lambda: "SET_OWNER came where" in backend()["reason"], lambda: str(backend()))
    vmm.unlisten()
    vmm.close()


def userfaultfd_is_there():
    number = {"x86_64": 323, "aarch64": 282}.get(os.uname().machine)
    fd = ctypes.CDLL(None).syscall(number, os.O_CLOEXEC | os.O_NONBLOCK) if number else -1
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def main():
    postcopy = userfaultfd_is_there()
    directory = tempfile.mkdtemp(prefix="vmmq-migration-")
    daemon = Daemon(os.path.abspath(sys.argv[1]), directory, CONFIGURATION).start()
    client = daemon.client()
    path = f"{directory}/guest.sock"
    peer = Frontend(f"{directory}/peer.sock").start()

    def backend():
        return client.call("vport.show", vport=1)["backend"]

    def state():
        return backend()["state"]

    def descriptors():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    wait_until(lambda: client.call("vport.show", vport=2)["backend"]["state"] == "up", "the peer")
    before = descriptors()

    for shape in ("chain", "indirect"):
        guest = RingFrontend(path, shape).start()
        wait_until(lambda: state() == "up", "the guest")
        pair = Pair(guest, peer)
        pair.exchange(50)
        event_indices(pair)
        pages = dirty_pages(pair)
        for _ in range(2):
            migrate(pair, path, state, RingFrontend)
            pair.exchange(20)
        migrate(pair, path, state, PostcopyFrontend if postcopy else RingFrontend)
        pair.exchange(20)
        print(f"{shape}: {pages} pages written, all marked; 3 migrations under {pair.number} frames, none in a ring lost; "
              f"{f'postcopy: {pair.guest.faults} pages waited for' if postcopy else 'postcopy: not tested, no userfaultfd here'}")
        pair.guest.close()
        if postcopy:
            answer_missing(path, backend, pair.guest)
        wait_until(lambda: state() == "no_peer", "the guest's end")
        wait_until(lambda: descriptors() <= before, lambda: f"{descriptors()} descriptors, {before} before")
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
