#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""VMMQ receive steering, slow and obvious, from the specification alone; used only by tests.

    vmmq_reference.py CONFIG CAPTURE > records.ndjson
    vmmq_reference.py --transmit ID [--transmit-hash none] CONFIG CAPTURE > records.ndjson
    vmmq_reference.py --self-test VECTORS.csv

The records are those of `vmmq replay --records`, in the order of the capture; with --transmit those of
`vmmq replay --transmit ID:CAPTURE`.
"""

import argparse
import dataclasses
import json
import sys

from capture_file import CaptureError, LINK_TYPE_ETHERNET, read_capture
from configuration import ANY_VLAN, DEFAULT_VPORT, UNTAGGED_OR_ZERO, load_configuration
from headers import parse_packet
from toeplitz import toeplitz
from tunnels import frame_inside, hashed_headers


def steer(configuration, number, frame):
    """The record of packet `number`, whose headers `frame` parse_packet() has found (spec 5.1)."""
    if frame.drop:
        return {"packet": number, "drop": frame.drop}
    vport_id, stripped_vid = match_filter(configuration, frame)
    vport = configuration.vports[vport_id]
    hash_type = hash_value = entry = None
    inner = False
    if not vport.rss_enabled:
        processor, via = vport.primary_processor, "primary"
    else:
        headers, inner = hashed_headers(frame.ip, vport.encapsulation, vport.vxlan_port)
        hash_type, hash_input = choose_hash_type(vport.hash_types, headers)
        if hash_type is None:
            processor, via = vport.default_processor, "default"
        else:
            hash_value = toeplitz(vport.key, hash_input)
            entry = hash_value & (len(vport.indirection_table) - 1)
            processor, via = vport.indirection_table[entry], "table"
    return {
        "packet": number,
        "vport": vport_id,
        "vlan": stripped_vid,
        "hash_type": hash_type,
        "hash": None if hash_value is None else f"0x{hash_value:08x}",
        "entry": entry,
        **({"inner": True} if inner and hash_type else {}),
        "processor": processor,
        "via": via,
    }


def match_filter(configuration, frame):
    """The VPort, and the VID of the tag that moves to OOB data, or None (spec 4.2)."""
    vport_id, stripped_vid = find_filter(configuration, frame)
    return (DEFAULT_VPORT if vport_id is None else vport_id), stripped_vid


def find_inner_filter(inner_filters, frame):
    """The best encapsulated filter, or None: every one is asked (spec 16.2)."""
    if frame.destination[0] & 1 or frame.ip is None or frame.ip.payload is None:
        return None
    matching, inside = [], {}
    for number, rule in enumerate(inner_filters):
        looks = rule.vport.encapsulation, rule.vport.vxlan_port
        if looks not in inside:
            inside[looks] = frame_inside(frame.ip, *looks)
        if inside[looks] is None:
            continue
        name, network, mac = inside[looks]
        exact = (frame.vid or UNTAGGED_OR_ZERO) == rule.rule
        if mac == rule.mac and rule.network in (0, network) and (exact or rule.rule == ANY_VLAN):
            matching.append((name == "vxlan", rule.network == 0, not exact, number))
    return inner_filters[min(matching)[-1]] if matching else None


def find_filter(configuration, frame):
    """As match_filter(), but None for the VPort when no filter matches (spec 4.3).

    The exact rule comes before the any-VLAN rule, and encapsulated filters before both.
    """
    filters = configuration.filters
    inner = find_inner_filter(configuration.inner_filters, frame) if configuration.inner_filters else None
    if inner:
        return inner.vport.id, None if inner.rule == UNTAGGED_OR_ZERO else frame.vid
    if frame.vid is None or frame.vid == 0:
        exact_rule, stripped_vid = UNTAGGED_OR_ZERO, None
    else:
        exact_rule, stripped_vid = frame.vid, frame.vid
    if (frame.destination, exact_rule) in filters:
        return filters[frame.destination, exact_rule], stripped_vid
    if (frame.destination, ANY_VLAN) in filters:
        return filters[frame.destination, ANY_VLAN], frame.vid
    return None, None


def transmit(configuration, number, frame, sender, with_hash):
    """The records of packet `number` when VPort `sender` sends it: the completion (spec 9, rows 2 to 5), and the
    receive record if a filter of another VPort wants it (spec 2.1, 20.10)."""
    vport = configuration.vports.get(sender, configuration.vports[DEFAULT_VPORT])
    hash_value = entry = None
    if with_hash:
        headers, _ = hashed_headers(frame.ip, vport.encapsulation, vport.vxlan_port)
        hash_type, hash_input = choose_hash_type(vport.hash_types, receive_direction(headers))
        if hash_type is not None:
            hash_value = toeplitz(vport.key, hash_input)
    if not vport.rss_enabled:
        processor, via = vport.primary_processor, "primary"
    elif hash_value is None:
        processor, via = vport.default_processor, "default"
    else:
        entry = hash_value & (len(vport.indirection_table) - 1)
        processor, via = vport.indirection_table[entry], "table"
    records = [
        {
            "packet": number,
            "vport": vport.id,
            "hash": None if hash_value is None else f"0x{hash_value:08x}",
            "entry": entry,
            "complete_on": processor,
            "via": via,
        }
    ]
    if not frame.drop and find_filter(configuration, frame)[0] not in (None, vport.id):
        records.append(steer(configuration, number, frame))
    return records


def receive_direction(ip):
    """The headers of an answer to this packet: what stands for its source stands for the answer's destination."""
    if ip is None:
        return None
    return dataclasses.replace(
        ip,
        source=ip.destination,
        destination=ip.source,
        ports=ip.ports[2:4] + ip.ports[0:2],
        home_address=ip.routing_address,
        routing_address=ip.home_address,
    )


def choose_hash_type(enabled, ip):
    """The hash type that applies and the bytes it hashes, or (None, None) (spec 6.3)."""
    if ip is None:
        return None, None
    classes = [f"ipv{ip.version}"]
    if ip.transport:  # never in a fragment
        classes.insert(0, f"{ip.transport}_ipv{ip.version}")
    for name in classes:
        ports = b"" if name.startswith("ip") else ip.ports
        if name + "_ex" in enabled:  # there are no such types for IPv4
            source = ip.home_address or ip.source
            destination = ip.routing_address or ip.destination
            return name + "_ex", source + destination + ports
        if name in enabled:
            return name, ip.source + ip.destination + ports
    return None, None


def main():
    parser = argparse.ArgumentParser(description="VMMQ receive steering, slow and obvious")
    parser.add_argument("--self-test", metavar="VECTORS.csv")
    parser.add_argument("--transmit", metavar="ID", type=int, help="VPort ID sends the capture")
    parser.add_argument("--transmit-hash", choices=("flow", "none"), default="flow")
    parser.add_argument("files", nargs="*", metavar="CONFIG CAPTURE")
    arguments = parser.parse_args()
    if arguments.self_test:
        import self_test

        return self_test.run(arguments.self_test)
    if len(arguments.files) != 2:
        parser.error("wants CONFIG and CAPTURE")
    config_path, capture_path = arguments.files
    configuration = load_configuration(config_path)
    try:
        capture = read_capture(capture_path)
    except CaptureError as error:
        print(f"{capture_path}: {error}", file=sys.stderr)
        return 1
    for number, packet in enumerate(capture.packets, start=1):
        if packet.link_type != LINK_TYPE_ETHERNET:
            print(f"{capture_path}: packet {number}: link type {packet.link_type}", file=sys.stderr)
            return 1
        frame = parse_packet(packet)
        if arguments.transmit is None:
            records = [steer(configuration, number, frame)]
        else:
            records = transmit(configuration, number, frame, arguments.transmit, arguments.transmit_hash == "flow")
        for record in records:
            print(json.dumps(record, separators=(",", ":")))
    if capture.broken:
        print(f"{capture_path}: after packet {len(capture.packets)}: {capture.broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
