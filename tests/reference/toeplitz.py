# SPDX-License-Identifier: BSD-2-Clause
"""The Toeplitz hash (spec 6.5), as its definition reads, and fast enough for some hundred thousand packets."""

import functools

KEY_LENGTH = 40
KEY_BITS = 8 * KEY_LENGTH
VERIFICATION_KEY = bytes.fromhex(
    "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa"
)


def toeplitz_by_definition(key, data):
    """For each input bit that is set, XOR in the leftmost 32 bits of the key; after every bit, shift the key left."""
    shifted_key = int.from_bytes(key, "big")
    result = 0
    for byte in data:
        for bit in (0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01):
            if byte & bit:
                result ^= shifted_key >> (KEY_BITS - 32)
            shifted_key = (shifted_key << 1) & ((1 << KEY_BITS) - 1)
    return result


@functools.lru_cache(maxsize=None)
def key_windows(key):
    """What the leftmost 32 bits of the shifted key are at every input bit."""
    number = int.from_bytes(key, "big")
    return [(number >> (KEY_BITS - 32 - position)) & 0xFFFFFFFF for position in range(KEY_BITS - 32)]


@functools.lru_cache(maxsize=1 << 17)
def toeplitz(key, data):
    """The same number as toeplitz_by_definition(); self_test.py holds the two against each other."""
    result = 0
    bits = format(int.from_bytes(data, "big"), f"0{8 * len(data)}b")
    for window, bit in zip(key_windows(key), bits):
        if bit == "1":
            result ^= window
    return result
