/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/flood.h"

#include "host/switch.h"

/* flood_job_at returns the n-th job that waits; at n = flood_waiting() it is where the next one goes. */
static struct flood_job *flood_job_at(struct flood *flood, uint32_t n)
{
	return &flood->job[(atomic_load_explicit(&flood->head, memory_order_relaxed) + n) % FLOOD_JOBS];
}

static void flood_advance(_Atomic uint32_t *position)
{
	atomic_store_explicit(position, atomic_load_explicit(position, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

bool flood_put(struct host_processor *on, struct rte_mbuf *packet, const struct frame *frame, uint16_t vid,
	       struct vmmq_vport_id from, bool from_uplink)
{
	struct flood *flood = &on->flood;
	uint32_t *share = &guest_counters(on, from)->flooding;
	uint32_t waiting = flood_waiting(flood);

	if (*share >= FLOOD_JOBS - waiting)
		return false;
	++*share;
	*flood_job_at(flood, waiting) = (struct flood_job){
		.packet = packet,
		.from = from,
		.from_uplink = from_uplink,
		.control = frame_is_reserved(frame->destination),
		.share = share,
		.vid = vid,
	};
	flood_advance(&flood->tail);
	return true;
}

/* flood_run_length counts the jobs at the head that have the same way to go, so that they go it together. */
static unsigned flood_run_length(struct flood *flood)
{
	const struct flood_job *first = flood_job_at(flood, 0);
	uint32_t waiting = flood_waiting(flood);
	unsigned n = 1;

	while (n < QUEUE_BURST && n < waiting) {
		const struct flood_job *job = flood_job_at(flood, n);

		if (job->vid != first->vid || job->from.v != first->from.v ||
		    job->from_uplink != first->from_uplink || job->control != first->control ||
		    job->next != first->next)
			break;
		n++;
	}
	return n;
}

/* flood_copy_to gives one member a copy of each packet of the run. */
static void flood_copy_to(struct host_processor *on, const struct forwarding *forwarding, struct vmmq_vport_id member,
			  unsigned run)
{
	struct guest *guest = forwarding_guest(forwarding_vport(forwarding, member));
	struct vport_counters *counters = guest_counters(on, member);
	struct rte_mbuf *copies[QUEUE_BURST];
	unsigned n = 0;

	if (!guest)
		return; /* it was taken away a moment ago */
	if (flood_job_at(&on->flood, 0)->control && !guest_is_trusted(guest))
		return;
	counter_add(&counters->replicas, run);
	for (unsigned i = 0; i < run; i++) {
		struct flood_job *job = flood_job_at(&on->flood, i);
		struct rte_mbuf *copy = rte_pktmbuf_copy(job->packet, on->host->pool, 0, UINT32_MAX);

		job->taken = true;
		if (!copy)
			counter_add(&counters->drops[HOST_DROP_HOST_NO_BUFFER], 1);
		else
			copies[n] = deliver_prepare(on, forwarding, member, copy);
		n += copy && copies[n];
	}
	deliver_packets(on, guest, copies, n);
}

static void flood_finish_taken(struct host_processor *on, const struct flood_job *job)
{
	if (job->from_uplink)
		counter_add(&guest_counters(on, VMMQ_DEFAULT_VPORT)->flooded, 1);
	rte_pktmbuf_free(job->packet);
}

static void flood_finish(struct host_processor *on, unsigned run)
{
	for (unsigned i = 0; i < run; i++) {
		const struct flood_job *job = flood_job_at(&on->flood, 0);

		--*job->share;
		if (job->from_uplink && !job->taken)
			host_drop(on, VMMQ_DEFAULT_VPORT,
				  job->control ? HOST_DROP_CONTROL_FRAME : HOST_DROP_NO_BACKEND, job->packet);
		else
			flood_finish_taken(on, job);
		flood_advance(&on->flood.head);
	}
}

/* flood_run takes the run at the head to its next members; returns the copies it made, at most budget. */
static unsigned flood_run(struct host_processor *on, const struct forwarding *forwarding, unsigned budget)
{
	struct flood_job job = *flood_job_at(&on->flood, 0);
	unsigned run = flood_run_length(&on->flood);
	unsigned copies = 0;
	int32_t member;

	while ((member = forwarding_member(forwarding, job.vid, job.next)) >= 0) {
		if (copies + run > budget)
			break;
		job.next = (uint32_t)member + 1;
		if (!job.from_uplink && member == job.from.v)
			continue;
		flood_copy_to(on, forwarding, (struct vmmq_vport_id){ (uint16_t)member }, run);
		copies += run;
	}
	for (unsigned i = 0; i < run; i++)
		flood_job_at(&on->flood, i)->next = job.next;
	if (member < 0)
		flood_finish(on, run);
	return member < 0 ? copies : budget;
}

unsigned flood_poll(void *context)
{
	struct host_processor *on = context;
	struct flood *flood = &on->flood;
	const struct forwarding *forwarding;
	unsigned budget = FLOOD_COPIES;
	uint32_t before = flood_waiting(flood);

	if (!before)
		return 0;
	forwarding = host_enter(on);
	while (flood_waiting(flood) && budget) {
		unsigned used = flood_run(on, forwarding, budget);

		budget -= used < budget ? used : budget;
	}
	host_leave(on);
	return FLOOD_COPIES - budget + (before - flood_waiting(flood));
}

bool flood_arm(void *context, bool armed)
{
	const struct host_processor *on = context;

	return armed && flood_waiting(&on->flood);
}

void flood_drain(struct host_processor *on)
{
	struct flood *flood = &on->flood;

	for (; flood_waiting(flood); flood_advance(&flood->head))
		rte_pktmbuf_free(flood_job_at(flood, 0)->packet);
}
