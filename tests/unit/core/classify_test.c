/* SPDX-License-Identifier: BSD-2-Clause */
/* One packet's whole way by example, then reference = burst on a million packets of every shape, in random views. */
#include <stdbool.h>

#include "unit/core/golden_frames.h"
#include "unit/core/nic_switch_dump.h"
#include "unit/core/test_random.h"

enum { VIEWS = 400, BURSTS = 80, BURST_MAX = 70, FRAME_MAX = GOLDEN_FRAME_LEN_MAX + 64, MACS = 12 };

static const struct vmmq_processor processors[] = { { 0 }, { 1 }, { 2 }, { 3 }, { 66 }, { 1000 } };
static struct golden_file *golden;

static int read_golden(void **state)
{
	(void)state;
	golden = golden_read();
	return 0;
}

static int free_golden(void **state)
{
	(void)state;
	free(golden);
	return 0;
}

static const struct golden_frame *golden_named(const char *name)
{
	for (size_t i = 0; i < golden->count; i++)
		if (strcmp(golden->frame[i].name, name) == 0)
			return &golden->frame[i];
	fail_msg("no golden frame %s", name);
	return NULL;
}

static struct vmmq_vport_id vport(uint16_t id)
{
	return (struct vmmq_vport_id){ id };
}

static struct vmmq_nic_switch *make_switch(enum vmmq_toeplitz_impl impl)
{
	const struct vmmq_nic_switch_params params = { .processors = processors,
						       .processor_count = 6,
						       .toeplitz = impl };
	struct vmmq_nic_switch *sw;

	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	return sw;
}

static void add_vport(struct vmmq_nic_switch *sw, uint16_t id)
{
	assert_int_equal(vmmq_vport_create(sw, vport(id), "vm", 16, processors[1], NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_activate(sw, vport(id), NULL), VMMQ_SUCCESS);
}

static uint32_t add_filter(struct vmmq_nic_switch *sw, uint16_t id, const uint8_t *mac, vmmq_vlan_rule vlan)
{
	uint32_t filter = 0;

	vmmq_filter_set(sw, vport(id), mac, vlan, &filter, NULL);
	return filter;
}

/* RSS on: entries 1, 2, 3, 66; default processor 1000; primary 0. */
static struct vmmq_rss_params rss_on(void)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, processors[0]);
	rss.enabled = true;
	rss.default_processor = processors[5];
	rss.entry_count = 4;
	memcpy(rss.table, processors + 1, 4 * sizeof(rss.table[0]));
	return rss;
}

/* classify runs a golden frame through both ways, which must agree. */
static struct vmmq_verdict classify(const struct vmmq_nic_switch *sw, const char *name)
{
	const struct golden_frame *frame = golden_named(name);
	const uint8_t *data = frame->data;
	uint32_t len = (uint32_t)frame->len;
	struct vmmq_verdict verdict, burst;
	struct vmmq_headers headers;

	memset(&verdict, 0xa5, sizeof(verdict));
	memset(&burst, 0x5a, sizeof(burst));
	vmmq_classify(vmmq_nic_switch_view(sw), data, len, &verdict, &headers);
	vmmq_classify_burst(vmmq_nic_switch_view(sw), &data, &len, &burst, 1);
	assert_memory_equal(&verdict, &burst, sizeof(verdict));
	assert_int_equal(headers.outcome, frame->headers.outcome);
	return verdict;
}

/* The five ways a packet can go (spec 5.1): table, default, primary, no match, dropped. */
static void ways(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	uint32_t filter;
	struct vmmq_verdict v;

	(void)state;
	v = classify(sw, "ipv4_tcp"); /* no filter: VPort 0, whose RSS is off */
	assert_int_equal(v.vport.v, 0);
	assert_int_equal(v.filter_id, 0);
	assert_int_equal(v.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(v.processor.v, 0);
	assert_int_equal(v.hash_type, 0);
	assert_int_equal(v.entry, VMMQ_NO_ENTRY);

	add_vport(sw, 9);
	filter = add_filter(sw, 9, golden_named("ipv4_tcp")->data, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	v = classify(sw, "ipv4_tcp"); /* RSS off: primary, no hash */
	assert_int_equal(v.vport.v, 9);
	assert_int_equal(v.filter_id, filter);
	assert_int_equal(v.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(v.processor.v, 1);
	assert_int_equal(v.hash, 0);
	assert_int_equal(v.hash_type, 0);

	assert_int_equal(vmmq_rss_set(sw, vport(9), &rss, NULL), VMMQ_SUCCESS);
	v = classify(sw, "ipv4_tcp"); /* 0x51ccc178 & 3 = 0 */
	assert_int_equal(v.via, VMMQ_VIA_TABLE);
	assert_int_equal(v.hash, 0x51ccc178);
	assert_int_equal(v.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(v.entry, 0);
	assert_int_equal(v.processor.v, 1);
	v = classify(sw, "ipv6_udp"); /* 0x40207d3d & 3 = 1 */
	assert_int_equal(v.hash, 0x40207d3d);
	assert_int_equal(v.hash_type, VMMQ_HASH_UDP_IPV6);
	assert_int_equal(v.entry, 1);
	assert_int_equal(v.processor.v, 2);

	v = classify(sw, "arp"); /* cannot be hashed: default processor */
	assert_int_equal(v.vport.v, 9);
	assert_int_equal(v.via, VMMQ_VIA_DEFAULT);
	assert_int_equal(v.processor.v, 1000);
	assert_int_equal(v.hash_type, 0);
	assert_int_equal(v.entry, VMMQ_NO_ENTRY);
	assert_int_equal(classify(sw, "lldp").vport.v, 0);

	v = classify(sw, "ethernet_13_bytes");
	assert_int_equal(v.drop, VMMQ_DROP_RUNT);
	assert_int_equal(v.filter_id, 0);
	assert_int_equal(classify(sw, "tag_outer_17_bytes").drop, VMMQ_DROP_RUNT);
	assert_int_equal(classify(sw, "ethernet_14_bytes").drop, VMMQ_DROP_NONE);
	vmmq_nic_switch_destroy(sw);
}

/* An input of zeros hashes to 0, which is a hash like any other. */
static void hash_zero(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	struct vmmq_verdict v;

	(void)state;
	memset(rss.key, 0, sizeof(rss.key));
	assert_int_equal(vmmq_rss_set(sw, vport(0), &rss, NULL), VMMQ_SUCCESS);
	v = classify(sw, "ipv4_tcp");
	assert_int_equal(v.hash, 0);
	assert_int_equal(v.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(v.via, VMMQ_VIA_TABLE);
	assert_int_equal(v.entry, 0);
	vmmq_nic_switch_destroy(sw);
}

static void keys_differ(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	uint32_t first, filter;

	(void)state;
	add_vport(sw, 1);
	add_vport(sw, 2);
	filter = add_filter(sw, 1, golden_named("ipv4_tcp")->data, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(vmmq_rss_set(sw, vport(1), &rss, NULL), VMMQ_SUCCESS);
	rss.key[0] ^= 0xff;
	assert_int_equal(vmmq_rss_set(sw, vport(2), &rss, NULL), VMMQ_SUCCESS);
	first = classify(sw, "ipv4_tcp").hash;
	assert_int_equal(vmmq_filter_move(sw, filter, vport(1), vport(2), NULL), VMMQ_SUCCESS);
	assert_int_equal(classify(sw, "ipv4_tcp").vport.v, 2);
	assert_int_not_equal(classify(sw, "ipv4_tcp").hash, first);
	vmmq_nic_switch_destroy(sw);
}

static void expect_oob(struct vmmq_nic_switch *sw, const char *name, uint16_t id, bool strip, uint16_t tci)
{
	struct vmmq_verdict v = classify(sw, name);

	assert_int_equal(v.vport.v, id);
	assert_int_equal(v.strip, strip);
	assert_int_equal(v.tci, tci);
}

/* The tag in OOB is the outermost one, with its priority; a packet with too many tags is steered all the same. */
static void oob(void **state)
{
	const uint8_t *mac = golden_named("ipv4_tcp")->data;
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);

	(void)state;
	add_vport(sw, 1);
	add_vport(sw, 2);
	add_filter(sw, 1, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	add_filter(sw, 2, mac, 10);
	add_filter(sw, 2, mac, 1);
	expect_oob(sw, "ipv4_tcp", 1, false, 0);
	expect_oob(sw, "tag_priority", 1, false, 0);
	expect_oob(sw, "tag_ipv4_tcp", 2, true, 0x600a);
	expect_oob(sw, "tag_arp", 2, true, 0x000a);
	expect_oob(sw, "tag_9_tags", 2, true, 0x0001);
	expect_oob(sw, "tag_q_in_q", 0, false, 0);
	add_filter(sw, 1, mac, VMMQ_VLAN_ANY);
	expect_oob(sw, "tag_q_in_q", 1, true, 0x0064);
	expect_oob(sw, "tag_802_1ad", 1, true, 0x1064);
	expect_oob(sw, "tag_inner_cut", 1, true, 0x0064);
	expect_oob(sw, "tag_priority", 1, false, 0);
	vmmq_nic_switch_destroy(sw);
}

/* --- reference = burst ---------------------------------------------------------------------------------------------- */

static const uint16_t ids[] = { 0, 1, 2, 3, 63, 64, 65, 300, 65535 };
enum { IDS = 9 };

static void random_mac(uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[]){ 0x02, 0, 0, 0, 0, (uint8_t)random_below(MACS) }, VMMQ_MAC_LEN);
}

static struct vmmq_rss_params random_rss(void)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, processors[random_below(6)]);
	rss.enabled = random_below(5);
	rss.receive_hash = !rss.enabled && random_one_in(2);
	rss.hash_types = random_one_in(3) ? VMMQ_HASH_TYPES_DEFAULT : (uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK;
	rss.hash_types |= rss.hash_types ? 0 : VMMQ_HASH_IPV6_EX;
	random_bytes(rss.key, sizeof(rss.key));
	rss.default_processor = processors[random_below(6)];
	rss.entry_count = (uint16_t)(1u << random_below(8));
	for (unsigned i = 0; i < rss.entry_count; i++)
		rss.table[i] = processors[random_below(6)];
	return rss;
}

static void random_configuration(struct vmmq_nic_switch *sw)
{
	static const vmmq_vlan_rule rules[] = { 0, 1, 10, 100, VMMQ_VLAN_ANY, VMMQ_VLAN_ANY };
	unsigned count = random_below(IDS) + 1;

	vmmq_nic_switch_begin(sw);
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_rss_params rss = random_rss();

		if (i)
			add_vport(sw, ids[i]);
		assert_int_equal(vmmq_rss_set(sw, vport(ids[i]), &rss, NULL), VMMQ_SUCCESS);
	}
	for (unsigned i = random_below(40); i > 0; i--) {
		uint8_t mac[VMMQ_MAC_LEN];

		random_mac(mac);
		add_filter(sw, ids[random_below(count)], mac, rules[random_below(6)]); /* taken ones are refused */
	}
	assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
}

/* Frames of a burst, each at the end of its own allocation. */
struct packets {
	uint8_t *block[BURST_MAX];
	const uint8_t *frame[BURST_MAX];
	uint32_t len[BURST_MAX];
};

static size_t random_frame(uint8_t data[FRAME_MAX])
{
	static const uint16_t tags[] = { 0x0000, 0x0001, 0x200a, 0x0064, 0x0fff };
	const struct golden_frame *frame = &golden->frame[random_below((uint32_t)golden->count)];
	size_t len = frame->len;

	memcpy(data, frame->data, len);
	if (len >= 6 && !random_one_in(8))
		random_mac(data);
	if (len >= 14 && random_one_in(3)) {
		frame_tag(data, len, tags[random_below(5)]);
		len += 4;
	}
	if (len > 40 && random_one_in(2)) /* other addresses and ports */
		random_bytes(data + 26, len - 26 < 32 ? len - 26 : 32);
	while (random_one_in(4))
		data[random_below((uint32_t)len)] = (uint8_t)(random_one_in(2) ? random_u64() : random_below(8));
	if (random_one_in(6))
		len = random_below((uint32_t)len + 1);
	else if (random_one_in(6)) {
		size_t more = random_below(40);

		random_bytes(data + len, more);
		len += more;
	}
	return len;
}

static void packets_make(struct packets *p, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t data[FRAME_MAX];
		size_t len = random_frame(data), skew = random_below(64);

		p->block[i] = malloc(skew + len ? skew + len : 1);
		p->frame[i] = p->block[i] + skew;
		p->len[i] = (uint32_t)len;
		memcpy(p->block[i] + skew, data, len);
	}
}

/* check_bursts returns how many packets it has compared. */
static unsigned check_bursts(const struct vmmq_view *fast, const struct vmmq_view *slow,
			     unsigned ways_met[VMMQ_VIA_COUNT + 1])
{
	static struct packets p;
	struct vmmq_verdict burst[BURST_MAX + 1], other[BURST_MAX + 1], guard;
	unsigned count = random_below(BURST_MAX + 1);

	memset(&guard, 0xa5, sizeof(guard));
	memset(burst, 0xa5, sizeof(burst));
	packets_make(&p, count);
	vmmq_classify_burst(fast, p.frame, p.len, burst, count);
	vmmq_classify_burst(slow, p.frame, p.len, other, count);
	assert_memory_equal(&burst[count], &guard, sizeof(guard));
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_verdict one;
		struct vmmq_headers headers;

		vmmq_classify(fast, p.frame[i], p.len[i], &one, random_one_in(2) ? &headers : NULL);
		assert_memory_equal(&burst[i], &one, sizeof(one));
		assert_memory_equal(&other[i], &one, sizeof(one));
		ways_met[one.drop ? VMMQ_VIA_COUNT : one.via]++;
		free(p.block[i]);
	}
	return count;
}

static void burst_equals_reference(void **state)
{
	unsigned compared = 0, ways_met[VMMQ_VIA_COUNT + 1] = { 0 };

	(void)state;
	random_start();
	for (unsigned i = 0; i < VIEWS; i++) {
		struct vmmq_nic_switch *fast = make_switch(VMMQ_TOEPLITZ_AUTO);
		struct vmmq_nic_switch *slow = make_switch(VMMQ_TOEPLITZ_BITWISE);
		uint64_t from = random_u64();

		random_state = from;
		random_configuration(fast);
		random_state = from;
		random_configuration(slow);
		for (unsigned j = 0; j < BURSTS; j++)
			compared += check_bursts(vmmq_nic_switch_view(fast), vmmq_nic_switch_view(slow), ways_met);
		vmmq_nic_switch_destroy(fast);
		vmmq_nic_switch_destroy(slow);
	}
	print_message("%u packets: %u by table, %u default, %u primary, %u dropped\n", compared,
		      ways_met[VMMQ_VIA_TABLE], ways_met[VMMQ_VIA_DEFAULT], ways_met[VMMQ_VIA_PRIMARY],
		      ways_met[VMMQ_VIA_COUNT]);
	assert_true(compared >= 1000000);
	for (unsigned way = 0; way <= VMMQ_VIA_COUNT; way++)
		assert_true(ways_met[way] > compared / 1000);
}

/* --- hashes that a device gave -------------------------------------------------------------------------------------- */

static void flip_key_bit(struct vmmq_toeplitz_key *key, unsigned bit)
{
	for (unsigned i = 0; i < VMMQ_HASH_WORDS; i++)
		if (bit >= 32 * i && bit < 32 * i + 64)
			key->window[i] ^= 1ull << (bit - 32 * i);
}

/* random_device hashes as one of the VPorts does, or almost. */
static struct vmmq_device_hash random_device(const struct vmmq_view *view)
{
	const struct vmmq_steering *rss = vmmq_view_steering(view, vport(ids[random_below(IDS)]));
	struct vmmq_device_hash device = { .hash_types = 0 };
	uint8_t key[VMMQ_KEY_LEN];

	random_bytes(key, sizeof(key));
	vmmq_toeplitz_key_init(&device.key, key);
	if (!rss)
		return device;
	device = (struct vmmq_device_hash){ rss->hash_types, rss->key };
	if (random_one_in(8))
		device.hash_types ^= VMMQ_HASH_TCP_IPV4;
	if (random_one_in(4))
		flip_key_bit(&device.key, random_below(8 * VMMQ_KEY_LEN));
	return device;
}

/* with_device is the verdict that the reference's becomes when the device's hash is used where it should be. */
static struct vmmq_verdict with_device(const struct vmmq_view *view, const struct vmmq_device_hash *device,
				       const struct vmmq_given_hash *hash, const struct vmmq_headers *headers,
				       struct vmmq_verdict v, unsigned *used)
{
	const struct vmmq_steering *rss;

	if (v.drop || !v.hash_type || !hash->given || headers->fragment || headers->ext_count)
		return v;
	rss = vmmq_view_steering(view, v.vport);
	if (rss->hash_types != device->hash_types || memcmp(&rss->key, &device->key, sizeof(rss->key)) != 0)
		return v;
	*used += v.hash != hash->value;
	v.hash = hash->value;
	if (rss->rss_enabled) {
		v.entry = (uint16_t)(v.hash & rss->index_mask);
		v.processor = rss->table[v.entry];
	}
	return v;
}

static unsigned check_device(const struct vmmq_view *fast, const struct vmmq_view *slow)
{
	static struct packets p;
	struct vmmq_given_hash hash[BURST_MAX];
	struct vmmq_verdict expected[BURST_MAX], burst[BURST_MAX], other[BURST_MAX];
	struct vmmq_device_hash device = random_device(fast);
	unsigned count = random_below(BURST_MAX + 1), used = 0;

	packets_make(&p, count);
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_headers headers;

		vmmq_classify(fast, p.frame[i], p.len[i], &expected[i], &headers);
		hash[i].given = !random_one_in(4);
		hash[i].value = random_one_in(2) ? expected[i].hash : (uint32_t)random_u64();
		expected[i] = with_device(fast, &device, &hash[i], &headers, expected[i], &used);
	}
	vmmq_classify_burst_device(fast, &device, p.frame, p.len, hash, burst, count);
	vmmq_classify_burst_device(slow, &device, p.frame, p.len, hash, other, count);
	for (unsigned i = 0; i < count; i++) {
		assert_memory_equal(&burst[i], &expected[i], sizeof(expected[i]));
		assert_memory_equal(&other[i], &expected[i], sizeof(expected[i]));
		free(p.block[i]);
	}
	return used;
}

/* A wrong value shows that the device's was used: exactly for usual headers of VPorts with its key and types. */
static void device_hash_is_used_where_it_is_the_vports(void **state)
{
	unsigned used = 0;

	(void)state;
	random_start();
	for (unsigned i = 0; i < VIEWS; i++) {
		struct vmmq_nic_switch *fast = make_switch(VMMQ_TOEPLITZ_AUTO);
		struct vmmq_nic_switch *slow = make_switch(VMMQ_TOEPLITZ_BITWISE);
		uint64_t from = random_u64();

		random_state = from;
		random_configuration(fast);
		random_state = from;
		random_configuration(slow);
		for (unsigned j = 0; j < BURSTS / 2; j++)
			used += check_device(vmmq_nic_switch_view(fast), vmmq_nic_switch_view(slow));
		vmmq_nic_switch_destroy(fast);
		vmmq_nic_switch_destroy(slow);
	}
	print_message("%u wrong hashes were believed\n", used);
	assert_true(used > 500);
}

static void every_count(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	const uint8_t *frame[BURST_MAX];
	uint32_t len[BURST_MAX];

	(void)state;
	assert_int_equal(vmmq_rss_set(sw, vport(0), &rss, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < BURST_MAX; i++) {
		frame[i] = golden->frame[i].data;
		len[i] = (uint32_t)golden->frame[i].len;
	}
	for (unsigned count = 0; count <= BURST_MAX; count++) {
		struct vmmq_verdict verdict[BURST_MAX + 1], one;

		memset(verdict, 0xa5, sizeof(verdict));
		vmmq_classify_burst(vmmq_nic_switch_view(sw), frame, len, verdict, count);
		for (unsigned i = 0; i < count; i++) {
			vmmq_classify(vmmq_nic_switch_view(sw), frame[i], len[i], &one, NULL);
			assert_memory_equal(&verdict[i], &one, sizeof(one));
		}
		memset(&one, 0xa5, sizeof(one));
		assert_memory_equal(&verdict[count], &one, sizeof(one));
	}
	vmmq_nic_switch_destroy(sw);
}

/* All golden frames with each of their sets of types: what the file says comes out of the whole path. */
static void golden_hashes(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		for (size_t j = 0; j < golden->frame[i].hash_count; j++) {
			const struct golden_hash *want = &golden->frame[i].hash[j];
			struct vmmq_rss_params rss = rss_on();
			struct vmmq_verdict v;

			if (!want->types)
				continue;
			rss.hash_types = want->types;
			assert_int_equal(vmmq_rss_set(sw, vport(0), &rss, NULL), VMMQ_SUCCESS);
			v = classify(sw, golden->frame[i].name);
			assert_int_equal(v.hash_type, want->type);
			assert_int_equal(v.hash, want->value);
			assert_int_equal(v.via, want->type ? VMMQ_VIA_TABLE : VMMQ_VIA_DEFAULT);
			assert_int_equal(v.processor.v, want->type ? rss.table[want->value % 4].v : 1000);
		}
	}
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways),          cmocka_unit_test(hash_zero),
		cmocka_unit_test(keys_differ),   cmocka_unit_test(oob),
		cmocka_unit_test(every_count),   cmocka_unit_test(device_hash_is_used_where_it_is_the_vports),
		cmocka_unit_test(golden_hashes), cmocka_unit_test(burst_equals_reference),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
