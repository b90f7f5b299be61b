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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_believed_with_the_same_key_and_types),
		cmocka_unit_test(a_live_change_ends_and_starts_it),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
