# SPDX-License-Identifier: BSD-2-Clause
"""The reference against the published vectors, hand-written cases of spec 4.3, 5.3, 6.4, and scapy's dissection."""

import csv
import ipaddress
import itertools
import os
import random
import struct
import tempfile
import unittest

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import HAO, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting
from scapy.layers.ipsec import AH
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.utils import RawPcapNgReader, RawPcapReader

import shapes
from addresses import VIDS, mac_text
from capture_file import FORMATS, LINK_TYPE_ETHERNET, Packet, read_capture, write_capture
from configuration import ANY_VLAN, UNTAGGED_OR_ZERO, load_configuration
from generate_config import HASH_TYPES, write_config
from generate_packets import generate_packets
from headers import parse_frame
from toeplitz import VERIFICATION_KEY, toeplitz, toeplitz_by_definition
from vmmq_reference import find_inner_filter, steer

vectors_path = None

MAC = bytes.fromhex("020000000001")
OTHER_MAC = bytes.fromhex("020000000002")
PORTS = bytes.fromhex("0aea06e6")  # 2794, 1766
V4_ADDRESSES = ipaddress.ip_address("66.9.149.187").packed + ipaddress.ip_address("161.142.100.80").packed
V6_SOURCE = ipaddress.ip_address("3ffe:2501:200:1fff::7").packed
V6_DESTINATION = ipaddress.ip_address("3ffe:2501:200:3::1").packed
ELSEWHERE = bytes.fromhex("20010db8" + "77" * 12)
# published hashes of these addresses, without and with these ports
V4_PAIR, V4_FLOW = "0x323e8fc2", "0x51ccc178"
V6_PAIR, V6_FLOW = "0x2cc18cd5", "0x40207d3d"
TCP_HEADER = PORTS + bytes(16)
UDP_HEADER = PORTS + bytes(4)


def ethernet(ether_type, payload, tags="", mac=MAC):
    return mac + OTHER_MAC + bytes.fromhex(tags) + ether_type.to_bytes(2, "big") + payload


def ipv4(protocol, payload, fragment=0, first_byte=0x45, options=b"", tags=""):
    head = bytes([first_byte, 0, 0, 0, 0, 0]) + fragment.to_bytes(2, "big") + bytes([64, protocol, 0, 0])
    return ethernet(0x0800, head + V4_ADDRESSES + options + payload, tags)


def ipv6(next_header, payload, source=V6_SOURCE, destination=V6_DESTINATION, first_byte=0x60):
    head = bytes([first_byte, 0, 0, 0, 0, 0, next_header, 64])
    return ethernet(0x86DD, head + source + destination + payload)


def extension(next_header, length, content=b""):
    """An extension header of `length` bytes in units of eight."""
    return (bytes([next_header, length // 8 - 1]) + content).ljust(length, b"\0")


HOME_OPTION = b"\x01\x02\0\0\xc9\x10" + V6_SOURCE  # PadN, Home Address
ROUTE = b"\x02\x01\0\0\0\0" + V6_DESTINATION  # type 2, one segment left


class Steering(unittest.TestCase):
    """Runs one frame through a configuration written as text."""

    def record(self, frame, vports):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("adapter: {name: t, processors: [5, 6, 7, '1:3']}\nvports:\n" + vports)
            file.flush()
            return steer(load_configuration(file.name), 1, parse_frame(frame))

    def expect_hash(self, name, frame, types, hash_type, hash_value):
        """`types` enabled on the default VPort must give that type and hash, or none and the default processor."""
        rss = f"{{enabled: true, hash_types: [{types}], indirection_table: [5, 6], default_processor: 7}}"
        record = self.record(frame, f"- {{id: 0, rss: {rss}}}\n")
        with self.subTest(name, types=types, record=record):
            self.assertEqual((record["hash_type"], record["hash"]), (hash_type, hash_value))
            if hash_type is None:
                self.assertEqual((record["entry"], record["processor"], record["via"]), (None, 7, "default"))
            else:
                entry = int(hash_value, 16) % 2
                self.assertEqual((record["entry"], record["processor"], record["via"]), (entry, 5 + entry, "table"))


class TestVectors(Steering):
    def test_vectors(self):
        with open(vectors_path, encoding="utf-8") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.assertGreater(len(rows), 30)
        for row in rows:
            source, destination = (ipaddress.ip_address(row[name]).packed for name in ("src_ip", "dst_ip"))
            ports = int(row["src_port"]).to_bytes(2, "big") + int(row["dst_port"]).to_bytes(2, "big")
            hash_type, expected = row["hash_type"].lower(), row["expected_hash_hex"]
            data = source + destination + (b"" if hash_type.startswith("ip") else ports)
            self.assertEqual(toeplitz_by_definition(VERIFICATION_KEY, data), int(expected, 16), row)
            self.assertEqual(toeplitz(VERIFICATION_KEY, data), int(expected, 16), row)
            protocol, header = (17, bytes(4)) if hash_type.startswith("udp") else (6, bytes(16))
            if len(source) == 4:
                head = bytes([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0])
                frame = ethernet(0x0800, head + source + destination + ports + header)
            else:
                frame = ipv6(protocol, ports + header, source, destination)
            self.expect_hash("vector", frame, hash_type, hash_type, expected)

    def test_fast_equals_definition(self):
        rng = random.Random(1)
        for length in range(37):
            for _ in range(4):
                key, one, two = rng.randbytes(40), rng.randbytes(length), rng.randbytes(length)
                both = bytes(a ^ b for a, b in zip(one, two))
                self.assertEqual(toeplitz(key, one), toeplitz_by_definition(key, one))
                self.assertEqual(toeplitz(key, both), toeplitz(key, one) ^ toeplitz(key, two))


class TestVlan(Steering):
    def test_twelve_cells(self):
        """Spec 4.3: three filters, four kinds of tag; what matches, and what is stripped."""
        payload = bytes(46)
        untagged = ethernet(0x0806, payload)
        priority = ethernet(0x0806, payload, "8100e000")
        tagged = ethernet(0x0806, payload, "8100600a")
        other = ethernet(0x0806, payload, "88a8000b")
        cells = {
            "": ((1, None), (1, None), (0, None), (0, None)),
            ", vlan: 10": ((0, None), (0, None), (1, 10), (0, None)),
            ", vlan: any": ((1, None), (1, 0), (1, 10), (1, 11)),
        }
        for rule, expected in cells.items():
            vports = f"- {{id: 1, filters: [{{mac: '02:00:00:00:00:01'{rule}}}]}}\n"
            for frame, outcome in zip((untagged, priority, tagged, other), expected):
                record = self.record(frame, vports)
                self.assertEqual((record["vport"], record["vlan"]), outcome, (rule, frame.hex()))

    def test_exact_rule_first(self):
        rules = ("vlan: any", "", "vlan: 10")
        vports = "".join(
            f"- {{id: {number}, filters: [{{mac: '02:00:00:00:00:01', {rule}}}]}}\n"
            for number, rule in enumerate(rules, start=1)
        )
        cases = [("", 2, None), ("81000000", 2, None), ("8100000a", 3, 10), ("8100000b", 1, 11)]
        cases.append(("81000fff", 1, 4095))
        for tags, vport, vlan in cases:
            record = self.record(ethernet(0x0806, bytes(46), tags), vports)
            self.assertEqual((record["vport"], record["vlan"]), (vport, vlan), tags)

    def test_encapsulated(self):
        """Spec 16.2: the filter's own VPort looks into the tunnel; the network goes before the VLAN; the tag is the outer one."""
        inside = ethernet(0x0806, b"", mac=bytes.fromhex("0200000000ab"))
        vxlan = struct.pack("!HHHH", 1, 4789, 0, 0) + bytes.fromhex("0800000000002a00") + inside
        plain, tagged = (ipv4(17, vxlan, tags=tags) for tags in ("", "8100600a"))
        group = b"\x03" + plain[1:]
        filters = "[{mac: '02:00:00:00:00:ab', encapsulated: true%s}]"
        other = "rss: {encapsulation: [nvgre, geneve]}"
        on = "rss: {encapsulation: [vxlan]}"
        for more, rss, frame, vport, vlan in (
            ("", on, plain, 1, None),
            ("", other, plain, 0, None),
            ("", on, group, 0, None),
            ("", on, tagged, 0, None),
            (", vlan: 10", on, tagged, 1, 10),
            (", vlan: any", on, tagged, 1, 10),
            (", vni: 42", on, plain, 1, None),
            (", vni: 43", on, plain, 0, None),
        ):
            with self.subTest(more=more, rss=rss, tagged=frame is tagged):
                record = self.record(frame, f"- {{id: 1, filters: {filters % more}, {rss}}}\n")
                self.assertEqual((record["vport"], record["vlan"]), (vport, vlan))
        ranks = [", vni: 42, vlan: 10", ", vni: 42, vlan: any", ", vlan: 10", ", vlan: any"]
        vports = [f"- {{id: {5 - number}, filters: {filters % more}, {on}}}\n" for number, more in enumerate(ranks, 1)]
        while vports:
            self.assertEqual(self.record(tagged, "".join(vports))["vport"], len(vports))
            vports.pop(0)

    def test_default_vport_filter_strips(self):
        vports = "- {id: 0, filters: [{mac: 'FF:ff:ff:ff:ff:ff', vlan: 10}]}\n"
        broadcast = ethernet(0x0806, bytes(46), "8100000a", b"\xff" * 6)
        self.assertEqual(self.record(broadcast, vports)["vlan"], 10)
        self.assertIsNone(self.record(broadcast, "- {id: 0}\n")["vlan"])

    def test_runts(self):
        for frame in (b"", MAC, bytes(13), MAC + MAC + b"\x81\x00\x00\x0a\x08", MAC + MAC + b"\x88\xa8"):
            self.assertEqual(self.record(frame, "- {id: 0}\n"), {"packet": 1, "drop": "runt"})
        self.assertEqual(self.record(bytes(14), "- {id: 0}\n")["via"], "primary")

    def test_processor_spelling(self):
        record = self.record(bytes(14), "- {id: 0, primary_processor: 1:3}\n")
        self.assertEqual(record["processor"], 67)

    def test_tag_stacks(self):
        for count, hash_type in ((1, "ipv4"), (8, "ipv4"), (9, None)):
            frame = ipv4(1, b"", tags="8100000a" + "88a80001" * (count - 1))
            self.expect_hash(f"{count} tags", frame, "ipv4", hash_type, V4_PAIR if hash_type else None)
        self.expect_hash("inner tag cut off", ethernet(0x8100, b"\0\0\x08", "8100000a"), "ipv4", None, None)


class TestEdgeTable(Steering):
    """Spec 5.3 row by row."""

    def test_ipv4(self):
        tcp, udp = ipv4(6, TCP_HEADER), ipv4(17, UDP_HEADER)
        self.expect_hash("ARP", ethernet(0x0806, bytes(46)), "ipv4, ipv6", None, None)
        self.expect_hash("version not enabled", tcp, "ipv6, tcp_ipv6", None, None)
        self.expect_hash("TCP, TCP only", tcp, "tcp_ipv4", "tcp_ipv4", V4_FLOW)
        self.expect_hash("TCP, all", tcp, "ipv4, tcp_ipv4, udp_ipv4", "tcp_ipv4", V4_FLOW)
        self.expect_hash("UDP, TCP + IPv4", udp, "tcp_ipv4, ipv4", "ipv4", V4_PAIR)
        self.expect_hash("UDP, TCP only", udp, "tcp_ipv4", None, None)
        self.expect_hash("UDP", udp, "udp_ipv4", "udp_ipv4", V4_FLOW)
        for protocol in (1, 47, 50, 132, 4, 41, 136):
            frame = ipv4(protocol, TCP_HEADER)
            self.expect_hash("other", frame, "ipv4, tcp_ipv4, udp_ipv4", "ipv4", V4_PAIR)
            self.expect_hash("other, not enabled", frame, "tcp_ipv4, udp_ipv4", None, None)
        self.expect_hash("padding", tcp + bytes(200), "tcp_ipv4", "tcp_ipv4", V4_FLOW)

    def test_ipv4_fragments(self):
        for fragment in (0x2000, 0x2001, 0x0001, 0x1FFF, 0x4001):
            for payload in (TCP_HEADER, b""):
                frame = ipv4(6, payload, fragment)
                self.expect_hash("fragment", frame, "ipv4, tcp_ipv4", "ipv4", V4_PAIR)
                self.expect_hash("fragment, 4-tuple only", frame, "tcp_ipv4, udp_ipv4", None, None)
        for not_fragment in (0x4000, 0x8000, 0xC000):
            self.expect_hash("DF", ipv4(6, TCP_HEADER, not_fragment), "ipv4, tcp_ipv4", "tcp_ipv4", V4_FLOW)

    def test_ipv4_header(self):
        everything = "ipv4, tcp_ipv4, udp_ipv4"
        options = ipv4(6, TCP_HEADER, first_byte=0x47, options=b"\x01" * 8)
        longest = ipv4(6, TCP_HEADER, first_byte=0x4F, options=b"\x01" * 40)
        self.expect_hash("options", options, everything, "tcp_ipv4", V4_FLOW)
        self.expect_hash("longest options", longest, everything, "tcp_ipv4", V4_FLOW)
        self.expect_hash("options cut", longest[: 14 + 59], everything, None, None)
        for first_byte in (0x44, 0x40, 0x55, 0x65, 0x05):
            self.expect_hash("bad first byte", ipv4(6, TCP_HEADER, first_byte=first_byte), everything, None, None)
        for length in range(14, 14 + 20):
            self.expect_hash("header cut", ipv4(6, TCP_HEADER)[:length], everything, None, None)

    def test_transport_cut(self):
        everything = ", ".join(HASH_TYPES)
        for protocol, header in ((6, TCP_HEADER), (17, UDP_HEADER)):
            for cut in range(len(header)):
                self.expect_hash("ipv4", ipv4(protocol, header[:cut]), everything, None, None)
                self.expect_hash("ipv6", ipv6(protocol, header[:cut]), everything, None, None)
        self.expect_hash("ICMP without a byte", ipv4(1, b""), everything, "ipv4", V4_PAIR)

    def test_ipv6(self):
        tcp, udp = ipv6(6, TCP_HEADER), ipv6(17, UDP_HEADER)
        self.expect_hash("TCP", tcp, "tcp_ipv6", "tcp_ipv6", V6_FLOW)
        self.expect_hash("TCP, EX only", tcp, "tcp_ipv6_ex", "tcp_ipv6_ex", V6_FLOW)
        self.expect_hash("TCP, EX wins", tcp, "tcp_ipv6, tcp_ipv6_ex", "tcp_ipv6_ex", V6_FLOW)
        self.expect_hash("TCP, class before EX", tcp, "tcp_ipv6, ipv6_ex", "tcp_ipv6", V6_FLOW)
        self.expect_hash("UDP", udp, "udp_ipv6, tcp_ipv6, ipv6", "udp_ipv6", V6_FLOW)
        self.expect_hash("UDP falls back", udp, "tcp_ipv6, ipv6_ex, ipv6", "ipv6_ex", V6_PAIR)
        self.expect_hash("UDP, none", udp, "tcp_ipv6, tcp_ipv6_ex, ipv4", None, None)
        for last in (58, 50, 59, 132, 255):
            self.expect_hash("other", ipv6(last, b""), "ipv6, tcp_ipv6", "ipv6", V6_PAIR)
            self.expect_hash("other, none", ipv6(last, b""), "tcp_ipv6, udp_ipv6", None, None)
        self.expect_hash("version", ipv6(6, TCP_HEADER, first_byte=0x40), "ipv6", None, None)
        self.expect_hash("cut", ipv6(59, b"")[:-1], "ipv6", None, None)

    def test_ipv6_fragments(self):
        for offset_and_flag in ("0000", "0001", "0569", "0568"):
            fragment = bytes.fromhex("0600" + offset_and_flag + "00000007")
            frame = ipv6(44, fragment + TCP_HEADER)
            self.expect_hash("fragment", frame, "ipv6, tcp_ipv6", "ipv6", V6_PAIR)
            self.expect_hash("fragment, EX", frame, "ipv6_ex, tcp_ipv6_ex", "ipv6_ex", V6_PAIR)
            self.expect_hash("fragment, 4-tuple only", frame, "tcp_ipv6, tcp_ipv6_ex", None, None)
        self.expect_hash("nothing of the fragment header", ipv6(44, b""), "ipv6", "ipv6", V6_PAIR)
        behind_home = extension(44, 24, HOME_OPTION) + bytes(8)
        self.expect_hash("behind Home Address", ipv6(60, behind_home, ELSEWHERE), "ipv6_ex", "ipv6_ex", V6_PAIR)

    def test_rss_off(self):
        record = self.record(ipv4(6, TCP_HEADER), "- {id: 0, primary_processor: 6, rss: {hash_types: [ipv4]}}\n")
        expected = {"hash_type": None, "hash": None, "entry": None, "processor": 6, "via": "primary"}
        self.assertEqual(record, {"packet": 1, "vport": 0, "vlan": None} | expected)

    def test_defaults(self):
        record = self.record(ipv4(6, TCP_HEADER), "- {id: 0, primary_processor: 6, rss: {enabled: true}}\n")
        expected = {"hash_type": "tcp_ipv4", "hash": V4_FLOW, "entry": 0, "processor": 6, "via": "table"}
        self.assertEqual(record, {"packet": 1, "vport": 0, "vlan": None} | expected)


class TestExtensionWalk(Steering):
    """Spec 6.4."""

    def test_skipped(self):
        ah = bytes([6, 4]) + bytes(22)  # RFC 4302: (4 + 2) * 4 bytes
        for kind, header in ((0, extension(6, 8)), (43, extension(6, 24)), (60, extension(6, 16)), (51, ah)):
            self.expect_hash(str(kind), ipv6(kind, header + TCP_HEADER), "tcp_ipv6", "tcp_ipv6", V6_FLOW)
            for cut in range(len(header)):
                self.expect_hash(f"{kind} cut", ipv6(kind, header[:cut]), "ipv6, tcp_ipv6", None, None)
        self.expect_hash("135", ipv6(135, extension(17, 16) + UDP_HEADER), "udp_ipv6", "udp_ipv6", V6_FLOW)

    def test_limits(self):
        for count, last, hash_type in ((8, 6, "ipv6"), (9, 6, None), (8, 44, "ipv6"), (9, 44, None)):
            chain = extension(0, 8) * (count - 1) + extension(last, 8)
            expected = V6_PAIR if hash_type else None
            self.expect_hash(f"{count} headers", ipv6(0, chain + TCP_HEADER), "ipv6", hash_type, expected)
        self.expect_hash("256", ipv6(0, extension(6, 256) + TCP_HEADER), "tcp_ipv6", "tcp_ipv6", V6_FLOW)
        self.expect_hash("264", ipv6(0, extension(6, 264) + TCP_HEADER), "tcp_ipv6", None, None)

    def test_substitution(self):
        home, route = extension(6, 24, HOME_OPTION), extension(6, 24, ROUTE)
        both = extension(43, 24, HOME_OPTION) + route
        cases = (
            ("home", 60, home, ELSEWHERE, V6_DESTINATION),
            ("route", 43, route, V6_SOURCE, ELSEWHERE),
            ("both", 60, both, ELSEWHERE, ELSEWHERE),
            ("last wins", 60, extension(60, 24, HOME_OPTION[:6] + ELSEWHERE) + home, ELSEWHERE, V6_DESTINATION),
            ("other in between", 60, extension(60, 24, HOME_OPTION) + extension(6, 8), ELSEWHERE, V6_DESTINATION),
        )
        for name, kind, header, source, destination in cases:
            frame = ipv6(kind, header + TCP_HEADER, source, destination)
            self.expect_hash(name, frame, "tcp_ipv6_ex, tcp_ipv6", "tcp_ipv6_ex", V6_FLOW)
            self.expect_hash(name, frame, "ipv6_ex, ipv6", "ipv6_ex", V6_PAIR)
        wrong = extension(43, 24, b"\x01\x02\0\0\xc9\x10" + ELSEWHERE)
        wrong += extension(6, 24, b"\x02\x01\0\0\0\0" + ELSEWHERE)
        self.expect_hash("base addresses", ipv6(60, wrong + TCP_HEADER), "tcp_ipv6, ipv6_ex", "tcp_ipv6", V6_FLOW)

    def test_parse_failures(self):
        bad = (
            ("RH2 left 0", 43, extension(6, 24, b"\x02\x00\0\0\0\0" + ELSEWHERE)),
            ("RH2 left 2", 43, extension(6, 24, b"\x02\x02\0\0\0\0" + ELSEWHERE)),
            ("RH2 8 bytes", 43, extension(6, 8, b"\x02\x01")),
            ("RH2 40 bytes", 43, extension(6, 40, b"\x02\x01")),
            ("home length 15", 60, extension(6, 24, b"\xc9\x0f")),
            ("home length 17", 60, extension(6, 24, b"\xc9\x11")),
            ("option overruns", 60, extension(6, 8, b"\x1e\x05")),
            ("option without length", 60, extension(6, 8, b"\x01\x03\0\0\0\x1e")),
        )
        for name, kind, header in bad:
            frame = ipv6(kind, header + TCP_HEADER)
            self.expect_hash(name, frame, ", ".join(HASH_TYPES), None, None)
        good = (
            ("RH0 any length", 43, extension(6, 40, b"\x00\x05")),
            ("option just fits", 60, extension(6, 8, b"\x1e\x04")),
            ("hop-by-hop options are not walked", 0, extension(6, 8, b"\xc9\xff\xff\xff\xff\xff")),
        )
        for name, kind, header in good:
            self.expect_hash(name, ipv6(kind, header + TCP_HEADER), "tcp_ipv6", "tcp_ipv6", V6_FLOW)


class TestAgainstScapy(unittest.TestCase):
    """Well-formed packets, dissected by scapy."""

    WELL_FORMED = ("hbh", "dst", "dst pad1", "home", "home, pad1 first", "rh0", "rh0 long", "rh2", "rh2 other", "ah")
    FRAGMENTS = ("fragment atomic", "fragment first", "fragment middle", "fragment last")
    # scapy leaves what follows an AH in IPv6 undissected
    BEHIND_AH = {
        0: IPv6ExtHdrHopByHop,
        6: TCP,
        17: UDP,
        43: IPv6ExtHdrRouting,
        44: IPv6ExtHdrFragment,
        51: AH,
        60: IPv6ExtHdrDestOpt,
    }

    def test_dissection(self):
        rng = random.Random(7)
        stacks = [stack for stack in shapes.tag_stacks() if len(stack) <= 12]
        templates = list(shapes.shapes_ipv4())
        transports = list(shapes.transports())
        for _ in range(600):
            chain = rng.choices(self.WELL_FORMED, k=rng.randint(0, 5))
            if rng.random() < 0.2:
                chain.append(rng.choice(self.FRAGMENTS))
            templates.append(shapes.shape_chain(chain, rng.choice(transports)))
        for shape in rng.sample(templates, 900):
            data = bytearray(shape.data)  # scapy wants the IP length right
            if shape.ether_type == 0x0800:
                data[2:4] = len(data).to_bytes(2, "big")
            else:
                data[4:6] = (len(data) - 40).to_bytes(2, "big")
            frame = MAC + OTHER_MAC + rng.choice(stacks) + shape.ether_type.to_bytes(2, "big") + data
            with self.subTest(shape.name, frame=frame.hex()):
                self.assertEqual(self.ours(frame), self.theirs(frame))

    def ours(self, frame):
        found = parse_frame(frame)
        ip = found.ip
        addresses = (ip.source, ip.destination, ip.home_address, ip.routing_address)
        return found.vid, addresses, ip.fragment, ip.transport, ip.ports

    def theirs(self, frame):
        layer = Ether(frame)
        vid = None
        layer = layer.payload
        while isinstance(layer, (Dot1Q, Dot1AD)):
            vid = layer.vlan if vid is None else vid
            layer = layer.payload
        ip = layer
        home = route = None
        fragment = isinstance(ip, IP) and (ip.flags.MF or ip.frag > 0)
        layer = layer.payload
        while isinstance(layer, (IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting, AH)):
            if isinstance(layer, IPv6ExtHdrDestOpt):
                home = ([option.hoa for option in layer.options if isinstance(option, HAO)] or [home])[-1]
            if isinstance(layer, IPv6ExtHdrRouting) and layer.type == 2:
                route = layer.addresses[0]
            following = layer.nh
            layer = layer.payload
            if following in self.BEHIND_AH and not isinstance(layer, self.BEHIND_AH[following]):
                layer = self.BEHIND_AH[following](bytes(layer))
        fragment = bool(fragment) or isinstance(layer, IPv6ExtHdrFragment)
        transport = {TCP: "tcp", UDP: "udp"}.get(type(layer)) if not fragment else None
        ports = layer.sport.to_bytes(2, "big") + layer.dport.to_bytes(2, "big") if transport else b""
        addresses = tuple(
            address and ipaddress.ip_address(address).packed for address in (ip.src, ip.dst, home, route)
        )
        return vid, addresses, fragment, transport, ports


class TestFiles(unittest.TestCase):
    def test_formats_and_scapy_reader(self):
        packets = list(generate_packets(5, 400))
        with tempfile.TemporaryDirectory() as folder:
            for name in FORMATS:
                path = os.path.join(folder, name)
                write_capture(path, packets, name)
                capture = read_capture(path)
                self.assertEqual((capture.packets, capture.broken), (packets, ""))
                reader = (RawPcapNgReader if "ng" in name else RawPcapReader)(path)
                self.assertEqual([data for data, _ in reader], [packet.data for packet in packets])
                reader.close()

    def test_cut_file(self):
        packets = [Packet(bytes(60), 60, LINK_TYPE_ETHERNET)] * 3
        with tempfile.TemporaryDirectory() as folder:
            for name in FORMATS:
                path = os.path.join(folder, name)
                write_capture(path, packets, name)
                os.truncate(path, os.path.getsize(path) - 1)
                capture = read_capture(path)
                self.assertEqual(capture.packets, packets[:2])
                self.assertNotEqual(capture.broken, "")


class TestGenerators(unittest.TestCase):
    """What is generated must reach every outcome, or the comparison proves less than it seems to."""

    REASONS = (
        "more than 8 tags",
        "inner tag cut off",
        "not IP",
        "IPv4 header cut off",
        "IPv4 version nibble",
        "IPv4 IHL below 5",
        "IPv4 options cut off",
        "IPv6 header cut off",
        "IPv6 version nibble",
        "more than 8 extension headers",
        "more than 256 bytes of extension headers",
        "extension header cut off",
        "type-2 routing header is not 24 bytes",
        "type-2 routing header: segments left is not 1",
        "option overruns its header",
        "Home Address option is not 16 bytes",
        "tcp header cut off",
        "udp header cut off",
    )

    def test_every_outcome(self):
        packets = list(generate_packets(1, 20000))
        frames = [parse_frame(packet.data) for packet in packets]
        reasons = [frame.reason for frame in frames]
        for reason in self.REASONS:
            self.assertGreater(reasons.count(reason), 4, reason)
        self.assertGreater(sum(frame.drop == "runt" for frame in frames), 50)
        for name, length in (("zero", 0), ("jumbo", 9000), ("longest", 65535)):
            self.assertTrue(any(len(packet.data) == length for packet in packets), name)
        self.assertTrue(any(len(packet.data) < packet.wire_length for packet in packets))
        ips = [frame.ip for frame in frames if frame.ip]
        for version, transport in itertools.product((4, 6), ("tcp", "udp", None)):
            self.assertGreater(sum((ip.version, ip.transport) == (version, transport) for ip in ips), 200)
        for name in ("fragment", "home_address", "routing_address"):
            self.assertGreater(sum(bool(getattr(ip, name)) for ip in ips), 200, name)
        self.records_reach_everything(frames)

    def records_reach_everything(self, frames):
        outcomes = set()
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(12):
                path = os.path.join(folder, "config.yaml")
                write_config(path, seed)
                configuration = load_configuration(path)
                for frame in frames[:4000]:
                    record = steer(configuration, 1, frame)
                    if not frame.drop:
                        outcomes.update((record["hash_type"], record["via"]))
                        outcomes.add(("vlan", "VID" if record["vlan"] else record["vlan"]))
                        outcomes.add(("default VPort", record["vport"] == 0))
                        inner = find_inner_filter(configuration.inner_filters, frame)
                        outcomes.add(("inner filter", inner and inner.rule))
                        outcomes.add(("network", inner and inner.network > 0))
        expected = {*HASH_TYPES, None, "table", "default", "primary", ("vlan", 0), ("vlan", None), ("vlan", "VID")}
        expected |= {("inner filter", rule) for rule in (None, UNTAGGED_OR_ZERO, ANY_VLAN, *VIDS[:2])}
        expected |= {("network", named) for named in (None, False, True)}
        self.assertEqual(outcomes, expected | {("default VPort", True), ("default VPort", False)})

    def test_same_seed_same_result(self):
        self.assertEqual(list(generate_packets(3, 500)), list(generate_packets(3, 500)))
        self.assertNotEqual(list(generate_packets(3, 500)), list(generate_packets(4, 500)))

    def test_configurations_are_valid(self):
        """What the reference can see of validity; `vmmq check` sees the rest."""
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(200):
                path = os.path.join(folder, "config.yaml")
                write_config(path, seed)
                for vport in load_configuration(path).vports.values():
                    entries = len(vport.indirection_table)
                    self.assertEqual(entries & (entries - 1), 0)
                    self.assertLessEqual(entries, 128)

    def test_mac_text(self):
        self.assertEqual(mac_text(MAC), "02:00:00:00:00:01")


def run(path):
    global vectors_path
    vectors_path = path
    suite = unittest.defaultTestLoader.loadTestsFromName(__name__)
    return 0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1
