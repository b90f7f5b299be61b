#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a capture of packets of every shape, whole and mutilated; the same for the same seed and count.

    generate_packets.py [--seed N] [--count 120000] [--format pcap] OUT.pcap

scapy builds some thousand templates once (shapes.py); the packets are variations of their bytes.
"""

import argparse
import itertools
import random

from addresses import GROUP, INNER, UNICAST, VIDS
from capture_file import FORMATS, LINK_TYPE_ETHERNET, Packet, write_capture
from shapes import all_shapes, tag_stacks

IPV4_ADDRESSES = slice(12, 20)
IPV6_ADDRESSES = slice(8, 40)
SYSTEMATIC_SHARE = 0.3
SWEEP_STEP = 37  # every so-many-th template is cut at every offset
SWEEP_LENGTH = 200


def generate_packets(seed, count):
    rng = random.Random(seed)
    generator = Generator(rng)
    systematic = generator.systematic()
    for _ in range(count):
        packet = next(systematic, None) if rng.random() < SYSTEMATIC_SHARE else None
        yield packet or generator.any_packet()


def whole(frame):
    return Packet(bytes(frame), len(frame), LINK_TYPE_ETHERNET)


def snap_cut(frame, length):
    return Packet(bytes(frame[:length]), len(frame), LINK_TYPE_ETHERNET)


class Generator:
    def __init__(self, rng):
        self.rng = rng
        self.shapes = all_shapes()
        self.weights = list(itertools.accumulate(shape.weight for shape in self.shapes))
        self.stacks = list(tag_stacks())
        self.chances = [
            (self.plain, 50),
            (self.flipped, 22),
            (self.cut, 10),
            (self.spliced, 8),
            (self.snapped, 6),
            (self.any_bytes, 2),
            (self.mixed_case, 2),
        ]

    def systematic(self):
        """Every template; every tag stack; a sample of templates cut at every offset; lengths at the limits."""
        templates = self.rng.sample(self.shapes, len(self.shapes))
        for length in (65535, 65534, 9018, 9000, 4096, 2049, 2048, 1522, 1514, 60):
            yield whole(self.padded(self.frame(), length))
        for length in range(0, 20):
            yield whole(self.rng.randbytes(length))
        for stack in self.stacks:
            for _ in range(12):
                yield whole(self.frame(stack=stack))
            frame = self.frame(stack=stack)
            for length in range(len(frame)):
                yield whole(frame[:length])
        for shape in templates:
            yield whole(self.frame(shape, b""))
        for shape in templates[::SWEEP_STEP]:
            frame = self.frame(shape, b"")
            for length in range(min(len(frame), SWEEP_LENGTH)):
                yield whole(frame[:length])

    def any_packet(self):
        if self.rng.random() < 0.0005:
            return whole(self.padded(self.frame(), self.rng.choice((9000, 9018, 16000, 65535))))
        makers, weights = zip(*self.chances)
        return self.rng.choices(makers, weights)[0]()

    def plain(self):
        frame = self.frame()
        if self.rng.random() < 0.5:
            return whole(self.padded(frame, 60))
        return whole(frame)

    def flipped(self):
        """One to four bits or bytes of the header area changed."""
        frame = self.frame()
        for _ in range(self.rng.randint(1, 4)):
            offset = self.rng.randrange(12, max(13, min(len(frame), 110)))
            if self.rng.random() < 0.5:
                frame[offset] ^= 1 << self.rng.randrange(8)
            else:
                frame[offset] = self.rng.choice((0, 1, 2, 4, 5, 6, 8, 0x11, 0x2B, 0x2C, 0x33, 0x3C, 0x87, 0xC9, 0xFF))
        return whole(frame)

    def cut(self):
        frame = self.frame()
        return whole(frame[: self.rng.randrange(len(frame))])

    def snapped(self):
        frame = self.frame()
        return snap_cut(frame, self.rng.randint(0, len(frame)))

    def spliced(self):
        """The beginning of one frame before the end of another."""
        first, second = self.frame(), self.frame()
        return whole(first[: self.rng.randrange(12, len(first))] + second[self.rng.randrange(len(second)) :])

    def any_bytes(self):
        """IPv4 or IPv6 in the type, nonsense behind it."""
        addresses = self.destination() + self.rng.choice(UNICAST)
        ether_type = self.rng.choice((b"\x08\x00", b"\x86\xdd", b"\x81\x00", b"\x88\xa8"))
        return whole(addresses + ether_type + self.rng.randbytes(self.rng.randint(0, 120)))

    def mixed_case(self):
        """The type of one IP version before the header of the other."""
        frame = self.frame(stack=b"")
        frame[12:14] = self.rng.choice((b"\x08\x00", b"\x86\xdd"))
        return whole(frame)

    def padded(self, frame, length):
        return frame + bytes(max(0, length - len(frame)))

    def frame(self, shape=None, stack=None):
        rng = self.rng
        if shape is None:
            shape = rng.choices(self.shapes, cum_weights=self.weights)[0]
        if stack is None:
            stack = self.any_stack()
        addresses = self.destination() + rng.choice(UNICAST)
        return bytearray(addresses + self.tagged(stack) + shape.ether_type.to_bytes(2, "big") + self.varied(shape))

    def any_stack(self):
        chance = self.rng.random()
        if chance < 0.35:
            return b""
        if chance < 0.75:
            return self.rng.choice(self.stacks[1:3])
        return self.rng.choice(self.stacks)

    def destination(self):
        chance = self.rng.random()
        if chance < 0.88:
            return self.rng.choice(UNICAST)
        if chance < 0.95:
            return self.rng.choice(GROUP)
        return self.rng.randbytes(6)

    def tagged(self, stack):
        """The stack with VLAN ids and priorities drawn anew."""
        tags = bytearray(stack)
        for offset in range(2, len(tags), 4):
            control = self.vid() | self.rng.randrange(16) << 12
            tags[offset : offset + 2] = control.to_bytes(2, "big")
        return tags

    def vid(self):
        chance = self.rng.random()
        if chance < 0.7:
            return self.rng.choice(VIDS)
        if chance < 0.85:
            return 0
        return self.rng.randrange(4096) if chance < 0.95 else 4095

    def varied(self, shape):
        """The template with addresses and ports drawn anew, so that hashes differ."""
        data = bytearray(shape.data)
        if shape.ether_type == 0x0800 and len(data) >= 20:
            data[IPV4_ADDRESSES] = self.rng.randbytes(8)
        if shape.ether_type == 0x86DD and len(data) >= 40:
            data[IPV6_ADDRESSES] = self.rng.randbytes(32)
        if shape.ports_at:
            data[shape.ports_at : shape.ports_at + 4] = self.rng.randbytes(4)
        data[shape.inner] = self.rng.randbytes(len(data[shape.inner]))
        if data[shape.inner_mac]:
            data[shape.inner_mac] = self.rng.choice(INNER)
        return data


def main():
    parser = argparse.ArgumentParser(description="Makes a capture of packets of every shape")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120000)
    parser.add_argument("--format", choices=FORMATS, default="pcap")
    parser.add_argument("path", metavar="OUT.pcap")
    arguments = parser.parse_args()
    write_capture(arguments.path, generate_packets(arguments.seed, arguments.count), arguments.format)


if __name__ == "__main__":
    main()
