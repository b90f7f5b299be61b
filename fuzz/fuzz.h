/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is fuzzed: a row a target, whose function is fuzz_NAME().  `make fuzz` runs each under libFuzzer; `make check` replays the corpora of
 * the tree (fuzz/corpus/NAME) in every build.
 *   X(name, what)
 */
#ifndef VMMQ_FUZZ_FUZZ_H
#define VMMQ_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define FUZZ_TARGETS(X) \
	X(classify, "frames: reference and burst agree, every Toeplitz implementation with the bitwise one") \
	X(oid, "binary NDIS requests, one after the other, to one adapter") \
	X(model, "sequences of requests with packets between them, held against a slow model") \
	X(requests, "sequences of binary NDIS requests, held against a slow model") \
	X(yaml, "the configuration file: what is taken comes out as the same file again") \
	X(rpc, "what a client sends to the control socket of a running switch") \
	X(state, "the state database: any bytes, or SQL carried out on a good one") \
	X(capture, "capture files") \
	X(hex, "hex and dumps of frames on the command line") \
	X(flow, "flows in words on the command line, and the frames that they stand for") \
	X(ovsdb, "what a server of OVSDB sends to a client of it") \
	X(virtio, "a guest's driver that writes to its rings and tables before each read of ours")
/* clang-format on */

typedef void fuzz_target(const uint8_t *data, size_t len);

#define X(name, what) fuzz_target fuzz_##name;
FUZZ_TARGETS(X)
#undef X

/* fuzz_check traps, so that the fuzzer keeps the input, also where assertions are off. */
static inline void fuzz_check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

#endif
