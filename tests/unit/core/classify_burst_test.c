/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reference = burst on a million packets of every shape, in random views; a hash that a device gave is used where it is
 * the VPort's, and nowhere else.
 */
#include "core/flow.h"
#include "unit/core/classify_rig.h"
#include "unit/core/test_random.h"
#include "unit/core/tunnel_frames.h"

enum {
	VIEWS = 400,
	BURSTS = 80,
	BURST_MAX = 70,
	FRAME_MAX = GOLDEN_FRAME_LEN_MAX + TUNNEL_OUTER_MAX + 64,
	MACS = 12
};

static const uint16_t ids[] = { 0, 1, 2, 3, 63, 64, 65, 300, 65535 };
enum { IDS = 9 };

/* What becomes of packets: enum vmmq_via, and */
enum { WAY_DROPPED = VMMQ_VIA_COUNT, WAY_INNER, WAY_INNER_FILTER, WAYS };

static void random_mac(uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[]){ 0x02, 0, 0, 0, 0, (uint8_t)random_below(MACS) }, VMMQ_MAC_LEN);
}

static struct vmmq_rss_params random_rss(bool tunnels)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, processors[random_below(6)]);
	rss.enabled = random_below(5);
	rss.receive_hash = !rss.enabled && random_one_in(2);
	rss.hash_types = random_one_in(3) ? VMMQ_HASH_TYPES_DEFAULT : (uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK;
	rss.hash_types |= rss.hash_types ? 0 : VMMQ_HASH_IPV6_EX;
	random_bytes(rss.key, sizeof(rss.key));
	if (tunnels && random_one_in(2)) {
		rss.encapsulation.types = (uint16_t)(random_u64() & VMMQ_TUNNEL_MASK);
		rss.encapsulation.vxlan_port = random_one_in(4) ? 8472 : 4789;
	}
	rss.default_processor = processors[random_below(6)];
	rss.entry_count = (uint16_t)(1u << random_below(8));
	for (unsigned i = 0; i < rss.entry_count; i++)
		rss.table[i] = processors[random_below(6)];
	return rss;
}

static void random_configuration(struct vmmq_nic_switch *sw)
{
	static const vmmq_vlan_rule rules[] = { 0, 1, 10, 100, VMMQ_VLAN_ANY, VMMQ_VLAN_ANY };
	const bool tunnels = random_one_in(2); /* somebody looks into some */
	unsigned count = random_below(IDS) + 1;

	vmmq_nic_switch_begin(sw);
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_rss_params rss = random_rss(tunnels);

		if (i)
			add_vport(sw, ids[i]);
		assert_int_equal(vmmq_rss_set(sw, vport(ids[i]), &rss, NULL), VMMQ_SUCCESS);
	}
	for (unsigned i = random_below(40); i > 0; i--) {
		uint8_t mac[VMMQ_MAC_LEN];

		random_mac(mac);
		add_filter(sw, ids[random_below(count)], mac, rules[random_below(6)]); /* taken ones are refused */
	}
	for (unsigned i = tunnels && random_one_in(2) ? random_below(60) : 0; i > 0; i--) {
		struct vmmq_filter inner = {
			.vport = vport(ids[random_below(count)]),
			.vlan = rules[random_below(6)],
			.encapsulated = true,
			.vni = random_one_in(2) ? random_below(4) : VMMQ_VNI_ANY,
		};

		random_mac(inner.mac);
		vmmq_filter_add(sw, &inner, NULL);
	}
	assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
}

/* Frames of a burst, each at the end of its own allocation. */
struct packets {
	uint8_t *block[BURST_MAX];
	const uint8_t *frame[BURST_MAX];
	uint32_t len[BURST_MAX];
};

/* random_tunnel puts a tunnel's headers, of any kind, before len bytes, or before those of them that are an IP packet. */
static size_t random_tunnel(uint8_t data[FRAME_MAX], size_t len)
{
	static const uint16_t carries[] = { 0x6558, 0x6558, 0x0800, 0x86dd };
	const struct tunnel_outer outer = {
		.type = 1u << random_below(VMMQ_TUNNEL_COUNT),
		.ipv6 = random_one_in(3),
		.tagged = random_one_in(3),
		.tci = 0x200a,
		.options = (uint8_t)(random_one_in(4) ? random_below(4) : 0),
		.more_words = (uint8_t)(random_one_in(3) ? random_below(64) : random_below(3)),
		.port = random_one_in(8) ? 8472 : 0,
		.vni = random_below(4),
		.carries = carries[random_below(4)],
	};
	size_t skipped = outer.carries == 0x6558 ? 0 : len < 14 ? len : 14;
	uint8_t inside[FRAME_MAX], mac[VMMQ_MAC_LEN];
	size_t before;

	memcpy(inside, data + skipped, len - skipped);
	random_mac(mac);
	before = tunnel_write(data, mac, &outer);
	memcpy(data + before, inside, len - skipped);
	return before + len - skipped;
}

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
	if (len > 40 && random_one_in(16)) /* to a port of a tunnel */
		memcpy(data + 36, (const uint8_t[]){ 0x12, 0xb5 }, 2);
	if (random_one_in(2))
		len = random_tunnel(data, len);
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

/* alike_frame makes one that differs from another in nothing, or a little anywhere, where headers are above all. */
static size_t alike_frame(uint8_t data[FRAME_MAX], const uint8_t *frame, size_t len)
{
	memcpy(data, frame, len);
	while (len && random_one_in(2))
		data[random_below((uint32_t)(len > 60 ? 60 : len))] ^= (uint8_t)(1u << random_below(8));
	if (random_one_in(10))
		len = random_below((uint32_t)len + 1);
	return len;
}

static void packets_make(struct packets *p, unsigned count)
{
	const bool like_the_last = random_one_in(2);

	for (unsigned i = 0; i < count; i++) {
		uint8_t data[FRAME_MAX];
		size_t len = like_the_last && i && !random_one_in(8)
				 ? alike_frame(data, p->frame[i - 1], p->len[i - 1])
				 : random_frame(data),
		       skew = random_below(64);

		p->block[i] = malloc(skew + len ? skew + len : 1);
		p->frame[i] = p->block[i] + skew;
		p->len[i] = (uint32_t)len;
		memcpy(p->block[i] + skew, data, len);
	}
}

/* on_any is the view on an implementation that this CPU has, other than the bitwise one: each goes the burst's way. */
static struct vmmq_view on_any(const struct vmmq_view *view)
{
	struct vmmq_view other = *view;

	do
		other.toeplitz =
		    VMMQ_TOEPLITZ_PORTABLE + random_below(VMMQ_TOEPLITZ_IMPL_COUNT - VMMQ_TOEPLITZ_PORTABLE);
	while (vmmq_toeplitz_resolve((enum vmmq_toeplitz_impl)other.toeplitz) == VMMQ_TOEPLITZ_AUTO);
	return other;
}

static bool is_encapsulated(const struct vmmq_nic_switch *sw, uint32_t filter_id)
{
	return filter_id && vmmq_filter_get(sw, filter_id)->encapsulated;
}

/* check_bursts returns how many packets it has compared.  strip_all: every tag is to be taken out. */
static unsigned check_bursts(const struct vmmq_nic_switch *sw, const struct vmmq_view *slow, bool strip_all,
			     unsigned ways_met[WAYS])
{
	const struct vmmq_view *fast = vmmq_nic_switch_view(sw);
	static struct packets p;
	struct vmmq_verdict burst[BURST_MAX + 1], other[BURST_MAX + 1], guard;
	struct vmmq_view any = on_any(fast);
	unsigned count = random_below(BURST_MAX + 1);

	memset(&guard, 0xa5, sizeof(guard));
	memset(burst, 0xa5, sizeof(burst));
	packets_make(&p, count);
	vmmq_classify_burst(&any, p.frame, p.len, burst, count);
	vmmq_classify_burst(slow, p.frame, p.len, other, count);
	assert_memory_equal(&burst[count], &guard, sizeof(guard));
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_verdict one;
		struct vmmq_headers headers = { .tagged = false };

		vmmq_classify(fast, p.frame[i], p.len[i], &one, random_one_in(2) ? &headers : NULL);
		if (strip_all && headers.tagged && !one.drop)
			assert_true(one.strip && one.tci == headers.tci);
		assert_memory_equal(&burst[i], &one, sizeof(one));
		assert_memory_equal(&other[i], &one, sizeof(one));
		ways_met[one.drop ? WAY_DROPPED : one.via]++;
		ways_met[WAY_INNER] += one.hash_type & VMMQ_HASH_INNER ? 1 : 0;
		ways_met[WAY_INNER_FILTER] += is_encapsulated(sw, one.filter_id);
		free(p.block[i]);
	}
	return count;
}

static void burst_equals_reference(void **state)
{
	unsigned compared = 0, ways_met[WAYS] = { 0 };

	(void)state;
	random_start();
	for (unsigned i = 0; i < VIEWS; i++) {
		const bool strip_all = i % 4 == 3;
		struct vmmq_nic_switch *fast = make_switch_with(VMMQ_TOEPLITZ_AUTO, strip_all);
		struct vmmq_nic_switch *slow = make_switch_with(VMMQ_TOEPLITZ_BITWISE, strip_all);
		uint64_t from = random_u64();

		random_state = from;
		random_configuration(fast);
		random_state = from;
		random_configuration(slow);
		for (unsigned j = 0; j < BURSTS; j++)
			compared += check_bursts(fast, vmmq_nic_switch_view(slow), strip_all, ways_met);
		vmmq_nic_switch_destroy(fast);
		vmmq_nic_switch_destroy(slow);
	}
	print_message("%u packets: %u by table, %u default, %u primary, %u dropped, %u by inner headers, %u to an "
		      "encapsulated filter\n",
		      compared, ways_met[VMMQ_VIA_TABLE], ways_met[VMMQ_VIA_DEFAULT], ways_met[VMMQ_VIA_PRIMARY],
		      ways_met[WAY_DROPPED], ways_met[WAY_INNER], ways_met[WAY_INNER_FILTER]);
	assert_true(compared >= 1000000);
	for (unsigned way = 0; way < WAYS; way++)
		assert_true(ways_met[way] > compared / 1000);
}

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

/* device_is_asked tells of which packets the hash may be the device's: written anew, from what the header says. */
static bool device_is_asked(const uint8_t *frame, const struct vmmq_headers *h)
{
	static const unsigned tunnels[] = { 2152, 4754, 4789, 4790, 6080, 6081, 6635, 8472 };
	unsigned port;

	if (h->l4 == VMMQ_L4_OTHER || h->fragment || h->ext_count || h->tag_count > 1 || h->tpid == 0x88a8)
		return false;
	if (h->l3 == VMMQ_L3_IPV4 && frame[h->l3_offset] != 0x45)
		return false;
	port = frame[h->l4_offset + 2] << 8 | frame[h->l4_offset + 3];
	for (unsigned i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
		if (h->l4 == VMMQ_L4_UDP && port == tunnels[i])
			return false;
	return true;
}

/* with_device is the verdict that the reference's becomes when the device's hash is used where it should be. */
static struct vmmq_verdict with_device(const struct vmmq_view *view, const struct vmmq_device_hash *device,
				       const struct vmmq_given_hash *hash, bool asked, struct vmmq_verdict v,
				       unsigned *used)
{
	const struct vmmq_steering *rss;

	if (v.drop || !v.hash_type || !hash->given || !asked)
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
	struct vmmq_view any = on_any(fast);
	struct vmmq_given given = { .device = &device, .hash = hash };
	unsigned count = random_below(BURST_MAX + 1), used = 0;

	packets_make(&p, count);
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_headers headers;

		vmmq_classify(fast, p.frame[i], p.len[i], &expected[i], &headers);
		hash[i].given = !random_one_in(4);
		hash[i].value = random_one_in(2) ? expected[i].hash : (uint32_t)random_u64();
		expected[i] =
		    with_device(fast, &device, &hash[i], device_is_asked(p.frame[i], &headers), expected[i], &used);
	}
	vmmq_classify_burst_given(&any, &given, p.frame, p.len, burst, count);
	vmmq_classify_burst_given(slow, &given, p.frame, p.len, other, count);
	for (unsigned i = 0; i < count; i++) {
		assert_memory_equal(&burst[i], &expected[i], sizeof(expected[i]));
		assert_memory_equal(&other[i], &expected[i], sizeof(expected[i]));
		free(p.block[i]);
	}
	return used;
}

/* A wrong value shows that the device's was used: exactly for plain packets of VPorts with its key and types. */
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
	assert_true(used > 200);
}

/* Each wrong hash that would be believed counts down, and that which ends the count is computed. */
static void sampled_hash_is_computed(void **state)
{
	enum { COUNT = 70 };
	const struct golden_frame *frame = golden_named("ipv4_tcp");
	struct vmmq_nic_switch *sw[2] = { make_switch(VMMQ_TOEPLITZ_AUTO), make_switch(VMMQ_TOEPLITZ_BITWISE) };
	struct vmmq_rss_params rss = rss_on();
	struct vmmq_given_hash hash[COUNT];
	const uint8_t *data[COUNT];
	uint32_t len[COUNT];

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		hash[i] = (struct vmmq_given_hash){ 0xdeadbeef, i % 3 };
		data[i] = frame->data;
		len[i] = (uint32_t)frame->len;
	}
	for (unsigned s = 0; s < 2; s++) {
		const struct vmmq_view *view;
		struct vmmq_device_hash device;
		struct vmmq_verdict verdict[COUNT];

		assert_int_equal(vmmq_rss_set(sw[s], vport(0), &rss, NULL), VMMQ_SUCCESS);
		view = vmmq_nic_switch_view(sw[s]);
		device = (struct vmmq_device_hash){ rss.hash_types, vmmq_view_steering(view, vport(0))->key };
		for (uint32_t until = 0; until < 60; until++) {
			struct vmmq_given given = { &device, hash, NULL, until, 0 };
			unsigned lies = 0, left = until;

			vmmq_classify_burst_given(view, &given, data, len, verdict, COUNT);
			for (unsigned i = 0; i < COUNT; i++) {
				bool sampled = hash[i].given && left && !--left;

				lies += verdict[i].hash == 0xdeadbeef;
				assert_int_equal(verdict[i].hash == 0xdeadbeef, hash[i].given && !sampled);
				if (sampled)
					assert_int_equal(given.sampled, i);
			}
			assert_int_equal(given.until_sample, left);
			assert_int_equal(lies, 46 - (until && until <= 46));
			if (!until || until > 46)
				assert_int_equal(given.sampled, COUNT);
		}
		vmmq_nic_switch_destroy(sw[s]);
	}
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

/* flow_check: the changed packet is taken for one of the other's flow only where both have one verdict, under that view. */
static void flow_check(const struct vmmq_view *view, const uint8_t base[], const uint8_t changed[], uint32_t len)
{
	struct flow_seen seen = { 0 };
	struct vmmq_verdict one;

	assert_false(flow_is(&seen, 0, base, len));
	vmmq_classify(view, base, len, &one, NULL);
	flow_see(&seen, 7, base, len, &one);
	assert_true(flow_is(&seen, 7, base, len));
	assert_false(flow_is(&seen, 8, base, len));
	assert_false(flow_is(&seen, 7, base, len - 1));
	if (flow_is(&seen, 7, changed, len)) {
		vmmq_classify(view, changed, len, &one, NULL);
		assert_memory_equal(&seen.verdict, &one, sizeof(one));
	}
	flow_see(&seen, 7, changed, len - 1, &one);
	assert_false(flow_is(&seen, 7, changed, len));
}

/* run_check: one of four that are alike but for that byte, wherever it stands among them, cut short or not, is what it is alone. */
static void run_check(const struct vmmq_view *view, const uint8_t base[], unsigned len, unsigned at, uint8_t byte)
{
	uint8_t changed[64];
	const uint8_t *frame[4];
	uint32_t lens[4];

	memcpy(changed, base, len);
	changed[at] = byte;
	flow_check(view, base, changed, len);
	for (unsigned place = 0; place < 4; place++) {
		struct vmmq_verdict burst[4], one;

		for (unsigned i = 0; i < 4; i++) {
			frame[i] = i == place ? changed : base;
			lens[i] = i == place && byte & 1 ? len - random_below(20) : len;
		}
		vmmq_classify_burst(view, frame, lens, burst, 4);
		for (unsigned i = 0; i < 4; i++) {
			vmmq_classify(view, frame[i], lens[i], &one, NULL);
			assert_memory_equal(&burst[i], &one, sizeof(one));
		}
	}
}

/* spread_rss: RSS is on, by random parameters, and nothing looks into tunnels. */
static struct vmmq_rss_params spread_rss(void)
{
	struct vmmq_rss_params rss = random_rss(false);

	rss.enabled = true;
	rss.receive_hash = false; /* which is for when it is off */
	return rss;
}

/* Runs of one flow: each value of each byte of its headers, in one packet of four. */
static void runs_of_a_flow(void **state)
{
	static const uint8_t ip[] = { 8, 0,  0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0,
				      0, 10, 0,    0, 1, 10, 0, 0, 2, 0, 80, 0, 81 };
	static const uint8_t protocol[] = { 6, 17 };
	struct vmmq_nic_switch *sw = make_switch_with(VMMQ_TOEPLITZ_AUTO, false);
	struct vmmq_rss_params rss;
	uint8_t frame[54] = { 2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 6 };

	(void)state;
	random_start();
	memcpy(frame + 12, ip, sizeof(ip));
	vmmq_nic_switch_begin(sw);
	for (uint16_t v = 1; v <= 2; v++) {
		rss = spread_rss();
		rss.hash_types = v == 1 ? VMMQ_HASH_TYPES_DEFAULT | VMMQ_HASH_UDP_IPV4 : VMMQ_HASH_TCP_IPV4;
		add_vport(sw, v);
		assert_int_equal(vmmq_rss_set(sw, vport(v), &rss, NULL), VMMQ_SUCCESS);
		frame[5] = (uint8_t)(v == 1 ? 5 : 4);
		add_filter(sw, v, frame, 0);
	}
	assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
	assert_true(vmmq_nic_switch_view(sw)->outer_only);
	for (unsigned k = 0; k < 4; k++) {
		frame[5] = (uint8_t)(4 + k / 2);
		frame[23] = protocol[k % 2];
		for (unsigned at = 0; at < sizeof(frame); at++)
			for (unsigned byte = 0; byte < 256; byte++)
				run_check(vmmq_nic_switch_view(sw), frame, sizeof(frame), at, (uint8_t)byte);
	}
	rss = spread_rss();
	rss.encapsulation.types = VMMQ_TUNNEL_VXLAN;
	assert_int_equal(vmmq_rss_set(sw, vport(1), &rss, NULL), VMMQ_SUCCESS);
	assert_false(vmmq_nic_switch_view(sw)->outer_only);
	rss.encapsulation.types = 0;
	assert_int_equal(vmmq_rss_set(sw, vport(1), &rss, NULL), VMMQ_SUCCESS);
	assert_true(vmmq_nic_switch_view(sw)->outer_only);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_count),
		cmocka_unit_test(runs_of_a_flow),
		cmocka_unit_test(sampled_hash_is_computed),
		cmocka_unit_test(device_hash_is_used_where_it_is_the_vports),
		cmocka_unit_test(burst_equals_reference),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
