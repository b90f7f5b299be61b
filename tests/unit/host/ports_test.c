/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports that come, go, and come back; queues that move between processors under load. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#include <pthread.h>
#include <time.h>

/* What the listener heard last. */
static struct {
	unsigned count;
	bool uplink;
	uint16_t vport;
	char state[16];
} heard;

static void listen(void *context, bool of_uplink, struct vmmq_vport_id vport, const char *state, const char *reason)
{
	(void)context;
	assert_non_null(reason);
	heard.count++;
	heard.uplink = of_uplink;
	heard.vport = vport.v;
	snprintf(heard.state, sizeof(heard.state), "%s", state);
}

static const char *uplink_state(void)
{
	static struct host_port port;

	host_uplink_get(host, &port);
	return port.state;
}

/* wait_retry lets the time pass after which a port may be tried again. */
static void wait_retry(struct port *port)
{
	uint64_t now = now_ns();

	clock_pass(port->retry_ns > now ? port->retry_ns - now : 0);
}

static void uplink_gone_and_back(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	heard.count = 0;
	host_listen(host, listen, NULL);
	uplink->state = ETHDEV_GONE;
	uplink->changed = true;
	host_tick(host);
	assert_false(uplink->open);
	assert_string_equal(uplink_state(), "gone");
	assert_int_equal(heard.count, 1);
	assert_true(heard.uplink);
	rig_send(one, STRANGER, 1, UNTAGGED, 1);
	rig_send(one, 2, 1, UNTAGGED, 2);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 2);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 1);
	host_tick(host); /* too early */
	assert_int_equal(uplink->opened, 1);
	uplink->absent = true;
	wait_retry(&host->uplink.port);
	host_tick(host);
	assert_string_equal(uplink_state(), "failed");
	assert_int_equal(heard.count, 2);
	uplink->absent = false;
	uplink->state = ETHDEV_UP;
	wait_retry(&host->uplink.port);
	host_tick(host);
	assert_string_equal(uplink_state(), "up");
	assert_string_equal(heard.state, "up");
	assert_int_equal(heard.count, 3);
	rig_send(one, STRANGER, 1, UNTAGGED, 3);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 4);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 3);
	rig_expect(one, 1, STRANGER, UNTAGGED, 4);
	assert_int_equal(host->sources.made, 2);
	rig_end();
}

/* uplink_counts: each counter of the uplink's says that. */
static void uplink_counts(uint64_t count)
{
	static struct host_port port;

	host_uplink_get(host, &port);
	for (size_t i = 0; i < sizeof(port.counters) / sizeof(count); i++)
		assert_int_equal(((const uint64_t *)(const void *)&port.counters)[i], count);
}

/* A device counts from 0 when it is opened, a port does not: who reads metrics would see counters go back. */
static void counters_go_on(void **state)
{
	(void)state;
	rig_make();
	uplink->counted = 5;
	uplink_counts(5);
	for (uint64_t again = 1; again <= 3; again++) {
		uplink->state = ETHDEV_GONE;
		uplink->changed = true;
		host_tick(host);
		uplink_counts(5 * again); /* closed */
		uplink->state = ETHDEV_UP;
		wait_retry(&host->uplink.port);
		host_tick(host);
		uplink_counts(5 * again);
		uplink->counted = 5;
		uplink_counts(5 * again + 5);
	}
	rig_end();
}

/* A TAP interface that somebody deletes: closed, told, and opened again when it can be. */
static void backend_gone_and_back(void **state)
{
	struct guest *guest;
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	guest = guest_find(host, id(1));
	host_listen(host, listen, NULL);
	one->state = ETHDEV_GONE;
	one->changed = true;
	host_tick(host);
	assert_false(one->open);
	assert_string_equal(heard.state, "gone");
	assert_int_equal(heard.vport, 1);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 1);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_NO_BACKEND), 1);
	one->state = ETHDEV_UP;
	wait_retry(&guest->port);
	host_tick(host);
	assert_string_equal(heard.state, "up");
	rig_send(uplink, 1, STRANGER, UNTAGGED, 2);
	rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, 3);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 2);
	rig_expect(one, BROADCAST, STRANGER, UNTAGGED, 3);
	rig_end();
}

/* A backend that goes away under load takes only its own traffic along; its sender serves the next one. */
static void backends_come_and_go(void **state)
{
	struct host_port port;
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	uplink->room = 20;
	for (unsigned round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < 100; i++)
			rig_send(one, i % 2 ? STRANGER : 2, 1, UNTAGGED, i);
		for (unsigned turn = 0; turn < 3; turn++)
			vmmq_processor_poll(adapter, processors[1]);
		host_set_backend(host, id(1), NULL);
		assert_false(one->open);
		host_backend_get(host, id(1), &port);
		assert_string_equal(port.state, "none");
		rig_run();
		fake_empty(uplink);
		fake_empty(two);
		host_set_backend(host, id(1), DEVICE("fake1"));
		host_backend_get(host, id(1), &port);
		assert_string_equal(port.state, "up");
		assert_string_equal(port.spec->device, "fake1");
		assert_true(port.open);
	}
	assert_true(host->senders.made <= 8);
	host_set_backend(host, id(1), DEVICE("other"));
	host_backend_get(host, id(1), &port);
	assert_string_equal(port.state, "failed");
	assert_string_equal(port.reason, "other is not there");
	rig_run();
	assert_int_equal(vmmq_sending_read(adapter, id(1)), 0);
	rig_end();
}

/* A typed port's device has a name of ours, which its reason does not: people know its place. */
static void reasons_name_places(void **state)
{
	const struct port_spec tap = { .kind = PORT_TAP, .place = "tap0" };
	const struct port_spec client = { .kind = PORT_VHOST_USER, .place = "/nowhere/a", .mode = PORT_CLIENT };
	const struct port_spec server = { .kind = PORT_VHOST_USER, .place = "/nowhere/a" };
	struct host_port port;

	(void)state;
	rig_make();
	rig_vport(1, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	host_set_backend(host, id(1), &tap);
	host_backend_get(host, id(1), &port);
	assert_string_equal(port.state, "failed");
	assert_string_equal(port.reason, "tap0,iface=tap0 is not there"); /* behind the name: the fake's own words */
	assert_true(port_spec_equal(port.spec, &tap));
	host_set_backend(host, id(1), &client);
	host_backend_get(host, id(1), &port);
	assert_non_null(strstr(port.reason, "/nowhere/a is not there"));
	host_set_backend(host, id(1), &server);
	host_backend_get(host, id(1), &port);
	assert_string_equal(port.reason, "/nowhere/a: there is no directory /nowhere: make it");
	host_set_backend(host, id(1), NULL);
	host_backend_get(host, id(1), &port);
	assert_string_equal(port.state, "none");
	assert_int_equal(port.spec->kind, PORT_NONE);
	rig_end();
}

static void vport_forgotten(void **state)
{
	struct vmmq_nic_switch *sw;
	struct fake *one;

	(void)state;
	rig_make();
	sw = vmmq_adapter_switch(adapter);
	one = rig_vport(1, 0);
	rig_send(one, STRANGER, 1, UNTAGGED, 1);
	rig_run();
	fake_empty(uplink);
	rig_run();
	assert_int_equal(vmmq_filter_clear(sw, vmmq_filter_next(sw, 0)->id, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_delete(sw, id(1), NULL), VMMQ_SUCCESS);
	rig_apply();
	host_forget_vport(host, id(1));
	assert_false(one->open);
	assert_int_equal(rig_counters(1).from_guest_packets, 0);
	rig_vport(1, 0);
	rig_send(one, STRANGER, 1, UNTAGGED, 2);
	rig_run();
	assert_int_equal(rig_counters(1).from_guest_packets, 1);
	rig_end();
}

/* where returns the processor that polls a queue: the one whose turn takes a packet from it; -1: none. */
static int where(struct fake *fake, uint16_t queue, uint8_t from)
{
	int found = -1;

	fake_in(fake, queue, rig_packet(STRANGER, from, UNTAGGED, FRAME_LEN, 0, 0));
	for (unsigned i = 0; i < PROCESSORS && found < 0; i++) {
		vmmq_processor_poll(adapter, processors[i]);
		if (fake->in[queue].head == fake->in[queue].tail)
			found = (int)i;
	}
	rig_run();
	fake_empty(uplink);
	return found;
}

static void queues_follow_processors(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	assert_int_equal(where(one, 0, 1), 1);
	assert_int_equal(where(one, 1, 1), 1); /* all to the one processor */
	rig_rss(1, 2, 2);
	rig_apply();
	for (uint16_t q = 0; q < 4; q++)
		assert_int_equal(where(one, q, 1), 2 + q % 2);
	rig_rss(1, 0, 0);
	rig_apply();
	assert_int_equal(where(one, 2, 1), 3);
	one->enabled = 2;
	one->changed = true;
	host_tick(host);
	assert_int_equal(where(one, 1, 1), 3);
	assert_int_equal(where(one, 2, 1), -1);
	rig_end();
}

/*
 * A queue that has another processor rests while what it sent by the one before is under way; when that takes long it goes on
 * through that one's source, and joins the new one's when it can.
 */
static void queue_changes_sources(void **state)
{
	const struct guest_queue *queue;
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	queue = &guest_find(host, id(1))->queue[0];
	rig_send(one, 2, 1, UNTAGGED, 1);
	vmmq_processor_poll(adapter, processors[1]);
	assert_int_equal(queue->joined, 1);
	rig_rss(1, 0, 1); /* from processor 1 to 0 */
	rig_apply();
	rig_send(one, 2, 1, UNTAGGED, 2);
	for (unsigned turn = 0; turn < 10; turn++)
		vmmq_processor_poll(adapter, processors[0]);
	assert_int_equal(queue->pending_count, 1);
	rig_send(one, 2, 1, UNTAGGED, 3);
	vmmq_processor_poll(adapter, processors[0]);
	assert_int_equal(rig_counters(1).from_guest_packets, 2); /* no more is read */
	clock_pass(REST_NS);
	vmmq_processor_poll(adapter, processors[0]);
	vmmq_processor_poll(adapter, processors[0]);
	assert_int_equal(rig_counters(1).from_guest_packets, 3);
	assert_int_equal(queue->pending_count, 0);
	assert_int_equal(queue->joined, 1);
	rig_send(one, 2, 1, UNTAGGED, 4);
	clock_pass(REST_EVERY_NS);
	vmmq_processor_poll(adapter, processors[0]); /* rests again */
	assert_int_equal(queue->pending_count, 1);
	vmmq_processor_poll(adapter, processors[2]);
	for (uint32_t number = 1; number <= 3; number++)
		rig_expect(two, 2, 1, UNTAGGED, number);
	vmmq_processor_poll(adapter, processors[0]);
	assert_int_equal(queue->joined, 0);
	assert_int_equal(queue->pending_count, 0);
	vmmq_processor_poll(adapter, processors[2]);
	rig_expect(two, 2, 1, UNTAGGED, 4);
	rig_end();
}

/* Table and processors change between turns: what a guest queue sends and what a flow brings stays whole and in order. */
static void moves_under_load(void **state)
{
	uint32_t sent[4] = { 0 }, seen[4] = { 0 }, in = 0, out = 0;
	struct rte_mbuf *packet;
	struct fake *one, *two;

	(void)state;
	random_start();
	rig_make();
	host->stuck_ns = UINT64_MAX;
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	two->max_queues = 1;
	host_set_backend(host, id(2), NULL);
	host_set_backend(host, id(2), DEVICE("fake2"));
	for (unsigned round = 0; round < 2000; round++) {
		unsigned first = random_below(4);

		for (unsigned i = 0; i < 20; i++) {
			uint16_t q = (uint16_t)random_below(4);

			fake_in(one, q, rig_packet(STRANGER, 1, UNTAGGED, FRAME_LEN, q, sent[q]++ << 2 | q));
			rig_send(uplink, 2, STRANGER, UNTAGGED, in++);
		}
		for (unsigned i = 0; i < 6; i++)
			vmmq_processor_poll(adapter, processors[random_below(PROCESSORS)]);
		rig_rss(1 + random_below(2), first, random_below(PROCESSORS + 1 - first));
		rig_apply();
		uplink->room = random_below(200);
		for (uint16_t q = 0; q < FAKE_QUEUES; q++)
			while (!random_one_in(20) && (packet = fake_out(uplink, q))) {
				uint32_t number = rig_number(packet);

				assert_int_equal(number >> 2, seen[number & 3]++);
				rte_pktmbuf_free(packet);
			}
		while ((packet = fake_out(two, 0))) {
			assert_int_equal(rig_number(packet), out++);
			rte_pktmbuf_free(packet);
		}
		if (round % 20 == 19) {
			uplink->room = FAKE_SIZE - 1;
			rig_run();
		}
	}
	rig_run();
	assert_int_equal(in, out + fake_waiting(two));
	assert_int_equal(sent[0] + sent[1] + sent[2] + sent[3],
			 seen[0] + seen[1] + seen[2] + seen[3] + fake_waiting(uplink));
	rig_end();
}

static void stop(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	rig_vport(2, 0);
	assert_true(host_stop_ports(host, HANG_NS));
	rig_send(one, 2, 1, UNTAGGED, 1);
	rig_run();
	assert_int_equal(one->in[0].tail - one->in[0].head, 1); /* nothing comes in any more */
	host_tick(host);
	assert_int_equal(host_update(host), VMMQ_SUCCESS);
	rig_run();
	assert_int_equal(one->in[0].tail - one->in[0].head, 1);
	rig_end();
}

/* An end in the middle of everything: packets in inboxes, sends in flight, copies to be made. */
static void end_under_load(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	for (uint16_t v = 1; v <= 4; v++)
		rig_vport(v, 0);
	one = fake_device("fake1");
	uplink->room = 7;
	for (uint32_t i = 0; i < 60; i++) {
		rig_send(one, 2, 1, UNTAGGED, i);
		rig_send(one, STRANGER, 1, UNTAGGED, i);
		rig_send(one, BROADCAST, 1, UNTAGGED, i);
	}
	for (unsigned turn = 0; turn < 3; turn++)
		vmmq_processor_poll(adapter, processors[1]);
	assert_false(host_stop_ports(host, 1000000)); /* the uplink takes nothing, no processor runs */
	rig_forget();
	vmmq_adapter_stop(adapter);
	host_destroy(host);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_avail_count(packets), BUFFERS);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uplink_gone_and_back),     cmocka_unit_test(backend_gone_and_back),
		cmocka_unit_test(counters_go_on),           cmocka_unit_test(backends_come_and_go),
		cmocka_unit_test(reasons_name_places),      cmocka_unit_test(vport_forgotten),
		cmocka_unit_test(queues_follow_processors), cmocka_unit_test(queue_changes_sources),
		cmocka_unit_test(moves_under_load),         cmocka_unit_test(stop),
		cmocka_unit_test(end_under_load),
	};

	return cmocka_run_group_tests_name("ports", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
