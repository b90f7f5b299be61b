/* SPDX-License-Identifier: BSD-2-Clause */
/* From hash to processor: spec 5.1, steps 3 and 5 to 7. */
#ifndef VMMQ_CORE_SPREAD_H
#define VMMQ_CORE_SPREAD_H

#include <vmmq/classify.h>

/* verdict_spread reads verdict->hash_type and hash, and sets entry, processor and via. */
static inline void verdict_spread(const struct vmmq_steering *rss, struct vmmq_verdict *verdict)
{
	if (!rss->rss_enabled) { /* with a hash, when receive hash is on */
		verdict->processor = rss->primary;
		verdict->via = VMMQ_VIA_PRIMARY;
	} else if (verdict->hash_type) {
		verdict->entry = (uint16_t)(verdict->hash & rss->index_mask);
		verdict->processor = rss->table[verdict->entry];
		verdict->via = VMMQ_VIA_TABLE;
	} else {
		verdict->processor = rss->default_processor;
		verdict->via = VMMQ_VIA_DEFAULT;
	}
}

#endif
