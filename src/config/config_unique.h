/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may be in a file once: processors, VPort ids, VPort names, filters.  Each question takes constant or
 * logarithmic time and is asked in file order, so the second one of a pair is refused and the first one can be named.
 */
#ifndef VMMQ_CONFIG_CONFIG_UNIQUE_H
#define VMMQ_CONFIG_CONFIG_UNIQUE_H

#include "config/config_model.h"

/* Zeroed at first; freed with config_unique_fini().  Points into the names and filters it was shown. */
struct config_unique {
	uint32_t processor[65536]; /* place in the list, from 1 */
	uint32_t vport[65536];     /* the same */
	void *names, *filters;     /* tsearch() trees */
};

/* These return whether it is new; if not, *first is the place (from 0) of the one that was there first. */
bool config_unique_processor(struct config_unique *unique, struct vmmq_processor processor, size_t place,
			     size_t *first);
bool config_unique_vport(struct config_unique *unique, struct vmmq_vport_id id, size_t place, size_t *first);
bool config_unique_has_processor(const struct config_unique *unique, struct vmmq_processor processor);

/* These set *first to the equal one that was there first, the given one itself when it is new; false: no memory. */
bool config_unique_name(struct config_unique *unique, const char *name, const char **first);
bool config_unique_filter(struct config_unique *unique, const struct config_filter *filter,
			  const struct config_filter **first);

void config_unique_fini(struct config_unique *unique);

#endif
