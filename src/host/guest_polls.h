/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guests' queues that a processor polls, as one poll of the adapter's.  Most guests are silent most of the time, and a host has
 * thousands of their queues: one that has been silent for QUIET_AFTER_NS is asked to notify us, goes into an epoll set, and costs nothing
 * until it does.  Only the others are looked at in each turn.
 * Queues of devices without a descriptor to wait for are polled one by one (queues.c).
 */
#ifndef VMMQ_HOST_GUEST_POLLS_H
#define VMMQ_HOST_GUEST_POLLS_H

#include <vmmq/processor.h>

struct guest_queue;

#define QUIET_AFTER_NS 10000000u
#define QUIET_LOOK_NS  50000u /* between looks at those that are quiet, while the processor is awake */

/* That processor: rw; control: where it calls the processor. */
struct guest_polls {
	struct guest_queue **busy;
	size_t busy_room;
	unsigned busy_count, quiet_count;
	struct guest_queue *lending;              /* those that have lent something in this turn */
	int epoll;                                /* of the quiet ones, each for one event */
	unsigned turns;                           /* since it was armed; the clock is read in some of them */
	uint64_t now_tsc;                         /* then */
	uint64_t look_tsc;                        /* when to look next */
	uint64_t look_every_tsc, quiet_after_tsc; /* QUIET_LOOK_NS, QUIET_AFTER_NS */
};

bool guest_polls_init(struct guest_polls *polls);
void guest_polls_fini(struct guest_polls *polls);

/* guest_polls_add and _remove: on the processor.  fd: of the queue's device, readable when there may be something.  false: memory. */
bool guest_polls_add(struct guest_polls *polls, struct guest_queue *queue, int fd);
void guest_polls_remove(struct guest_polls *polls, struct guest_queue *queue);

/* As a poll of the adapter's; context: struct guest_polls, fd: its epoll. */
vmmq_poll_fn guest_polls_poll;
bool guest_polls_arm(void *context, bool armed);
void guest_polls_end(void *context); /* what is lent no longer is */

#endif
