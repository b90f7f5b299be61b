/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transmit under load: senders, processors, a device that frees late, and changes, each on threads of their own.  Every
 * send completes once, on the processor that one of the configurations in force meanwhile names; buffers come back only when
 * the device has done with them; flows keep their order to the uplink and to the VPorts.
 * VMMQ_TEST_SECONDS: how long (2).
 */
#include "unit/engine/transmit_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "engine/eal.h"

#define SENDERS   3u
#define PACKETS   512u /* of each sender */
#define IN_FLIGHT 256u
#define FLOWS     16u /* of each sender */
#define HISTORY   4096u
#define HELD      1024u /* by the device */
#define CHOICES   8u
#define MOVED_MAC 9u

/* The configuration after one change. */
struct version {
	struct vmmq_rss_params rss[VPORTS];
	bool exists[VPORTS];
};

struct sent {
	struct note note; /* first: note_of() */
	struct expectation allowed[CHOICES];
	unsigned allowed_count; /* 0: too many to list */
	_Atomic unsigned completions;
	struct rte_mbuf *packet;
	struct sent *next;
};

struct stress;

struct sending {
	struct stress *stress;
	struct vmmq_sender *sender;
	unsigned number;
	uint64_t random;
	_Atomic uint64_t reading; /* the oldest version that is looked at; UINT64_MAX: none */
	_Atomic(struct sent *) done;
	struct rte_mbuf *free[PACKETS];
	unsigned free_count;
	uint32_t next[FLOWS];      /* sequence numbers */
	uint32_t at_uplink[FLOWS]; /* highest seen */
	_Atomic uint32_t indicated[FLOWS];
	uint64_t sends, completed, unlisted, status[3]; /* SUCCESS, RESOURCES, FAILURE */
};

struct stress {
	struct vmmq_adapter *adapter;
	struct sending sending[SENDERS];
	struct version *history;
	_Atomic uint64_t begun, effective;
	_Atomic bool end, device_end;
	_Atomic uint64_t indications, completions;

	pthread_mutex_t lock; /* of the device */
	struct rte_mbuf *held[HELD];
	uint32_t held_number[HELD];
	unsigned held_count;
};

static uint32_t below(uint64_t *random, uint32_t n)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(((z ^ z >> 31) >> 32) * n >> 32);
}

static struct sent *sent_of(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

/* A frame's number is sender, flow and sequence number. */
static uint32_t number_make(unsigned sender, unsigned flow, uint32_t sequence)
{
	return sender << 28 | flow << 24 | sequence;
}

static void check(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "transmit_stress: %s\n", what);
		abort();
	}
}

static void hold(struct stress *stress, struct rte_mbuf *packet)
{
	pthread_mutex_lock(&stress->lock);
	if (stress->held_count < HELD) {
		stress->held[stress->held_count] = packet;
		stress->held_number[stress->held_count++] = frame_number(packet);
		packet = NULL;
	}
	pthread_mutex_unlock(&stress->lock);
	rte_pktmbuf_free(packet);
}

/* uplink takes none for a while, or some; frees at once, or leaves it to the device. */
static unsigned uplink(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct stress *stress = context;
	struct sending *sending = &stress->sending[frame_number(packet[0]) >> 28];
	unsigned n = below(&sending->random, 8) ? below(&sending->random, count + 1) : 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t number = frame_number(packet[i]), sequence = number & 0xffffff;
		unsigned flow = number >> 24 & 15;

		check(sequence > sending->at_uplink[flow], "a flow is out of order at the uplink");
		sending->at_uplink[flow] = sequence;
		if (below(&sending->random, 2))
			rte_pktmbuf_free(packet[i]);
		else
			hold(stress, packet[i]);
	}
	return n;
}

/* run_device frees what it holds in any order. */
static void *run_device(void *context)
{
	struct stress *stress = context;
	uint64_t random = 77;

	while (!stress->device_end || stress->held_count) {
		struct rte_mbuf *packet = NULL;
		uint32_t number = 0;

		pthread_mutex_lock(&stress->lock);
		if (stress->held_count) {
			unsigned at = below(&random, stress->held_count);

			packet = stress->held[at];
			number = stress->held_number[at];
			stress->held[at] = stress->held[--stress->held_count];
			stress->held_number[at] = stress->held_number[stress->held_count];
		}
		pthread_mutex_unlock(&stress->lock);
		if (packet)
			check(frame_number(packet) == number, "a buffer was used again before the device freed it");
		rte_pktmbuf_free(packet);
		if (!packet || below(&random, 64) == 0)
			sched_yield();
	}
	return NULL;
}

static void complete(void *context, const struct vmmq_completion *completion)
{
	struct stress *stress = context;

	for (unsigned i = 0; i < completion->count; i++) {
		struct sent *sent = sent_of(completion->send[i].packet);
		struct sending *sending = &stress->sending[sent->note.sequence >> 28];

		check(atomic_fetch_add(&sent->completions, 1) == 0, "a send completed twice");
		check(completion->send[i].sender == sending->sender, "the completion names another sender");
		sent->note.complete = completion->send[i];
		sent->note.processor = completion->processor.v;
		sent->next = atomic_load(&sending->done);
		while (!atomic_compare_exchange_weak(&sending->done, &sent->next, sent))
			;
	}
	atomic_fetch_add(&stress->completions, completion->count);
}

static void indicate(void *context, const struct vmmq_indication *indication)
{
	struct stress *stress = context;

	for (unsigned i = 0; i < indication->count; i++) {
		uint32_t number = frame_number(indication->packet[i]), sequence = number & 0xffffff;
		_Atomic uint32_t *last = &stress->sending[number >> 28].indicated[number >> 24 & 15];

		check(atomic_exchange_explicit(last, sequence, memory_order_relaxed) < sequence,
		      "a flow is indicated out of order");
	}
	atomic_fetch_add(&stress->indications, indication->count);
	vmmq_return_packets(stress->adapter, indication->packet, indication->count);
}

/* allow lists what may be expected of the packets of a call during which versions from to to were in force. */
static void allow(const struct stress *stress, struct sent *sent, uint64_t from, uint64_t to)
{
	const struct note *note = &sent->note;

	sent->allowed_count = 0;
	for (uint64_t v = from; v <= to; v++) {
		const struct version *version = &stress->history[v % HISTORY];
		struct expectation expected =
		    expect_completion(version->rss, version->exists, note->vport, note->hash, note->information);
		unsigned i = 0;

		while (i < sent->allowed_count && memcmp(&sent->allowed[i], &expected, sizeof(expected)) != 0)
			i++;
		if (i < sent->allowed_count)
			continue;
		if (i == CHOICES) {
			sent->allowed_count = 0;
			return;
		}
		sent->allowed[sent->allowed_count++] = expected;
	}
}

static void verify(struct sending *sending, struct sent *sent)
{
	const struct vmmq_send_complete *complete = &sent->note.complete;
	const struct expectation seen = { complete->vport.v, sent->note.processor, complete->entry,
					  (uint16_t)complete->via };
	unsigned i = 0;

	sending->completed++;
	sending->unlisted += !sent->allowed_count;
	while (i < sent->allowed_count && memcmp(&sent->allowed[i], &seen, sizeof(seen)) != 0)
		i++;
	check(!sent->allowed_count || i < sent->allowed_count, "a send completed on a processor that nobody named");
	check(complete->packet == sent->packet, "another packet came back");
	check(complete->hash_function == (sent->note.information & VMMQ_HASH_FUNCTION_MASK),
	      "the hash function changed");
	check(complete->hash == (complete->hash_function ? sent->note.hash : 0), "the hash changed");
	check(complete->status == VMMQ_SUCCESS || complete->status == VMMQ_RESOURCES ||
		  complete->status == VMMQ_FAILURE,
	      "no such status");
	sending->status[complete->status == VMMQ_SUCCESS ? 0 : complete->status == VMMQ_RESOURCES ? 1 : 2]++;
}

static void reclaim(struct sending *sending)
{
	struct sent *sent = atomic_exchange(&sending->done, NULL);

	while (sent) {
		struct sent *next = sent->next;

		verify(sending, sent);
		sending->free[sending->free_count++] = sent->packet;
		sent = next;
	}
}

/* prepare writes the next packet of a flow; flow % 4 says whom it is for: the uplink, VPort 1, 2, or who has the MAC now. */
static struct rte_mbuf *prepare(struct sending *sending, uint16_t vport)
{
	static const uint8_t macs[] = { 255, 1, 2, MOVED_MAC };
	struct rte_mbuf *packet = sending->free[--sending->free_count];
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);
	unsigned flow = below(&sending->random, FLOWS);
	struct sent *sent = sent_of(packet);
	uint32_t number = number_make(sending->number, flow, ++sending->next[flow]);

	frame_write(frame, macs[flow % 4], 0, number);
	frame[35] = (uint8_t)(sending->number << 4 | flow); /* a port */
	sent->note = (struct note){ .sequence = number, .vport = vport, .hash = below(&sending->random, UINT32_MAX) };
	sent->note.information = below(&sending->random, 4) ? VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_FUNCTION_TOEPLITZ : 0;
	atomic_store(&sent->completions, 0);
	vmmq_oob_set_hash(packet, sent->note.hash, sent->note.information);
	return packet;
}

/*
 * send_all gives the packets to the adapter, in as many calls as it takes.  What may be expected of a packet must be known
 * before its completion is looked at, which this thread does, and not before this call has returned.
 */
static void send_all(struct sending *sending, uint16_t vport, struct rte_mbuf *packet[], unsigned count)
{
	struct stress *stress = sending->stress;
	unsigned done = 0;

	while (done < count) {
		uint64_t from, to;
		unsigned taken;

		/* Published before it is relied on: control does not overwrite what is at most HISTORY / 2 newer. */
		atomic_store(&sending->reading, atomic_load(&stress->effective));
		from = atomic_load(&stress->effective);
		taken = vmmq_send(sending->sender, (struct vmmq_vport_id){ vport }, packet + done, count - done);
		to = atomic_load(&stress->begun);
		for (unsigned i = 0; i < taken; i++)
			allow(stress, sent_of(packet[done + i]), from, to);
		atomic_store(&sending->reading, UINT64_MAX);
		done += taken;
		if (!taken)
			sched_yield();
	}
	sending->sends += count;
}

static void *run_sender(void *context)
{
	static const uint16_t ids[] = { 0, 1, 2, 3, 40 };
	struct sending *sending = context;

	while (!sending->stress->end) {
		struct rte_mbuf *packet[48];
		uint16_t vport = ids[below(&sending->random, 5)];
		unsigned count = 1 + below(&sending->random, 48);

		reclaim(sending);
		if (sending->free_count < count) {
			vmmq_send(sending->sender, (struct vmmq_vport_id){ vport }, NULL, 0);
			sched_yield();
			continue;
		}
		for (unsigned i = 0; i < count; i++)
			packet[i] = prepare(sending, vport);
		send_all(sending, vport, packet, count);
	}
	return NULL;
}

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
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_send_completes_once_where_a_table_said) };
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
