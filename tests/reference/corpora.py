#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares `vmmq replay` with the reference on every Ethernet capture below some folders, such as those of public corpora.

    corpora.py --vmmq PATH/vmmq [--seed N] [--longest PACKETS] FOLDER...

Every capture is steered by a configuration of its own, drawn so that its filters name the capture's destinations, VLANs, and
destinations and networks inside tunnels. Captures of more packets than --longest are compared as far as that; those that hold no
Ethernet, or are broken, must be refused or cut off as compare.py says. Each folder gets a line; a difference names the file.

Exit status: 0 equal, 1 not (the files are kept and named), 2 wrong usage.
"""

import argparse
import collections
import gzip
import os
import shutil
import sys
import tempfile
import zlib

from capture_file import LINK_TYPE_ETHERNET, CaptureError, read_capture, write_capture
from compare import Different, judge_capture, replay, steer_all
from generate_config import write_config
from headers import parse_packet
from tunnels import frame_inside

TUNNELS = frozenset(("vxlan", "nvgre", "geneve", "vxlan_gpe", "gre", "gre_udp", "ipip"))
DESTINATIONS_MAX = 60


def read_packed(path, scratch):
    """The capture, out of gzip if it is in there; vmmq is given the file as it is."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        return read_capture(path)
    unpacked = os.path.join(scratch, "unpacked")
    with gzip.open(path) as source, open(unpacked, "wb") as copy:
        shutil.copyfileobj(source, copy)
    return read_capture(unpacked)


def captures_below(folder, scratch):
    """Every file that is a capture by its content, in an order that does not depend on the file system."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            try:
                yield path, read_packed(path, scratch)
            except (CaptureError, OSError, EOFError, zlib.error):
                continue


def most_frequent(values, otherwise):
    return sorted(value for value, _ in collections.Counter(values).most_common(DESTINATIONS_MAX)) or otherwise


def draw_config(path, seed, frames):
    steered = [frame for frame in frames if not frame.drop]
    inside = [found for found in (frame_inside(frame.ip, TUNNELS, 4789) for frame in steered) if found]
    somebody = [bytes.fromhex("020000000001")]
    write_config(
        path,
        seed,
        most_frequent((frame.destination for frame in steered), somebody),
        most_frequent((frame.vid for frame in steered if frame.vid and frame.vid < 4095), [10, 20]),
        most_frequent((mac for _, _, mac in inside), somebody),
        most_frequent((network for _, network, _ in inside if network), [7])[:3],
    )


def shortened(path, capture, longest, folder):
    """The capture and its path, or those of a copy of its first packets."""
    if len(capture.packets) <= longest or any(packet.link_type != LINK_TYPE_ETHERNET for packet in capture.packets):
        return path, capture
    copy = os.path.join(folder, "shortened.pcap")
    write_capture(copy, capture.packets[:longest])
    return copy, read_capture(copy)


def compare_folder(vmmq, folder, scratch, seed, longest):
    config_path, out_path = os.path.join(scratch, "config.yaml"), os.path.join(scratch, "records.ndjson")
    seen = collections.Counter()
    packets = 0
    for number, (path, capture) in enumerate(captures_below(folder, scratch)):
        path, capture = shortened(path, capture, longest, scratch)
        frames = [parse_packet(packet) for packet in capture.packets]
        draw_config(config_path, seed * 10000 + number, frames)
        result = replay(vmmq, config_path, path, out_path)
        try:
            kind = judge_capture(path, capture, result, steer_all(config_path, frames), frames)
        except Different as difference:
            raise Different(f"{path}, status {result.status}\n{result.message}{difference}") from None
        seen[kind] += 1
        packets += len(result.records or ())
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(seen.items()))
    print(f"{folder}: {sum(seen.values())} captures ({kinds}), {packets} packets: equal", flush=True)
    return packets


def main():
    parser = argparse.ArgumentParser(description="Compares vmmq replay with the reference on captures of others")
    parser.add_argument("--vmmq", required=True, metavar="PATH")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=100000, metavar="PACKETS")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    arguments = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="vmmq-corpora-")
    packets = 0
    for folder in arguments.folders:
        if not os.path.isdir(folder):
            parser.error(f"{folder}: not a folder")
    try:
        for folder in arguments.folders:
            packets += compare_folder(os.path.abspath(arguments.vmmq), folder, scratch, arguments.seed, arguments.longest)
    except Different as difference:
        print(f"{difference}\nconfiguration and records are kept in {scratch}")
        return 1
    shutil.rmtree(scratch)
    print(f"compared {packets} packets, seed {arguments.seed}: equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
