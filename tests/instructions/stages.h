/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stages of a packet's way whose instructions are counted (instructions_test.py).  Nothing is drawn but from fixed
 * seeds, so that each run executes the same.
 */
#ifndef VMMQ_INSTRUCTIONS_STAGES_H
#define VMMQ_INSTRUCTIONS_STAGES_H

#include <vmmq/toeplitz.h>

#include "bench_engine.h"

#define STAGE_PACKETS 4096u /* in one run; a multiple of the burst */
#define STAGE_BURST   LOAD_BURST

/*
 * make prepares everything for one implementation of the hash, once per process; false: that failed.  run does
 * STAGE_PACKETS packets, and returns how many came out at its end.  own: the implementation is the caller's to choose;
 * the engine's stages take the best one that there is.
 */
struct stage {
	const char *name;
	bool own;
	bool (*make)(enum vmmq_toeplitz_impl impl);
	uint64_t (*run)(void);
};
extern const struct stage stage_hash_ipv4, stage_hash_ipv6, stage_classify, stage_looking, stage_tunnel, stage_inside;
extern const struct stage stage_receive, stage_send, stage_transfer;

#endif
