/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processors move table entries away from themselves, from inside indications: by example, stepped, and at full load, with
 * a sequence number in every packet and a history of every entry that says where its packets may arrive.
 */
#include "unit/engine/thread_rig.h"

#include "unit/core/test_random.h"
#include "unit/hang.h"

#define ENTRIES 128u
#define TABLED  2u /* VPorts 1 and 2 have tables */
#define FLOWS   48u
#define SOURCES 2u
#define PACKETS 512u /* of one source */
#define HISTORY 4096u
#define RUN_NS  1500000000u
#define FLOW_AT 34u /* the UDP source port */
#define NOTE_AT 42u /* the UDP payload */
#define INBOX   128u

/* Where an entry has pointed: version v at place v modulo HISTORY.  Its mover writes, one at a time. */
struct entry {
	_Atomic uint8_t place[HISTORY];
	_Atomic uint64_t published; /* newest version that may be seen */
	_Atomic uint64_t effective; /* oldest version that a packet sent from now on may be steered by */
};

struct flow {
	uint16_t vport;
	uint16_t entry;
	uint32_t sent;     /* its source: rw */
	uint32_t expected; /* the processor that has the flow: rw; not atomic, as the promise allows */
};

/* In the packet. */
struct note {
	uint32_t sequence;
	uint64_t oldest; /* version of its entry */
};

static struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_nic_switch *sw;
	struct vmmq_source *source[SOURCES];
	struct rig_stack packets[SOURCES];
	struct flow flow[FLOWS];
	struct entry entry[TABLED + 1][ENTRIES];
	void (*in_indication)(const struct vmmq_indication *indication);
	_Atomic uint64_t moves, refused, short_of_room, unchecked;
	atomic_bool stop;
} world;

static struct rte_mempool *pool;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 2047);
	return 0;
}

static struct flow *flow_of(struct rte_mbuf *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	return &world.flow[frame[FLOW_AT] << 8 | frame[FLOW_AT + 1]];
}

static unsigned source_of(const struct flow *flow)
{
	return (unsigned)(flow - world.flow) % SOURCES;
}

/* is_where tells whether the packet's entry pointed at the processor at some time since it was sent. */
static bool is_where(const struct flow *flow, uint64_t oldest, uint16_t processor)
{
	const struct entry *entry = &world.entry[flow->vport][flow->entry];
	uint64_t newest = atomic_load_explicit(&entry->published, memory_order_acquire);

	if (newest - oldest >= HISTORY / 2) {
		atomic_fetch_add_explicit(&world.unchecked, 1, memory_order_relaxed);
		return true;
	}
	for (uint64_t v = oldest; v <= newest; v++)
		if (atomic_load_explicit(&entry->place[v % HISTORY], memory_order_relaxed) == processor)
			return true;
	return false;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	for (unsigned i = 0; i < indication->count; i++) {
		struct rte_mbuf *packet = indication->packet[i];
		struct flow *flow = flow_of(packet);
		struct note note;

		memcpy(&note, rte_pktmbuf_mtod_offset(packet, const uint8_t *, NOTE_AT), sizeof(note));
		assert_int_equal(note.sequence, flow->expected);
		flow->expected++;
		assert_int_equal(indication->vport.v, flow->vport);
		assert_true(is_where(flow, note.oldest, indication->processor.v));
	}
	if (world.in_indication)
		world.in_indication(indication);
	for (unsigned i = 0; i < indication->count; i++) {
		struct rte_mbuf *packet = indication->packet[i];
		unsigned source = source_of(flow_of(packet));

		vmmq_take_packets(world.adapter, &packet, 1);
		rig_put(&world.packets[source], packet);
	}
}

/* table_set gives a VPort a table whose entries all point at one processor. */
static void table_set(uint16_t vport, unsigned processor, uint32_t queue_pairs)
{
	const struct vmmq_vport_id id = { vport };
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, rig_processor(processor));
	rss.enabled = true;
	rss.hash_types = VMMQ_HASH_UDP_IPV4;
	rss.entry_count = ENTRIES;
	for (unsigned i = 0; i < ENTRIES; i++) {
		rss.table[i] = rig_processor(processor);
		atomic_store(&world.entry[vport][i].place[0], (uint8_t)processor);
	}
	assert_int_equal(vmmq_vport_set_queue_pairs(world.sw, id, queue_pairs, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_rss_set(world.sw, id, &rss, NULL), VMMQ_SUCCESS);
}

static uint16_t entry_of_flow(unsigned number)
{
	const uint8_t tuple[12] = { 10, 0, 0, 1, 10, 0, 0, 2, (uint8_t)(number >> 8), (uint8_t)number, 0x17, 0x70 };

	return (uint16_t)(vmmq_toeplitz_reference(vmmq_verification_key, tuple, sizeof(tuple)) % ENTRIES);
}

static void begin(enum vmmq_moderation moderation)
{
	memset((void *)&world, 0, sizeof(world));
	world.adapter = rig_adapter(
	    (struct vmmq_adapter_params){ .moderation = moderation, .inbox_size = INBOX, .indicate = on_indicate },
	    (const uint16_t[]){ 0, 0, 2 }, 3);
	world.sw = vmmq_adapter_switch(world.adapter);
	for (unsigned i = 0; i < SOURCES; i++) {
		world.source[i] = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
		rig_stack_fill(&world.packets[i], pool, PACKETS);
	}
	for (unsigned i = 0; i < FLOWS; i++)
		world.flow[i] =
		    (struct flow){ .vport = (uint16_t)(1 + i / SOURCES % TABLED), .entry = entry_of_flow(i) };
	for (uint16_t v = 1; v <= TABLED; v++)
		table_set(v, 0, RIG_PROCESSORS);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
}

static void end(void)
{
	vmmq_adapter_destroy(world.adapter);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(rig_stack_empty(&world.packets[i]), PACKETS);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* send offers a flow's next packet; false: there is no packet left. */
static bool send(struct flow *flow)
{
	unsigned source = source_of(flow), number = (unsigned)(flow - world.flow);
	struct rte_mbuf *packet = rig_get(&world.packets[source]);
	const struct entry *entry = &world.entry[flow->vport][flow->entry];
	struct note note = { .sequence = flow->sent };
	uint8_t *frame;

	if (!packet)
		return false;
	frame = rte_pktmbuf_mtod(packet, uint8_t *);
	rig_mac(flow->vport, frame);
	frame[FLOW_AT] = (uint8_t)(number >> 8);
	frame[FLOW_AT + 1] = (uint8_t)number;
	note.oldest = atomic_load_explicit(&entry->effective, memory_order_acquire);
	memcpy(frame + NOTE_AT, &note, sizeof(note));
	while (!vmmq_receive(world.source[source], &packet, 1))
		sched_yield();
	flow->sent++;
	return true;
}

static struct vmmq_rss_move command(uint16_t vport, uint16_t entry, unsigned target)
{
	return (struct vmmq_rss_move){
		.vport_id = vport, .index = entry, .target = rig_processor(target), .status = VMMQ_PENDING
	};
}

static vmmq_status move_one(unsigned actor, uint16_t vport, uint16_t entry, unsigned target)
{
	struct vmmq_rss_move move = command(vport, entry, target);

	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(actor), &move, 1, NULL), VMMQ_SUCCESS);
	return move.status;
}

/* note_move writes into the history what a move is about to do; note_done, that it is done. */
static void note_move(struct entry *entry, unsigned target)
{
	uint64_t version = atomic_load_explicit(&entry->published, memory_order_relaxed) + 1;

	atomic_store_explicit(&entry->place[version % HISTORY], (uint8_t)target, memory_order_relaxed);
	atomic_store_explicit(&entry->published, version, memory_order_release);
}

static void note_done(struct entry *entry)
{
	atomic_store_explicit(&entry->effective, atomic_load_explicit(&entry->published, memory_order_relaxed),
			      memory_order_release);
}

/* --- by example ------------------------------------------------------------------------------------------------------- */

static unsigned step_drained(void)
{
	unsigned turns = 0;

	for (; !vmmq_adapter_idle(world.adapter); turns++) {
		assert_true(turns < 10000);
		for (unsigned i = 0; i < RIG_PROCESSORS; i++)
			vmmq_processor_poll(world.adapter, rig_processor(i));
	}
	return turns;
}

static unsigned example_runs;

/* The packet that is received right after the move, still inside the indication, goes to the new processor. */
static void move_and_send(const struct vmmq_indication *indication)
{
	struct flow *flow = flow_of(indication->packet[0]);
	struct entry *entry = &world.entry[flow->vport][flow->entry];

	if (example_runs++ >= 3)
		return;
	assert_int_equal(indication->processor.v, example_runs - 1);
	note_move(entry, example_runs);
	assert_int_equal(move_one(indication->processor.v, flow->vport, flow->entry, example_runs), VMMQ_SUCCESS);
	note_done(entry);
	assert_true(send(flow));
	assert_int_equal(move_one(indication->processor.v, flow->vport, flow->entry, 0), VMMQ_NOT_ACCEPTED);
}

static void effective_on_return(void **state)
{
	(void)state;
	begin(VMMQ_MODERATION_POLL);
	world.in_indication = move_and_send;
	example_runs = 0;
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_int_equal(example_runs, 4);
	assert_int_equal(world.flow[0].expected, 4);
	end();
}

static void refuse_inside(const struct vmmq_indication *indication)
{
	const unsigned actor = indication->processor.v;
	struct vmmq_rss_move move[] = {
		command(1, 0, 1), command(1, 1, 1), command(2, 0, 1), /* well, well, well */
		command(1, 2, 1), command(1, 0, 2),                   /* well, but entry 0 is elsewhere now */
		command(2, 1, 2), command(2, 2, 3),                   /* a queue too many */
	};
	static const vmmq_status want[] = { VMMQ_SUCCESS,      VMMQ_SUCCESS,   VMMQ_SUCCESS,  VMMQ_NOT_ACCEPTED,
					    VMMQ_NOT_ACCEPTED, VMMQ_NO_QUEUES, VMMQ_NO_QUEUES };
	struct vmmq_vport_info info;
	struct vmmq_why why = { "", "" };

	world.in_indication = NULL;
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(actor), move, 7, &why), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(move[i].status, want[i]);
	assert_string_equal(why.path, "command[4].target");
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 1 }, &info));
	assert_int_equal(info.rss->table[0].v, 1);
	assert_int_equal(info.rss->table[1].v, 1);
	assert_int_equal(info.rss->table[2].v, 0);
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 2 }, &info));
	assert_int_equal(info.rss->table[0].v, 1);
	assert_int_equal(info.rss->table[1].v, 0);
	assert_int_equal(info.rss->table[2].v, 0);
}

static void statuses(void **state)
{
	struct vmmq_rss_move move = command(1, 5, 1);

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	table_set(2, 0, 2);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	world.in_indication = refuse_inside;
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_null(world.in_indication);
	/* From elsewhere: the processor that nobody runs is stood in for; one that the adapter has not got owns nothing. */
	assert_int_equal(move_one(0, 1, 9, 3), VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(77), &move, 1, NULL), VMMQ_SUCCESS);
	assert_int_equal(move.status, VMMQ_NOT_ACCEPTED);
	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(0), NULL, 0, NULL), VMMQ_SUCCESS);
	end();
}

/* A target that is far behind takes no more gates: the move is refused and changes nothing, and later it goes through. */
static void no_room_for_gates(void **state)
{
	const struct vmmq_view *view;
	unsigned moved = 0;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	assert_true(send(&world.flow[0])); /* what the gates will wait for */
	for (; moved < 2 * ENTRIES; moved++) {
		view = vmmq_nic_switch_view(world.sw);
		if (moved < ENTRIES)
			note_move(&world.entry[1][moved], 1);
		if (move_one(0, (uint16_t)(1 + moved / ENTRIES), (uint16_t)(moved % ENTRIES), 1) != VMMQ_SUCCESS)
			break;
	}
	assert_int_equal(moved, INBOX);
	assert_ptr_equal(vmmq_nic_switch_view(world.sw), view);
	assert_int_equal(move_one(0, 2, 0, 1), VMMQ_RESOURCES);
	assert_int_equal(move_one(0, 2, 0, 2), VMMQ_SUCCESS);
	step_drained();
	assert_int_equal(move_one(0, 2, 1, 1), VMMQ_SUCCESS);
	end();
}

/* --- short of memory -------------------------------------------------------------------------------------------------- */

/* Linked with -Wl,--wrap, so only the libraries' own allocations are counted: the one after left fails.  0: none does. */
static _Thread_local unsigned allocations_left;

static bool fails(void)
{
	return allocations_left && !--allocations_left;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return fails() ? NULL : __real_realloc(block, size);
}

/*
 * Every allocation of a move fails in turn.  Either nothing has changed, or all of it has; only where it was a gate's the
 * source follows later, and the answer says so.
 */
static void short_of_memory(void **state)
{
	unsigned refused = 0, pending = 0, n = 0;
	bool failed = true;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	assert_true(send(&world.flow[0])); /* so that there is something to gate */
	while (failed) {
		const struct vmmq_view *view = vmmq_nic_switch_view(world.sw);
		struct vmmq_rss_move move = command(1, (uint16_t)n, 1);
		vmmq_status status;

		note_move(&world.entry[1][n], 1);
		allocations_left = ++n;
		status = vmmq_adapter_move(world.adapter, rig_processor(0), &move, 1, NULL);
		failed = !allocations_left;
		allocations_left = 0;
		if (move.status == VMMQ_RESOURCES) {
			assert_ptr_equal(vmmq_nic_switch_view(world.sw), view);
			assert_int_equal(status, VMMQ_SUCCESS);
			refused++;
		} else {
			assert_int_equal(move.status, VMMQ_SUCCESS);
			assert_ptr_not_equal(vmmq_nic_switch_view(world.sw), view);
			pending += status == VMMQ_PENDING;
		}
	}
	assert_true(refused >= 8);
	assert_in_range(pending, 1, 5); /* a gate's, and its inbox's */
	assert_true(send(&world.flow[0]));
	step_drained();
	assert_int_equal(world.flow[0].expected, 2);
	end();
}

/* --- from inside a completion ----------------------------------------------------------------------------------------- */

static unsigned completed_on[2], completions;

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	struct vmmq_rss_move move = { .vport_id = 3, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = rig_processor(1) };

	(void)context;
	completed_on[completions] = completion->processor.v;
	if (completions++)
		return;
	assert_int_equal(vmmq_adapter_move(world.adapter, completion->processor, &move, 1, NULL), VMMQ_SUCCESS);
	assert_int_equal(move.status, VMMQ_SUCCESS);
}

static unsigned transmit_none(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	(void)packet;
	(void)count;
	return 0;
}

static void from_completion(void **state)
{
	struct rte_mbuf *packet = rig_packet(pool, 1, 0);
	struct vmmq_sender *sender;

	(void)state;
	memset((void *)&world, 0, sizeof(world));
	completions = 0;
	world.adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate,
								  .complete = on_complete,
								  .transmit = transmit_none,
								  .pool = pool,
								  .transmit_pool = pool },
				    (const uint16_t[]){ 0, 0, 2 }, 3);
	world.flow[0x1388 % FLOWS].vport = 1;
	assert_int_equal(vmmq_sender_create(world.adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ 3 }, &packet, 1), 1);
		vmmq_processor_poll(world.adapter, rig_processor(2));
		vmmq_processor_poll(world.adapter, rig_processor(1));
	}
	assert_int_equal(completions, 2);
	assert_int_equal(completed_on[0], 2);
	assert_int_equal(completed_on[1], 1);
	vmmq_adapter_stop(world.adapter);
	vmmq_sender_destroy(sender);
	vmmq_adapter_destroy(world.adapter);
	rte_pktmbuf_free(packet);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* --- at full load ----------------------------------------------------------------------------------------------------- */

/* Each thread draws from a sequence of its own. */
static _Atomic uint64_t seed;
static _Thread_local uint64_t draws;

static uint32_t draw(uint32_t n)
{
	if (!draws)
		draws = atomic_fetch_add(&seed, 1);
	draws = draws * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((draws >> 33) % n);
}

/* move_mine: the entry points here, so that nobody else can move it, and the move must be accepted. */
static void move_mine(const struct vmmq_indication *indication, const struct flow *flow, struct entry *entry)
{
	unsigned here = indication->processor.v, target = draw(RIG_PROCESSORS);
	vmmq_status status;

	note_move(entry, target);
	status = move_one(here, flow->vport, flow->entry, target);
	if (status == VMMQ_RESOURCES) {
		note_move(entry, here);
		atomic_fetch_add_explicit(&world.short_of_room, 1, memory_order_relaxed);
	} else {
		assert_int_equal(status, VMMQ_SUCCESS);
		atomic_fetch_add_explicit(&world.moves, 1, memory_order_relaxed);
	}
	note_done(entry);
}

static void move_at_random(const struct vmmq_indication *indication)
{
	const struct flow *flow = flow_of(indication->packet[draw(indication->count)]);
	struct entry *entry = &world.entry[flow->vport][flow->entry];
	unsigned here = indication->processor.v;
	uint64_t newest, effective;

	if (draw(4))
		return;
	effective = atomic_load_explicit(&entry->effective, memory_order_acquire);
	newest = atomic_load_explicit(&entry->published, memory_order_acquire);
	if (newest != effective)
		return; /* somebody moves it just now, perhaps to here */
	if (atomic_load_explicit(&entry->place[newest % HISTORY], memory_order_relaxed) == here) {
		move_mine(indication, flow, entry);
	} else if (move_one(here, flow->vport, flow->entry, here) == VMMQ_NOT_ACCEPTED) {
		atomic_fetch_add_explicit(&world.refused, 1, memory_order_relaxed);
	}
}

static void *source_main(void *argument)
{
	unsigned first = (unsigned)(uintptr_t)argument;

	while (!atomic_load_explicit(&world.stop, memory_order_relaxed))
		if (!send(&world.flow[draw(FLOWS / SOURCES) * SOURCES + first]))
			sched_yield();
	return NULL;
}

/* control edits what the flows have nothing to do with, in brackets, while processors move entries. */
static unsigned control_edit(unsigned round)
{
	const struct vmmq_vport_id id = { 3 };
	struct vmmq_rss_params rss;
	struct vmmq_vport_info info;
	unsigned pending = 0;

	vmmq_rss_params_init(&rss, rig_processor(round % RIG_PROCESSORS));
	vmmq_adapter_edit_begin(world.adapter);
	assert_true(vmmq_vport_get(world.sw, (struct vmmq_vport_id){ 1 }, &info));
	assert_int_equal(info.rss->entry_count, ENTRIES);
	vmmq_nic_switch_begin(world.sw);
	assert_int_equal(vmmq_rss_set(world.sw, id, &rss, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_rename(world.sw, id, round % 2 ? "odd" : "even", NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_nic_switch_commit(world.sw, NULL), VMMQ_SUCCESS);
	pending = vmmq_adapter_apply(world.adapter, round % 16 == 0, HANG_NS, NULL) == VMMQ_PENDING;
	vmmq_adapter_edit_end(world.adapter);
	if (round % 32 == 0)
		vmmq_source_destroy(rig_source(world.adapter, VMMQ_SOURCE_DROP));
	return pending;
}

static bool is_enough(unsigned rounds)
{
	return rounds > 20 && atomic_load(&world.moves) > 1000 && atomic_load(&world.refused) > 0;
}

static void at_full_load(enum vmmq_moderation moderation, unsigned threads)
{
	struct rig_thread thread[RIG_PROCESSORS];
	pthread_t sender[SOURCES];
	uint64_t started, sent = 0;
	unsigned round = 0, pending = 0;

	begin(moderation);
	atomic_store(&seed, random_u64());
	world.in_indication = move_at_random;
	rig_run(world.adapter, thread, threads);
	for (uintptr_t i = 0; i < SOURCES; i++)
		assert_int_equal(pthread_create(&sender[i], NULL, source_main, (void *)i), 0);
	for (started = now_ns(); (now_ns() - started < RUN_NS || !is_enough(round)) && !hangs(started); round++) {
		pending += control_edit(round);
		rig_nap(draw(200000));
	}
	atomic_store(&world.stop, true);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(pthread_join(sender[i], NULL), 0);
	while (!vmmq_adapter_idle(world.adapter))
		sched_yield();
	rig_stop(world.adapter, thread, threads);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_int_equal(world.flow[i].expected, world.flow[i].sent);
		sent += world.flow[i].sent;
	}
	print_message("%" PRIu64 " packets, %" PRIu64 " moves from inside, %" PRIu64 " not accepted, %" PRIu64
		      " without room, %" PRIu64 " packets unchecked; %u edits, %u of them pending\n",
		      sent, atomic_load(&world.moves), atomic_load(&world.refused), atomic_load(&world.short_of_room),
		      atomic_load(&world.unchecked), round, pending);
	assert_true(atomic_load(&world.unchecked) <= sent / 100);
	assert_true(is_enough(round));
	assert_int_equal(pending, 0);
	end();
}

static void moves_at_full_load(void **state)
{
	(void)state;
	random_start();
	at_full_load(VMMQ_MODERATION_POLL, RIG_PROCESSORS);
	at_full_load(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS);
	at_full_load(VMMQ_MODERATION_ADAPTIVE, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(effective_on_return), cmocka_unit_test(statuses),
		cmocka_unit_test(no_room_for_gates),   cmocka_unit_test(short_of_memory),
		cmocka_unit_test(from_completion),     cmocka_unit_test(moves_at_full_load),
	};

	return cmocka_run_group_tests_name("adapter move", tests, start, NULL);
}
