/* SPDX-License-Identifier: BSD-2-Clause */
/* A source whose device hashes: its hash is believed, right or wrong, exactly while a VPort hashes as the device does. */
#include "unit/engine/vport_rig.h"

#define WRONG 0x12345678u

struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	struct vmmq_rss_params rss; /* of VPort 0 */
	uint32_t computed;          /* its hash of the rig's frame */
	struct vmmq_processor on;
	struct vmmq_oob oob; /* of the latest packet */
};

static struct rte_mempool *packets;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	packets = rig_pool("packets", 511);
	return 0;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct world *world = context;

	world->on = indication->processor;
	vmmq_oob_get(indication->packet[indication->count - 1], &world->oob);
	vmmq_return_packets(world->adapter, indication->packet, indication->count);
}

static void configure(struct world *world)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(world->adapter);

	assert_int_equal(vmmq_rss_set(sw, VMMQ_DEFAULT_VPORT, &world->rss, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(world->adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
}

/* receive offers a frame for VPort 0 with a hash of its device's, or with none. */
static void receive(struct world *world, uint32_t hash, bool given)
{
	struct rte_mbuf *packet = rig_packet(packets, 9, 0);

	packet->hash.rss = hash;
	packet->ol_flags = given ? RTE_MBUF_F_RX_RSS_HASH : 0;
	assert_int_equal(vmmq_receive(world->source, &packet, 1), 1);
	rig_drain(world->adapter);
	assert_int_equal(world->oob.vport.v, 0);
}

/* assert_hash: what was indicated last has this hash, and is where its entry says. */
static void assert_hash(const struct world *world, uint32_t hash)
{
	assert_int_equal(world->oob.hash, hash);
	assert_int_equal(world->oob.hash_type, VMMQ_HASH_UDP_IPV4);
	assert_int_equal(world->oob.entry, hash % 4);
	assert_int_equal(world->on.v, hash % 4);
}

static void assert_believed(struct world *world, bool believed)
{
	receive(world, WRONG, true);
	assert_hash(world, believed ? WRONG : world->computed);
	receive(world, world->computed, true);
	assert_hash(world, world->computed);
	receive(world, WRONG, false);
	assert_hash(world, world->computed);
}

static void world_make(struct world *world)
{
	*world = (struct world){ 0 };
	world->adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate, .context = world },
				     (const uint16_t[]){ 1 }, 1);
	world->source = rig_source(world->adapter, VMMQ_SOURCE_DROP);
	vmmq_rss_params_init(&world->rss, (struct vmmq_processor){ 0 });
	world->rss.enabled = true;
	world->rss.entry_count = 4;
	for (uint16_t i = 0; i < 4; i++)
		world->rss.table[i].v = i;
	configure(world);
	receive(world, WRONG, true);
	world->computed = world->oob.hash;
	assert_int_not_equal(world->computed, WRONG);
	assert_hash(world, world->computed);
}

static void world_end(struct world *world)
{
	rig_balanced(world->adapter, packets);
	vmmq_adapter_destroy(world->adapter);
}

static void is_believed_with_the_same_key_and_types(void **state)
{
	struct world world;
	uint8_t other[VMMQ_KEY_LEN];

	(void)state;
	world_make(&world);
	assert_believed(&world, false);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	assert_believed(&world, true);
	for (unsigned i = 0; i < 8 * VMMQ_KEY_LEN; i++) {
		memcpy(other, world.rss.key, sizeof(other));
		other[i / 8] ^= (uint8_t)(1u << i % 8);
		vmmq_source_device_hash(world.source, other, world.rss.hash_types);
		assert_believed(&world, false);
	}
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types & ~(uint32_t)VMMQ_HASH_IPV6);
	assert_believed(&world, false);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types | VMMQ_HASH_IPV6_EX);
	assert_believed(&world, false);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	assert_believed(&world, true);
	vmmq_source_device_hash(world.source, NULL, world.rss.hash_types);
	assert_believed(&world, false);
	world_end(&world);
}

static void a_live_change_ends_and_starts_it(void **state)
{
	struct world world;
	uint8_t key[VMMQ_KEY_LEN];
	uint32_t types;

	(void)state;
	world_make(&world);
	memcpy(key, world.rss.key, sizeof(key));
	types = world.rss.hash_types;
	vmmq_source_device_hash(world.source, key, types);
	for (int i = 0; i < 10; i++) {
		uint32_t computed = world.computed;

		assert_believed(&world, true);
		world.rss.key[i] ^= 0x40;
		configure(&world);
		receive(&world, WRONG, true);
		assert_int_not_equal(world.oob.hash, WRONG);
		world.computed = world.oob.hash;
		assert_believed(&world, false);
		memcpy(world.rss.key, key, sizeof(key));
		world.rss.hash_types = types & ~(uint32_t)VMMQ_HASH_TCP_IPV6;
		configure(&world);
		world.computed = computed;
		assert_believed(&world, false);
		world.rss.hash_types = types;
		configure(&world);
	}
	world.rss.enabled = false; /* nothing is hashed */
	configure(&world);
	receive(&world, WRONG, true);
	assert_int_equal(world.oob.hash_type, 0);
	assert_int_equal(world.oob.hash, 0);
	world_end(&world);
}

/* receive_frame offers a frame with a wrong hash; returns whether that was believed.  tci: beside it, if not negative. */
static bool receive_lie(struct world *world, const uint8_t *frame, uint16_t len, int tci)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(packets);

	memcpy(rte_pktmbuf_append(packet, len), frame, len);
	packet->hash.rss = WRONG;
	packet->ol_flags = RTE_MBUF_F_RX_RSS_HASH;
	if (tci >= 0) {
		packet->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
		packet->vlan_tci = (uint16_t)tci;
	}
	assert_int_equal(vmmq_receive(world->source, &packet, 1), 1);
	rig_drain(world->adapter);
	return world->oob.hash == WRONG;
}

/* lie_frame writes MACs, tags and an IP header with 60 bytes behind it, of zeros but for the ports; returns its length. */
static uint16_t lie_frame(uint8_t frame[160], const uint16_t tpid[2], unsigned version, unsigned words,
			  uint8_t protocol, uint16_t to_port)
{
	uint16_t at = 12, header = (uint16_t)(version == 4 ? 4 * words : 40);

	memset(frame, 0, 160);
	rig_mac(9, frame);
	for (unsigned i = 0; i < 2 && tpid[i]; i++, at += 4)
		memcpy(frame + at, (const uint8_t[]){ (uint8_t)(tpid[i] >> 8), (uint8_t)tpid[i], 0, 5 }, 4);
	memcpy(frame + at, version == 4 ? "\x08\x00" : "\x86\xdd", 2);
	at += 2;
	frame[at] = (uint8_t)(version << 4 | (version == 4 ? words : 0));
	frame[at + (version == 4 ? 9 : 6)] = protocol;
	frame[at + header] = 6; /* of an extension header: TCP is next */
	frame[at + header + 2] = (uint8_t)(to_port >> 8);
	frame[at + header + 3] = (uint8_t)to_port;
	return (uint16_t)(at + header + 60);
}

/* Where devices differ in what they hash, a lie has no effect. */
static void is_asked_of_plain_packets_only(void **state)
{
	static const struct {
		uint16_t tpid[2];
		int beside;
		uint8_t version, words, protocol;
		uint16_t to_port;
		bool believed;
	} rows[] = {
		{ { 0 }, -1, 4, 5, 6, 80, true },
		{ { 0 }, -1, 4, 5, 17, 53, true },
		{ { 0 }, -1, 6, 0, 6, 4789, true },
		{ { 0 }, -1, 6, 0, 17, 53, true },
		{ { 0x8100 }, -1, 4, 5, 6, 80, true },
		{ { 0 }, 5, 4, 5, 17, 53, true },
		{ { 0x88a8 }, -1, 4, 5, 6, 80, false },
		{ { 0x8100, 0x8100 }, -1, 4, 5, 6, 80, false },
		{ { 0x88a8, 0x8100 }, -1, 6, 0, 6, 80, false },
		{ { 0x8100 }, 5, 4, 5, 17, 53, false },
		{ { 0 }, -1, 4, 6, 6, 80, false },
		{ { 0 }, -1, 4, 15, 17, 53, false },
		{ { 0 }, -1, 4, 5, 47, 0, false },
		{ { 0 }, -1, 4, 5, 4, 0, false },
		{ { 0 }, -1, 4, 5, 41, 0, false },
		{ { 0 }, -1, 6, 0, 60, 0, false },
		{ { 0 }, -1, 6, 0, 44, 0, false },
		{ { 0 }, -1, 6, 0, 47, 0, false },
		{ { 0 }, -1, 4, 5, 17, 2152, false },
		{ { 0 }, -1, 4, 5, 17, 4754, false },
		{ { 0 }, -1, 4, 5, 17, 4789, false },
		{ { 0 }, -1, 4, 5, 17, 4790, false },
		{ { 0 }, -1, 6, 0, 17, 6080, false },
		{ { 0 }, -1, 4, 5, 17, 6081, false },
		{ { 0 }, -1, 4, 5, 17, 6635, false },
		{ { 0 }, -1, 6, 0, 17, 8472, false },
		{ { 0x8100 }, -1, 6, 0, 17, 4789, false },
	};
	struct world world;
	uint8_t frame[160];

	(void)state;
	world_make(&world);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t len =
		    lie_frame(frame, rows[i].tpid, rows[i].version, rows[i].words, rows[i].protocol, rows[i].to_port);

		if (receive_lie(&world, frame, len, rows[i].beside) != rows[i].believed)
			fail_msg("row %u", i);
	}
	world_end(&world);
}

/* Every 1,024th that is taken is computed too; a wrong one is the last, and only then. */
static void a_liar_is_found_out(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	for (unsigned i = 0; i < 5000; i++)
		receive(&world, world.computed, true);
	assert_int_equal(vmmq_source_hash_mismatches(world.source), 0);
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	for (unsigned i = 0; i < 1023; i++) {
		receive(&world, WRONG, true);
		assert_hash(&world, WRONG);
		receive(&world, WRONG, false); /* none is taken: does not count */
	}
	for (unsigned i = 0; i < 1100; i++) {
		receive(&world, WRONG, true);
		assert_hash(&world, world.computed);
		assert_int_equal(vmmq_source_hash_mismatches(world.source), 1);
	}
	vmmq_source_device_hash(world.source, world.rss.key, world.rss.hash_types);
	assert_believed(&world, true);
	assert_int_equal(vmmq_source_hash_mismatches(world.source), 1);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_believed_with_the_same_key_and_types),
		cmocka_unit_test(a_live_change_ends_and_starts_it),
		cmocka_unit_test(is_asked_of_plain_packets_only),
		cmocka_unit_test(a_liar_is_found_out),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
