/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source's half of the ordering promise: when it steps to the next view it puts a gate before the lanes that move
 * (docs/architecture.md, "The gate").
 */
#ifndef VMMQ_ENGINE_STEP_H
#define VMMQ_ENGINE_STEP_H

#include <stdbool.h>

struct vmmq_source;
struct view_link;

/*
 * step_supply gives a source, before a link is published, the memory that its step will need as far as can be told: the source
 * itself allocates nothing.  false: memory is short.  Control, holding edit.
 */
bool step_supply(struct vmmq_source *source, const struct view_link *link);

/*
 * step_take puts the gates of one step.  may_allocate: for control, in the source's stead.  false: memory is short, or would
 * have to be allocated, and nothing was done.  Holder only.
 */
bool step_take(struct vmmq_source *source, const struct view_link *link, bool may_allocate);

#endif
