#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares `vmmq replay --records` with the reference, packet by packet.

    compare.py --vmmq PATH/vmmq [--seed N] [--rounds N] [--count N] [--configs N] [--captures] [--transmit]

Exit status: 0 equal, 1 not (the files are kept and named), 2 wrong usage.
"""

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple, Optional

from capture_file import FORMATS, LINK_TYPE_ETHERNET, CaptureError, read_capture, write_capture
from configuration import load_configuration
from generate_config import write_config
from generate_packets import generate_packets
from headers import parse_packet
from vmmq_reference import steer, transmit

CAPTURE_PACKAGES = ("golang-github-google-gopacket-dev", "python3-dpkt")
SHOWN_DIFFERENCES = 5
SHOWN_BYTES = 2048
REPLAY_TIMEOUT = 600


class Different(Exception):
    """vmmq and the reference disagree; the text is the whole report."""


class Replay(NamedTuple):
    status: int
    message: str
    records: Optional[dict]  # packet number -> record; None: no records were written
    partial: bool  # they stand in OUT.partial


def replay(vmmq, config_path, capture_path, out_path):
    for path in (out_path, out_path + ".partial"):
        if os.path.exists(path):
            os.unlink(path)
    command = [vmmq, "replay", "-c", config_path, "-r", capture_path, "--records", out_path]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=REPLAY_TIMEOUT, check=False
    )
    if done.returncode not in (0, 1):
        raise Different(f"vmmq replay ended with status {done.returncode}\n{done.stderr}")
    whole, partial = os.path.exists(out_path), os.path.exists(out_path + ".partial")
    if whole and partial:
        raise Different("there are OUT and OUT.partial")
    records = None
    if whole or partial:
        records = load_records(out_path if whole else out_path + ".partial")
    return Replay(done.returncode, done.stderr, records, partial)


def load_records(path):
    records = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record["packet"] in records:
                raise Different(f"packet {record['packet']} is recorded twice:\n{line}")
            records[record["packet"]] = record
    return records


def compare_records(records, expected, packets, frames):
    """`records` must be the first len(expected) packets' and no others'."""
    differences = []
    for wanted in expected:
        if records.get(wanted["packet"]) != wanted:
            differences.append(wanted)
    report = []
    for wanted in differences[:SHOWN_DIFFERENCES]:
        number = wanted["packet"]
        packet, frame = packets[number - 1], frames[number - 1]
        shown = packet.data[:SHOWN_BYTES].hex()
        report += [
            f"packet {number}, {len(packet.data)} bytes of {packet.wire_length}:",
            f"  vmmq      {json.dumps(records.get(number))}",
            f"  reference {json.dumps(wanted)}",
            f"  reference parsed {frame.reason or frame.drop or frame.ip}",
            f"  frame     {shown}{'…' if len(packet.data) > SHOWN_BYTES else ''}",
        ]
    beyond = sorted(set(records) - {wanted["packet"] for wanted in expected})
    if beyond:
        report.append(f"records of packets that should have none: {beyond[:10]}")
    if report:
        raise Different("\n".join(report + [f"{len(differences)} of {len(expected)} records differ"]))


def steer_all(config_path, frames):
    configuration = load_configuration(config_path)
    return [steer(configuration, number, frame) for number, frame in enumerate(frames, start=1)]


def compare_generated(vmmq, folder, seed, count, configs):
    """Every configuration with the same packets, each time in another file format; how many records were equal."""
    packets = list(generate_packets(seed, count))
    frames = [parse_packet(packet) for packet in packets]
    cut = any(len(packet.data) < packet.wire_length for packet in packets)
    capture_path = os.path.join(folder, "capture")
    config_path = os.path.join(folder, "config.yaml")
    out_path = os.path.join(folder, "records.ndjson")
    for index in range(configs):
        started = time.monotonic()
        format_name = list(FORMATS)[index % len(FORMATS)]
        write_capture(capture_path, packets, format_name)
        write_config(config_path, seed * 1000 + index)
        result = replay(vmmq, config_path, capture_path, out_path)
        if result.records is None or result.partial or (result.status == 1 and not cut):
            raise Different(f"vmmq replay did not complete, status {result.status}:\n{result.message}")
        expected = steer_all(config_path, frames)
        compare_records(result.records, expected, packets, frames)
        seconds = time.monotonic() - started
        hashed = sum(record.get("via") == "table" for record in expected)
        print(
            f"configuration {index + 1} of {configs}, {format_name}: {count} records equal, {hashed} of them hashed,"
            f" {seconds:.1f} s",
            flush=True,
        )
    return count * configs


def compare_transmit(vmmq, folder, seed, count, configs):
    """The same packets, sent by VPorts that there are and by one that there is not; records equal, and in order."""
    rng = random.Random(seed)
    packets = list(generate_packets(seed, count))
    frames = [parse_packet(packet) for packet in packets]
    capture_path = os.path.join(folder, "capture")
    config_path = os.path.join(folder, "config.yaml")
    out_path = os.path.join(folder, "records.ndjson")
    write_capture(capture_path, packets)
    total = 0
    for index in range(configs):
        write_config(config_path, seed * 1000 + index)
        configuration = load_configuration(config_path)
        unknown = next(number for number in range(1, 65536) if number not in configuration.vports)
        sender = rng.choice([*configuration.vports, unknown])
        with_hash = rng.random() < 0.8
        arguments = ["--transmit", f"{sender}:{capture_path}"] + ([] if with_hash else ["--transmit-hash", "none"])
        command = [vmmq, "replay", "-c", config_path, *arguments, "--records", out_path]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=REPLAY_TIMEOUT, check=False
        )
        if done.returncode not in (0, 1) or not os.path.exists(out_path):
            raise Different(f"{' '.join(command)} ended with status {done.returncode}\n{done.stderr}")
        with open(out_path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        os.unlink(out_path)
        expected = []
        for number, frame in enumerate(frames, start=1):
            expected += transmit(configuration, number, frame, sender, with_hash)
        compare_lists(records, expected, " ".join(command))
        total += len(expected)
        hashed = sum(record.get("complete_on") is not None and record["hash"] is not None for record in expected)
        print(
            f"transmit {index + 1} of {configs}, VPort {sender}{'' if sender != unknown else ' (unknown)'}: {count} sent,"
            f" {hashed} with a hash, {len(expected) - count} switched to VPorts: equal",
            flush=True,
        )
    return total


def compare_lists(records, expected, command):
    for place, wanted in enumerate(expected):
        if place >= len(records) or records[place] != wanted:
            found = records[place] if place < len(records) else None
            raise Different(f"{command}\nrecord {place + 1}:\n  vmmq      {json.dumps(found)}\n"
                            f"  reference {json.dumps(wanted)}")
    if len(records) > len(expected):
        raise Different(f"{command}\n{len(records) - len(expected)} records too many")


def package_captures():
    """The paths of all capture files that the packages carry, known by their content."""
    for package in CAPTURE_PACKAGES:
        listing = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True, check=False)
        if listing.returncode != 0:
            sys.exit(f"--captures needs the Debian package {package}")
        for path in listing.stdout.splitlines():
            if not os.path.isfile(path):
                continue
            try:
                yield path, read_capture(path)
            except CaptureError:
                continue


def compare_captures(vmmq, folder, seed):
    config_path = os.path.join(folder, "config.yaml")
    out_path = os.path.join(folder, "records.ndjson")
    seen = collections.Counter()
    record_count = 0
    for index, (path, capture) in enumerate(package_captures()):
        frames = [parse_packet(packet) for packet in capture.packets]
        macs = sorted({frame.destination for frame in frames if not frame.drop}) or [bytes.fromhex("020000000001")]
        vids = sorted({frame.vid for frame in frames if frame.vid} - {4095}) or [10]
        write_config(config_path, seed * 1000 + index, macs, vids)
        result = replay(vmmq, config_path, path, out_path)
        try:
            kind = judge_capture(path, capture, result, steer_all(config_path, frames), frames)
        except Different as difference:
            raise Different(f"{path}, status {result.status}\n{result.message}{difference}") from None
        seen[kind] += 1
        record_count += len(result.records or ())
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(seen.items()))
    print(f"{sum(seen.values())} captures of Debian packages: {kinds}; {record_count} records equal")


def compare_cut_files(vmmq, folder, seed):
    """A capture of each format whose last packet is cut off."""
    config_path = os.path.join(folder, "config.yaml")
    capture_path = os.path.join(folder, "cut-capture")
    out_path = os.path.join(folder, "records.ndjson")
    packets = list(generate_packets(seed, 1000))
    write_config(config_path, seed)
    for format_name in FORMATS:
        write_capture(capture_path, packets, format_name)
        os.truncate(capture_path, os.path.getsize(capture_path) - 1)
        capture = read_capture(capture_path)
        frames = [parse_packet(packet) for packet in capture.packets]
        result = replay(vmmq, config_path, capture_path, out_path)
        judge_capture(capture_path, capture, result, steer_all(config_path, frames), frames)
    print(f"{len(FORMATS)} captures cut short: records equal")


def judge_capture(path, capture, result, expected, frames):
    """What became of this capture, in a word; or Different, if it is not what had to become of it."""
    records = result.records or {}
    foreign = {number for number, packet in enumerate(capture.packets, 1) if packet.link_type != LINK_TYPE_ETHERNET}
    if capture.interfaces and len(foreign) == len(capture.packets) and all(of.link_type != LINK_TYPE_ETHERNET for of in capture.interfaces):
        return judge_refused(path, result)
    expected = [record for record in expected if record["packet"] not in foreign]
    compare_records(records, expected, capture.packets, frames)
    if capture.broken:
        if result.status != 1 or (records and not result.partial):
            raise Different("a broken capture must give status 1 and OUT.partial")
        judge_message(path, result)
        return "broken"
    if not capture.packets:
        return "empty"
    cut = any(len(packet.data) < packet.wire_length for packet in capture.packets)
    if result.partial or (result.status == 1 and not cut):
        raise Different("a good capture must give status 0 and OUT")
    return "with packets of other link types" if foreign else "complete"


def judge_refused(path, result):
    if result.status != 1 or result.records:
        raise Different("a capture that is not of Ethernet must be refused")
    judge_message(path, result)
    return "refused"


def judge_message(path, result):
    if os.path.basename(path) not in result.message:
        raise Different("the message on standard error does not name the capture")


def main():
    parser = argparse.ArgumentParser(description="Compares vmmq replay --records with the reference")
    parser.add_argument("--vmmq", required=True, metavar="PATH")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="the generated packets so often, each time by the next seed")
    parser.add_argument("--count", type=int, default=120000)
    parser.add_argument("--configs", type=int, default=4)
    parser.add_argument("--captures", action="store_true", help="also those of Debian's gopacket and dpkt packages")
    parser.add_argument("--transmit", action="store_true", help="also what VPorts send")
    arguments = parser.parse_args()
    vmmq = os.path.abspath(arguments.vmmq)
    folder = tempfile.mkdtemp(prefix="vmmq-compare-")
    try:
        if arguments.captures:
            compare_captures(vmmq, folder, arguments.seed)
            compare_cut_files(vmmq, folder, arguments.seed)
        total = 0
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            total += compare_generated(vmmq, folder, seed, arguments.count, arguments.configs)
        if arguments.transmit:
            total += compare_transmit(vmmq, folder, arguments.seed, arguments.count // 4, 3 * arguments.configs)
    except Different as difference:
        print(f"{difference}\nconfiguration, capture and records are kept in {folder}")
        print(f"seed {arguments.seed}: different")
        return 1
    except BaseException:
        print(f"files are kept in {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder)
    print(f"compared {total} records over {arguments.rounds * arguments.configs} configurations, seed {arguments.seed}: equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
