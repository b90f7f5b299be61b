/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that some other code made: in many segments, in external or read-only memory, cloned, with OOB of an earlier life,
 * shorter than their headers.  All of them are steered like the same bytes in one buffer of their own, and a tag is never
 * taken out of bytes that somebody else can see.
 */
#include "unit/engine/vport_rig.h"

#include <sys/mman.h>

#include "engine/oob.h"

#define TARGET 3 /* the VPort, with rule "any VLAN": a tag is stripped */

struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	unsigned indicated;
	struct vmmq_oob oob; /* of the latest packet */
	uint32_t len;
	uint8_t bytes[RIG_TAGGED_LEN];
};

static struct rte_mempool *packets, *headless;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	packets = rig_pool("packets", 511);
	headless = rte_pktmbuf_pool_create("headless", 127, 0, 0, 0, SOCKET_ID_ANY);
	return headless ? 0 : -1;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct world *world = context;

	for (unsigned i = 0; i < indication->count; i++) {
		struct rte_mbuf *packet = indication->packet[i];
		const void *bytes;

		world->indicated++;
		vmmq_oob_get(packet, &world->oob);
		assert_int_equal(rte_mbuf_check(packet, 1, &(const char *){ NULL }), 0);
		world->len = rte_pktmbuf_pkt_len(packet);
		assert_true(world->len <= sizeof(world->bytes));
		bytes = rte_pktmbuf_read(packet, 0, world->len, world->bytes);
		if (bytes != world->bytes)
			memcpy(world->bytes, bytes, world->len);
	}
	vmmq_return_packets(world->adapter, indication->packet, indication->count);
}

static void world_make(struct world *world)
{
	*world = (struct world){ 0 };
	world->adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate, .context = world },
				     (const uint16_t[]){ 0, 1, 2 }, 3);
	world->source = rig_source(world->adapter, VMMQ_SOURCE_DROP);
}

static void world_end(struct world *world)
{
	rig_balanced(world->adapter, packets);
	assert_int_equal(rte_mempool_in_use_count(headless), 0);
	vmmq_adapter_destroy(world->adapter);
}

static void receive(struct world *world, struct rte_mbuf *packet)
{
	assert_int_equal(vmmq_receive(world->source, &packet, 1), 1);
	rig_drain(world->adapter);
}

/* assert_steered: the latest packet is the rig's tagged frame for TARGET, without its tag, and its OOB says so. */
static void assert_steered(const struct world *world, unsigned indicated)
{
	uint8_t tagged[RIG_TAGGED_LEN], expected[RIG_TAGGED_LEN];

	rig_frame(tagged, TARGET, RIG_VLAN);
	memcpy(expected, tagged, 12);
	memcpy(expected + 12, tagged + 16, RIG_TAGGED_LEN - 16);
	assert_int_equal(world->indicated, indicated);
	assert_int_equal(world->oob.vport.v, TARGET);
	assert_true(world->oob.stripped);
	assert_int_equal(world->oob.tci, RIG_VLAN);
	assert_int_equal(world->len, RIG_TAGGED_LEN - 4);
	assert_memory_equal(world->bytes, expected, RIG_TAGGED_LEN - 4);
}

static void assert_untouched(const uint8_t *frame)
{
	uint8_t tagged[RIG_TAGGED_LEN];

	rig_frame(tagged, TARGET, RIG_VLAN);
	assert_memory_equal(frame, tagged, RIG_TAGGED_LEN);
}

/* segmented makes a chain of count segments with the lengths in first, and one with the rest. */
static struct rte_mbuf *segmented(const uint8_t *frame, uint32_t len, const unsigned first[], unsigned count)
{
	struct rte_mbuf *head = NULL;
	uint32_t at = 0;

	for (unsigned i = 0; i <= count; i++) {
		struct rte_mbuf *segment = rte_pktmbuf_alloc(packets);
		uint32_t n = i < count && first[i] < len - at ? first[i] : len - at;

		assert_non_null(segment);
		memcpy(rte_pktmbuf_append(segment, (uint16_t)n), frame + at, n);
		at += n;
		if (!head)
			head = segment;
		else
			assert_int_equal(rte_pktmbuf_chain(head, segment), 0);
	}
	return head;
}

/* Every place where the first segment may end, and a frame in pieces of one byte. */
static void test_segments(void **state)
{
	uint8_t frame[RIG_TAGGED_LEN];
	uint32_t len = rig_frame(frame, TARGET, RIG_VLAN);
	unsigned ones[RIG_TAGGED_LEN], indicated = 0;
	struct world world;

	(void)state;
	world_make(&world);
	for (unsigned first = 0; first < len; first++) {
		receive(&world, segmented(frame, len, &first, 1));
		assert_steered(&world, ++indicated);
	}
	for (unsigned i = 0; i < len; i++)
		ones[i] = 1;
	receive(&world, segmented(frame, len, ones, len - 1));
	assert_steered(&world, ++indicated);
	world_end(&world);
}

/* A clone's bytes are the original's too, whichever of the two is received. */
static void test_clone(void **state)
{
	struct rte_mbuf *original = rig_packet(packets, TARGET, RIG_VLAN), *clone;
	struct world world;

	(void)state;
	world_make(&world);
	clone = rte_pktmbuf_clone(original, packets);
	assert_non_null(clone);
	receive(&world, clone);
	assert_steered(&world, 1);
	assert_untouched(rte_pktmbuf_mtod(original, uint8_t *));

	clone = rte_pktmbuf_clone(original, packets);
	assert_non_null(clone);
	receive(&world, original);
	assert_steered(&world, 2);
	assert_untouched(rte_pktmbuf_mtod(clone, uint8_t *));
	assert_int_equal(rte_pktmbuf_data_len(clone), RIG_TAGGED_LEN);
	rte_pktmbuf_free(clone);
	world_end(&world);
}

/* The clone's own pool has no room for bytes: the copy comes from the pool of the original. */
static void test_clone_without_room(void **state)
{
	struct rte_mbuf *original = rig_packet(packets, TARGET, RIG_VLAN);
	struct rte_mbuf *clone = rte_pktmbuf_clone(original, headless);
	struct world world;

	(void)state;
	world_make(&world);
	assert_non_null(clone);
	receive(&world, clone);
	assert_steered(&world, 1);
	assert_untouched(rte_pktmbuf_mtod(original, uint8_t *));
	rte_pktmbuf_free(original);
	world_end(&world);
}

/* No buffer for the copy: dropped, for that reason, and charged to the packet's VPort. */
static void test_clone_empty_pool(void **state)
{
	struct rte_mbuf *original = rig_packet(packets, TARGET, RIG_VLAN), *taken[512];
	struct rte_mbuf *clone = rte_pktmbuf_clone(original, packets);
	struct world world;
	unsigned n = 0;

	(void)state;
	world_make(&world);
	assert_non_null(clone);
	while ((taken[n] = rte_pktmbuf_alloc(packets)))
		n++;
	receive(&world, clone);
	assert_int_equal(world.indicated, 0);
	assert_int_equal(rig_dropped(world.adapter, TARGET, VMMQ_DROP_NO_BUFFER), 1);
	assert_untouched(rte_pktmbuf_mtod(original, uint8_t *));
	rte_pktmbuf_free_bulk(taken, n);
	rte_pktmbuf_free(original);
	world_end(&world);
}

static void external_freed(void *address, void *freed)
{
	(void)address;
	++*(unsigned *)freed;
}

static struct rte_mbuf *external(struct rte_mempool *pool, uint8_t *memory, uint16_t len,
				 struct rte_mbuf_ext_shared_info *shared)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	assert_non_null(packet);
	rte_pktmbuf_attach_extbuf(packet, memory, RTE_BAD_IOVA, len, shared);
	packet->data_off = 0;
	packet->data_len = RIG_TAGGED_LEN;
	packet->pkt_len = RIG_TAGGED_LEN;
	return packet;
}

/* External memory that others point into is read only; that which is the packet's alone is written to. */
static void test_external_buffer(void **state)
{
	unsigned freed = 0;
	struct rte_mbuf_ext_shared_info shared = { .free_cb = external_freed, .fcb_opaque = &freed };
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct world world;

	(void)state;
	world_make(&world);
	assert_ptr_not_equal(page, MAP_FAILED);
	rig_frame(page, TARGET, RIG_VLAN);
	assert_int_equal(mprotect(page, 4096, PROT_READ), 0);
	rte_mbuf_ext_refcnt_set(&shared, 2); /* the packet, and the test */
	receive(&world, external(packets, page, 4096, &shared));
	assert_steered(&world, 1);
	assert_untouched(page);
	assert_int_equal(freed, 0);
	assert_int_equal(rte_mbuf_ext_refcnt_read(&shared), 1);

	assert_int_equal(mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);
	receive(&world, external(packets, page, 4096, &shared));
	assert_steered(&world, 2);
	assert_int_equal(freed, 1);

	rig_frame(page, TARGET,
		  RIG_VLAN); /* nowhere to copy to: neither its pool nor the adapter has buffers with room */
	rte_mbuf_ext_refcnt_set(&shared, 2);
	receive(&world, external(headless, page, 4096, &shared));
	assert_int_equal(world.indicated, 2);
	assert_int_equal(rig_dropped(world.adapter, TARGET, VMMQ_DROP_NO_BUFFER), 1);
	assert_untouched(page);
	munmap(page, 4096);
	world_end(&world);
}

/* What stood beside a buffer in its earlier life is gone. */
static void test_stale_oob(void **state)
{
	struct rte_mbuf *packet = rig_packet(packets, TARGET, 0);
	struct world world;

	(void)state;
	world_make(&world);
	packet->ol_flags |= RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_VLAN; /* and not stripped: vlan_tci says nothing */
	packet->vlan_tci = 99;
	packet->hash.rss = 0xdeadbeef;
	*oob_field(packet) = (struct oob_field){ .hash_information = 0x201, .vport = 0xffff, .entry = 0xffff };
	receive(&world, packet);
	assert_int_equal(world.indicated, 1);
	assert_int_equal(world.oob.vport.v, TARGET);
	assert_int_equal(world.oob.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(world.oob.entry, VMMQ_NO_ENTRY);
	assert_int_equal(world.oob.hash_type, 0);
	assert_int_equal(world.oob.hash_function, 0);
	assert_int_equal(world.oob.hash, 0);
	assert_int_equal(world.oob.tci, 0);
	assert_false(world.oob.stripped);
	world_end(&world);
}

/* Every length up to the whole frame: runts are dropped as such, on VPort 0's account, and nothing is read past the end. */
static void test_short_frames(void **state)
{
	uint8_t frame[RIG_TAGGED_LEN];
	struct world world;
	unsigned runts = 0;

	(void)state;
	world_make(&world);
	for (unsigned tagged = 0; tagged < 2; tagged++) {
		uint32_t full = rig_frame(frame, TARGET, tagged ? RIG_VLAN : 0), least = tagged ? 18 : 14;

		for (uint32_t len = 0; len <= full; len++) {
			receive(&world, segmented(frame, len, NULL, 0));
			runts += len < least;
			assert_int_equal(rig_dropped(world.adapter, 0, VMMQ_DROP_RUNT), runts);
			if (len >= least)
				assert_int_equal(world.oob.vport.v, TARGET);
		}
	}
	assert_int_equal(runts, 14 + 18);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments),           cmocka_unit_test(test_clone),
		cmocka_unit_test(test_clone_without_room), cmocka_unit_test(test_clone_empty_pool),
		cmocka_unit_test(test_external_buffer),    cmocka_unit_test(test_stale_oob),
		cmocka_unit_test(test_short_frames),
	};

	return cmocka_run_group_tests_name("foreign_packet", tests, start, NULL);
}
