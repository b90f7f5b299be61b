/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that runs out at a chosen allocation.  Linked with -Wl,--wrap for the functions wrapped here, so only the core's
 * own calls are counted.
 */
#ifndef VMMQ_UNIT_CORE_FAILING_MEMORY_H
#define VMMQ_UNIT_CORE_FAILING_MEMORY_H

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>

/* Of the thread that runs the test; others have all that they want. */
static _Thread_local struct {
	bool on, rest, failed;
	unsigned left; /* allocations until the one that fails */
} injection;

static inline bool allocation_fails(void)
{
	if (!injection.on)
		return false;
	if (injection.left) {
		injection.left--;
		return false;
	}
	injection.failed = true;
	injection.on = injection.rest;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_tsearch(const void *key, void **root, int (*compare)(const void *, const void *));
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_tsearch(const void *key, void **root, int (*compare)(const void *, const void *));

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return allocation_fails() ? NULL : __real_aligned_alloc(alignment, size);
}

/* tsearch() allocates only when the key is new. */
void *__wrap_tsearch(const void *key, void **root, int (*compare)(const void *, const void *))
{
	return !tfind(key, root, compare) && allocation_fails() ? NULL : __real_tsearch(key, root, compare);
}

#endif
