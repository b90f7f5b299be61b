/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From one configuration to another: the steps between, in an order in which none fails because of the order.  VPorts
 * are the same by id, filters by (MAC, VLAN rule).
 */
#ifndef VMMQ_CONTROL_APPLY_PLAN_H
#define VMMQ_CONTROL_APPLY_PLAN_H

#include <jansson.h>

#include "config/config_model.h"

enum apply_kind {
	APPLY_FIXED,         /* something that only a restart can change */
	APPLY_FILTER_DELETE, /* these make room: */
	APPLY_VPORT_ADD,     /* without its filters */
	APPLY_FILTER_MOVE,
	APPLY_VPORT_DELETE,
	APPLY_VPORT_SET,
	APPLY_FILTER_ADD,
	APPLY_PROCESSORS,
	APPLY_UPLINK,
	APPLY_BALANCE,
	APPLY_KINDS,
};

/*
 * before, after: of a VPort; filter: a filter, of VPort from before, to after.  All point into the two
 * configurations.
 */
struct apply_step {
	enum apply_kind kind;
	const struct config_vport *before, *after;
	const struct config_filter *filter;
	char field[16], text[200]; /* FIXED: what would change */
};

struct apply_plan {
	const struct vmmq_config *current, *wanted;
	struct apply_step *step;
	size_t count, capacity;
};

/*
 * apply_plan_make finds the steps.  running: the processors that an adapter was made with; the wanted ones must be
 * among them.
 * false: memory.  The configurations must outlive the plan; free it with apply_plan_fini() in both cases.
 */
bool apply_plan_make(struct apply_plan *plan, const struct vmmq_config *current, const struct vmmq_config *wanted,
		     const struct vmmq_processor *running, size_t running_count);
void apply_plan_fini(struct apply_plan *plan);

/* apply_plan_text returns {"change", "vport", "text"} for each difference, a step may have several; NULL: memory. */
json_t *apply_plan_text(const struct apply_plan *plan);

#endif
