/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK's eventdev with the software scheduler (event_sw) doing what the adapter does in bench_path.c: packets classified by
 * the same view go through an atomic queue, by the hash of their flow, to one worker's port.  Producer, scheduler
 * (rte_service_run_iter_on_app_lcore()) and worker are stepped in one thread.
 */
#include <rte_dev.h>
#include <rte_eventdev.h>
#include <rte_mbuf.h>
#include <rte_service.h>
#include <stdio.h>

#include "bench_engine.h"

#define DEVICE       "event_sw0"
#define FLOWS        1024u
#define EVENTS       4096 /* in the device at most */
#define ITERATIONS   16u  /* of the scheduler for a burst at most: one is enough, unless events are lost */
#define FLOW_ID_MASK 0xfffffu

enum { PRODUCER, WORKER, PORTS };

static uint8_t device;
static uint32_t service;
static uint64_t given, worked;

static bool configure(void)
{
	const struct rte_event_dev_config config = {
		.nb_events_limit = EVENTS,
		.nb_event_queues = 1,
		.nb_event_ports = PORTS,
		.nb_event_queue_flows = FLOWS,
		.nb_event_port_dequeue_depth = LOAD_BURST,
		.nb_event_port_enqueue_depth = LOAD_BURST,
	};
	const struct rte_event_queue_conf queue = {
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.nb_atomic_flows = FLOWS,
		.nb_atomic_order_sequences = FLOWS,
		.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
	};
	const struct rte_event_port_conf port = {
		.new_event_threshold = EVENTS,
		.dequeue_depth = LOAD_BURST,
		.enqueue_depth = LOAD_BURST,
	};

	if (rte_event_dev_configure(device, &config) || rte_event_queue_setup(device, 0, &queue))
		return false;
	for (uint8_t p = 0; p < PORTS; p++)
		if (rte_event_port_setup(device, p, &port))
			return false;
	return rte_event_port_link(device, WORKER, NULL, NULL, 0) == 1;
}

/* scheduler_start: the device starts only where its service may run, and no service core is wanted. */
static bool scheduler_start(void)
{
	return !rte_event_dev_service_id_get(device, &service) &&
	       !rte_service_set_runstate_mapped_check(service, 0) && !rte_service_runstate_set(service, 1) &&
	       !rte_event_dev_start(device);
}

bool eventdev_make(void)
{
	int number = -1;

	if (!rte_eal_hotplug_add("vdev", DEVICE, ""))
		number = rte_event_dev_get_dev_id(DEVICE);
	if (number >= 0) {
		device = (uint8_t)number;
		if (configure() && scheduler_start())
			return true;
	}
	fprintf(stderr, "bench-engine: eventdev's " DEVICE " cannot be made\n");
	return false;
}

static unsigned produce(struct load *load)
{
	struct rte_mbuf *burst[LOAD_BURST];
	struct rte_event event[LOAD_BURST];
	unsigned count = path_burst(load, burst);

	for (unsigned i = 0; i < count; i++)
		event[i] = (struct rte_event){
			.flow_id = burst[i]->hash.usr & FLOW_ID_MASK,
			.event_type = RTE_EVENT_TYPE_CPU,
			.op = RTE_EVENT_OP_NEW,
			.sched_type = RTE_SCHED_TYPE_ATOMIC,
			.priority = RTE_EVENT_DEV_PRIORITY_NORMAL,
			.mbuf = burst[i],
		};
	return rte_event_enqueue_new_burst(device, PRODUCER, event, (uint16_t)count);
}

static unsigned work(void)
{
	struct rte_event event[LOAD_BURST];
	struct rte_mbuf *packet[LOAD_BURST];
	unsigned count = rte_event_dequeue_burst(device, WORKER, event, LOAD_BURST, 0);

	for (unsigned i = 0; i < count; i++)
		packet[i] = event[i].mbuf;
	rte_pktmbuf_free_bulk(packet, count);
	return count;
}

void eventdev_run(void *context)
{
	struct load *load = context;

	for (unsigned i = 0; i < PATH_PACKETS / LOAD_BURST; i++) {
		unsigned left = produce(load);

		given += LOAD_BURST;
		for (unsigned turn = 0; left && turn < ITERATIONS; turn++) {
			unsigned count;

			rte_service_run_iter_on_app_lcore(service, 0);
			count = work();
			left -= count;
			worked += count;
		}
	}
}

bool eventdev_whole(void)
{
	rte_event_dev_stop(device);
	rte_event_dev_close(device);
	rte_eal_hotplug_remove("vdev", DEVICE);
	return path_whole("eventdev", given, worked);
}
