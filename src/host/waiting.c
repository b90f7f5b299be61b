/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a backend's queue does not take at once waits behind what waits for it already, and is offered again: by the next
 * delivery to that queue, and by the processor that put the first packet there, which naps no longer than NAP_WAITING_NS
 * meanwhile.  So a guest that is a little slow loses nothing.  One that has stopped reading is found out, and nothing waits for
 * it; and what all guests together let wait is bounded, the more the fewer they are.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "host/switch.h"

#define NAP_WAITING_NS 50000

bool waiting_make(struct guest *guest)
{
	const struct port *port = &guest->port;
	struct rte_mbuf **room = malloc(port->tx_queues * WAITING_MAX * sizeof(struct rte_mbuf *));

	if (!room)
		return false;
	guest->waiting_room = room;
	for (uint16_t i = 0; i < port->tx_queues; i++) {
		port->transmit[i].guest = guest;
		port->transmit[i].waiting = room + i * WAITING_MAX;
	}
	return true;
}

/*
 * waiting_admitted takes a share of the budget for up to count packets more, one by one: a queue may have as many waiting as there is
 * still room for.  Returns how many.
 */
static unsigned waiting_admitted(struct host *host, const struct transmit_queue *queue, unsigned count)
{
	const uint32_t own = queue->waiting_count, most = WAITING_MAX - own;
	uint32_t all = atomic_load_explicit(&host->waiting, memory_order_relaxed);
	uint32_t left, n;

	do {
		left = all < host->waiting_max ? host->waiting_max - all : 0;
		n = own < left ? (left - own + 1) / 2 : 0; /* each one more makes own larger and left smaller */
		n = n < most ? n : most;
		n = n < count ? n : count;
	} while (!atomic_compare_exchange_weak_explicit(&host->waiting, &all, all + n, memory_order_relaxed,
							memory_order_relaxed));
	return n;
}

/* waiting_leave: the first count packets are gone from the line. */
static void waiting_leave(struct host_processor *on, struct transmit_queue *queue, unsigned count)
{
	queue->waiting_first = (queue->waiting_first + count) % WAITING_MAX;
	queue->waiting_count -= count;
	atomic_fetch_sub_explicit(&on->host->waiting, count, memory_order_relaxed);
	counter_add(&guest_counters(on, queue->guest->vport)->waiting, -(uint64_t)count);
}

static struct rte_mbuf *waiting_at(const struct transmit_queue *queue, unsigned n)
{
	return queue->waiting[(queue->waiting_first + n) % WAITING_MAX];
}

/* waiting_is_longer tells whether a packet that waits is longer than all that the queue has taken, and it has taken some. */
static bool waiting_is_longer(const struct transmit_queue *queue, unsigned n)
{
	return queue->longest && rte_pktmbuf_pkt_len(waiting_at(queue, n)) > queue->longest;
}

/*
 * waiting_drop_all: where nothing shorter came to tell, a queue that has stopped at a frame longer than all that it took before is
 * rather not full.
 */
static void waiting_drop_all(struct host_processor *on, struct transmit_queue *queue, enum host_drop reason)
{
	const bool stopped = reason == HOST_DROP_BACKEND_FULL && queue->waiting_count && waiting_is_longer(queue, 0);

	for (unsigned i = 0; i < queue->waiting_count; i++)
		host_drop(on, queue->guest->vport,
			  stopped && waiting_is_longer(queue, i) ? HOST_DROP_TOO_BIG : reason, waiting_at(queue, i));
	waiting_leave(on, queue, queue->waiting_count);
}

/* waiting_is_vain tells whether there is no point in waiting for the queue; *reason: why a packet that it has not taken is dropped. */
static bool waiting_is_vain(const struct transmit_queue *queue, enum host_drop *reason)
{
	const struct guest *guest = queue->guest;

	*reason = HOST_DROP_NO_BACKEND;
	if (!atomic_load_explicit(&guest->port.up, memory_order_relaxed))
		return true;
	*reason = HOST_DROP_BACKEND_FULL;
	return queue->stuck_since_ns && now_ns() - queue->stuck_since_ns >= guest->host->deaf_ns;
}

static void waiting_list(struct host_processor *on, struct transmit_queue *queue)
{
	queue->offered_by = on;
	queue->next = on->waiting.first;
	on->waiting.first = queue;
}

/* packets_keep: others will look at them later, so nothing of them may be lent any more.  Returns how many are left. */
static unsigned packets_keep(struct host_processor *on, const struct transmit_queue *queue, struct rte_mbuf *packet[],
			     unsigned count)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		if (ethdev_keep(packet[i]))
			packet[n++] = packet[i];
		else
			host_drop(on, queue->guest->vport, HOST_DROP_HOST_NO_BUFFER, packet[i]);
	return n;
}

void waiting_put(struct host_processor *on, struct transmit_queue *queue, struct rte_mbuf *packet[], unsigned count)
{
	enum host_drop reason;
	unsigned n = 0;

	count = packets_keep(on, queue, packet, count);
	if (waiting_is_vain(queue, &reason))
		waiting_drop_all(on, queue, reason);
	else
		n = waiting_admitted(on->host, queue, count);
	for (unsigned i = 0; i < n; i++)
		queue->waiting[(queue->waiting_first + queue->waiting_count++) % WAITING_MAX] = packet[i];
	counter_add(&guest_counters(on, queue->guest->vport)->waiting, n);
	if (n && !queue->offered_by)
		waiting_list(on, queue);
	for (unsigned i = n; i < count; i++)
		host_drop(on, queue->guest->vport, reason, packet[i]);
}

/* waiting_line lists what waits, in order; returns how many. */
static unsigned waiting_line(const struct transmit_queue *queue, struct rte_mbuf *line[WAITING_MAX])
{
	for (unsigned i = 0; i < queue->waiting_count; i++)
		line[i] = waiting_at(queue, i);
	return queue->waiting_count;
}

/*
 * waiting_skip drops packets at the head that the backend does not take for their length, when it takes one from behind them; true: it
 * has taken one.  It is tried more and more seldom with a guest that has stopped reading.
 */
static bool waiting_skip(struct host_processor *on, struct transmit_queue *queue)
{
	const struct guest *guest = queue->guest;
	const uint64_t now = now_ns(), since = queue->stuck_since_ns;
	struct rte_mbuf *line[WAITING_MAX];
	unsigned count, last = 0, i = 0;
	uint32_t refused;

	if (now < queue->doubt_again_ns ||
	    !too_big_is_doubted(queue, queue->waiting[queue->waiting_first], since, guest->host->deaf_ns / 2))
		return false;
	count = waiting_line(queue, line);
	while (i < count && !deliver_offer(guest_counters(on, guest->vport), queue, &line[i], 1)) {
		last = i;
		i = too_big_next(line, count, i);
	}
	if (i == count) {
		if (last || count > QUEUE_BURST)
			queue->doubt_again_ns = now + (now - since);
		return false;
	}
	if (i) {
		refused = rte_pktmbuf_pkt_len(line[last]);
		for (unsigned k = 0; k < i; k++)
			host_drop(on, guest->vport, HOST_DROP_TOO_BIG, line[k]);
		too_big_learn(queue, refused);
	}
	waiting_leave(on, queue, i + 1);
	return true;
}

/* waiting_offer_in_order offers what waits until the backend takes no more. */
static void waiting_offer_in_order(struct host_processor *on, struct transmit_queue *queue)
{
	struct vport_counters *counters = guest_counters(on, queue->guest->vport);

	while (queue->waiting_count) {
		unsigned n = WAITING_MAX - queue->waiting_first, taken; /* in one piece */

		n = n < queue->waiting_count ? n : queue->waiting_count;
		n = n < QUEUE_BURST ? n : QUEUE_BURST;
		taken = deliver_offer(counters, queue, queue->waiting + queue->waiting_first, n);
		waiting_leave(on, queue, taken);
		if (taken < n)
			break;
	}
}

bool waiting_offer(struct host_processor *on, struct transmit_queue *queue)
{
	enum host_drop reason;

	do
		waiting_offer_in_order(on, queue);
	while (queue->waiting_count && waiting_skip(on, queue));
	if (queue->waiting_count && waiting_is_vain(queue, &reason))
		waiting_drop_all(on, queue, reason);
	return !queue->waiting_count;
}

unsigned waiting_poll(void *context)
{
	struct waiting *waiting = context;
	struct transmit_queue **at = &waiting->first, *queue;
	unsigned moved = 0;

	if (waiting->on->calls.first)
		calls_poll(waiting->on);
	while ((queue = *at)) {
		unsigned before;

		if (!transmit_try_lock(queue)) {
			at = &queue->next; /* who holds it offers what waits as well */
			continue;
		}
		before = queue->waiting_count;
		if (waiting_offer(waiting->on, queue)) {
			*at = queue->next;
			queue->offered_by = NULL;
		} else {
			at = &queue->next;
		}
		moved += before - queue->waiting_count;
		calls_note_moderated(waiting->on, queue);
		transmit_unlock(queue);
	}
	return moved;
}

/* waiting_set_timer: 0: none; what it said before is forgotten. */
static void waiting_set_timer(struct waiting *waiting, long ns)
{
	const struct itimerspec when = { .it_value = { .tv_nsec = ns } };

	timerfd_settime(waiting->timer, 0, &when, NULL);
	waiting->timer_set = ns;
}

/* waiting_nap_ns returns how long the processor may sleep at most; 0: for ever. */
static long waiting_nap_ns(const struct waiting *waiting)
{
	const struct calls *calls = &waiting->on->calls;
	const long nap = waiting->first ? NAP_WAITING_NS : 0;
	uint64_t now;
	long call;

	if (!calls->first)
		return nap;
	now = now_ns();
	call = calls->due_ns > now ? (long)(calls->due_ns - now) : 1;
	return nap && nap < call ? nap : call;
}

bool waiting_arm(void *context, bool armed)
{
	struct waiting *waiting = context;
	const long nap = armed ? waiting_nap_ns(waiting) : 0;

	if (nap)
		waiting_set_timer(waiting, nap);
	else if (waiting->timer_set)
		waiting_set_timer(waiting, 0);
	return false;
}

bool waiting_init(struct host_processor *on)
{
	on->waiting.on = on;
	on->waiting.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return on->waiting.timer >= 0;
}

void waiting_fini(struct host_processor *on)
{
	if (on->waiting.on && on->waiting.timer >= 0)
		close(on->waiting.timer);
}

/* waiting_unlist runs on the processor that offers it; by now that may have taken it off its list. */
static void waiting_unlist(void *argument)
{
	struct transmit_queue *queue = argument, **at;

	if (!queue->offered_by)
		return;
	at = &queue->offered_by->waiting.first;
	while (*at != queue)
		at = &(*at)->next;
	*at = queue->next;
	queue->offered_by = NULL;
}

void waiting_close(struct guest *guest)
{
	struct host *host = guest->host;

	for (uint16_t i = 0; guest->waiting_room && i < guest->port.tx_queues; i++) {
		struct transmit_queue *queue = &guest->port.transmit[i];
		const struct host_processor *by;

		transmit_lock(queue);
		waiting_drop_all(host_control(host), queue, HOST_DROP_NO_BACKEND);
		by = queue->offered_by;
		transmit_unlock(queue);
		if (by)
			vmmq_processor_call(host->adapter, by->number, waiting_unlist, queue);
	}
	free(guest->waiting_room);
	guest->waiting_room = NULL;
}
