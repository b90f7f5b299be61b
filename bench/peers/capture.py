# SPDX-License-Identifier: BSD-2-Clause
"""A capture to be replayed: every packet a flow of its own, 64 bytes with the FCS that it does not hold."""
import random
import struct


def mac(number):
    return bytes([2, 0, 0, 0, number >> 8, number & 255])


def checksummed(header):
    """An IPv4 header whose checksum was left 0."""
    total = sum(struct.unpack(f'!{len(header) // 2}H', header))
    total = (total & 0xffff) + (total >> 16)
    return header[:10] + struct.pack('!H', ~(total + (total >> 16)) & 0xffff) + header[12:]


def frame(destination, seeded):
    """TCP or UDP over IPv4, from a random address and random ports."""
    ports = struct.pack('!HH', seeded.randrange(1024, 65535), seeded.randrange(1024, 65535))
    tcp = seeded.random() < 0.5
    transport = ports + (struct.pack('!IIBBHHH', 1, 0, 0x50, 0x10, 8192, 0, 0) if tcp else struct.pack('!HH', 26, 0) + bytes(18))
    header = checksummed(struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + (20 if tcp else 26), 0, 0x4000, 64, 6 if tcp else 17, 0,
                                     seeded.randbytes(4), bytes([10, 0, destination >> 8, destination & 255])))
    return (mac(destination) + bytes.fromhex('020000010001') + b'\x08\0' + header + transport).ljust(60, b'\0')


def capture_of(frames):
    """A capture file's bytes."""
    records = (struct.pack('<IIII', 0, 0, len(data), len(data)) + data for data in frames)
    return struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b''.join(records)


def capture_write(path, addresses, packets):
    """Packets to the MAC addresses 1 to addresses, in an order that no predictor knows; the same file each time."""
    seeded = random.Random(1)
    frames = [frame(number % addresses + 1, seeded) for number in range(packets)]
    seeded.shuffle(frames)
    with open(path, 'wb') as file:
        file.write(capture_of(frames))
