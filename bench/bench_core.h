/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-core: Toeplitz alone, and a packet's whole way through the core, each beside what DPDK's parts give. */
#ifndef VMMQ_BENCH_CORE_H
#define VMMQ_BENCH_CORE_H

#include <vmmq/nic_switch.h>

#include "bench.h"

#define PACKETS 65536u /* more than a branch predictor learns; shuffled anew each round */
#define BURST   32u

/* A racer runs once over packets packets and returns the cycles that it took, without what it did to prepare. */
struct racer {
	const char *name;
	uint64_t (*run)(void *context);
	void *context;
	unsigned packets;
};
#define RACERS_MAX 12
/* bench_rounds has count racers run in turn, rounds times, and reports as bench_compete() does; shuffle goes before each round. */
void bench_rounds(const struct racer racer[], unsigned count, unsigned rounds, void (*shuffle)(void *context),
		  void *context);

/* bench_toeplitz and bench_classify return false, with a message, when contenders disagree. */
bool bench_toeplitz(unsigned rounds);
bool bench_classify(unsigned rounds);

/*
 * The hash of DPDK 22.11 for CPUs with GFNI and AVX-512 (rte_thash_gfni).  A matrix is GFNI_MATRIX words of a 40-byte key.
 */
#define GFNI_MATRIX 40u
#define TUPLE_ROOM  40u
bool gfni_supported(void);
void gfni_matrix(uint64_t matrix[GFNI_MATRIX], const uint8_t key[VMMQ_KEY_LEN]);
/* gfni_hash_each hashes count tuples, each with the matrix of its key. */
void gfni_hash_each(const uint64_t (*matrix)[GFNI_MATRIX], const uint16_t key_of[],
		    const uint8_t (*tuple)[TUPLE_ROOM], uint32_t len, uint32_t hash[], unsigned count);
/* gfni_hash_bulk hashes them with one matrix, two at a time. */
void gfni_hash_bulk(const uint64_t matrix[GFNI_MATRIX], uint8_t *tuple[], uint32_t len, uint32_t hash[],
		    unsigned count);
uint32_t gfni_hash(const uint64_t matrix[GFNI_MATRIX], const uint8_t *tuple, uint32_t len);

/*
 * The textbook path: DPDK's header structs, rte_hash (bulk) for (MAC, VLAN), rte_softrss_be() or rte_thash_gfni(), and the
 * VPort's table.  No loose ends: it gives the same processors as we do for the traffic of bench_frames.c.
 */
struct textbook;
struct textbook *textbook_make(const struct vmmq_nic_switch *sw, unsigned vports);
void textbook_free(struct textbook *textbook);
/* textbook_burst steers at most BURST frames. */
void textbook_burst(const struct textbook *textbook, bool gfni, const uint8_t *const frame[], const uint32_t len[],
		    uint16_t processor[], unsigned count);

#endif
