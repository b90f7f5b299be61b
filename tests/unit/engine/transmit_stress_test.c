/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transmit under load: senders, processors, a device that frees late, and changes, each on threads of their own.  Every
 * send completes once, on the processor that one of the configurations in force meanwhile names; buffers come back only when
 * the device has done with them; flows keep their order to the uplink and to the VPorts.
 * VMMQ_TEST_SECONDS: how long (2).
 */
#include "unit/engine/transmit_stress_sender.h"

#include "engine/eal.h"

/* A processor's thread: not one of DPDK's, so that thread sanitizer sees where it begins and ends. */
struct runner {
	struct stress *stress;
	unsigned processor;
	pthread_t thread;
};

static void *run_processor(void *context)
{
	struct runner *runner = context;

	check(vmmq_processors_run(runner->stress->adapter, &processors[runner->processor], 1) == VMMQ_SUCCESS,
	      "a processor does not run");
	return NULL;
}

/* change makes one change of the switch, and of the version that describes it. */
static void change(struct stress *stress, struct version *version, uint32_t moved_filter)
{
	static struct vmmq_vport_id owner = { 1 };
	struct vmmq_nic_switch *nic = vmmq_adapter_switch(stress->adapter);
	uint16_t id = (uint16_t)random_below(4);
	struct vmmq_vport_id next = { 1 + owner.v % 2 };

	if (random_one_in(8)) { /* VPort 1 or 2 */
		assert_int_equal(vmmq_filter_move(nic, moved_filter, owner, next, NULL), VMMQ_SUCCESS);
		owner = next;
	} else if (id == 3 && random_one_in(2) && version->exists[3]) {
		assert_int_equal(vmmq_vport_delete(nic, (struct vmmq_vport_id){ 3 }, NULL), VMMQ_SUCCESS);
		version->exists[3] = false;
	} else {
		vmmq_nic_switch_begin(nic);
		if (!version->exists[id])
			assert_int_equal(
			    vmmq_vport_create(nic, (struct vmmq_vport_id){ id }, "vm3", 8, processors[0], NULL),
			    VMMQ_SUCCESS);
		version->exists[id] = true;
		random_rss(&version->rss[id]);
		assert_int_equal(vmmq_rss_set(nic, (struct vmmq_vport_id){ id }, &version->rss[id], NULL),
				 VMMQ_SUCCESS);
		assert_int_equal(vmmq_nic_switch_commit(nic, NULL), VMMQ_SUCCESS);
	}
}

static bool may_overwrite(const struct stress *stress, uint64_t next)
{
	for (unsigned s = 0; s < SENDERS; s++) {
		uint64_t reading = atomic_load(&stress->sending[s].reading);

		if (reading != UINT64_MAX && next > reading + HISTORY / 2)
			return false;
	}
	return true;
}

static void change_and_apply(struct stress *stress, uint32_t moved_filter)
{
	uint64_t next = atomic_load(&stress->begun) + 1;
	struct version *version = &stress->history[next % HISTORY];

	while (!may_overwrite(stress, next))
		sched_yield();
	*version = stress->history[(next - 1) % HISTORY];
	change(stress, version, moved_filter);
	atomic_store(&stress->begun, next);
	assert_int_equal(vmmq_adapter_apply(stress->adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	atomic_store(&stress->effective, next);
}

static struct rte_mempool *pool_make(const char *name, unsigned count, uint16_t private_len, uint16_t room)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create(name, count, 0, private_len, room, SOCKET_ID_ANY);

	assert_non_null(pool);
	return pool;
}

/* adapter_make returns the id of the filter that moves. */
static uint32_t adapter_make(struct stress *stress)
{
	const struct vmmq_adapter_params params = {
		.name = "stress",
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS, .max_vports = 64 },
		.moderation = VMMQ_MODERATION_ADAPTIVE,
		.inbox_size = 128,
		.indicate = indicate,
		.transmit = uplink,
		.complete = complete,
		.pool = pool_make("copies", 1023, 0, 256 + RTE_PKTMBUF_HEADROOM),
		.transmit_pool = pool_make("uplink", 767, 0, 0),
		.context = stress,
	};
	static const uint8_t macs[] = { 1, 2, MOVED_MAC };
	struct vmmq_nic_switch *nic;
	uint32_t filter = 0;

	assert_int_equal(vmmq_adapter_create(&params, &stress->adapter, NULL), VMMQ_SUCCESS);
	nic = vmmq_adapter_switch(stress->adapter);
	vmmq_rss_params_init(&stress->history[0].rss[0], processors[0]);
	stress->history[0].exists[0] = true;
	for (uint16_t id = 1; id < 3; id++) {
		assert_int_equal(vmmq_vport_create(nic, (struct vmmq_vport_id){ id }, "vm", 8, processors[id], NULL),
				 0);
		assert_int_equal(vmmq_vport_activate(nic, (struct vmmq_vport_id){ id }, NULL), VMMQ_SUCCESS);
		vmmq_rss_params_init(&stress->history[0].rss[id], processors[id]);
		stress->history[0].exists[id] = true;
	}
	for (unsigned i = 0; i < sizeof(macs); i++) {
		uint8_t mac[VMMQ_MAC_LEN];

		mac_of(macs[i], mac);
		assert_int_equal(
		    vmmq_filter_set(nic, (struct vmmq_vport_id){ i == 1 ? 2 : 1 }, mac, VMMQ_VLAN_ANY, &filter, NULL),
		    0);
	}
	assert_int_equal(vmmq_adapter_apply(stress->adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	return filter;
}

static void sending_make(struct stress *stress, unsigned number)
{
	struct sending *sending = &stress->sending[number];
	char name[16];
	struct rte_mempool *pool;

	snprintf(name, sizeof(name), "sender%u", number);
	pool = pool_make(name, PACKETS, RTE_ALIGN(sizeof(struct sent), 8), 256 + RTE_PKTMBUF_HEADROOM);
	sending->stress = stress;
	sending->number = number;
	sending->random = random_u64();
	sending->reading = UINT64_MAX;
	for (unsigned i = 0; i < PACKETS; i++) {
		struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

		packet->data_len = FRAME_LEN;
		packet->pkt_len = FRAME_LEN;
		sent_of(packet)->packet = packet;
		sending->free[sending->free_count++] = packet;
	}
	assert_int_equal(vmmq_sender_create(stress->adapter, IN_FLIGHT, &sending->sender, NULL), VMMQ_SUCCESS);
}

static void totals_check(struct stress *stress, uint64_t seconds)
{
	uint64_t sends = 0, unlisted = 0, completions = 0, drops[VMMQ_DROP_COUNT] = { 0 }, dropped = 0;

	for (unsigned s = 0; s < SENDERS; s++) {
		struct sending *sending = &stress->sending[s];

		reclaim(sending);
		assert_int_equal(sending->free_count, PACKETS);
		assert_int_equal(sending->completed, sending->sends);
		assert_true(sending->status[0] > 0);
		sends += sending->sends;
		unlisted += sending->unlisted;
	}
	for (unsigned i = 0; i < PROCESSORS; i++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(stress->adapter, processors[i], &counters);
		assert_true(counters.completions > 0);
		completions += counters.completions;
	}
	for (uint16_t id = 0; id < 64; id++) {
		assert_int_equal(vmmq_sending_read(stress->adapter, (struct vmmq_vport_id){ id }), 0);
		assert_int_equal(vmmq_held_read(stress->adapter, (struct vmmq_vport_id){ id }), 0);
		vmmq_vport_drops_read(stress->adapter, (struct vmmq_vport_id){ id }, drops);
	}
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		dropped += drops[i];
	assert_int_equal(completions, sends);
	assert_int_equal(stress->completions, sends);
	assert_int_equal(vmmq_received_read(stress->adapter), stress->indications + dropped);
	assert_true(unlisted * 20 <= sends);
	print_message("%llu sends, %llu indicated, %llu dropped, %llu changes, %llu unverified in %llu s\n",
		      (unsigned long long)sends, (unsigned long long)stress->indications, (unsigned long long)dropped,
		      (unsigned long long)stress->effective, (unsigned long long)unlisted,
		      (unsigned long long)seconds);
}

/* all_complete: every processor has delivered completions; else the test goes on, and hangs if one never does. */
static bool all_complete(const struct stress *stress)
{
	struct vmmq_processor_counters counters;
	unsigned i = 0;

	do
		vmmq_processor_counters_read(stress->adapter, processors[i], &counters);
	while (counters.completions >= 100 && ++i < PROCESSORS);
	return i == PROCESSORS;
}

static void every_send_completes_once_where_a_table_said(void **state)
{
	const char *wanted = getenv("VMMQ_TEST_SECONDS");
	uint64_t seconds = wanted ? strtoull(wanted, NULL, 0) : 2;
	struct stress *stress = calloc(1, sizeof(*stress));
	struct runner runner[PROCESSORS];
	pthread_t thread[SENDERS], device;
	uint32_t moved_filter;
	struct timespec start, now;

	(void)state;
	random_start();
	stress->history = calloc(HISTORY, sizeof(*stress->history));
	pthread_mutex_init(&stress->lock, NULL);
	moved_filter = adapter_make(stress);
	for (unsigned i = 0; i < PROCESSORS; i++) {
		runner[i] = (struct runner){ .stress = stress, .processor = i };
		assert_int_equal(pthread_create(&runner[i].thread, NULL, run_processor, &runner[i]), 0);
	}
	assert_int_equal(pthread_create(&device, NULL, run_device, stress), 0);
	for (unsigned s = 0; s < SENDERS; s++)
		sending_make(stress, s);
	for (unsigned s = 0; s < SENDERS; s++)
		assert_int_equal(pthread_create(&thread[s], NULL, run_sender, &stress->sending[s]), 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		change_and_apply(stress, moved_filter);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((uint64_t)(now.tv_sec - start.tv_sec) < seconds || !all_complete(stress));
	stress->end = true;
	for (unsigned s = 0; s < SENDERS; s++)
		pthread_join(thread[s], NULL);
	for (unsigned s = 0; s < SENDERS; s++)
		vmmq_sender_destroy(stress->sending[s].sender);
	stress->device_end = true;
	pthread_join(device, NULL);
	vmmq_adapter_stop(stress->adapter);
	for (unsigned i = 0; i < PROCESSORS; i++)
		pthread_join(runner[i].thread, NULL);
	totals_check(stress, seconds);
	vmmq_adapter_destroy(stress->adapter);
	free(stress->history);
	free(stress);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_send_completes_once_where_a_table_said),
	};
	char error[256];
	int failed;

	if (eal_start(1, 64, error, sizeof(error))) {
		print_error("%s\n", error);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eal_stop();
	return failed;
}
