/* SPDX-License-Identifier: BSD-2-Clause */
/* Transmit: an uplink that is slow, late, gone or a DPDK device. */
#include "unit/engine/transmit_rig.h"

#include <pthread.h>
#include <rte_dev.h>

static void a_slow_uplink_keeps_order(void **state)
{
	struct rte_mbuf *packet[PACKETS];
	struct world world;
	unsigned sent = 0;

	(void)state;
	random_start();
	world_make(&world, PACKETS, 0, copy_pool, uplink_pool);
	world.in_order = true;
	for (unsigned i = 0; i < PACKETS; i++)
		packet[i] = packet_make(255, 0, i);
	world.take = 0;
	sent = send_packets(&world, 1, packet, PACKETS);
	assert_in_range(sent, 1, 64); /* the rest was not taken */
	assert_int_equal(send_packets(&world, 1, packet + sent, PACKETS - sent), 0);
	poll_all(&world);
	assert_int_equal(world.completed, 0);
	while (sent < PACKETS || world.next_number < PACKETS) {
		world.take = random_below(4);
		sent += random_one_in(3) ? vmmq_send(world.sender, (struct vmmq_vport_id){ 1 }, NULL, 0)
					 : send_packets(&world, 1, packet + sent, PACKETS - sent);
		poll_all(&world);
		assert_int_equal(world.completed, world.next_number);
		assert_int_equal(vmmq_sending_read(world.adapter, (struct vmmq_vport_id){ 1 }),
				 sent - world.completed);
	}
	for (unsigned i = 0; i < PACKETS; i++) {
		packet_check(&world, packet[i], VMMQ_SUCCESS);
		rte_pktmbuf_free(packet[i]);
	}
	world_end(&world);
}

static void *free_one(void *packet)
{
	rte_pktmbuf_free(packet);
	return NULL;
}

static void the_device_frees_late_elsewhere_and_out_of_order(void **state)
{
	struct rte_mbuf *packet[64], *clone;
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	for (unsigned i = 0; i < 64; i++)
		packet[i] = send_one(&world, (uint16_t)(i % VPORTS), 255, 0);
	poll_all(&world);
	assert_int_equal(world.completed, 0);
	clone = rte_pktmbuf_clone(world.device[63], uplink_pool); /* somebody else looks at it as well */
	for (unsigned i = 64; i-- > 0;) {
		unsigned at = random_below(i + 1);
		struct rte_mbuf *freed = world.device[at];
		pthread_t thread;

		world.device[at] = world.device[i];
		assert_int_equal(pthread_create(&thread, NULL, free_one, freed), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		poll_all(&world);
	}
	world.taken = 0;
	assert_int_equal(world.completed, 63);
	assert_int_equal(note_of(packet[63])->completions, 0);
	rte_pktmbuf_free(clone);
	poll_all(&world);
	for (unsigned i = 0; i < 64; i++) {
		packet_check(&world, packet[i], VMMQ_SUCCESS);
		rte_pktmbuf_free(packet[i]);
	}
	world_end(&world);
}

static void in_flight_max_bounds_and_completion_may_send(void **state)
{
	struct rte_mbuf *packet[10];
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 4, 0, copy_pool, uplink_pool);
	world.keep = true;
	for (unsigned i = 0; i < 10; i++)
		packet[i] = packet_make(255, 0, i);
	assert_int_equal(send_packets(&world, 1, packet, 10), 4);
	assert_int_equal(world.taken, 4); /* they were offered, although the call ended early */
	assert_int_equal(send_packets(&world, 1, packet + 4, 6), 0);
	device_free(&world);
	assert_int_equal(send_packets(&world, 1, packet + 4, 6), 0); /* free, but not delivered yet */
	poll_all(&world);
	assert_int_equal(send_packets(&world, 1, packet + 4, 6), 4);
	world.resend = 3; /* with all sends in flight but those just completing */
	device_free(&world);
	poll_all(&world);
	assert_int_equal(world.taken, 3);
	assert_int_equal(vmmq_sending_read(world.adapter, (struct vmmq_vport_id){ 1 }), 3);
	device_free(&world);
	poll_all(&world);
	assert_int_equal(world.completed, 11);
	for (unsigned i = 0; i < 10; i++)
		rte_pktmbuf_free(packet[i]);
	world_end(&world);
}

/* A device and processors that go on while the sender is destroyed. */
struct meanwhile {
	struct world *world;
	_Atomic bool end;
};

static void *run_meanwhile(void *context)
{
	struct meanwhile *meanwhile = context;

	while (!meanwhile->end) {
		if (meanwhile->world->completed >= 2)
			device_free(meanwhile->world); /* only after some of what was not taken has come back */
		poll_all(meanwhile->world);
	}
	return NULL;
}

static void destroyed_with_packets_that_were_not_taken(void **state)
{
	struct rte_mbuf *packet[8];
	struct meanwhile meanwhile;
	struct world world;
	pthread_t thread;

	(void)state;
	random_start();
	for (unsigned round = 0; round < 50; round++) {
		world_make(&world, 0, 0, copy_pool, uplink_pool);
		world.keep = true;
		world.linger = true;
		world.take = 3;
		for (unsigned i = 0; i < 8; i++)
			packet[i] = packet_make(255, 0, i);
		assert_int_equal(send_packets(&world, 4, packet, 8), 8);
		assert_int_equal(world.taken, 3);
		meanwhile = (struct meanwhile){ .world = &world };
		assert_int_equal(pthread_create(&thread, NULL, run_meanwhile, &meanwhile), 0);
		vmmq_sender_destroy(world.sender);
		/* It returns after the last completion function has. */
		for (unsigned i = 0; i < 8; i++)
			packet_check(&world, packet[i], i < 3 ? VMMQ_SUCCESS : VMMQ_FAILURE);
		meanwhile.end = true;
		pthread_join(thread, NULL);
		for (unsigned i = 0; i < 8; i++)
			rte_pktmbuf_free(packet[i]);
		world.sender = NULL;
		world_end(&world);
	}
}

static void a_stopping_adapter_pauses(void **state)
{
	struct rte_mbuf *before, *after[3];
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	before = send_one(&world, 2, 255, 0);
	vmmq_adapter_stop(world.adapter);
	for (unsigned i = 0; i < 3; i++)
		after[i] = send_one(&world, (uint16_t)i, i == 1 ? 2 : 255, 0);
	poll_all(&world);
	assert_int_equal(world.taken, 1);
	assert_int_equal(world.indications, 0);
	assert_int_equal(note_of(before)->completions, 0);
	device_free(&world);
	poll_all(&world);
	packet_check(&world, before, VMMQ_SUCCESS);
	rte_pktmbuf_free(before);
	for (unsigned i = 0; i < 3; i++) {
		packet_check(&world, after[i], VMMQ_PAUSED);
		rte_pktmbuf_free(after[i]);
	}
	world_end(&world);
}

static void a_destroyed_adapter_completes_the_rest(void **state)
{
	struct rte_mbuf *freed, *never_taken;
	struct world world;

	(void)state;
	random_start();
	world_make(&world, 0, 0, copy_pool, uplink_pool);
	world.keep = true;
	freed = send_one(&world, 2, 255, 0);
	world.take = 0;
	never_taken = send_one(&world, 2, 255, 0);
	vmmq_adapter_stop(world.adapter);
	device_free(&world);
	world.polled = ANY_PROCESSOR;
	vmmq_sender_destroy(world.sender); /* does not wait for processors that have stopped */
	assert_int_equal(world.completed, 0);
	vmmq_adapter_destroy(world.adapter);
	assert_int_equal(note_of(freed)->completions, 1);
	assert_int_equal(note_of(freed)->complete.status, VMMQ_SUCCESS);
	assert_int_equal(note_of(never_taken)->completions, 1);
	assert_int_equal(note_of(never_taken)->complete.status, VMMQ_FAILURE);
	rte_pktmbuf_free(freed);
	rte_pktmbuf_free(never_taken);
}

/* A DPDK ring device: what is transmitted there is received there again. */
static void an_ethernet_device_is_the_uplink(void **state)
{
	const struct rte_eth_conf configuration = { 0 };
	struct rte_mbuf *packet[300], *burst[32];
	unsigned sent = 0, received = 0;
	struct world world;
	uint16_t port;

	(void)state;
	random_start();
	assert_int_equal(rte_dev_probe("net_ring0"), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name("net_ring0", &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &configuration), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 1024, SOCKET_ID_ANY, NULL, copy_pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 1024, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	world_make(&world, PACKETS, 0, copy_pool, uplink_pool);
	world.port = port;
	for (unsigned i = 0; i < 300; i++)
		packet[i] = packet_make(255, 0, i);
	while (received < 300) {
		unsigned n;

		sent += send_packets(&world, 2, packet + sent, 300 - sent);
		n = rte_eth_rx_burst(port, 0, burst, 32);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(frame_number(burst[i]), received++);
		poll_all(&world);
		rte_pktmbuf_free_bulk(burst, n);
		poll_all(&world);
		assert_int_equal(world.completed, received);
	}
	for (unsigned i = 0; i < 300; i++) {
		packet_check(&world, packet[i], VMMQ_SUCCESS);
		rte_pktmbuf_free(packet[i]);
	}
	world_end(&world);
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_uplink_keeps_order),
		cmocka_unit_test(the_device_frees_late_elsewhere_and_out_of_order),
		cmocka_unit_test(in_flight_max_bounds_and_completion_may_send),
		cmocka_unit_test(destroyed_with_packets_that_were_not_taken),
		cmocka_unit_test(a_stopping_adapter_pauses),
		cmocka_unit_test(a_destroyed_adapter_completes_the_rest),
		cmocka_unit_test(an_ethernet_device_is_the_uplink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return rig_run(run);
}
