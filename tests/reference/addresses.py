# SPDX-License-Identifier: BSD-2-Clause
"""The destinations that generated packets and generated filters share, so that filters are hit and missed."""

UNICAST = [bytes.fromhex(f"0200000000{number:02x}") for number in range(1, 41)]
GROUP = [bytes.fromhex("ffffffffffff"), bytes.fromhex("01005e000001"), bytes.fromhex("333300000001")]
# Destinations inside tunnels, and the networks of these: those of the templates, and others.
INNER = [bytes.fromhex(f"0200000000{number:02x}") for number in (0xAA, 0xAB, 1)]
NETWORKS = [0x2A, 7]
VIDS = [1, 2, 10, 20, 100, 101, 255, 256, 1000, 2048, 4093, 4094]


def mac_text(mac):
    return ":".join(f"{byte:02x}" for byte in mac)
