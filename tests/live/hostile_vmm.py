# SPDX-License-Identifier: BSD-2-Clause
"""What a VMM can do to a back end over its socket, against the rules of the protocol and within them.

reason() asks what is said of the port now; meanwhile() waits until others have exchanged some more frames.
"""
import os
import socket
import struct
import threading

import frontend as vhost
from frontend import AVAIL, Frontend, NEXT, RING, RING_SPAN, WRITE
from hang import wait_until


TOGGLES = 2000
GET_VRING_BASE, PACKED, INDIRECT = 11, 1 << 34, 4
RING_BYTES = RING * 24 + 32 + RING * 2  # descriptors, the used ring, and the available ring at the end


class Raw:
    """A connection that says what it likes."""

    def __init__(self, path):
        self.socket = vhost.connect(path)

    def say(self, data, fds=()):
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"{len(fds)}i", *fds))] if fds else []
        try:
            self.socket.sendmsg([data], ancillary)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has hung up already

    def message(self, request, payload=b"", fds=(), flags=1):
        self.say(struct.pack("<III", request, flags, len(payload)) + payload, fds)

    def hung_up(self):
        """Waits until the other end has closed the connection."""
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass

    def close(self):
        self.socket.close()


def memfd(size):
    fd = os.memfd_create("hostile")
    os.ftruncate(fd, size)
    return fd


def table(*regions):
    return struct.pack("<II", len(regions), 0) + b"".join(struct.pack("<QQQQ", *region) for region in regions)


def wrong_version(vmm):
    vmm.message(vhost.GET_FEATURES, flags=0)


def long_message(vmm):
    vmm.say(struct.pack("<III", vhost.SET_FEATURES, 1, 1 << 20))


def short_message(vmm):
    vmm.message(vhost.SET_VRING_ADDR, bytes(8))


def many_descriptors(vmm):
    vmm.message(vhost.SET_MEM_TABLE, table(), [memfd(4096) for _ in range(9)])


def memory_too_long(vmm):
    vmm.message(vhost.SET_MEM_TABLE, table((0, 1 << 30, 1 << 40, 0)), [memfd(4096)])


def memory_that_wraps(vmm):
    vmm.message(vhost.SET_MEM_TABLE, table((0, 4096, 1 << 40, (1 << 64) - 4096)), [memfd(4096)])


def memory_without_files(vmm):
    vmm.message(vhost.SET_MEM_TABLE, table(*[(i << 20, 4096, i << 20, 0) for i in range(8)]), [memfd(4096)])


def no_memory(vmm):
    vmm.message(vhost.SET_MEM_TABLE, table())


def call_that_blocks(vmm):
    vmm.message(vhost.SET_VRING_CALL, struct.pack("<Q", 0), [os.pipe()[1]])


def kick_that_is_a_file(vmm):
    vmm.message(vhost.SET_VRING_KICK, struct.pack("<Q", 1), [memfd(4096)])


def ring_beyond(vmm):
    vmm.message(vhost.SET_VRING_NUM, struct.pack("<II", 200, 256))


def ring_far_beyond(vmm):
    vmm.message(vhost.SET_VRING_ENABLE, struct.pack("<II", 0xFFFFFFFF, 1))


def rings_without_memory(vmm):
    vmm.message(vhost.SET_OWNER)
    vmm.message(vhost.SET_VRING_ADDR, struct.pack("<IIQQQQ", 0, 0, 1 << 40, 1 << 41, 1 << 42, 0))
    vmm.message(77)


def postcopy_unasked(vmm):
    """The library would wait for its answer, and nobody else would be served."""
    vmm.message(vhost.SET_OWNER)
    vmm.message(29)
    vmm.message(vhost.SET_MEM_TABLE, table((0, 4096, 4096, 0)), [memfd(4096)])


def unknown_request(vmm):
    vmm.message(77)


def too_few_queues(vmm):
    """As QEMU that has more."""
    vmm.message(vhost.GET_QUEUE_NUM)
    vmm.socket.shutdown(socket.SHUT_WR)


def answers_unread(vmm):
    vmm.socket.settimeout(0.5)
    try:
        for _ in range(100000):
            vmm.socket.sendall(struct.pack("<III", vhost.GET_FEATURES, 1, 0))
    except OSError:
        pass
    vmm.socket.settimeout(None)


def question_with_a_descriptor(vmm):
    vmm.message(vhost.GET_QUEUE_NUM, fds=[memfd(4096)])


# What it does, and what is said of it.
REFUSED = (
    (wrong_version, "does not speak vhost-user version 1"),
    (long_message, "announces a message of 1048576 bytes"),
    (short_message, "SET_VRING_ADDR has 8 bytes"),
    (too_few_queues, "left before its guest had started"),
    (many_descriptors, "more than 8 descriptors"),
    (memory_too_long, "region 0 of its memory is 1073741824 bytes at 0 of a file of 4096"),
    (memory_that_wraps, "region 0 of its memory is 4096 bytes at 18446744073709547520"),
    (memory_without_files, "8 regions and 1 descriptors"),
    (no_memory, "0 regions and 0 descriptors"),
    (call_that_blocks, "SET_VRING_CALL is not an eventfd"),
    (kick_that_is_a_file, "SET_VRING_KICK is not an eventfd"),
    (ring_beyond, "101 queue pairs or more"),
    (ring_far_beyond, "queue pairs or more"),
    (rings_without_memory, "cannot be carried out"),
    (postcopy_unasked, "POSTCOPY_LISTEN: migration by postcopy is not offered"),
    (question_with_a_descriptor, "GET_QUEUE_NUM has a descriptor"),
    (unknown_request, "request 77 cannot be carried out"),
    (answers_unread, "does not read the answers"),
)


def refusals(path, reason):
    """Each is told why it was disconnected, and only it."""
    for attack, said in REFUSED:
        vmm = Raw(path)
        attack(vmm)
        wait_until(lambda: said in reason(), lambda: f"{attack.__name__}: {reason()!r}")
        vmm.close()


def halves(path, meanwhile):
    """Stops in the middle of any message, and stays."""
    whole = struct.pack("<IIIQ", vhost.SET_FEATURES, 1, 8, 0)
    for length in (1, 11, 12, 13, 19):
        vmm = Raw(path)
        vmm.say(whole[:length])
        meanwhile()
        vmm.close()


def second_front_end(path, meanwhile):
    second = Raw(path)
    second.message(vhost.SET_OWNER)
    second.hung_up()
    second.close()
    meanwhile()


class AtTheEnd(Frontend):
    """Its transmit ring lies in the last bytes of its memory."""

    def __init__(self, path):
        super().__init__(path)
        self.at_end = self.size - RING_BYTES

    def ring_address(self, ring, flags=0, log=0):
        if ring == 0:
            super().ring_address(ring)
            return
        at = self.base + self.at_end
        self.message(vhost.SET_VRING_ADDR, struct.pack("<IIQQQQ", ring, flags, at, at + RING * 16, at + RING * 24 + 16, log))


def sizes_that_lie(path, reason, meanwhile):
    """Rings that grow beyond the memory once they have been looked at, and one of a size that its kind does not have."""
    vmm = AtTheEnd(path).start()
    wait_until(lambda: not reason(), reason)
    for size in (512, 32768, RING):
        if size == RING:  # what it holds is right before it is used again
            vmm.index(vmm.at_end + RING * 24 + 16 + 2).value = 0
        vmm.message(vhost.SET_VRING_NUM, struct.pack("<II", 1, size))
        if size != RING:
            vmm.index(vmm.at_end + RING * 24 + 16 + 2).value = size - 1
        said = f"set up transmit queue 0 so that it is not used: its {size} descriptors" if size != RING else ""
        wait_until(lambda: said in reason() if said else not reason(), lambda: f"{said}: {reason()!r}")
        meanwhile()
    vmm.close()
    vmm = Frontend(path)
    vmm.protocols()
    vmm.message(vhost.SET_FEATURES, struct.pack("<Q", vhost.VERSION_1 | PACKED))
    vmm.message(vhost.SET_VRING_NUM, struct.pack("<II", 0, 100))
    vmm.message(vhost.SET_FEATURES, struct.pack("<Q", vhost.VERSION_1))
    vmm.share()
    vmm.ring_address(0)
    vmm.message(vhost.SET_VRING_CALL, struct.pack("<Q", 0), [vmm.call[0]])
    vmm.message(vhost.SET_VRING_KICK, struct.pack("<Q", 0), [vmm.kick[0]])
    vmm.ring_start(1)
    wait_until(lambda: "set up receive queue 0 so that it is not used: its 100 desc" in reason(), lambda: f"100: {reason()!r}")
    meanwhile()
    vmm.close()


def spoil_index(vmm):
    vmm.index(RING_SPAN + AVAIL + 2).value = vmm.put[1] + RING + 1
    os.eventfd_write(vmm.kick[1], 1)


def spoil_head(vmm):
    vmm.offer(1, [RING])


def spoil_next(vmm):
    vmm.descriptor(1, 0, vmm.buffer_at(1, 0), 100, NEXT, RING)
    vmm.offer(1, [0])


def spoil_loop(vmm):
    vmm.descriptor(1, 0, vmm.buffer_at(1, 0), 0, NEXT, 1)
    vmm.descriptor(1, 1, vmm.buffer_at(1, 0), 0, NEXT, 0)
    vmm.offer(1, [0])


def spoil_table(vmm):
    vmm.descriptor(1, 0, vmm.buffer_at(1, 0), 16, INDIRECT)
    vmm.offer(1, [0])


def spoil_address(vmm):
    vmm.descriptor(1, 0, vmm.size - 10, 100, 0)
    vmm.offer(1, [0])


def spoil_direction(vmm):
    vmm.descriptor(1, 0, vmm.buffer_at(1, 0), 100, WRITE)
    vmm.offer(1, [0])


# How a guest's transmit ring breaks, and what is said of it.
SPOILT = (
    (spoil_index, "more chains than the ring has room for"),
    (spoil_head, "a chain that begins outside the descriptor table"),
    (spoil_next, "a descriptor whose next one is outside its table"),
    (spoil_loop, "a chain that does not end"),
    (spoil_table, "an indirect table where none may be"),
    (spoil_address, "a buffer outside the memory"),
    (spoil_direction, "a buffer to write to where one to read was expected"),
)


def spoilt_rings(path, reason, meanwhile, works):
    """A ring that has stopped says why, and works again when its guest has reset it.  works(vmm) sends by it."""
    vmm = Frontend(path).start()
    for spoil, said in SPOILT:
        works(vmm)
        spoil(vmm)
        wait_until(lambda: f"has put {said}" in reason(), lambda: f"{spoil.__name__}: {reason()!r}")
        assert "into transmit queue 0, which rests until the guest starts it anew" in reason(), reason()
        meanwhile()
        vmm.message(GET_VRING_BASE, struct.pack("<II", 1, 0))
        vmm.answer()
        vmm.memory[RING_SPAN:2 * RING_SPAN] = bytes(RING_SPAN)
        vmm.put[1] = vmm.seen[1] = 0
        vmm.ring_start(1)
        wait_until(lambda: not reason(), lambda: f"after {spoil.__name__}: {reason()!r}")
    works(vmm)
    vmm.close()


def toggles(path):
    """Queues that are enabled and disabled, and memory that is mapped anew, as often as it is let."""
    vmm = Frontend(path).start()
    for sent in range(TOGGLES):
        for enabled in (0, 1):
            vmm.message(vhost.SET_VRING_ENABLE, struct.pack("<II", sent % 2, enabled))
        vmm.message(vhost.SET_MEM_TABLE, table((0, vmm.size, vmm.base, 0)), [vmm.memfd])
    vmm.close()
    return 3 * TOGGLES


def filled(call):
    """Whether its counter is as high as it can be."""
    try:
        os.eventfd_write(call, (1 << 64) - 2)
        return True
    except BlockingIOError:
        os.eventfd_read(call)
        return False


def calls_that_block(path, reason, meanwhile):
    """Call descriptors that are full, and made to block after they were given: whoever interrupts the guest waits, but not for long."""
    for message in (None, vhost.SET_VRING_ENABLE):
        bad = Frontend(path).start()
        wait_until(lambda: reason() == "", "a guest")
        for call in bad.call:
            wait_until(lambda call=call: filled(call), "a full descriptor")
            os.set_blocking(call, True)
        bad.send([bytes(6) + b"\x02" + bytes(60)] * 8)
        if message:
            bad.message(message, struct.pack("<II", 0, 0))  # whoever takes it must not wait for who waits
        wait_until(lambda: reason().endswith("its call descriptor makes whoever writes to it wait"), "the end of a front end whose calls block")
        meanwhile()
        bad.close()


def memory_cut(path, reason, meanwhile):
    """The file is made shorter while its rings and buffers are in use."""
    vmm = Frontend(path).start()
    meanwhile()
    os.ftruncate(vmm.memfd, 0)
    os.eventfd_write(vmm.kick[1], 1)
    wait_until(lambda: "cut off" in reason(), lambda: f"memory cut: {reason()!r}")
    vmm.close()


def memory_cut_in_messages(path, meanwhile):
    """The file is made shorter and longer all the time, so that it may happen between any two looks at it."""
    ended = threading.Event()
    fd = memfd(1 << 20)

    def flicker():
        while not ended.is_set():
            os.ftruncate(fd, 0)
            os.ftruncate(fd, 1 << 20)

    thread = threading.Thread(target=flicker, daemon=True)
    thread.start()
    for _ in range(12):
        vmm = Raw(path)
        for request, payload in ((vhost.SET_OWNER, b""), (vhost.SET_FEATURES, struct.pack("<Q", vhost.VERSION_1))):
            vmm.message(request, payload)
        for _ in range(20):
            vmm.message(vhost.SET_MEM_TABLE, table((0, 1 << 20, 1 << 40, 0)), [fd])
            for ring in range(2):
                at = (1 << 40) + ring * vhost.RING_SPAN
                kick, call = os.eventfd(0), os.eventfd(0)
                vmm.message(vhost.SET_VRING_NUM, struct.pack("<II", ring, vhost.RING))
                vmm.message(vhost.SET_VRING_ADDR, struct.pack("<IIQQQQ", ring, 0, at, at + vhost.USED, at + vhost.AVAIL, 0))
                vmm.message(vhost.SET_VRING_CALL, struct.pack("<Q", ring), [call])
                vmm.message(vhost.SET_VRING_KICK, struct.pack("<Q", ring), [kick])
                os.close(kick)
                os.close(call)
        meanwhile()
        vmm.close()
    ended.set()
    thread.join()
    os.close(fd)
