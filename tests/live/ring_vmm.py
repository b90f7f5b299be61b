# SPDX-License-Identifier: BSD-2-Clause
"""A front end whose rings hold what a guest's driver may put there: chains, indirect descriptors, and notifications only when asked for;
and which does with them what a VMM does when it migrates a guest: log what is written, stop the rings, go on elsewhere."""
import fcntl
import os
import select
import struct
import threading

import frontend as vhost
from frontend import Frontend, HANG, HEADER, NEXT, RING, RING_SPAN, USED, AVAIL, BUFFER, WRITE, VERSION_1

SET_LOG_BASE, GET_VRING_BASE, POSTCOPY_ADVISE, POSTCOPY_LISTEN, POSTCOPY_END = 6, 11, 28, 29, 30
LOG_ALL, INDIRECT, EVENT_IDX = 1 << 26, 1 << 28, 1 << 29  # features
LOG_SHMFD, REPLY_ACK, PAGEFAULT = 1 << 1, 1 << 3, 1 << 8  # of the protocol
PIECES = 4  # descriptors of a chain at most
CHAINS = RING // PIECES
TABLE = BUFFER - PIECES * 16  # where a chain's table stands in its buffer
INDIRECT_FLAG = 4
PAGE = 4096
WAKE = 0x8010AA02  # UFFDIO_WAKE
PAGEFAULT_EVENT = 0x12


class RingFrontend(Frontend):
    """shape: of what it puts into the rings: "chain" or "indirect".  after: the front end whose memory it goes on with, once that has
    stopped its rings."""

    features = VERSION_1 | LOG_ALL | INDIRECT | EVENT_IDX
    protocol = LOG_SHMFD | REPLY_ACK

    def __init__(self, path, shape, after=None):
        super().__init__(path)
        self.shape = shape
        self.barrier = threading.Lock()
        self.kicks = [0, 0]
        self.after = after
        self.bases = after.bases if after else [0, 0]
        self.log = None
        if after:
            self.memory[:] = after.memory[:]
            self.put, self.seen = list(after.put), list(after.seen)

    def ring_base(self, ring):
        return self.bases[ring]

    def share(self):
        assert self.ask(vhost.SET_MEM_TABLE, self.table(), [self.memfd], 1 | vhost.NEED_REPLY) == 0

    # --- the rings ---
    def pieces(self, lengths, flags, address):
        """The descriptors of a chain: (address, length, flags) each."""
        out = []
        for at, length in enumerate(lengths):
            out.append((address, length, flags | (NEXT if at + 1 < len(lengths) else 0)))
            address += length
        return out

    def chain(self, ring, slot, lengths, flags):
        """Puts a chain over the buffer of a slot into the descriptors from there on, or into a table."""
        at = self.buffer_at(ring, slot)
        chain = self.pieces(lengths, flags, at)
        if self.shape == "indirect":
            for number, (address, length, its_flags) in enumerate(chain):
                struct.pack_into("<QIHH", self.memory, at + TABLE + number * 16, address, length, its_flags, number + 1)
            self.descriptor(ring, slot, at + TABLE, len(chain) * 16, INDIRECT_FLAG)
            return
        for number, (address, length, its_flags) in enumerate(chain):
            self.descriptor(ring, slot + number, address, length, its_flags, slot + number + 1)

    def fill(self):
        if self.after:
            return
        for slot in range(0, RING, PIECES):
            self.chain(0, slot, (HEADER, 100, TABLE - HEADER - 100), WRITE)
        self.offer(0, range(0, RING, PIECES))

    def send(self, frames, ahead=CHAINS):
        room = max(0, min(ahead, CHAINS) - ((self.put[1] - self.used(1)) & 0xFFFF))
        slots = []
        for frame in frames[:room]:
            slot = (self.put[1] + len(slots)) % CHAINS * PIECES
            at = self.buffer_at(1, slot)
            self.memory[at:at + HEADER] = bytes(HEADER)
            self.memory[at + HEADER:at + HEADER + len(frame)] = frame
            self.chain(1, slot, (HEADER, 14, 20, len(frame) - 34), 0)
            slots.append(slot)
        if slots:
            self.offer(1, slots)
        return len(slots)

    def offered(self, ring, count):
        """Kicks if it is asked for one: the event index of the other side is among those that are new (virtio 1.2, 2.7.10)."""
        with self.barrier:  # what is in the ring is seen before the event index is read
            pass
        if (self.put[ring] - self.event(ring) - 1) & 0xFFFF < count:
            self.kicks[ring] += 1
            os.eventfd_write(self.kick[ring], 1)

    def event(self, ring):
        """The index that the other side wants to be told of."""
        return self.index(ring * RING_SPAN + USED + 4 + RING * 8).value

    def await_call(self, ring):
        """Asks to be notified of the next chain that is used, and waits for it."""
        self.index(ring * RING_SPAN + AVAIL + 4 + RING * 2).value = self.seen[ring]
        with self.barrier:
            pass
        if self.used(ring) == self.seen[ring]:
            assert select.select([self.call[ring]], [], [], HANG)[0], f"ring {ring}: no notification"
        if select.select([self.call[ring]], [], [], 0)[0]:
            os.eventfd_read(self.call[ring])

    def unread(self):
        return (self.used(0) - self.seen[0]) & 0xFFFF

    # --- migration ---
    def log_start(self):
        """Has the back end mark each page that it writes, in the order that QEMU has."""
        fd = os.memfd_create("log")
        size = self.size // PAGE // 8 + 8
        os.ftruncate(fd, size)
        self.log = fd
        self.message(SET_LOG_BASE, struct.pack("<QQ", size, 0), [fd])
        self.answer()
        self.message(vhost.SET_FEATURES, struct.pack("<Q", self.features | vhost.PROTOCOL_FEATURES))
        for ring in range(2):
            self.ring_address(ring, 1, ring * RING_SPAN + USED)
        self.settle()

    def settle(self):
        """What was said before is done."""
        self.ask(vhost.GET_FEATURES)

    def log_take(self):
        """The pages that are marked; they no longer are."""
        size = os.fstat(self.log).st_size
        marks = os.pread(self.log, size, 0)
        os.pwrite(self.log, bytes(size), 0)
        return {at * 8 + bit for at, byte in enumerate(marks) for bit in range(8) if byte >> bit & 1}

    def stop(self):
        """Stops the rings; returns their bases, which are kept for the front end that comes after."""
        for ring in range(2):
            self.message(GET_VRING_BASE, struct.pack("<II", ring, 0))
            index, self.bases[ring] = struct.unpack("<II", self.answer()[0])
            assert index == ring, index
        return self.bases


    def finish(self):
        """The rest of the memory comes, before the guest itself uses it."""


class PostcopyFrontend(RingFrontend):
    """The target of a migration by postcopy: its memory is empty, and a page comes when somebody needs it."""

    features = VERSION_1 | INDIRECT | EVENT_IDX
    protocol = REPLY_ACK | PAGEFAULT

    def __init__(self, path, shape, after):
        super().__init__(path, shape, after)
        os.ftruncate(self.memfd, 0)
        os.ftruncate(self.memfd, self.size)
        self.faults = self.theirs = 0
        self.missing = {at: after.memory[at:at + PAGE] for at in range(0, self.size, PAGE)}
        self.lock = threading.Lock()
        self.ended = threading.Event()

    def page(self, at):
        """Copies one that has not come yet: by write(), so that it is there at once and whole."""
        with self.lock:
            page = self.missing.pop(at, None)
            if page is not None:
                os.pwrite(self.memfd, page, at)

    def share(self):
        self.listen()
        self.message(vhost.SET_MEM_TABLE, bytes(8))

    def listen(self):
        """The table of memory goes, and addresses come; that they have come is to be said (QEMU's docs/interop/vhost-user)."""
        self.message(POSTCOPY_ADVISE)
        _, fds = self.answer()
        assert len(fds) == 1, "the back end gives no userfaultfd"
        self.userfault = fds[0]
        assert self.ask(POSTCOPY_LISTEN, flags=1 | vhost.NEED_REPLY) == 0
        self.message(vhost.SET_MEM_TABLE, self.table(), [self.memfd])
        payload, _ = self.answer()
        count, _, _, size, _, _ = struct.unpack("<IIQQQQ", payload[:40])
        assert (count, size) == (1, self.size), payload
        self.theirs = struct.unpack("<IIQQQQ", payload[:40])[4]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """Brings the pages that the back end waits for."""
        while not self.ended.is_set():
            if not select.select([self.userfault], [], [], 0.05)[0]:
                continue
            event, _, address = struct.unpack_from("<B7xQQ", os.read(self.userfault, 32))
            assert event == PAGEFAULT_EVENT, event
            at = (address - self.theirs) // PAGE * PAGE
            self.faults += 1
            self.page(at)
            fcntl.ioctl(self.userfault, WAKE, struct.pack("<QQ", self.theirs + at, PAGE))

    def finish(self):
        for at in list(self.missing):
            self.page(at)
            fcntl.ioctl(self.userfault, WAKE, struct.pack("<QQ", self.theirs + at, PAGE))
        assert self.ask(POSTCOPY_END) == 0
        self.unlisten()

    def unlisten(self):
        self.ended.set()
        self.thread.join()
        os.close(self.userfault)
