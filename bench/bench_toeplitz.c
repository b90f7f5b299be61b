/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Toeplitz: each of our implementations in bulk, and one by one, beside what DPDK has: rte_softrss_be() and, where the CPU has
 * GFNI and AVX-512, rte_thash_gfni() and its bulk; and the tables of 256 words a byte that software often uses.
 */
#include <rte_cycles.h>
#include <rte_thash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_core.h"
#include "core/bytes.h"
#include "core/toeplitz_impl.h"

#define KEYS         4096u
#define BITWISE_PART 16u /* the slow reference runs over so small a part */

typedef uint32_t byte_table[VMMQ_HASH_INPUT_MAX][256];

struct hashing {
	uint32_t len; /* of the tuples */
	unsigned keys;
	uint64_t random;
	uint16_t key_of[PACKETS];
	uint8_t tuple[PACKETS][TUPLE_ROOM];
	uint8_t *tuple_at[PACKETS];
	const struct vmmq_toeplitz_key *key_at[PACKETS];
	uint32_t hash[PACKETS];

	uint8_t key[KEYS][VMMQ_KEY_LEN];
	struct vmmq_toeplitz_key prepared[KEYS];
	uint32_t converted[KEYS][VMMQ_KEY_LEN / 4]; /* as rte_softrss_be() wants it */
	uint64_t matrix[KEYS][GFNI_MATRIX];
	byte_table *table; /* KEYS of them, 150 MB in all; NULL: no memory */
};

/* In bursts, as the packet path does. */
static uint64_t run_bulk(struct hashing *h, enum vmmq_toeplitz_impl impl)
{
	const struct toeplitz_ops *ops = toeplitz_ops(impl);
	toeplitz_bulk *bulk = h->len == 4 * TOEPLITZ_IPV4_WORDS ? ops->ipv4 : ops->ipv6;
	unsigned packets = impl == VMMQ_TOEPLITZ_BITWISE ? PACKETS / BITWISE_PART : PACKETS;
	uint64_t start = rte_rdtsc_precise();

	for (unsigned at = 0; at < packets; at += BURST)
		bulk(h->key_at + at, (const uint8_t *const *)h->tuple_at + at, h->hash + at, BURST);
	return rte_rdtsc_precise() - start;
}

static uint64_t run_bitwise(void *context)
{
	return run_bulk(context, VMMQ_TOEPLITZ_BITWISE);
}

static uint64_t run_portable(void *context)
{
	return run_bulk(context, VMMQ_TOEPLITZ_PORTABLE);
}

static uint64_t run_clmul(void *context)
{
	return run_bulk(context, VMMQ_TOEPLITZ_CLMUL);
}

static uint64_t run_vpclmul(void *context)
{
	return run_bulk(context, VMMQ_TOEPLITZ_VPCLMUL);
}

static uint64_t run_gfni(void *context)
{
	return run_bulk(context, VMMQ_TOEPLITZ_GFNI);
}

static uint64_t run_one(void *context)
{
	enum vmmq_toeplitz_impl impl = vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_AUTO);
	struct hashing *h = context;
	uint64_t start = rte_rdtsc_precise();

	for (unsigned i = 0; i < PACKETS; i++)
		h->hash[i] = vmmq_toeplitz(h->key_at[i], h->tuple_at[i], h->len, impl);
	return rte_rdtsc_precise() - start;
}

static uint64_t run_softrss(void *context)
{
	struct hashing *h = context;
	uint64_t start = rte_rdtsc_precise();

	for (unsigned i = 0; i < PACKETS; i++) {
		uint32_t words[VMMQ_HASH_WORDS];

		for (unsigned w = 0; w < h->len / 4; w++)
			words[w] = load_be32(h->tuple[i] + 4 * w);
		h->hash[i] = rte_softrss_be(words, h->len / 4, (const uint8_t *)h->converted[h->key_of[i]]);
	}
	return rte_rdtsc_precise() - start;
}

static uint64_t run_table(void *context)
{
	struct hashing *h = context;
	uint64_t start = rte_rdtsc_precise();

	for (unsigned i = 0; i < PACKETS; i++) {
		const byte_table *table = &h->table[h->key_of[i]];
		uint32_t hash = 0;

		for (unsigned b = 0; b < h->len; b++)
			hash ^= (*table)[b][h->tuple[i][b]];
		h->hash[i] = hash;
	}
	return rte_rdtsc_precise() - start;
}

static uint64_t run_dpdk_gfni(void *context)
{
	struct hashing *h = context;
	uint64_t start = rte_rdtsc_precise();

	gfni_hash_each((const uint64_t(*)[GFNI_MATRIX])h->matrix, h->key_of, (const uint8_t(*)[TUPLE_ROOM])h->tuple,
		       h->len, h->hash, PACKETS);
	return rte_rdtsc_precise() - start;
}

static uint64_t run_dpdk_gfni_bulk(void *context)
{
	struct hashing *h = context;
	uint64_t start = rte_rdtsc_precise();

	for (unsigned at = 0; at < PACKETS; at += BURST)
		gfni_hash_bulk(h->matrix[0], h->tuple_at + at, h->len, h->hash + at, BURST);
	return rte_rdtsc_precise() - start;
}

/* shuffle exchanges the tuples themselves, so that they are still read in the order of memory. */
static void shuffle(void *context)
{
	struct hashing *h = context;

	for (unsigned i = PACKETS - 1; i > 0; i--) {
		unsigned j = random_below(&h->random, i + 1);
		uint8_t other[TUPLE_ROOM];

		memcpy(other, h->tuple[i], TUPLE_ROOM);
		memcpy(h->tuple[i], h->tuple[j], TUPLE_ROOM);
		memcpy(h->tuple[j], other, TUPLE_ROOM);
	}
	for (unsigned i = 0; i < PACKETS; i++) {
		h->key_of[i] = (uint16_t)random_below(&h->random, h->keys);
		h->key_at[i] = &h->prepared[h->key_of[i]];
	}
}

static void table_fill(byte_table *table, const struct vmmq_toeplitz_key *key)
{
	for (unsigned b = 0; b < VMMQ_HASH_INPUT_MAX; b++)
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			uint8_t input[VMMQ_HASH_INPUT_MAX] = { 0 };

			input[b] = (uint8_t)bit;
			(*table)[b][bit] = vmmq_toeplitz(key, input, sizeof(input), VMMQ_TOEPLITZ_PORTABLE);
			for (unsigned low = 1; low < bit; low++)
				(*table)[b][bit + low] = (*table)[b][bit] ^ (*table)[b][low];
		}
}

static void fill(struct hashing *h)
{
	h->random = 1;
	for (unsigned k = 0; k < KEYS; k++) {
		for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
			h->key[k][i] = (uint8_t)random_u64(&h->random);
		vmmq_toeplitz_key_init(&h->prepared[k], h->key[k]);
		for (unsigned w = 0; w < VMMQ_KEY_LEN / 4; w++)
			h->converted[k][w] = load_be32(h->key[k] + 4 * w);
		if (gfni_supported())
			gfni_matrix(h->matrix[k], h->key[k]);
		if (h->table)
			table_fill(&h->table[k], &h->prepared[k]);
	}
	for (unsigned i = 0; i < PACKETS; i++) {
		h->tuple_at[i] = h->tuple[i];
		for (unsigned b = 0; b < TUPLE_ROOM; b++)
			h->tuple[i][b] = (uint8_t)random_u64(&h->random);
	}
}

/* agree holds every racer to the definition. */
static bool agree(struct hashing *h, const struct racer racer[], unsigned count)
{
	for (unsigned c = 0; c < count; c++) {
		memset(h->hash, 0, sizeof(h->hash));
		racer[c].run(h);
		for (unsigned i = 0; i < racer[c].packets; i++) {
			uint32_t expected = vmmq_toeplitz_reference(h->key[h->key_of[i]], h->tuple[i], h->len);

			if (h->hash[i] == expected)
				continue;
			fprintf(stderr, "bench-core: %s: packet %u: %08x instead of %08x\n", racer[c].name, i,
				h->hash[i], expected);
			return false;
		}
	}
	return true;
}

/* ours lists what this CPU can run, the one that AUTO means first. */
static unsigned ours(struct hashing *h, struct racer racer[])
{
	static const struct {
		enum vmmq_toeplitz_impl impl;
		const char *name;
		uint64_t (*run)(void *context);
	} all[] = {
		{ VMMQ_TOEPLITZ_GFNI, "vmmq, gfni, in bulk", run_gfni },
		{ VMMQ_TOEPLITZ_VPCLMUL, "vmmq, vpclmul, in bulk", run_vpclmul },
		{ VMMQ_TOEPLITZ_CLMUL, "vmmq, clmul, in bulk", run_clmul },
		{ VMMQ_TOEPLITZ_PORTABLE, "vmmq, portable, in bulk", run_portable },
	};
	enum vmmq_toeplitz_impl best = vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_AUTO);
	unsigned count = 0;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (vmmq_toeplitz_resolve(all[i].impl) != all[i].impl)
			continue;
		racer[count] = (struct racer){ all[i].name, all[i].run, h, PACKETS };
		if (all[i].impl == best) {
			struct racer front = racer[0];

			racer[0] = racer[count];
			racer[count] = front;
		}
		count++;
	}
	racer[count++] = (struct racer){ "vmmq_toeplitz(), one by one", run_one, h, PACKETS };
	racer[count++] = (struct racer){ "vmmq, bitwise", run_bitwise, h, PACKETS / BITWISE_PART };
	return count;
}

static bool compete(struct hashing *h, uint32_t len, unsigned keys, unsigned rounds)
{
	struct racer racer[RACERS_MAX];
	unsigned count = ours(h, racer);
	char title[128];

	racer[count++] = (struct racer){ "DPDK rte_softrss_be()", run_softrss, h, PACKETS };
	if (h->table)
		racer[count++] = (struct racer){ "a table of 256 words per byte", run_table, h, PACKETS };
	if (gfni_supported())
		racer[count++] = (struct racer){ "DPDK rte_thash_gfni()", run_dpdk_gfni, h, PACKETS };
	if (gfni_supported() && keys == 1)
		racer[count++] = (struct racer){ "DPDK rte_thash_gfni_bulk()", run_dpdk_gfni_bulk, h, PACKETS };
	h->len = len;
	h->keys = keys;
	shuffle(h);
	snprintf(title, sizeof(title), "Toeplitz, %s 4-tuple, %u key%s", len == 12 ? "IPv4" : "IPv6", keys,
		 keys > 1 ? "s" : "");
	report_section(title,
		       gfni_supported() ? "" : "this CPU has no GFNI with AVX-512, so neither ours nor DPDK's runs");
	if (!agree(h, racer, count))
		return false;
	bench_rounds(racer, count, rounds, shuffle, h);
	return true;
}

bool bench_toeplitz(unsigned rounds)
{
	struct hashing *h = calloc(1, sizeof(*h));
	bool done;

	if (!h)
		return false;
	h->table = calloc(KEYS, sizeof(*h->table));
	fill(h);
	done = compete(h, 12, 1, rounds) && compete(h, 12, KEYS, rounds) && compete(h, 36, 1, rounds) &&
	       compete(h, 36, KEYS, rounds);
	free(h->table);
	free(h);
	return done;
}
