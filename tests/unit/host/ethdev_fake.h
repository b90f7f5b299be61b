/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: devices (ports/ethdev.h) that do as they are told.  A device is known by its devargs, "fake0" to "fake9", whether
 * open or not: what is put in is received, what is transmitted can be taken out.
 */
#ifndef VMMQ_UNIT_HOST_ETHDEV_FAKE_H
#define VMMQ_UNIT_HOST_ETHDEV_FAKE_H

#include <pthread.h>
#include <rte_mbuf.h>

#include "ports/ethdev.h"
#include "unit/ports/device_spec.h"

#define FAKE_DEVICES 10
#define FAKE_QUEUES  8
#define FAKE_SIZE    8192u

struct fake_fifo {
	pthread_mutex_t lock;
	struct rte_mbuf *packet[FAKE_SIZE];
	unsigned head, tail;
};

struct fake {
	bool absent; /* cannot be opened */
	bool open;
	bool changed;
	unsigned opened; /* so many times */
	enum ethdev_state state;
	uint16_t max_queues; /* that the device has [FAKE_QUEUES] */
	uint16_t rx_queues, tx_queues;
	uint32_t rss_types; /* that it says it hashes, with key 0 [none] */
	uint16_t enabled;   /* by the peer [all] */
	uint32_t longest;   /* bytes of a frame that it takes; it stops at a longer one [any] */
	uint32_t takes;     /* what may be left to it, as ethdev_takes() says [nothing] */
	bool lends;     /* all of a frame but its first bytes, when it may: memory that is gone when it is settled */
	unsigned room;  /* packets that a transmit queue holds [FAKE_SIZE - 1] */
	int receive_fd; /* what its queues wait on [-1] */
	int queue_fd[FAKE_QUEUES];                 /* each one's own for that; 0: none yet */
	unsigned reaped;                           /* transmit calls without a packet */
	uint64_t counted;                          /* what its counters say, all of them, since it was opened */
	_Atomic uint64_t looks;                    /* calls of ethdev_receive() */
	enum vmmq_interrupt_moderation moderation; /* as it was told */
	uint64_t put_off_ns;                       /* each burst has a call that is put off by so long [0: none is] */
	_Atomic uint64_t call_at_ns[FAKE_QUEUES];  /* a call to the guest is put off until then [0: none is] */
	_Atomic unsigned calls[FAKE_QUEUES];       /* that were, and have been made */
	struct fake_fifo in[FAKE_QUEUES], out[FAKE_QUEUES];
};

/* fake_reset makes all devices new, empty and closed; fake_device finds one. */
void fake_reset(void);
struct fake *fake_device(const char *devargs);

void fake_in(struct fake *fake, uint16_t queue, struct rte_mbuf *packet);
/* fake_out takes a transmitted packet out; NULL: there is none. */
struct rte_mbuf *fake_out(struct fake *fake, uint16_t queue);
unsigned fake_waiting(struct fake *fake); /* in all transmit queues */
unsigned fake_taken(void); /* packets that read what is lent to them, after another processor has handed them over */

#endif
