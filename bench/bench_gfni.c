/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiled for CPUs with GFNI and AVX-512; called only where gfni_supported(). */
#include "bench_core.h"

#include <rte_thash.h>

#if defined(RTE_THASH_GFNI_DEFINED)

/* Not rte_thash_gfni_supported(): it says whether DPDK itself was built for such a CPU, and a distribution's is not. */
bool gfni_supported(void)
{
	return __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
}

void gfni_matrix(uint64_t matrix[GFNI_MATRIX], const uint8_t key[VMMQ_KEY_LEN])
{
	rte_thash_complete_matrix(matrix, key, VMMQ_KEY_LEN);
}

uint32_t gfni_hash(const uint64_t matrix[GFNI_MATRIX], const uint8_t *tuple, uint32_t len)
{
	return rte_thash_gfni(matrix, tuple, (int)len);
}

void gfni_hash_each(const uint64_t (*matrix)[GFNI_MATRIX], const uint16_t key_of[],
		    const uint8_t (*tuple)[TUPLE_ROOM], uint32_t len, uint32_t hash[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = rte_thash_gfni(matrix[key_of[i]], tuple[i], (int)len);
}

void gfni_hash_bulk(const uint64_t matrix[GFNI_MATRIX], uint8_t *tuple[], uint32_t len, uint32_t hash[],
		    unsigned count)
{
	rte_thash_gfni_bulk(matrix, (int)len, tuple, hash, count);
}

#else

bool gfni_supported(void)
{
	return false;
}

void gfni_matrix(uint64_t matrix[GFNI_MATRIX], const uint8_t key[VMMQ_KEY_LEN])
{
	(void)matrix;
	(void)key;
}

uint32_t gfni_hash(const uint64_t matrix[GFNI_MATRIX], const uint8_t *tuple, uint32_t len)
{
	(void)matrix;
	(void)tuple;
	(void)len;
	return 0;
}

void gfni_hash_each(const uint64_t (*matrix)[GFNI_MATRIX], const uint16_t key_of[],
		    const uint8_t (*tuple)[TUPLE_ROOM], uint32_t len, uint32_t hash[], unsigned count)
{
	(void)key_of;
	for (unsigned i = 0; i < count; i++)
		hash[i] = gfni_hash(*matrix, *tuple, len);
}

void gfni_hash_bulk(const uint64_t matrix[GFNI_MATRIX], uint8_t *tuple[], uint32_t len, uint32_t hash[],
		    unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		hash[i] = gfni_hash(matrix, tuple[i], len);
}

#endif
