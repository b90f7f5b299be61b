/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_TEXT_HASH_H
#define VMMQ_BASE_TEXT_HASH_H

#include <stdint.h>

/* text_hash is FNV-1a: the same on all hosts, and at each start. */
static inline uint32_t text_hash(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash;
}

#endif
