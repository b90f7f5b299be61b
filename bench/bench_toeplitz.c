/* SPDX-License-Identifier: BSD-2-Clause */
/* Toeplitz: ours by carry-less multiplication and bit by bit, DPDK's rte_softrss_be() and, where the CPU has it, rte_thash_gfni(). */
#include <rte_thash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_core.h"
#include "core/toeplitz_clmul.h"

#define KEYS 4096u

struct hashing {
	uint32_t len; /* of the tuples */
	uint16_t key_of[PACKETS];
	uint8_t tuple[PACKETS][TUPLE_ROOM];
	uint8_t *tuple_at[PACKETS];
	uint32_t hash[PACKETS];

	uint8_t key[KEYS][VMMQ_KEY_LEN];
	struct vmmq_toeplitz_key prepared[KEYS];
	uint32_t converted[KEYS][VMMQ_KEY_LEN / 4]; /* as rte_softrss_be() wants it */
	uint64_t matrix[KEYS][GFNI_MATRIX];
};

static void run_clmul(void *context)
{
	struct hashing *h = context;

	for (unsigned i = 0; i < PACKETS; i++)
		h->hash[i] = vmmq_toeplitz(&h->prepared[h->key_of[i]], h->tuple[i], h->len, VMMQ_TOEPLITZ_CLMUL);
}

#if defined(__x86_64__)
/* As in classify_burst.c: inlined, the number of words known. */
TOEPLITZ_CLMUL static void run_clmul_inline(void *context)
{
	struct hashing *h = context;

	for (unsigned i = 0; i < PACKETS; i++) {
		const struct vmmq_toeplitz_key *key = &h->prepared[h->key_of[i]];

		h->hash[i] = toeplitz_result(toeplitz_share_words(key, 0, h->tuple[i], h->len == 12 ? 3 : 9));
	}
}
#else
#define run_clmul_inline run_clmul
#endif

static void run_bitwise(void *context)
{
	struct hashing *h = context;

	for (unsigned i = 0; i < PACKETS; i++)
		h->hash[i] = vmmq_toeplitz(&h->prepared[h->key_of[i]], h->tuple[i], h->len, VMMQ_TOEPLITZ_BITWISE);
}

static void run_softrss(void *context)
{
	struct hashing *h = context;

	for (unsigned i = 0; i < PACKETS; i++) {
		uint32_t words[VMMQ_HASH_WORDS];

		for (unsigned w = 0; w < h->len / 4; w++)
			words[w] = load_be32(h->tuple[i] + 4 * w);
		h->hash[i] = rte_softrss_be(words, h->len / 4, (const uint8_t *)h->converted[h->key_of[i]]);
	}
}

static void run_gfni(void *context)
{
	struct hashing *h = context;

	gfni_hash_each((const uint64_t(*)[GFNI_MATRIX])h->matrix, h->key_of, (const uint8_t(*)[TUPLE_ROOM])h->tuple,
		       h->len, h->hash, PACKETS);
}

static void run_gfni_bulk(void *context)
{
	struct hashing *h = context;

	gfni_hash_bulk(h->matrix[0], h->tuple_at, h->len, h->hash, PACKETS);
}

static void fill(struct hashing *h)
{
	uint64_t random = 1;

	for (unsigned k = 0; k < KEYS; k++) {
		for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
			h->key[k][i] = (uint8_t)random_u64(&random);
		vmmq_toeplitz_key_init(&h->prepared[k], h->key[k]);
		for (unsigned w = 0; w < VMMQ_KEY_LEN / 4; w++)
			h->converted[k][w] = load_be32(h->key[k] + 4 * w);
		if (gfni_supported())
			gfni_matrix(h->matrix[k], h->key[k]);
	}
	for (unsigned i = 0; i < PACKETS; i++) {
		h->tuple_at[i] = h->tuple[i];
		for (unsigned b = 0; b < TUPLE_ROOM; b++)
			h->tuple[i][b] = (uint8_t)random_u64(&random);
	}
}

/* agree holds every contender to the definition. */
static bool agree(struct hashing *h, const struct contender contender[], unsigned count)
{
	for (unsigned c = 0; c < count; c++) {
		memset(h->hash, 0, sizeof(h->hash));
		contender[c].run(h);
		for (unsigned i = 0; i < PACKETS; i++) {
			uint32_t expected = vmmq_toeplitz_reference(h->key[h->key_of[i]], h->tuple[i], h->len);

			if (h->hash[i] == expected)
				continue;
			fprintf(stderr, "bench-core: %s: packet %u: %08x instead of %08x\n", contender[c].name, i,
				h->hash[i], expected);
			return false;
		}
	}
	return true;
}

static bool compete(struct hashing *h, uint32_t len, unsigned keys, unsigned rounds)
{
	struct contender contender[CONTENDERS_MAX] = {
		{ "vmmq, clmul, as inlined in the packet path", run_clmul_inline, h },
		{ "vmmq, clmul, vmmq_toeplitz()", run_clmul, h },
		{ "vmmq, bitwise", run_bitwise, h },
		{ "DPDK rte_softrss_be()", run_softrss, h },
	};
	uint64_t random = keys;
	unsigned count = 4;
	char title[128];

	if (gfni_supported()) {
		contender[count++] = (struct contender){ "DPDK rte_thash_gfni()", run_gfni, h };
		if (keys == 1)
			contender[count++] = (struct contender){ "DPDK rte_thash_gfni_bulk()", run_gfni_bulk, h };
	}
	h->len = len;
	for (unsigned i = 0; i < PACKETS; i++)
		h->key_of[i] = (uint16_t)random_below(&random, keys);
	snprintf(title, sizeof(title), "Toeplitz, %s 4-tuple, %u key%s", len == 12 ? "IPv4" : "IPv6", keys,
		 keys > 1 ? "s" : "");
	report_section(title, "");
	if (!agree(h, contender, count))
		return false;
	bench_compete(contender, count, rounds, PACKETS);
	return true;
}

bool bench_toeplitz(unsigned rounds)
{
	struct hashing *h = calloc(1, sizeof(*h));
	bool done;

	if (!h)
		return false;
	if (vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_CLMUL) != VMMQ_TOEPLITZ_CLMUL) {
		report_section("Toeplitz", "this CPU has no carry-less multiplication");
		free(h);
		return true;
	}
	fill(h);
	done = compete(h, 12, 1, rounds) && compete(h, 12, KEYS, rounds) && compete(h, 36, 1, rounds) &&
	       compete(h, 36, KEYS, rounds);
	free(h);
	return done;
}
