/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of an ordinary user may do besides: Linux capabilities (capabilities(7)), as masks of CAPABILITY(CAP_...). */
#ifndef VMMQ_BASE_CAPABILITY_H
#define VMMQ_BASE_CAPABILITY_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* capability_effective returns those that the calling thread has now; 0 where they cannot be told. */
uint64_t capability_effective(void);

/*
 * capability_keep gives up, for good, all that the calling thread may use or hand on but those of mask.  false: errno, and nothing has
 * changed.  Threads made later have what their maker has: call it before there are any.
 */
bool capability_keep(uint64_t mask);

/* capability_text writes the names of those of mask that vmmqd knows of, "CAP_NET_ADMIN, CAP_BPF"; "none". */
#define CAPABILITY_TEXT_MAX 192
void capability_text(uint64_t mask, char text[CAPABILITY_TEXT_MAX]);

#endif
