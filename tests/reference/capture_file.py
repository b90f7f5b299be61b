# SPDX-License-Identifier: BSD-2-Clause
"""pcap and pcapng files, read and written without libpcap.

Every packet that is complete in the file is read; `broken` says why reading ended before the end of the file.
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

LINK_TYPE_ETHERNET = 1
SNAP_LENGTH = 262144

PCAP_MAGIC_US, PCAP_MAGIC_NS = 0xA1B2C3D4, 0xA1B23C4D
SECTION_HEADER, BYTE_ORDER_MAGIC = 0x0A0D0D0A, 0x1A2B3C4D
INTERFACE_DESCRIPTION, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 1, 2, 3, 6


class CaptureError(Exception):
    """This is not a capture file."""


class Broken(Exception):
    """The file cannot be read any further."""


class Packet(NamedTuple):
    data: bytes
    wire_length: int
    link_type: int


class Interface(NamedTuple):
    link_type: int
    snap_length: int


@dataclass
class Capture:
    packets: list = field(default_factory=list)
    interfaces: list = field(default_factory=list)  # of all sections
    broken: str = ""


def read_capture(path):
    with open(path, "rb") as file:
        data = file.read()
    capture = Capture()
    for order in "<>":
        magic = struct.unpack_from(order + "I", data)[0] if len(data) >= 4 else 0
        try:
            if magic in (PCAP_MAGIC_US, PCAP_MAGIC_NS):
                read_pcap(data, order, capture)
                return capture
            if magic == SECTION_HEADER:
                read_pcapng(data, capture)
                return capture
        except Broken as why:
            capture.broken = str(why)
            return capture
    raise CaptureError("neither pcap nor pcapng")


def unpack(layout, data, offset):
    if offset + struct.calcsize(layout) > len(data):
        raise Broken("the file is cut off")
    return struct.unpack_from(layout, data, offset)


def read_pcap(data, order, capture):
    _, _, _, _, _, snap_length, link_type = unpack(order + "IHHiIII", data, 0)
    link_type &= 0xFFFF  # the upper bits give the length of the frame check sequence
    capture.interfaces.append(Interface(link_type, snap_length))
    offset = 24
    while offset < len(data):
        _, _, captured_length, wire_length = unpack(order + "IIII", data, offset)
        offset += 16
        if offset + captured_length > len(data):
            raise Broken("the last packet is cut off")
        capture.packets.append(Packet(data[offset : offset + captured_length], wire_length, link_type))
        offset += captured_length


def read_pcapng(data, capture):
    order = "<"
    interfaces = []  # of the current section
    offset = 0
    while offset < len(data):
        if unpack("<I", data, offset)[0] == SECTION_HEADER:
            order = section_byte_order(data, offset)
            interfaces = []
        kind, length = unpack(order + "II", data, offset)
        if length < 12 or length % 4 or offset + length > len(data):
            raise Broken("a block is cut off or has a senseless length")
        read_block(kind, data[offset + 8 : offset + length - 4], order, interfaces, capture)
        offset += length


def section_byte_order(data, offset):
    for order in "<>":
        magic, major = unpack(order + "IH", data, offset + 8)
        if magic == BYTE_ORDER_MAGIC:
            if major != 1:
                raise Broken(f"pcapng version {major}")
            return order
    raise Broken("no byte order magic")


def read_block(kind, body, order, interfaces, capture):
    if kind == INTERFACE_DESCRIPTION:
        link_type, _, snap_length = unpack(order + "HHI", body, 0)
        interfaces.append(Interface(link_type, snap_length))
        capture.interfaces.append(interfaces[-1])
        return
    if kind == ENHANCED_PACKET:
        interface, _, _, captured_length, wire_length = unpack(order + "IIIII", body, 0)
        start = 20
    elif kind == OLD_PACKET:
        interface, _, _, _, captured_length, wire_length = unpack(order + "HHIIII", body, 0)
        start = 20
    elif kind == SIMPLE_PACKET:
        interface, (wire_length,), start = 0, unpack(order + "I", body, 0), 4
        captured_length = wire_length
        if interfaces and interfaces[0].snap_length:
            captured_length = min(wire_length, interfaces[0].snap_length)
    else:
        return
    if interface >= len(interfaces):
        raise Broken("a packet of an undescribed interface")
    if start + captured_length > len(body):
        raise Broken("a packet is longer than its block")
    capture.packets.append(
        Packet(body[start : start + captured_length], wire_length, interfaces[interface].link_type)
    )


# format name -> (byte order, pcap magic or None for pcapng)
FORMATS = {
    "pcap": ("<", PCAP_MAGIC_US),
    "pcap-ns-be": (">", PCAP_MAGIC_NS),
    "pcapng": ("<", None),
    "pcap-ns": ("<", PCAP_MAGIC_NS),
    "pcapng-be": (">", None),
    "pcap-be": (">", PCAP_MAGIC_US),
}


def write_capture(path, packets, format_name="pcap"):
    """Writes Ethernet packets, one microsecond or nanosecond apart."""
    order, magic = FORMATS[format_name]
    with open(path, "wb") as file:
        if magic is None:
            write_pcapng(file, packets, order)
        else:
            write_pcap(file, packets, order, magic)


def write_pcap(file, packets, order, magic):
    file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, SNAP_LENGTH, LINK_TYPE_ETHERNET))
    record = struct.Struct(order + "IIII")
    for number, packet in enumerate(packets):
        file.write(record.pack(number // 1000000, number % 1000000, len(packet.data), packet.wire_length))
        file.write(packet.data)


def write_pcapng(file, packets, order):
    file.write(struct.pack(order + "IIIHHqI", SECTION_HEADER, 28, BYTE_ORDER_MAGIC, 1, 0, -1, 28))
    file.write(struct.pack(order + "IIHHII", INTERFACE_DESCRIPTION, 20, LINK_TYPE_ETHERNET, 0, SNAP_LENGTH, 20))
    head = struct.Struct(order + "IIIIIII")
    for number, packet in enumerate(packets):
        padding = -len(packet.data) % 4
        length = 32 + len(packet.data) + padding
        file.write(head.pack(ENHANCED_PACKET, length, 0, 0, number, len(packet.data), packet.wire_length))
        file.write(packet.data + bytes(padding) + struct.pack(order + "I", length))
