/* SPDX-License-Identifier: BSD-2-Clause */
/* What a processor polls: added and removed by calls to it, so that its own thread alone ever looks at the list. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter.h"

unsigned processor_poll_all(struct processor *processor)
{
	unsigned n = 0;

	processor->polling = true;
	for (unsigned i = 0; i < processor->poll_count; i++)
		n += processor->polls[i].poll(processor->polls[i].context);
	processor->polling = false;
	return n;
}

/* A change of the list, as the argument of a call. */
struct change {
	struct processor *processor;
	const struct vmmq_poll *poll; /* to add */
	const void *context;          /* to remove */
	vmmq_status status;
};

static unsigned place_of(const struct processor *processor, const void *context)
{
	unsigned i = 0;

	while (i < processor->poll_count && processor->polls[i].context != context)
		i++;
	return i;
}

static void add(void *argument)
{
	struct change *change = argument;
	struct processor *processor = change->processor;
	struct vmmq_poll *polls;

	if (place_of(processor, change->poll->context) < processor->poll_count) {
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

static void remove_poll(void *argument)
{
	const struct change *change = argument;
	struct processor *processor = change->processor;
	unsigned at = place_of(processor, change->context);

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
	struct change change = { .processor = processor_find(adapter, number), .poll = poll };
	struct call call = { .function = add, .argument = &change, .changes_polls = true };

	processor_call(change.processor, &call);
	return change.status;
}

void vmmq_processor_remove_poll(struct vmmq_adapter *adapter, struct vmmq_processor number, const void *context)
{
	struct change change = { .processor = processor_find(adapter, number), .context = context };
	struct call call = { .function = remove_poll, .argument = &change, .changes_polls = true };

	processor_call(change.processor, &call);
}
