# SPDX-License-Identifier: BSD-2-Clause
"""From the bytes of one frame to the fields that filters and hash types ask for (spec 4, 5.3, 6.4).

Only the bytes present in the frame count: IP lengths and checksums take no part.
"""

import struct
from dataclasses import dataclass, field
from typing import Optional

TAG_TYPES = (0x8100, 0x88A8)  # 802.1Q, 802.1ad
MAX_TAGS = 8
TYPE_IPV4 = 0x0800
TYPE_IPV6 = 0x86DD

TCP, UDP = 6, 17
TRANSPORT = {TCP: ("tcp", 20), UDP: ("udp", 8)}  # name, length of the header that must be present

HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, MOBILITY = 0, 43, 44, 51, 60, 135
SKIPPED_HEADERS = (HOP_BY_HOP, ROUTING, DESTINATION, AUTHENTICATION, MOBILITY)
MAX_EXTENSION_HEADERS = 8
MAX_EXTENSION_BYTES = 256
OPTION_PAD1, OPTION_HOME_ADDRESS = 0, 0xC9


class CannotInterpret(Exception):
    """The headers cannot be interpreted: no hash, and no fallback to fewer fields. The text says why."""


@dataclass(slots=True)
class IpPacket:
    version: int
    source: bytes
    destination: bytes
    transport: Optional[str]  # "tcp", "udp"; None for everything else and for every fragment
    ports: bytes  # source and destination port as on the wire; empty without transport
    fragment: bool = False
    home_address: Optional[bytes] = None  # of the Home Address option
    routing_address: Optional[bytes] = None  # of the type-2 routing header
    extension_headers: int = 0
    protocol: Optional[int] = None  # of the payload
    payload: Optional[bytes] = field(default=None, compare=False)  # behind all IP headers; None in a fragment
    frame_length: int = field(default=0, compare=False)  # of the whole frame, whose end the payload is
    missing: int = field(default=0, compare=False)  # bytes of the frame that the capture has cut


@dataclass(slots=True)
class Frame:
    drop: Optional[str] = None  # "runt": there is nothing to steer
    destination: bytes = b""
    vid: Optional[int] = None  # of the outermost tag; None: untagged
    ip: Optional[IpPacket] = None  # None: cannot be hashed
    reason: str = ""  # and why


# Reasons for which a frame could not be interpreted, that a capture's cut may be to blame for.
CUT_BEHIND = ("tcp header cut off", "udp header cut off", "IPv4 options cut off")


def u16(data, offset):
    return struct.unpack_from("!H", data, offset)[0]


def parse_frame(frame):
    """Parses the Ethernet header; total on any bytes."""
    if len(frame) < 14:
        return Frame(drop="runt")
    vid = None
    if u16(frame, 12) in TAG_TYPES:
        if len(frame) < 18:
            return Frame(drop="runt")
        vid = u16(frame, 14) & 0x0FFF
    try:
        ip = parse_network(frame)
        ip.frame_length = len(frame)
        return Frame(None, frame[0:6], vid, ip)
    except CannotInterpret as why:
        return Frame(None, frame[0:6], vid, None, str(why))


def parse_packet(packet):
    """A packet of a capture: where that has cut it in a header behind all that is hashed, its headers are those of the whole frame.  What
    the missing bytes are does not matter: it comes out the same with either filling."""
    frame = parse_frame(packet.data)
    missing = packet.wire_length - len(packet.data)
    if frame.ip and missing > 0:
        frame.ip.missing = missing
    if missing <= 0 or frame.reason not in CUT_BEHIND:
        return frame
    low, high = (parse_frame(packet.data + filling * missing) for filling in (b"\x00", b"\xff"))
    return frame if low != high or low.reason or low.drop else low


def parse_network(frame):
    offset = 12
    tags = 0
    while u16(frame, offset) in TAG_TYPES:
        tags += 1
        if tags > MAX_TAGS:
            raise CannotInterpret("more than 8 tags")
        if len(frame) < offset + 6:
            raise CannotInterpret("inner tag cut off")
        offset += 4
    ether_type = u16(frame, offset)
    if ether_type == TYPE_IPV4:
        return parse_ipv4(frame[offset + 2 :])
    if ether_type == TYPE_IPV6:
        return parse_ipv6(frame[offset + 2 :])
    raise CannotInterpret("not IP")


def parse_ipv4(packet):
    if len(packet) < 20:
        raise CannotInterpret("IPv4 header cut off")
    if packet[0] >> 4 != 4:
        raise CannotInterpret("IPv4 version nibble")
    header_length = (packet[0] & 0x0F) * 4
    if header_length < 20:
        raise CannotInterpret("IPv4 IHL below 5")
    if len(packet) < header_length:
        raise CannotInterpret("IPv4 options cut off")
    source, destination = packet[12:16], packet[16:20]
    more_fragments_or_offset = u16(packet, 6) & 0x3FFF
    if more_fragments_or_offset != 0:
        return IpPacket(4, source, destination, None, b"", fragment=True)
    payload = packet[header_length:]
    transport, ports = parse_transport(packet[9], payload)
    return IpPacket(4, source, destination, transport, ports, protocol=packet[9], payload=payload)


def parse_ipv6(packet):
    if len(packet) < 40:
        raise CannotInterpret("IPv6 header cut off")
    if packet[0] >> 4 != 6:
        raise CannotInterpret("IPv6 version nibble")
    found = IpPacket(6, packet[8:24], packet[24:40], None, b"")
    next_header = packet[6]
    rest = packet[40:]
    headers = 0
    header_bytes = 0
    while next_header in SKIPPED_HEADERS:
        header = extension_header(next_header, rest)
        headers += 1
        header_bytes += len(header)
        if headers > MAX_EXTENSION_HEADERS:
            raise CannotInterpret("more than 8 extension headers")
        if header_bytes > MAX_EXTENSION_BYTES:
            raise CannotInterpret("more than 256 bytes of extension headers")
        if next_header == ROUTING and header[2] == 2:
            found.routing_address = type_2_address(header)
        if next_header == DESTINATION:
            found.home_address = home_address(header) or found.home_address
        next_header = header[0]
        rest = rest[len(header) :]
    if next_header == FRAGMENT:
        found.fragment = True
    else:
        found.transport, found.ports = parse_transport(next_header, rest)
        found.protocol, found.payload = next_header, rest
    found.extension_headers = headers
    return found


def extension_header(kind, data):
    """The bytes of the extension header that data begins with."""
    if len(data) < 2:
        raise CannotInterpret("extension header cut off")
    if kind == AUTHENTICATION:
        length = (data[1] + 2) * 4  # RFC 4302
    else:
        length = (data[1] + 1) * 8
    if len(data) < length:
        raise CannotInterpret("extension header cut off")
    return data[:length]


def type_2_address(header):
    segments_left = header[3]
    if len(header) != 24:
        raise CannotInterpret("type-2 routing header is not 24 bytes")
    if segments_left != 1:
        raise CannotInterpret("type-2 routing header: segments left is not 1")
    return header[8:24]


def home_address(header):
    """Walks the options of a Destination Options header; the last Home Address, or None."""
    found = None
    offset = 2
    while offset < len(header):
        if header[offset] == OPTION_PAD1:
            offset += 1
            continue
        if offset + 2 > len(header):
            raise CannotInterpret("option overruns its header")
        kind, length = header[offset], header[offset + 1]
        end = offset + 2 + length
        if end > len(header):
            raise CannotInterpret("option overruns its header")
        if kind == OPTION_HOME_ADDRESS:
            if length != 16:
                raise CannotInterpret("Home Address option is not 16 bytes")
            found = header[offset + 2 : end]
        offset = end
    return found


def parse_transport(protocol, data):
    if protocol not in TRANSPORT:
        return None, b""
    name, header_length = TRANSPORT[protocol]
    if len(data) < header_length:
        raise CannotInterpret(f"{name} header cut off")
    return name, data[0:4]
