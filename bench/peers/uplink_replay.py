# SPDX-License-Identifier: BSD-2-Clause
"""The far end of a vhost-user uplink, which sends a capture again and again at a rate: each of its frames stands in a buffer of its own that its
descriptor always points to, so that to send a thousand of them is to write one index, and costs the CPUs nearly nothing."""
import os
import pathlib
import struct
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / 'tests/live'))
import frontend  # noqa: E402

RING = 4096  # frames, and what a ring has room for
SPAN = 1 << 17  # of a ring's descriptors and indices
AVAIL, USED = RING * 16, RING * 16 + 16384
PLACE = 128  # bytes of a frame and its header
STEP_S = 0.001
NO_NOTIFY = 1


class Replay(frontend.Frontend):
    """frames: RING of them.  rate: a second; 0 pauses.  missed: those of them that the ring had no room for when they were due; they are not made up for."""

    def __init__(self, path, frames):
        super().__init__(path)
        self.rate, self.sent, self.missed, self.ended = 0, 0, 0, False
        for slot, frame in enumerate(frames):
            at = self.buffer_at(1, slot)
            self.memory[at:at + frontend.HEADER + len(frame)] = bytes(frontend.HEADER) + frame
            struct.pack_into('<QIHH', self.memory, SPAN + slot * 16, at, frontend.HEADER + len(frame), 0, 0)
            struct.pack_into('<H', self.memory, SPAN + AVAIL + 4 + slot * 2, slot)
        self.start()
        self.thread = threading.Thread(target=self.send_all, daemon=True)
        self.thread.start()

    @staticmethod
    def size_of(pairs):
        return 2 * pairs * SPAN + RING * PLACE

    def buffer_at(self, _ring, slot):
        return 2 * SPAN + slot * PLACE

    def fill(self):
        """Nothing is sent to an uplink here."""

    def ring_start(self, ring):
        self.message(frontend.SET_VRING_NUM, struct.pack('<II', ring, RING))
        self.message(frontend.SET_VRING_BASE, struct.pack('<II', ring, 0))
        at = self.base + ring * SPAN
        self.message(frontend.SET_VRING_ADDR, struct.pack('<IIQQQQ', ring, 0, at, at + USED, at + AVAIL, 0))
        self.message(frontend.SET_VRING_CALL, struct.pack('<Q', ring), [self.call[ring]])
        self.message(frontend.SET_VRING_KICK, struct.pack('<Q', ring), [self.kick[ring]])
        self.message(frontend.SET_VRING_ENABLE, struct.pack('<II', ring, 1))

    def taken(self):
        """How many frames the other side has taken, of those that were sent: the index does not come round between two steps."""
        return self.sent - ((self.sent - self.index(SPAN + USED + 2).value) & 0xFFFF)

    def send_all(self):
        last = time.monotonic()
        owed = 0.0
        while not self.ended:
            time.sleep(STEP_S)
            now = time.monotonic()
            owed += self.rate * (now - last)
            last = now
            due, owed = int(owed), owed % 1
            count = min(due, RING - (self.sent - self.taken()))
            self.missed += due - count
            if count:
                self.sent += count
                self.index(SPAN + AVAIL + 2).value = self.sent & 0xFFFF
            if not self.index(SPAN + USED).value & NO_NOTIFY:
                os.eventfd_write(self.kick[1], 1)

    def stop(self):
        self.ended = True
        self.thread.join()
        self.close()
