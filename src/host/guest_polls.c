/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/guest_polls.h"

#include <rte_cycles.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/array.h"
#include "host/switch.h"

#define LOOK_BURST  64
#define CLOCK_EVERY 8 /* turns: to read it takes as long as to look at a queue that has nothing */

bool guest_polls_init(struct guest_polls *polls)
{
	*polls = (struct guest_polls){
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.look_every_tsc = rte_get_tsc_hz() * QUIET_LOOK_NS / SECOND_NS,
		.quiet_after_tsc = rte_get_tsc_hz() * QUIET_AFTER_NS / SECOND_NS,
	};
	return polls->epoll >= 0;
}

void guest_polls_fini(struct guest_polls *polls)
{
	free(polls->busy);
	if (polls->epoll > 0) /* 0: never made */
		close(polls->epoll);
}

static void busy_put(struct guest_polls *polls, struct guest_queue *queue)
{
	queue->quiet = false;
	queue->silent_tsc = 0;
	queue->place = polls->busy_count;
	polls->busy[polls->busy_count++] = queue;
}

static void busy_take(struct guest_polls *polls, struct guest_queue *queue)
{
	struct guest_queue *last = polls->busy[--polls->busy_count];

	polls->busy[queue->place] = last;
	last->place = queue->place;
}

/* queue_watch has the epoll set tell of the queue, once; false: its descriptor cannot be waited for, or there is no memory. */
static bool queue_watch(const struct guest_polls *polls, struct guest_queue *queue)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.ptr = queue };

	return epoll_ctl(polls->epoll, queue->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, queue->fd, &event) == 0;
}

/*
 * queue_quieten lets a silent queue go quiet: it is asked to notify, and looked at once more, as what came before that notifies
 * nobody.  false: it has something, or has to be polled on.
 */
static bool queue_quieten(struct guest_polls *polls, struct guest_queue *queue)
{
	bool more = guest_queue_arm(queue, true);

	if (more && !guest_queue_poll(queue))
		more = guest_queue_arm(queue, true);
	if (more || !queue_watch(polls, queue)) {
		guest_queue_arm(queue, false);
		queue->silent_tsc = 0;
		return false;
	}
	queue->watched = queue->quiet = true;
	busy_take(polls, queue);
	polls->quiet_count++;
	return true;
}

/* polls_look makes those busy that have been notified of. */
static void polls_look(struct guest_polls *polls)
{
	struct epoll_event event[LOOK_BURST];
	int n = epoll_wait(polls->epoll, event, LOOK_BURST, 0);

	for (int i = 0; i < n; i++) {
		struct guest_queue *queue = event[i].data.ptr;

		polls->quiet_count--;
		busy_put(polls, queue);
		guest_queue_arm(queue, false);
	}
}

unsigned guest_polls_poll(void *context)
{
	struct guest_polls *polls = context;
	unsigned sum = 0;
	uint64_t now;

	if (polls->turns++ % CLOCK_EVERY == 0)
		polls->now_tsc = rte_rdtsc();
	now = polls->now_tsc;

	if (polls->quiet_count && (int64_t)(now - polls->look_tsc) >= 0) {
		polls->look_tsc = now + polls->look_every_tsc;
		polls_look(polls);
	}
	for (unsigned i = polls->busy_count; i-- > 0;) {
		struct guest_queue *queue = polls->busy[i];
		unsigned n = guest_queue_poll_lending(queue);

		sum += n;
		if (n)
			queue->silent_tsc = 0;
		else if (!queue->silent_tsc)
			queue->silent_tsc = now;
		else if (now - queue->silent_tsc > polls->quiet_after_tsc)
			queue_quieten(polls, queue);
	}
	return sum;
}

void guest_polls_end(void *context)
{
	struct guest_polls *polls = context;

	for (; polls->lending; polls->lending = polls->lending->lending_next)
		ethdev_settle(polls->lending->dev, polls->lending->number);
}

bool guest_polls_arm(void *context, bool armed)
{
	struct guest_polls *polls = context;

	polls->look_tsc = rte_rdtsc();
	polls->turns = 0;
	if (!armed)
		return false;
	for (unsigned i = polls->busy_count; i-- > 0;)
		queue_quieten(polls, polls->busy[i]);
	return polls->busy_count > 0;
}

bool guest_polls_add(struct guest_polls *polls, struct guest_queue *queue, int fd)
{
	/* room for all, so that a queue that is notified of always has a place */
	unsigned needed = polls->busy_count + polls->quiet_count + 1;
	struct guest_queue **busy =
	    array_room(polls->busy, &polls->busy_room, needed, 16, sizeof(struct guest_queue *));

	if (!busy)
		return false;
	polls->busy = busy;
	queue->fd = fd;
	queue->watched = false;
	busy_put(polls, queue);
	return true;
}

void guest_polls_remove(struct guest_polls *polls, struct guest_queue *queue)
{
	if (queue->watched)
		epoll_ctl(polls->epoll, EPOLL_CTL_DEL, queue->fd, NULL);
	if (queue->quiet) {
		polls->quiet_count--;
		guest_queue_arm(queue, false);
	} else {
		busy_take(polls, queue);
	}
	queue->quiet = queue->watched = false;
}
