# SPDX-License-Identifier: BSD-2-Clause
"""Frames that say who sent them, when and to whom, so that a receiver finds what is damaged, doubled or out of order."""
import struct
import zlib

MARK = struct.Struct("<4sBIHQI")  # "soak", sender, its epoch, flow, number, checksum of what stands before
AT = 42  # behind Ethernet, IPv4 and UDP
SHORTEST = AT + MARK.size
MTU = 4000  # so long that guests' memory is lent to frames
LONGEST = 14 + MTU
BROADCAST = b"\xff" * 6
UPLINK = 0xF0  # the station behind the uplink
GROUP_FLOW = 0x8000  # flows from here on go to groups: copies on their way through different processors have no order


def mac(station):
    return bytes([2, 0, 0, 0, 5, station])


def frame(destination, source, sender, epoch, flow, number, length):
    mark = struct.pack("<4sBIHQ", b"soak", sender, epoch, flow, number)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length - 14, 0, 0, 64, 17, 0, bytes([10, 0, 5, sender]), bytes([10, 0, 6, flow & 255]))
    udp = struct.pack(">HHHH", 1024 + flow, 9, length - 34, 0)
    return (destination + source + b"\x08\x00" + ip + udp + mark + struct.pack("<I", zlib.crc32(mark))).ljust(length, b"\xa5")


class Judge:
    """What one receiver makes of the frames that it gets."""

    def __init__(self):
        self.last = {}
        self.damaged = self.disordered = self.strange = 0

    def look(self, got):
        """strange: not one of ours: from a hostile guest, whose spoofing check is off.  Tags come where a VPort has become a trunk."""
        while got[12:14] in (b"\x81\x00", b"\x88\xa8"):
            got = got[:12] + got[16:]
        if len(got) < SHORTEST or got[AT:AT + 4] != b"soak":
            self.strange += 1
            return
        _, sender, epoch, flow, number, checksum = MARK.unpack_from(got, AT)
        if zlib.crc32(got[AT:AT + MARK.size - 4]) != checksum or got[SHORTEST:].strip(b"\xa5"):
            self.damaged += 1
        elif flow < GROUP_FLOW:
            key = sender, epoch, flow
            self.disordered += number <= self.last.get(key, -1)
            self.last[key] = number
