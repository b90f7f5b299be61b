# SPDX-License-Identifier: BSD-2-Clause
"""Templates of every shape, built with scapy: tag stacks, and what stands behind the last Ethernet type.

Addresses are given everywhere, so scapy never looks into this host's routes or interfaces.
"""

import functools
import itertools
import logging
import random
import struct
from typing import NamedTuple

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.contrib.lldp import LLDPDUChassisID, LLDPDUEndOfLLDPDU, LLDPDUPortID, LLDPDUTimeToLive
from scapy.contrib.mpls import MPLS
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import (
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption_LSRR,
    IPOption_NOP,
    IPOption_RR,
    IPOption_Router_Alert,
    IPOption_Timestamp,
)
from scapy.layers.inet6 import (
    HAO,
    ICMPv6EchoRequest,
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    Jumbo,
    MIP6MH_BU,
    MIP6MH_HoTI,
    Pad1,
    PadN,
    RouterAlert,
)
from scapy.layers.ipsec import AH, ESP
from scapy.layers.l2 import ARP, GRE, LLC, SNAP, STP, Dot1AD, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE, PPPoED
from scapy.layers.sctp import SCTP, SCTPChunkData, SCTPChunkInit
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

MAC = "02:00:00:00:00:aa"
HOSTS4 = {"src": "66.9.149.187", "dst": "161.142.100.80"}
HOSTS6 = {"src": "3ffe:2501:200:1fff::7", "dst": "3ffe:2501:200:3::1"}
INNER4 = {"src": "10.0.0.1", "dst": "10.0.0.2"}
INNER6 = {"src": "fd00::1", "dst": "fd00::2"}
PORTS = {"sport": 2794, "dport": 1766}


class Shape(NamedTuple):
    name: str
    ether_type: int  # or the length, in an 802.3 frame
    data: bytes  # behind the type
    ports_at: int  # offset of the transport ports in data; 0: there are none
    weight: int = 1  # how often it is drawn, so that odd shapes do not crowd out those that can be hashed
    inner: slice = slice(0)  # addresses and ports in data that are inside a tunnel
    inner_mac: slice = slice(0)  # and the destination


def tag_stacks():
    """What stands between the source MAC and the last type: no tag to ten tags of both kinds."""
    plans = [(), "q", "a", "qq", "aq", "qa", "aa", "aqq", "aaaa", "q" * 7, "q" * 8, "aq" * 4, "q" * 9, "a" * 10]
    for plan in plans:
        frame = Ether(dst=MAC, src=MAC)
        for tag in plan:
            frame = frame / {"q": Dot1Q, "a": Dot1AD}[tag](vlan=1)
        yield bytes(frame)[12:-2]


@functools.lru_cache(maxsize=None)
def all_shapes():
    """The same list every time."""
    rng = random.Random(0)
    random.seed(0)  # scapy's own random values
    return [
        *shapes_not_ip(),
        *shapes_ipv4(),
        *shapes_ipv4_bad(),
        *shapes_ipv6(rng),
        *shapes_ipv6_bad(),
        *shapes_tunnel(),
    ]


def shapes_not_ip():
    ip = IP(**INNER4) / UDP(**PORTS) / b"data"
    lldp = Ether(dst=MAC, src=MAC) / LLDPDUChassisID(subtype=4, id=MAC) / LLDPDUPortID(subtype=5, id="eth0")
    lldp = lldp / LLDPDUTimeToLive(ttl=120) / LLDPDUEndOfLLDPDU()
    llc_data = bytes(LLC(dsap=0x42, ssap=0x42, ctrl=3) / STP())
    snap_data = bytes(LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x800) / ip)
    yield Shape("arp", 0x0806, bytes(ARP(hwsrc=MAC, psrc="10.0.0.1", hwdst=MAC, pdst="10.0.0.2")), 0)
    yield Shape("lldp", 0x88CC, bytes(lldp)[14:], 0)
    yield Shape("mpls", 0x8847, bytes(MPLS(label=16, s=1, ttl=64) / ip), 0)
    yield Shape("pppoe session", 0x8864, bytes(PPPoE(sessionid=1) / PPP(proto=0x21) / ip), 0)
    yield Shape("pppoe discovery", 0x8863, bytes(PPPoED(code=9)), 0)
    yield Shape("802.3 STP", len(llc_data), llc_data, 0)
    yield Shape("802.3 SNAP IPv4", len(snap_data), snap_data, 0)
    yield Shape("802.3 length 0x5dc", 0x05DC, bytes(ip), 0)
    yield Shape("type 0x5ff", 0x05FF, bytes(ip), 0)
    yield Shape("type 0", 0, bytes(ip), 0)
    yield Shape("old tag type 0x9100", 0x9100, b"\x00\x0a\x08\x00" + bytes(ip), 0)
    yield Shape("MACsec", 0x88E5, bytes(32), 0)
    yield Shape("EAPOL", 0x888E, b"\x01\x01\x00\x00", 0)
    yield Shape("experimental", 0x88B5, bytes(ip), 0)
    yield Shape("type 0xffff", 0xFFFF, bytes(ip), 0)
    yield Shape("nothing behind the type", 0x0800, b"", 0)


def transports():
    """name, IP protocol, and bytes, of everything that can follow an IP header."""
    vxlan = UDP(sport=50000, dport=4789) / VXLAN(vni=5) / Ether(dst=MAC, src=MAC) / IP(**INNER4) / TCP(**PORTS)
    tcp_options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 2)), ("NOP", None), ("WScale", 7)]
    # scapy counts a checksum from the layer below, hence the fixed ones
    yield "tcp", 6, bytes(TCP(**PORTS, chksum=0x1234) / b"some data")
    yield "tcp options", 6, bytes(TCP(**PORTS, flags="S", chksum=0, options=tcp_options))
    yield "tcp bad offset", 6, bytes(TCP(**PORTS, chksum=0, dataofs=2))
    yield "tcp bare", 6, bytes(TCP(**PORTS, chksum=0))
    yield "udp", 17, bytes(UDP(**PORTS, chksum=0) / b"some data")
    yield "udp bare", 17, bytes(UDP(**PORTS, chksum=0xFFFF, len=0))
    yield "udp dns", 17, bytes(UDP(sport=40000, dport=53, chksum=0) / DNS(id=7, qd=DNSQR(qname="a.example")))
    yield "udp vxlan", 17, bytes(vxlan)
    yield "sctp", 132, bytes(SCTP(**PORTS, tag=1) / SCTPChunkInit(init_tag=1))
    yield "sctp data", 132, bytes(SCTP(**PORTS, tag=1) / SCTPChunkData(data=b"some data"))
    yield "icmp", 1, bytes(ICMP(type=8, id=1, seq=2) / b"ping")
    yield "icmp6 echo", 58, bytes(ICMPv6EchoRequest(id=1, seq=2, cksum=0, data=b"ping"))
    yield "icmp6 ns", 58, bytes(ICMPv6ND_NS(tgt="fd00::3", cksum=0))
    yield "gre", 47, bytes(GRE(proto=0x800) / IP(**INNER4) / TCP(**PORTS))
    yield "gre key", 47, bytes(GRE(key_present=1, key=9, proto=0x6558) / Ether(dst=MAC, src=MAC) / IP(**INNER4))
    yield "ipip", 4, bytes(IP(**INNER4) / TCP(**PORTS))
    yield "ip6 inside", 41, bytes(IPv6(**INNER6) / UDP(**PORTS))
    yield "esp", 50, bytes(ESP(spi=0x1000, seq=1, data=b"0123456789abcdef"))
    yield "igmp", 2, bytes.fromhex("1100eeff00000000")
    yield "ospf", 89, bytes(44)
    yield "udplite", 136, bytes(UDP(**PORTS, chksum=0, len=8) / b"some data")
    yield "protocol 255", 255, bytes(UDP(**PORTS, chksum=0) / b"some data")
    yield "protocol 61", 61, b""


PORT_PROTOCOLS = (6, 17, 132)
FLOW_WEIGHT = 12


def shape_ip(name, ether_type, header, protocol, transport, weight=1):
    ports_at = len(header) if protocol in PORT_PROTOCOLS else 0
    return Shape(name, ether_type, header + transport, ports_at, weight)


OPTIONS = {
    "no options": [],
    "nops": [IPOption_NOP()] * 4,
    "router alert": [IPOption_Router_Alert()],
    "timestamp": [IPOption_Timestamp(length=12, timestamp=1)],
    "source route": [IPOption_LSRR(routers=["10.0.0.3", "10.0.0.4"])],
    "40 bytes": [IPOption_RR(routers=["0.0.0.0"] * 9), IPOption_NOP()],
}
FRAGMENTS = {
    "whole": {},
    "dont fragment": {"flags": "DF"},
    "reserved flag": {"flags": 4},
    "first": {"flags": "MF", "frag": 0},
    "middle": {"flags": "MF", "frag": 185},
    "last": {"frag": 370},
    "last, DF": {"flags": "DF", "frag": 1},
    "highest offset": {"frag": 0x1FFF},
}


def shapes_ipv4():
    cases = itertools.product(transports(), OPTIONS.items(), FRAGMENTS.items())
    for (name, protocol, transport), (options_name, options), (fragment_name, fragment) in cases:
        header = bytes(IP(**HOSTS4, proto=protocol, options=options, len=20, chksum=0, **fragment))
        whole = fragment_name in ("whole", "dont fragment", "reserved flag")
        weight = FLOW_WEIGHT if protocol in (6, 17) and whole else 1
        yield shape_ip(f"ipv4 {name}, {options_name}, {fragment_name}", 0x0800, header, protocol, transport, weight)


def shapes_ipv4_bad():
    for name, protocol, transport in transports():
        if protocol not in (6, 17, 1):
            continue
        for ihl in range(16):
            header = bytes(IP(**HOSTS4, proto=protocol, ihl=ihl, len=20, chksum=0))
            yield shape_ip(f"ipv4 {name}, ihl {ihl}", 0x0800, header, protocol, transport)
        for version in (0, 5, 6, 15):
            header = bytes(IP(**HOSTS4, proto=protocol, version=version, len=20, chksum=0))
            yield shape_ip(f"ipv4 {name}, version {version}", 0x0800, header, protocol, transport)
        for total_length in (0, 19, 65535):
            header = bytes(IP(**HOSTS4, proto=protocol, len=total_length, chksum=0))
            yield shape_ip(f"ipv4 {name}, total length {total_length}", 0x0800, header, protocol, transport)


def routing(kind, segments_left, addresses):
    return lambda nh: IPv6ExtHdrRouting(nh=nh, type=kind, segleft=segments_left, addresses=addresses)


def destination_options(*options):
    return lambda nh: IPv6ExtHdrDestOpt(nh=nh, options=list(options), autopad=0)


def raw_options(text):
    """A Destination Options header whose option area is the given hex bytes."""
    area = bytes.fromhex(text)
    return lambda nh: Raw(bytes([nh, (len(area) + 2) // 8 - 1]) + area)


HOME = "2001:db8:40::1"
ROUTE = "2001:db8:50::1"
# name -> (its own next-header number, function of the following number that gives the packet)
EXTENSIONS = {
    "hbh": (0, lambda nh: IPv6ExtHdrHopByHop(nh=nh, options=[RouterAlert()])),
    "hbh jumbo": (0, lambda nh: IPv6ExtHdrHopByHop(nh=nh, options=[Jumbo(jumboplen=70000)])),
    "hbh odd options": (0, lambda nh: Raw(bytes([nh, 0]) + b"\xc9\xff\xff\xff\xff\xff")),
    "hbh 128": (0, lambda nh: Raw(bytes([nh, 15]) + bytes(126))),
    "hbh 256": (0, lambda nh: Raw(bytes([nh, 31]) + bytes(254))),
    "hbh 264": (0, lambda nh: Raw(bytes([nh, 32]) + bytes(262))),
    "dst": (60, destination_options(PadN(optdata=bytes(4)))),
    "dst pad1": (60, destination_options(*[Pad1()] * 6)),
    "home": (60, destination_options(PadN(optdata=bytes(2)), HAO(hoa=HOME))),
    "home, pad1 first": (60, destination_options(Pad1(), HAO(hoa="2001:db8:41::2"), PadN(optdata=b"\1"))),
    "home twice": (60, raw_options("c910" + "a1" * 16 + "c910" + "b2" * 16 + "0100")),
    "home at end": (60, raw_options("01020000" + "c910" + "c3" * 16)),
    "home length 15": (60, raw_options("c90f" + "d4" * 15 + "0000000000")),
    "home length 0": (60, raw_options("c90001020000")),
    "home overruns": (60, raw_options("01020000c910")),
    "option overruns": (60, raw_options("1e0500000000")),
    "option just fits": (60, raw_options("1e0400000000")),
    "option without length": (60, raw_options("01030000001e")),
    "rh0": (43, routing(0, 1, [ROUTE])),
    "rh0 long": (43, routing(0, 2, [ROUTE, HOME, ROUTE])),
    "rh2": (43, routing(2, 1, [ROUTE])),
    "rh2 other": (43, routing(2, 1, ["2001:db8:51::2"])),
    "rh2 left 0": (43, routing(2, 0, [ROUTE])),
    "rh2 left 2": (43, routing(2, 2, [ROUTE])),
    "rh2 two addresses": (43, routing(2, 1, [ROUTE, ROUTE])),
    "rh2 no address": (43, routing(2, 1, [])),
    "rh4": (43, lambda nh: Raw(bytes([nh, 2, 4, 1, 0, 0, 0, 0]) + bytes(16))),
    "ah": (51, lambda nh: AH(nh=nh, payloadlen=4, spi=1, seq=1, icv=bytes(12))),
    "ah 28": (51, lambda nh: AH(nh=nh, payloadlen=5, spi=1, seq=1, icv=bytes(16))),
    "ah shortest": (51, lambda nh: Raw(bytes([nh, 0]) + bytes(6))),
    "mobility": (135, lambda nh: MIP6MH_HoTI(nh=nh, cksum=0)),
    "mobility update": (135, lambda nh: MIP6MH_BU(nh=nh, cksum=0, seq=1)),
    "fragment atomic": (44, lambda nh: IPv6ExtHdrFragment(nh=nh, offset=0, m=0, id=7)),
    "fragment first": (44, lambda nh: IPv6ExtHdrFragment(nh=nh, offset=0, m=1, id=7)),
    "fragment middle": (44, lambda nh: IPv6ExtHdrFragment(nh=nh, offset=181, m=1, id=7)),
    "fragment last": (44, lambda nh: IPv6ExtHdrFragment(nh=nh, offset=362, m=0, id=7)),
}
# those that leave the packet hashable as a flow
SOUND = {"hbh", "dst", "dst pad1", "home", "home, pad1 first", "home twice", "home at end", "option just fits"}
SOUND |= {"rh0", "rh0 long", "rh2", "rh2 other", "rh4", "ah", "ah 28", "ah shortest", "mobility", "mobility update"}
NO_NEXT_HEADER = ("none", 59, b"")


def shape_chain(chain, last):
    """An IPv6 packet with the named extension headers before the transport `last`."""
    name, protocol, transport = last
    numbers = [EXTENSIONS[link][0] for link in chain] + [protocol]
    header = bytes(IPv6(**HOSTS6, nh=numbers[0], plen=0))
    for link, following in zip(chain, numbers[1:]):
        header += bytes(EXTENSIONS[link][1](following))
    weight = FLOW_WEIGHT if protocol in (6, 17) and len(chain) < 6 and SOUND.issuperset(chain) else 1
    return shape_ip(f"ipv6 {name}, {' + '.join(chain) or 'no headers'}", 0x86DD, header, protocol, transport, weight)


def shapes_ipv6(rng):
    lasts = [*transports(), NO_NEXT_HEADER]
    tcp, udp, icmp6 = (next(last for last in lasts if last[0] == name) for name in ("tcp", "udp", "icmp6 echo"))
    names = list(EXTENSIONS)
    for last in lasts:
        yield shape_chain([], last)
    for name, last in itertools.product(names, (tcp, udp, icmp6, NO_NEXT_HEADER)):
        yield shape_chain([name], last)
    for pair in itertools.product(names, repeat=2):
        yield shape_chain(pair, rng.choice((tcp, udp, rng.choice(lasts))))
    sound = sorted(SOUND)
    skipped = [name for name in names if EXTENSIONS[name][0] != 44 and len(EXTENSIONS[name][1](0)) <= 32]
    for count in (7, 8, 9, 10):
        for name in ("hbh", "ah shortest", "dst", "mobility", "rh0"):
            yield shape_chain([name] * count, tcp)
            yield shape_chain([name] * count + ["fragment first"], udp)
    for _ in range(300):
        yield shape_chain(rng.choices(sound, k=rng.randint(3, 9)), rng.choice((tcp, udp)))
        yield shape_chain(rng.choices(skipped, k=rng.randint(3, 9)), rng.choice((tcp, udp)))
    for _ in range(200):
        yield shape_chain(rng.choices(names, k=rng.randint(3, 9)), rng.choice(lasts))
    for chain in (["hbh 128", "hbh 128"], ["hbh 256", "fragment first"], ["hbh 128", "hbh 128", "dst"]):
        yield shape_chain(chain, tcp)


def inner_packets():
    """name, EtherType, packet, and how many bytes of addresses and ports, of what is inside."""
    tcp, udp = TCP(**PORTS, chksum=0) / b"some data", UDP(**PORTS, chksum=0) / b"some data"
    v4, v6 = dict(INNER4, len=20, chksum=0), dict(INNER6, plen=0)
    yield "tcp", 0x0800, bytes(IP(**v4, proto=6) / tcp), 12, 12
    yield "udp", 0x0800, bytes(IP(**v4, proto=17) / udp), 12, 12
    yield "tcp6", 0x86DD, bytes(IPv6(**v6, nh=6) / tcp), 8, 36
    yield "udp6", 0x86DD, bytes(IPv6(**v6, nh=17) / udp), 8, 36
    yield "options", 0x0800, bytes(IP(**v4, proto=6, options=[IPOption_NOP()] * 4) / tcp), 12, 8
    yield "icmp", 0x0800, bytes(IP(**v4, proto=1) / ICMP(type=8, chksum=0)), 12, 8
    yield "fragment", 0x0800, bytes(IP(**v4, proto=17, flags="MF") / udp), 12, 12
    yield "extension", 0x86DD, bytes(IPv6(**v6, nh=60) / destination_options(PadN(optdata=bytes(4)))(6) / tcp), 8, 32
    yield "cut", 0x0800, bytes(IP(**v4, proto=6) / tcp)[:30], 12, 8
    yield "arp", 0x0806, bytes(ARP(hwsrc=MAC, psrc="10.0.0.1", hwdst=MAC, pdst="10.0.0.2")), 14, 4
    yield "tunnel", 0x0800, bytes(IP(**v4, proto=47) / GRE(proto=0x800) / IP(**v4, proto=6) / tcp), 12, 8


def tunnel_headers():
    """name, IP protocol, header, and whether it carries packets; {} is the EtherType that it carries."""
    def udp(port, header):
        return struct.pack("!HHHH", 50000, port, 0, 0).hex() + header
    for port in (4789, 8472, 53):
        yield "vxlan", 17, udp(port, "0800000000002a00"), False
    yield "vxlan without VNI", 17, udp(4789, "0000000000002a00"), False
    yield "vxlan, reserved bits", 17, udp(4789, "ffffffff00002aff"), False
    yield "nvgre", 47, "2000655800002a01", False
    yield "geneve", 17, udp(6081, "0000{}00002a00"), True
    yield "geneve options", 17, udp(6081, "0240{}00002a000102030105060708"), True
    yield "geneve all options", 17, udp(6081, "3f00{}00002a00" + "00" * 252), True
    yield "geneve options cut", 17, udp(6081, "3f00{}00002a00"), True
    yield "geneve version 1", 17, udp(6081, "4000{}00002a00"), True
    for bits in ("0c", "08", "04", "1c", "2c", "0d"):
        for protocol in range(6):
            yield f"gpe {bits} {protocol}", 17, udp(4790, f"{bits}0000{protocol:02x}00002a00"), protocol in (1, 2)
    for flags, more in (("0000", 0), ("8000", 4), ("2000", 4), ("1000", 4), ("b000", 12), ("b0f8", 12), ("4000", 0), ("0800", 0),
                        ("0400", 0), ("2001", 4), ("3000", 8)):
        yield f"gre {flags}", 47, flags + "{}" + "5a" * more, True
        yield f"gre in udp {flags}", 17, udp(4754, flags + "{}" + "5a" * more), True


def shapes_tunnel():
    outers = [
        (0x0800, lambda protocol: bytes(IP(**HOSTS4, proto=protocol, len=20, chksum=0))),
        (0x0800, lambda protocol: bytes(IP(**HOSTS4, proto=protocol, len=20, chksum=0, options=[IPOption_NOP()] * 4))),
        (0x0800, lambda protocol: bytes(IP(**HOSTS4, proto=protocol, len=20, chksum=0, flags="MF"))),
        (0x86DD, lambda protocol: bytes(IPv6(**HOSTS6, nh=protocol, plen=0))),
        (0x86DD, lambda protocol: bytes(IPv6(**HOSTS6, nh=60, plen=0)) + bytes([protocol, 0, 1, 4, 0, 0, 0, 0])),
    ]
    tagged = bytes(Ether(dst=MAC, src=MAC))[:12] + b"\x81\x00\x00\x05"
    plain = bytes(Ether(dst=MAC, src=MAC))[:12]
    # a third of the headers for each pair of what is outside and inside, in turn: or tunnels would crowd out all else
    for turn, (outside, inside) in enumerate(itertools.product(outers, inner_packets())):
        (ether_type, outer), (inner, carried, packet, at, length) = outside, inside
        for name, protocol, header, packets in itertools.islice(tunnel_headers(), turn % 3, None, 3):
            frames = [plain, tagged] if name in ("vxlan", "nvgre") else [plain]
            for frame in frames:
                tunnel = outer(protocol) + bytes.fromhex(header.replace("{}", "6558"))
                before = tunnel + frame + carried.to_bytes(2, "big")
                mac = slice(len(tunnel), len(tunnel) + 6)
                yield tunnel_shape(f"{name}, {inner}", ether_type, before, packet, at, length, mac)
            if packets:
                before = outer(protocol) + bytes.fromhex(header.replace("{}", f"{carried:04x}"))
                yield tunnel_shape(f"{name}, bare {inner}", ether_type, before, packet, at, length)
        if carried != 0x0806:
            yield tunnel_shape(f"ipip {inner}", ether_type, outer(4 if carried == 0x0800 else 41), packet, at, length)


def tunnel_shape(name, ether_type, before, packet, at, length, mac=slice(0)):
    inner = slice(len(before) + at, len(before) + at + length)
    return Shape(name, ether_type, before + packet, 0, 2 if "tcp" in name or "udp" in name else 1, inner, mac)


def shapes_ipv6_bad():
    for name, protocol, transport in transports():
        if protocol not in (6, 17, 58):
            continue
        for version in (0, 4, 5, 7, 15):
            header = bytes(IPv6(**HOSTS6, version=version, nh=protocol, plen=len(transport)))
            yield shape_ip(f"ipv6 {name}, version {version}", 0x86DD, header, protocol, transport)
        header = bytes(IPv6(**HOSTS6, nh=protocol, plen=65535))
        yield shape_ip(f"ipv6 {name}, payload length 65535", 0x86DD, header, protocol, transport)
