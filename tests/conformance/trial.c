/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a case. */
#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers 4 and 5 in two groups: who compares numbers only is found out. */
static const uint16_t usual_processors[] = { 4, 5, 6, 7, 68, 69 };
const struct vmmq_conformance_setup usual = {
	.processors = usual_processors,
	.processor_count = sizeof(usual_processors) / sizeof(usual_processors[0]),
	.vports = 64,
	.queue_pairs = 256,
	.queue_pairs_per_vport = 16,
	.default_vport_queue_pairs = 4,
	.filters = 256,
};

struct block {
	struct block *next;
	_Alignas(16) uint8_t byte[];
};

void *trial_alloc(struct trial *t, size_t len)
{
	struct block *block = calloc(1, sizeof(*block) + len);

	if (!block)
		abort(); /* a test program without memory has nothing to report */
	block->next = t->memory;
	t->memory = block;
	return block->byte;
}

void trial_fail(struct trial *t, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(t->text, sizeof(t->text), format, list);
	va_end(list);
	t->outcome = FAILED;
	longjmp(t->end, 1);
}

void trial_skip(struct trial *t, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(t->text, sizeof(t->text), format, list);
	va_end(list);
	t->outcome = NOT_APPLICABLE;
	longjmp(t->end, 1);
}

const char *status_name(vmmq_status status)
{
	static char text[16];

#define X(name, value)                                                                                               \
	if (status == (value))                                                                                       \
		return #name;
	VMMQ_STATUSES(X)
#undef X
	snprintf(text, sizeof(text), "0x%08x", status);
	return text;
}

void trial_expect(struct trial *t, vmmq_status want, vmmq_status got, const char *what)
{
	if (got != want)
		trial_fail(t, "%s: expected %s, got %s", what, status_name(want), status_name(got));
}

static void indicate(void *context, const struct vmmq_conformance_packet *packet)
{
	struct trial *t = context;
	struct seen *seen;

	if (t->seen_count < SEEN_MAX) {
		seen = &t->seen[t->seen_count];
		seen->packet = *packet;
		seen->packet.frame = seen->frame.byte;
		seen->frame.len = packet->len < FRAME_MAX ? packet->len : FRAME_MAX;
		memcpy(seen->frame.byte, packet->frame, seen->frame.len);
	}
	t->seen_count++;
	if (t->inside)
		t->inside(t, packet);
}

static void complete(void *context, const struct vmmq_conformance_completion *completion)
{
	struct trial *t = context;

	if (t->completion_count < SEEN_MAX)
		t->completion[t->completion_count] = *completion;
	t->completion_count++;
}

static void nic_close(struct trial *t)
{
	if (t->nic)
		t->subject->destroy(t->nic);
	t->nic = NULL;
}

void trial_open(struct trial *t, const struct vmmq_conformance_setup *setup)
{
	const struct vmmq_conformance_host host = { .context = t, .indicate = indicate, .complete = complete };

	nic_close(t);
	t->setup = setup ? *setup : usual;
	t->nic = t->subject->create(&t->setup, &host);
	CHECK(t, t->nic || setup, "the subject does not make a NIC");
	if (!t->nic)
		trial_skip(t, "the subject does not make a NIC of that kind");
	t->seen_count = 0;
	t->completion_count = 0;
}

void trial_poll_all(struct trial *t)
{
	bool busy = true;

	for (unsigned round = 0; busy; round++) {
		busy = false;
		CHECK(t, round < 10000, "the processors do not come to rest");
		for (size_t i = 0; i < t->setup.processor_count; i++)
			busy |= t->subject->poll(t->nic, t->setup.processors[i]);
	}
}

void trial_release(struct trial *t, void *mark)
{
	while (t->memory != mark) {
		struct block *block = t->memory;

		t->memory = block->next;
		free(block);
	}
}

void trial_run(struct trial *t, const struct vmmq_conformance_subject *subject, const struct line *line)
{
	memset(t, 0, sizeof(*t));
	t->subject = subject;
	t->seen = trial_alloc(t, SEEN_MAX * sizeof(*t->seen));
	t->completion = trial_alloc(t, SEEN_MAX * sizeof(*t->completion));
	if (!setjmp(t->end)) {
		trial_open(t, NULL);
		line->run(t);
		t->outcome = PASSED;
	}
	t->inside = NULL;
	nic_close(t);
	trial_release(t, NULL);
}
