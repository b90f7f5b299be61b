# SPDX-License-Identifier: BSD-2-Clause
"""A well-behaved guest: a process of its own, so that it can be killed in whatever it does.  Its rings are in memory that the one who started it
has as well: what vmmqd has taken from them and put into them is known exactly, also of a guest that was killed."""
import ctypes
import mmap
import os
import random
import select
import signal
import socket
import struct
import time

import frames
from frontend import RING_SPAN, USED, Frontend

GET_VRING_BASE = 11
LEFT, ENDED = 0, 3  # exit statuses: told to go; vmmqd has closed the connection


class Control(ctypes.Structure):
    """What a guest is told, and what it tells; words of one writer each."""
    _fields_ = [(name, ctypes.c_uint64) for name in
                ("pause", "deaf", "leave",  # told
                 "up", "paused", "used_rx", "used_tx", "put_tx", "read", "damaged", "disordered", "strange")]


class Sender:
    """Bursts of frames of all kinds."""

    def __init__(self, me, peers, epoch, rng):
        self.me, self.peers, self.epoch, self.random = me, peers, epoch, rng
        self.numbers = {}

    def one(self):
        kind, rng, source = self.random.random(), self.random, frames.mac(self.me)
        length = rng.choice((frames.SHORTEST, 128, 590, 1514, 3014)) if kind < 0.99 else rng.randrange(frames.SHORTEST, frames.LONGEST + 1)
        peer = rng.choice(self.peers)
        flow, destination = peer << 4 | rng.randrange(8), frames.mac(peer)
        if kind < 0.02 and self.me != frames.UPLINK:
            flow, destination = frames.GROUP_FLOW | rng.randrange(8), frames.BROADCAST
        elif kind < 0.03:
            flow, source = flow | 8, frames.mac(0xEE)  # nobody's: dropped as spoofed, or where that is not looked at on its way
        elif kind < 0.035:
            length = frames.LONGEST + 4  # longer than the MTU, and not for a tag
        elif kind < 0.04:
            destination = frames.mac(self.me)  # to itself
        elif kind < 0.041:
            return bytes(self.random.randrange(1, 14))
        number = self.numbers[flow] = self.numbers.get(flow, -1) + 1
        return frames.frame(destination, source, self.me, self.epoch, flow, number, length)


class Guest(Frontend):
    buffer = 8192

    def totals(self, control):
        """The indices of both used rings as numbers that do not come round; no ring gets as far as that between two looks."""
        for ring, name in ((0, "used_rx"), (1, "used_tx")):
            known = getattr(control, name)
            setattr(control, name, known + ((self.used(ring) - known) & 0xFFFF))

    def ended(self):
        if not select.select([self.socket], [], [], 0)[0]:
            return False
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def say_goodbye(self):
        """Stops the rings, as a VMM does before it leaves."""
        try:
            for ring in range(2):
                self.message(GET_VRING_BASE, struct.pack("<II", ring, 0))
                self.answer()
        except OSError:
            pass  # vmmqd has gone meanwhile


def serve(front, control, sender, pause_s):
    judge, parent = frames.Judge(), os.getppid()
    while not control.leave and os.getppid() == parent:
        if front.ended():
            return ENDED
        front.totals(control)
        if not control.deaf:
            for got in front.receive():
                judge.look(got)
                control.read += 1
            control.damaged, control.disordered, control.strange = judge.damaged, judge.disordered, judge.strange
        if control.pause:
            control.paused = 1
        else:
            control.paused = 0
            control.put_tx += front.send([sender.one() for _ in range(sender.random.randrange(1, 48))])
        time.sleep(pause_s)
    front.say_goodbye()
    return LEFT


def run(control, memfd, path, listen, me, peers, epoch, seed, pause_s):
    """The process of a guest."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if listen and os.path.exists(path):
        os.unlink(path)
    status = ENDED
    try:
        front = Guest(path, listen=listen, memfd=memfd).start()
        control.up = 1
        status = serve(front, control, Sender(me, peers, epoch, random.Random(seed)), pause_s)
        front.close()
    except (OSError, struct.error):
        pass  # vmmqd went in the middle of a message
    os._exit(status)


class Station:
    """A guest's place: whoever is in it now, and what was exchanged with all who were."""

    epochs = 0

    def __init__(self, me, path, listen, peers, rng, pause_s):
        self.me, self.path, self.listen, self.peers, self.random, self.pause_s = me, path, listen, peers, rng, pause_s
        self.pid = None
        self.past = {"rx": 0, "tx": 0, "damaged": 0, "disordered": 0, "strange": 0}
        self.departed = []  # memory and counts of those who have ended, which vmmqd may still write to until it has noticed
        self.begun = 0

    def start(self):
        Station.epochs += 1
        self.begun += 1
        self.control = Control.from_buffer(mmap.mmap(-1, mmap.PAGESIZE))
        memfd = os.memfd_create("guest")
        os.ftruncate(memfd, Guest.size_of(1))
        self.memory = mmap.mmap(memfd, Guest.size_of(1))
        seed = self.random.randrange(1 << 32)
        self.pid = os.fork()
        if self.pid == 0:
            run(self.control, memfd, self.path, self.listen, self.me, self.peers, Station.epochs, seed, self.pause_s)
        os.close(memfd)

    @staticmethod
    def count(memory, control, what):
        """One guest's; rx and tx as its rings say, whatever the guest has seen of them."""
        if what not in ("rx", "tx"):
            return getattr(control, what)
        ring, known = (0, control.used_rx) if what == "rx" else (1, control.used_tx)
        now = struct.unpack_from("<H", memory, ring * RING_SPAN + USED + 2)[0]
        return known + ((now - known) & 0xFFFF)

    def total(self, what):
        """rx, tx: frames that vmmqd has put into the receive ring and taken from the transmit ring, over all who were here."""
        here = [(self.memory, self.control)] if self.pid else []
        return self.past[what] + sum(self.count(*guest, what) for guest in self.departed + here)

    def forget(self):
        """Nobody writes any more to the memory of those who have ended."""
        for memory, control in self.departed:
            for what in self.past:
                self.past[what] += self.count(memory, control, what)
            memory.close()
        self.departed = []

    def is_settled(self):
        """Paused, all that it sent is taken, and all that came is read; or nobody is here."""
        control = self.control if self.pid else None
        return not control or (control.paused and self.count(self.memory, control, "tx") == control.put_tx and
                               self.count(self.memory, control, "rx") == control.read)

    def reap(self, wait=False):
        """Notices that the guest has ended; True when it has."""
        if not self.pid or os.waitpid(self.pid, 0 if wait else os.WNOHANG)[0] == 0:
            return False
        self.departed.append((self.memory, self.control))
        self.pid = self.control = self.memory = None
        return True

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.reap(wait=True)

    def leave(self):
        if self.pid:
            self.control.leave = 1
