/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether memory can come from hugepages: not what the kernel counts, but what it gives. */
#ifndef VMMQ_ENGINE_EAL_HUGEPAGES_H
#define VMMQ_ENGINE_EAL_HUGEPAGES_H

#include <stdbool.h>

#define EAL_HUGEPAGES_WHY_MAX 256

/*
 * eal_hugepages_suffice tells whether memory_mb of hugepages, of whatever sizes, are there for this process: they are reserved and one of each size
 * is written to, and all are given back.  A mounted hugetlbfs is not needed.  false: why says so in a sentence, with the cure where there are some;
 * *some: there are, and they are of no use so.
 */
bool eal_hugepages_suffice(unsigned memory_mb, bool *some, char why[EAL_HUGEPAGES_WHY_MAX]);

#endif
