# SPDX-License-Identifier: BSD-2-Clause
"""A station on a network interface of a namespace: sends and receives whole frames, VLAN tags included.

The kernel takes a tag out of every frame it receives and keeps it beside it; receive() puts it back where it was on the wire.
"""
import ctypes
import os
import socket
import struct
import time

ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, CLONE_NEWNET = 3, 263, 8, 23, 0x40000000
AUXDATA = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata: status, lengths, offsets, tag, its TPID
VLAN_VALID, TPID_VALID = 1 << 4, 1 << 6
LIBC = ctypes.CDLL(None, use_errno=True)


def socket_in(namespace, family=socket.AF_PACKET, kind=socket.SOCK_RAW):
    """A socket that belongs to the namespace; this thread is back in its own one afterwards."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    away = os.open(f"/run/netns/{namespace.name}", os.O_RDONLY)
    try:
        if LIBC.setns(away, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        return socket.socket(family, kind, 0)
    finally:
        if LIBC.setns(home, CLONE_NEWNET):
            os._exit(1)  # nothing may run in the wrong namespace
        os.close(home)
        os.close(away)


class Station:
    def __init__(self, namespace, interface="eth0"):
        self.socket = socket_in(namespace)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.setblocking(False)

    def send(self, frames):
        for frame in frames:
            while True:
                try:
                    self.socket.send(frame)
                    break
                except BlockingIOError:
                    time.sleep(0.001)
        return len(frames)

    def receive(self):
        """The frames that have arrived."""
        frames = []
        while True:
            try:
                frame, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
            except BlockingIOError:
                return frames
            for level, kind, data in ancillary:
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                    status, _, _, _, _, tci, tpid = AUXDATA.unpack(data)
                    if status & VLAN_VALID:
                        tpid = tpid if status & TPID_VALID else 0x8100
                        frame = frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]
            frames.append(frame)

    def close(self):
        self.socket.close()
