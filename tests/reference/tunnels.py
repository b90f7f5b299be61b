# SPDX-License-Identifier: BSD-2-Clause
"""What is inside a tunnel, and whether it is hashed (spec 16.1)."""

import dataclasses

from headers import CUT_BEHIND, TYPE_IPV4, TYPE_IPV6, CannotInterpret, parse_frame, parse_ipv4, parse_ipv6, u16

TYPE_FRAME = 0x6558
CARRIED = (TYPE_FRAME, TYPE_IPV4, TYPE_IPV6)
GRE, IPV4_INSIDE, IPV6_INSIDE = 47, 4, 41
FIXED_PORTS = {4790: "vxlan_gpe", 6081: "geneve", 4754: "gre_udp"}
HEADERS_MAX = 384  # of the frame

CHECKSUM, KEY, SEQUENCE = 0x8000, 0x2000, 0x1000
ROUTING_AND_RESERVED, VERSION = 0x4C00, 0x0007


def tunnel_name(ip, encapsulation, vxlan_port):
    """Which tunnel of those in `encapsulation` the outer header says that the packet is; None: none of them."""
    if ip.payload is None:
        return None
    name = None
    if ip.transport == "udp":
        port = u16(ip.ports, 2)
        name = FIXED_PORTS.get(port)
        if port == vxlan_port and "vxlan" in encapsulation:
            name = "vxlan"
    elif ip.protocol in (IPV4_INSIDE, IPV6_INSIDE):
        name = "ipip"
    elif ip.protocol == GRE and len(ip.payload) >= 4:
        flags, carried = u16(ip.payload, 0), u16(ip.payload, 2)
        bits = CHECKSUM | KEY | SEQUENCE | ROUTING_AND_RESERVED | VERSION
        name = "nvgre" if flags & bits == KEY and carried == TYPE_FRAME and "nvgre" in encapsulation else "gre"
    return name if name in encapsulation else None


def carried_in(name, protocol, payload):
    """The EtherType of what the tunnel carries, and that; (None, b"") when its own header cannot be understood."""
    if name == "ipip":
        return (TYPE_IPV4 if protocol == IPV4_INSIDE else TYPE_IPV6), payload
    if name in ("gre", "nvgre"):
        return carried_in_gre(payload)
    header = payload[8:]  # behind UDP's
    if name == "gre_udp":
        return carried_in_gre(header)
    if len(header) < 8:
        return None, b""
    if name == "geneve":
        start = 8 + 4 * (header[0] & 0x3F)
        if header[0] >> 6 or u16(header, 2) not in CARRIED or len(header) < start:
            return None, b""
        return u16(header, 2), header[start:]
    if not header[0] & 0x08:
        return None, b""
    if name == "vxlan" or (not header[0] & 0x04 and not header[0] & 0x30):
        return TYPE_FRAME, header[8:]
    if header[0] & 0x30:
        return None, b""
    return {1: TYPE_IPV4, 2: TYPE_IPV6, 3: TYPE_FRAME}.get(header[3]), header[8:]


def carried_in_gre(data):
    if len(data) < 4:
        return None, b""
    flags, carried = u16(data, 0), u16(data, 2)
    start = 4 + sum(4 for bit in (CHECKSUM, KEY, SEQUENCE) if flags & bit)
    if flags & (ROUTING_AND_RESERVED | VERSION) or carried not in CARRIED or len(data) < start:
        return None, b""
    return carried, data[start:]


def network_of(name, payload):
    """The VNI or VSID; 0: there is none, or its number is 0."""
    if name == "nvgre":
        return int.from_bytes(payload[4:7], "big")
    if name in ("vxlan", "vxlan_gpe", "geneve"):
        return int.from_bytes(payload[12:15], "big")  # behind UDP's header of 8 bytes
    return 0


def frame_inside(ip, encapsulation, vxlan_port):
    """The tunnel, its network, and the destination in the Ethernet header inside; or None (spec 16.2)."""
    name = tunnel_name(ip, encapsulation, vxlan_port) if ip else None
    if name is None:
        return None
    seen = max(0, HEADERS_MAX - (ip.frame_length - len(ip.payload)))
    payload = ip.payload[:seen]
    ether_type, data = carried_in(name, ip.protocol, payload)
    if ether_type != TYPE_FRAME or len(data) < 14:
        return None
    return name, network_of(name, payload), data[0:6]


def parse_inside(name, protocol, payload):
    """What is inside, or None and why not."""
    ether_type, data = carried_in(name, protocol, payload)
    try:
        if ether_type == TYPE_FRAME:
            frame = parse_frame(data)
            return frame.ip, frame.reason or frame.drop
        if ether_type == TYPE_IPV4:
            return parse_ipv4(data), ""
        if ether_type == TYPE_IPV6:
            return parse_ipv6(data), ""
    except CannotInterpret as why:
        return None, str(why)
    return None, "nothing that is understood"


def hashed_headers(ip, encapsulation, vxlan_port):
    """The headers that 6.3 is applied to, and whether they are inner ones."""
    name = tunnel_name(ip, encapsulation, vxlan_port) if ip else None
    if name is None:
        return ip, False
    seen = max(0, HEADERS_MAX - (ip.frame_length - len(ip.payload)))
    inside, reason = parse_inside(name, ip.protocol, ip.payload[:seen])
    if ip.missing and reason in CUT_BEHIND:  # as in parse_packet()
        fillings = (ip.payload + filling * ip.missing for filling in (b"\x00", b"\xff"))
        low, high = (parse_inside(name, ip.protocol, payload[:seen])[0] for payload in fillings)
        inside = low if low == high else None
    if inside is not None and inside.transport and not inside.extension_headers:
        return inside, True
    return dataclasses.replace(ip, transport=None, ports=b""), False
