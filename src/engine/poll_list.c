/* SPDX-License-Identifier: BSD-2-Clause */
/* What a processor polls: added and removed by calls to it, so that its own thread alone ever looks at the list. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/call.h"

unsigned processor_poll_all(struct processor *processor)
{
	unsigned n = 0;

	assert(processor_is_held_here(processor));
	processor->polling = true;
	for (unsigned i = 0; i < processor->poll_count; i++)
		n += processor->polls[i].poll(processor->polls[i].context);
	processor->polling = false;
	return n;
}

void processor_poll_end(struct processor *processor)
{
	for (unsigned i = 0; i < processor->poll_count; i++)
		if (processor->polls[i].end)
			processor->polls[i].end(processor->polls[i].context);
}

/* A change of the list, as the argument of a call. */
struct poll_change {
	struct processor *processor;
	const struct vmmq_poll *poll; /* to add */
	const void *context;          /* to remove */
	vmmq_status status;
};

static unsigned poll_place(const struct processor *processor, const void *context)
{
	unsigned i = 0;

	while (i < processor->poll_count && processor->polls[i].context != context)
		i++;
	return i;
}

static void poll_add(void *argument)
{
	struct poll_change *change = argument;
	struct processor *processor = change->processor;
	struct vmmq_poll *polls;

	assert(!processor->polling);
	if (poll_place(processor, change->poll->context) < processor->poll_count) {
		change->status = VMMQ_INVALID_PARAMETER;
		return;
	}
	polls = realloc(processor->polls, (processor->poll_count + 1) * sizeof(*polls));
	if (!polls) {
		change->status = VMMQ_RESOURCES;
		return;
	}
	polls[processor->poll_count] = *change->poll;
	processor->polls = polls;
	processor->poll_count++;
	change->status = VMMQ_SUCCESS;
}

static void poll_remove(void *argument)
{
	const struct poll_change *change = argument;
	struct processor *processor = change->processor;
	unsigned at = poll_place(processor, change->context);

	assert(!processor->polling);
	if (at == processor->poll_count)
		return;
	processor->poll_count--;
	memmove(&processor->polls[at], &processor->polls[at + 1],
		(processor->poll_count - at) * sizeof(processor->polls[0]));
}

vmmq_status vmmq_processor_add_poll(struct vmmq_adapter *adapter, struct vmmq_processor number,
				    const struct vmmq_poll *poll)
{
	struct poll_change change = { .processor = processor_find(adapter, number), .poll = poll };
	struct call call = { .function = poll_add, .argument = &change, .changes_polls = true };

	if (!change.processor)
		return VMMQ_INVALID_PARAMETER;
	processor_call(change.processor, &call);
	return change.status;
}

void vmmq_processor_remove_poll(struct vmmq_adapter *adapter, struct vmmq_processor number, const void *context)
{
	struct poll_change change = { .processor = processor_find(adapter, number), .context = context };
	struct call call = { .function = poll_remove, .argument = &change, .changes_polls = true };

	if (!change.processor)
		return;
	processor_call(change.processor, &call);
}
