/* SPDX-License-Identifier: BSD-2-Clause */
/* Between which VPorts filters, and so packets, have gone when one filter table follows another. */
#ifndef VMMQ_ENGINE_MOVED_FILTERS_H
#define VMMQ_ENGINE_MOVED_FILTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <vmmq/filter.h>

struct vport_pair {
	struct vmmq_vport_id old;
	struct vmmq_vport_id vport;
};

/* Each pair once, in no order. */
struct moved_filters {
	struct vport_pair *pair;
	size_t count;
	uint32_t *seen; /* the same pairs: a hash table, at most half full; 0: free */
	size_t seen_count;
};

/* moved_filters_add adds a pair, unless it is there or both are the same VPort.  false: memory. */
bool moved_filters_add(struct moved_filters *moved, struct vmmq_vport_id old, struct vmmq_vport_id vport);
/* moved_filters_find adds those of filters that are not encapsulated.  false: memory.  moved_filters_fini in both cases. */
bool moved_filters_find(struct moved_filters *moved, const struct vmmq_filter_table *from,
			const struct vmmq_filter_table *to);
void moved_filters_fini(struct moved_filters *moved);

#endif
