/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often a guest is interrupted for what it is sent: by a VPort's class there is an interval between two interrupts of a ring.  A frame that
 * comes later than that after the last one interrupts at once, so who is silent mostly waits for nothing; what comes earlier is announced together,
 * when the interval is over or before the guest's buffers may run out.  Who has written takes care of that (ethdev_call()).
 *
 * What has been put off is never forgotten: it is owed until the guest was asked whether it wants the interrupt, whatever messages come between.
 * Before one does, the relay has all of it made (vhost_calls_make()), since the guest may be stopped by it for long.
 */
#include "ports/vhost_user.h"

#include <time.h>

#include "base/clock.h"

#define RETRY_NS    1000000u /* while the ring is shut for a message of the front end's */
#define MAKE_NAPS   200u     /* that the relay waits for calls, of MAKE_NAP_NS: longer than any interval */
#define MAKE_NAP_NS 50000u
#define WINDOW_NS   1000000u /* over which adaptive measures, and after which it may take another step */
#define SILENCE_NS  10000000u

/* By step: none, low, medium, high.  adaptive goes to medium. */
static const uint32_t interval_ns[] = { 0, 50000, 125000, 250000 };
/* adaptive, by step: below so many frames a second it takes one less, from so many on one more.  Below 80,000 nobody waits. */
static const struct {
	uint64_t less, more;
} rates[] = { { 0, 80000 }, { 40000, 240000 }, { 120000, UINT64_MAX } };

void vhost_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation)
{
	if (moderation == VMMQ_INTERRUPT_MODERATION_OFF)
		moderation = VMMQ_INTERRUPT_MODERATION_UNDEFINED; /* the same, and cheaper to ask for */
	atomic_store_explicit(&port->vhost->moderation, (uint16_t)moderation, memory_order_release); /* M2 */
}

static unsigned ring_step(const struct vhost_ring *ring)
{
	switch ((enum vmmq_interrupt_moderation)atomic_load_explicit(&ring->of->moderation, memory_order_relaxed)) {
	case VMMQ_INTERRUPT_MODERATION_ADAPTIVE:
		return ring->put_off.step;
	case VMMQ_INTERRUPT_MODERATION_LOW:
		return 1;
	case VMMQ_INTERRUPT_MODERATION_MEDIUM:
		return 2;
	case VMMQ_INTERRUPT_MODERATION_HIGH:
		return 3;
	default:
		return 0;
	}
}

static uint64_t ring_due_ns(const struct vhost_ring *ring)
{
	return ring->put_off.called_ns + interval_ns[ring_step(ring)];
}

static bool ring_is_due(const struct vhost_ring *ring, uint64_t now)
{
	return now >= ring_due_ns(ring) || ring->put_off.frames >= ring->size / 4u ||
	       atomic_load_explicit(&ring->of->calls_now, memory_order_relaxed);
}

/* ring_adapt looks how many frames a second came in the window that is over. */
static void ring_adapt(struct vhost_ring *ring, unsigned frames, uint64_t now)
{
	const uint64_t elapsed = now - ring->put_off.window_ns;
	uint64_t rate;

	ring->put_off.window_frames += frames;
	if (elapsed < WINDOW_NS)
		return;
	rate = ring->put_off.window_frames * SECOND_NS / elapsed;
	if (elapsed >= SILENCE_NS)
		ring->put_off.step = 0;
	else if (rate >= rates[ring->put_off.step].more)
		ring->put_off.step++;
	else if (rate < rates[ring->put_off.step].less)
		ring->put_off.step--;
	ring->put_off.window_ns = now;
	ring->put_off.window_frames = 0;
}

static void ring_announce(struct vhost_ring *ring, uint64_t now)
{
	ring->put_off.frames = 0;
	if (vhost_ring_call(ring))
		ring->put_off.called_ns = now;
	atomic_store_explicit(&ring->put_off.owed, false, memory_order_release); /* M1: it was called before */
}

void vhost_ring_put_off(struct vhost_ring *ring, unsigned frames)
{
	const uint64_t now = now_ns();

	atomic_thread_fence(memory_order_acquire); /* M2: who puts off for the first time sees what was said before */
	ring_adapt(ring, frames, now);
	ring->put_off.frames += frames;
	if (ring_is_due(ring, now))
		ring_announce(ring, now);
	else
		atomic_store_explicit(&ring->put_off.owed, true, memory_order_relaxed);
}

uint64_t vhost_call(struct ethdev *port, uint16_t queue)
{
	struct vhost_ring *ring = &port->vhost->ring[2 * queue];
	uint64_t now;

	if (!atomic_load_explicit(&ring->put_off.owed, memory_order_relaxed))
		return 0;
	now = now_ns();
	if (!ethdev_queue_enter(&port->tx[queue]))
		return now + RETRY_NS;
	if (ring_is_due(ring, now))
		ring_announce(ring, now);
	ethdev_queue_leave(&port->tx[queue]);
	return atomic_load_explicit(&ring->put_off.owed, memory_order_relaxed) ? ring_due_ns(ring) : 0;
}

static bool port_owes(const struct vhost_port *vhost)
{
	for (unsigned q = 0; q < vhost->port->tx_queues; q++)
		if (atomic_load_explicit(&vhost->ring[2 * q].put_off.owed, memory_order_acquire)) /* M1 */
			return true;
	return false;
}

void vhost_calls_make(struct vhost_port *vhost)
{
	const struct timespec nap = { .tv_nsec = MAKE_NAP_NS };

	atomic_store_explicit(&vhost->calls_now, true, memory_order_relaxed);
	for (unsigned naps = 0; naps < MAKE_NAPS && port_owes(vhost); naps++)
		nanosleep(&nap, NULL); /* a processor that has been put off itself still owes it afterwards */
}
