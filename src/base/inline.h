/* SPDX-License-Identifier: BSD-2-Clause */
/* What a compiler is told of a function: part of a loop in any case, or out of its way, so that it leaves registers to the rest. */
#ifndef VMMQ_BASE_INLINE_H
#define VMMQ_BASE_INLINE_H

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define RARE          static __attribute__((noinline))

#endif
