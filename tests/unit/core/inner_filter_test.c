/* SPDX-License-Identifier: BSD-2-Clause */
/* Encapsulated filters (spec 16.2): the rules one by one, then random filters and tunnels against a search through all of them. */
#include "unit/core/classify_rig.h"
#include "unit/core/test_random.h"
#include "unit/core/tunnel_frames.h"

enum { INSIDE_LEN = 64, FRAME_MAX = TUNNEL_OUTER_MAX + INSIDE_LEN, MACS = 3, SWITCHES = 300, FRAMES = 300 };

static const uint8_t host_mac[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0xff };

static void inner_mac(uint8_t mac[VMMQ_MAC_LEN], unsigned number)
{
	memcpy(mac, (const uint8_t[]){ 0x02, 0, 0, 0, 1, (uint8_t)number }, VMMQ_MAC_LEN);
}

/* A frame, in a block of exactly its length. */
struct tunnelled {
	uint8_t *data;
	size_t len;
};

/* tunnelled_make puts a frame to inner MAC number into a tunnel to host_mac, and cuts it after len bytes if there are more. */
static struct tunnelled tunnelled_make(const struct tunnel_outer *outer, unsigned number, size_t len)
{
	uint8_t data[FRAME_MAX], inside[INSIDE_LEN] = { 0 };
	size_t before = tunnel_write(data, host_mac, outer);
	struct tunnelled t;

	inner_mac(inside, number);
	memcpy(data + before, inside, sizeof(inside));
	t.len = len < before + sizeof(inside) ? len : before + sizeof(inside);
	t.data = malloc(t.len + !t.len);
	memcpy(t.data, data, t.len);
	return t;
}

static struct vmmq_verdict steer(const struct vmmq_nic_switch *sw, const struct tunnelled *t)
{
	const uint8_t *data = t->data;
	uint32_t len = (uint32_t)t->len;
	struct vmmq_verdict verdict, burst;

	vmmq_classify(vmmq_nic_switch_view(sw), data, len, &verdict, NULL);
	vmmq_classify_burst(vmmq_nic_switch_view(sw), &data, &len, &burst, 1);
	assert_memory_equal(&verdict, &burst, sizeof(verdict));
	return verdict;
}

static uint32_t filter_of(const struct vmmq_nic_switch *sw, const struct tunnel_outer *outer, unsigned number)
{
	struct tunnelled t = tunnelled_make(outer, number, FRAME_MAX);
	uint32_t id = steer(sw, &t).filter_id;

	free(t.data);
	return id;
}

static vmmq_status add_inner(struct vmmq_nic_switch *sw, uint32_t id, uint16_t to, unsigned number,
			     vmmq_vlan_rule vlan, uint32_t vni)
{
	struct vmmq_filter filter = { .id = id, .vport = { to }, .vlan = vlan, .encapsulated = true, .vni = vni };

	inner_mac(filter.mac, number);
	return vmmq_filter_add(sw, &filter, NULL);
}

static void look_into(struct vmmq_nic_switch *sw, uint16_t id, uint32_t types, uint16_t port)
{
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;

	assert_true(vmmq_vport_get(sw, vport(id), &info));
	rss = *info.rss;
	rss.encapsulation = (struct vmmq_encapsulation){ (uint16_t)types, port };
	assert_int_equal(vmmq_rss_set(sw, vport(id), &rss, NULL), VMMQ_SUCCESS);
}

/* VPorts 1 and 2; filter 1: VPort 1's, of the host's MAC; RSS is off everywhere. */
static struct vmmq_nic_switch *two_vports(void)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);

	add_vport(sw, 1);
	add_vport(sw, 2);
	assert_int_equal(add_filter(sw, 1, host_mac, VMMQ_VLAN_UNTAGGED_OR_ZERO), 1);
	return sw;
}

static const struct tunnel_outer vxlan = { .type = VMMQ_TUNNEL_VXLAN, .vni = 7, .carries = 0x6558 };

/* Off until the filter's VPort looks into the tunnel; then it goes before the filter of the outer MAC, whether RSS is on or off. */
static void off_until_looked_into(void **state)
{
	static const uint32_t kinds[] = { VMMQ_TUNNEL_VXLAN,     VMMQ_TUNNEL_NVGRE, VMMQ_TUNNEL_GENEVE,
					  VMMQ_TUNNEL_VXLAN_GPE, VMMQ_TUNNEL_GRE,   VMMQ_TUNNEL_GRE_UDP };
	struct vmmq_nic_switch *sw = two_vports();

	(void)state;
	assert_int_equal(add_inner(sw, 5, 2, 0, VMMQ_VLAN_UNTAGGED_OR_ZERO, VMMQ_VNI_ANY), VMMQ_SUCCESS);
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tunnel_outer outer = { .type = kinds[i], .carries = 0x6558 };

		look_into(sw, 1, VMMQ_TUNNEL_MASK, 4789);
		look_into(sw, 2,
			  VMMQ_TUNNEL_MASK & ~kinds[i] & ~(kinds[i] == VMMQ_TUNNEL_NVGRE ? VMMQ_TUNNEL_GRE : 0u),
			  4789);
		assert_int_equal(filter_of(sw, &outer, 0), 1);
		look_into(sw, 2, kinds[i], 4789);
		assert_int_equal(filter_of(sw, &outer, 0), 5);
		assert_int_equal(filter_of(sw, &outer, 1), 1);
		outer.carries = 0x0800; /* no Ethernet inside: the outermost header */
		if (kinds[i] == VMMQ_TUNNEL_GENEVE || kinds[i] == VMMQ_TUNNEL_GRE)
			assert_int_equal(filter_of(sw, &outer, 0), 1);
	}
	vmmq_nic_switch_destroy(sw);
}

/* The filter that names the network goes first, then the one of the very VLAN; the tag is the outer one and moves to OOB. */
static void narrower_first(void **state)
{
	struct tunnel_outer tagged = vxlan;
	struct vmmq_nic_switch *sw = two_vports();
	struct vmmq_verdict verdict;
	struct tunnelled t;

	(void)state;
	tagged.tagged = true;
	tagged.tci = 0x6000 | 10;
	look_into(sw, 2, VMMQ_TUNNEL_VXLAN, 4789);
	t = tunnelled_make(&tagged, 0, FRAME_MAX);
	assert_int_equal(steer(sw, &t).filter_id, 0);
	assert_int_equal(add_inner(sw, 6, 2, 0, VMMQ_VLAN_ANY, VMMQ_VNI_ANY), VMMQ_SUCCESS);
	assert_int_equal(steer(sw, &t).filter_id, 6);
	assert_int_equal(add_inner(sw, 7, 2, 0, 10, VMMQ_VNI_ANY), VMMQ_SUCCESS);
	assert_int_equal(steer(sw, &t).filter_id, 7);
	assert_int_equal(add_inner(sw, 8, 2, 0, VMMQ_VLAN_ANY, 7), VMMQ_SUCCESS);
	assert_int_equal(steer(sw, &t).filter_id, 8);
	assert_int_equal(add_inner(sw, 9, 2, 0, 10, 7), VMMQ_SUCCESS);
	assert_int_equal(add_inner(sw, 10, 2, 0, 10, 8), VMMQ_SUCCESS);
	assert_int_equal(add_inner(sw, 11, 2, 0, VMMQ_VLAN_UNTAGGED_OR_ZERO, 7), VMMQ_SUCCESS);
	verdict = steer(sw, &t);
	assert_int_equal(verdict.filter_id, 9);
	assert_true(verdict.strip);
	assert_int_equal(verdict.tci, tagged.tci);
	assert_int_equal(filter_of(sw, &vxlan, 0), 11);
	t.data[0] |= 1; /* to a group: VPort 0's, which replicates it */
	assert_int_equal(steer(sw, &t).filter_id, 0);
	free(t.data);
	vmmq_nic_switch_destroy(sw);
}

/* A header that is cut off inside is none; that of the first 384 bytes counts. */
static void cut_off(void **state)
{
	struct tunnel_outer far = { .type = VMMQ_TUNNEL_GENEVE, .carries = 0x6558, .more_words = 63 };
	struct vmmq_nic_switch *sw = two_vports();

	(void)state;
	look_into(sw, 2, VMMQ_TUNNEL_MASK, 4789);
	assert_int_equal(add_inner(sw, 5, 2, 0, VMMQ_VLAN_UNTAGGED_OR_ZERO, VMMQ_VNI_ANY), VMMQ_SUCCESS);
	for (size_t len = 50; len < 70; len++) {
		struct tunnelled t = tunnelled_make(&vxlan, 0, len);

		assert_int_equal(steer(sw, &t).filter_id, len >= 14 + 20 + 8 + 8 + 14 ? 5 : 1);
		free(t.data);
	}
	assert_int_equal(filter_of(sw, &far, 0), 5); /* ends at 14 + 20 + 8 + 8 + 252 + 14 = 316 */
	far.ipv6 = true;
	for (far.options = 0; far.options < 9; far.options++) /* 336 and 8 for each */
		assert_int_equal(filter_of(sw, &far, 0), 336u + 8u * far.options <= VMMQ_TUNNEL_HEADERS_MAX ? 5 : 1);
	vmmq_nic_switch_destroy(sw);
}

static void refused(void **state)
{
	struct vmmq_nic_switch *sw = two_vports();
	struct vmmq_filter plain = { .vport = { 2 }, .vni = 5 };
	struct vmmq_why why;

	(void)state;
	assert_int_equal(vmmq_filter_add(sw, &plain, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "vni");
	assert_string_equal(why.text, "5; only a filter that is encapsulated may have one");
	assert_int_equal(plain.id, 0);
	assert_int_equal(add_inner(sw, 5, 2, 0, 0, VMMQ_VNI_MAX + 1), VMMQ_INVALID_PARAMETER);
	assert_int_equal(add_inner(sw, 5, 2, 0, 0, VMMQ_VNI_MAX), VMMQ_SUCCESS);
	assert_int_equal(add_inner(sw, 6, 1, 0, 0, VMMQ_VNI_MAX), VMMQ_INVALID_PARAMETER);
	assert_int_equal(add_inner(sw, 6, 1, 0, 0, VMMQ_VNI_MAX - 1), VMMQ_SUCCESS);
	inner_mac(plain.mac, 0);
	plain.vni = 0;
	assert_int_equal(vmmq_filter_add(sw, &plain, NULL), VMMQ_SUCCESS); /* the same MAC outside is another one */
	assert_int_equal(plain.id, 7);
	vmmq_nic_switch_destroy(sw);
}

/* The model: every filter is asked; of those that match the best one wins. */

/* inner_rank returns how good a match is, the lower the better, or UINT32_MAX: none. */
static unsigned inner_rank(const struct vmmq_nic_switch *sw, const struct vmmq_filter *filter,
			   const struct tunnelled *t, const struct vmmq_headers *h)
{
	struct vmmq_vport_info info;
	struct vmmq_tunnel tunnel;
	bool exact = filter->vlan == (h->tagged ? h->tci & 0xfff : 0);

	vmmq_vport_get(sw, filter->vport, &info);
	if (t->data[0] & 1 || !vmmq_parse_tunnel(t->data, t->len, h, &info.rss->encapsulation, &tunnel) ||
	    !tunnel.ethernet ||
	    (t->len < VMMQ_TUNNEL_HEADERS_MAX ? t->len : VMMQ_TUNNEL_HEADERS_MAX) < tunnel.offset + 14u)
		return UINT32_MAX;
	if (memcmp(filter->mac, t->data + tunnel.offset, VMMQ_MAC_LEN) != 0 ||
	    (filter->vni && filter->vni != tunnel.vni) || (!exact && filter->vlan != VMMQ_VLAN_ANY))
		return UINT32_MAX;
	return 4 * (tunnel.type == VMMQ_TUNNEL_VXLAN) + 2 * !filter->vni + !exact;
}

static uint32_t model_filter(const struct vmmq_nic_switch *sw, const struct tunnelled *t,
			     const struct vmmq_headers *h)
{
	unsigned best = UINT32_MAX;
	uint32_t id = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id)) {
		unsigned rank = f->encapsulated ? inner_rank(sw, f, t, h) : UINT32_MAX;

		if (rank < best) {
			best = rank;
			id = f->id;
		}
	}
	return id;
}

static struct vmmq_nic_switch *random_switch(void)
{
	static const vmmq_vlan_rule rules[] = { 0, 0, 10, VMMQ_VLAN_ANY };
	static const uint16_t ports[] = { 4789, 8472, VMMQ_PORT_GENEVE, VMMQ_PORT_VXLAN_GPE };
	static const uint32_t others[] = { 0, 0, VMMQ_TUNNEL_GENEVE, VMMQ_TUNNEL_VXLAN_GPE };
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	unsigned count = random_below(6) + 1;

	for (uint16_t i = 1; i <= count; i++) {
		uint32_t types = random_below(VMMQ_TUNNEL_MASK + 1), which = random_below(4);

		add_vport(sw, i);
		look_into(sw, i, types & ~others[which], ports[which]);
	}
	for (unsigned i = random_below(50) + 1; i; i--)
		add_inner(sw, 0, (uint16_t)(random_below(count) + 1), random_below(MACS), rules[random_below(4)],
			  random_below(3));
	return sw;
}

static struct tunnelled random_tunnelled(void)
{
	static const uint16_t ports[] = { 8472, VMMQ_PORT_GENEVE, VMMQ_PORT_VXLAN_GPE };
	const struct tunnel_outer outer = {
		.type = 1u << random_below(VMMQ_TUNNEL_COUNT),
		.ipv6 = random_one_in(3),
		.tagged = random_one_in(2),
		.tci = random_one_in(2) ? 10 : (uint16_t)random_below(3),
		.options = (uint8_t)(random_one_in(4) ? random_below(3) : 0),
		.more_words = (uint8_t)(random_one_in(3) ? random_below(64) : random_below(3)),
		.port = random_one_in(2) ? ports[random_below(3)] : 0,
		.vni = random_below(4),
		.carries = random_one_in(8) ? 0x0800 : 0x6558,
	};
	struct tunnelled t =
	    tunnelled_make(&outer, random_below(MACS), random_one_in(4) ? 20 + random_below(100) : FRAME_MAX);

	while (random_one_in(8))
		t.data[random_below((uint32_t)t.len)] = (uint8_t)random_u64();
	return t;
}

static void equals_search(void **state)
{
	unsigned matched = 0, compared = 0;

	(void)state;
	random_start();
	for (unsigned i = 0; i < SWITCHES; i++) {
		struct vmmq_nic_switch *sw = random_switch();

		for (unsigned k = 0; k < FRAMES; k++, compared++) {
			struct tunnelled t = random_tunnelled();
			struct vmmq_headers headers;

			if (vmmq_parse(t.data, t.len, &headers) != VMMQ_PARSE_RUNT) {
				uint32_t wanted = model_filter(sw, &t, &headers);

				assert_int_equal(steer(sw, &t).filter_id, wanted);
				matched += wanted != 0;
			}
			free(t.data);
		}
		vmmq_nic_switch_destroy(sw);
	}
	print_message("%u frames, %u of them matched\n", compared, matched);
	assert_in_range(matched, compared / 10, compared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_until_looked_into),
		cmocka_unit_test(narrower_first),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(refused),
		cmocka_unit_test(equals_search),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
