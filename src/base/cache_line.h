/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_CACHE_LINE_H
#define VMMQ_BASE_CACHE_LINE_H

#define CACHE_LINE 64 /* bytes */

/*
 * cache_prefetch_write brings a line here for writing: away from whoever has it.  The compiler's own would only do so for a CPU newer than
 * those that it compiles for; older ones take the instruction for none.
 */
static inline void cache_prefetch_write(const void *at)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)at));
#else
	__builtin_prefetch(at, 1);
#endif
}

#endif
