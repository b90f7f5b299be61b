/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's stages: hashes in bulk, and the way from a frame to its processor, with 64 VPorts. */
#include "core/toeplitz_impl.h"
#include "stages.h"

#define PROCESSORS      16u
#define INPUT_ROOM      40u
#define VXLAN_OUTER_LEN 50u /* Ethernet, IPv4, UDP, VXLAN */

static toeplitz_bulk *bulk;
static struct vmmq_toeplitz_key key[LOAD_VPORTS];
static const struct vmmq_toeplitz_key *key_at[STAGE_PACKETS];
static uint8_t input[STAGE_PACKETS][INPUT_ROOM];
static const uint8_t *input_at[STAGE_PACKETS];

static void hash_make(void)
{
	uint64_t random = 1;

	for (unsigned k = 0; k < LOAD_VPORTS; k++) {
		uint8_t bytes[VMMQ_KEY_LEN];

		for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
			bytes[i] = (uint8_t)random_u64(&random);
		vmmq_toeplitz_key_init(&key[k], bytes);
	}
	for (unsigned p = 0; p < STAGE_PACKETS; p++) {
		for (unsigned i = 0; i < INPUT_ROOM; i++)
			input[p][i] = (uint8_t)random_u64(&random);
		input_at[p] = input[p];
		key_at[p] = &key[random_below(&random, LOAD_VPORTS)];
	}
}

static bool hash_ipv4_make(enum vmmq_toeplitz_impl impl)
{
	hash_make();
	bulk = toeplitz_ops(impl)->ipv4;
	return true;
}

static bool hash_ipv6_make(enum vmmq_toeplitz_impl impl)
{
	hash_make();
	bulk = toeplitz_ops(impl)->ipv6;
	return true;
}

static uint64_t hash_run(void)
{
	uint32_t hash[STAGE_BURST];

	for (unsigned at = 0; at < STAGE_PACKETS; at += STAGE_BURST)
		bulk(key_at + at, input_at + at, hash, STAGE_BURST);
	return STAGE_PACKETS;
}

const struct stage stage_hash_ipv4 = { "hash-ipv4", true, hash_ipv4_make, hash_run };
const struct stage stage_hash_ipv6 = { "hash-ipv6", true, hash_ipv6_make, hash_run };

static struct vmmq_view view; /* its implementation is exchanged */
static uint8_t frame[STAGE_PACKETS][VXLAN_OUTER_LEN + FRAME_ROOM];
static const uint8_t *frame_at[STAGE_PACKETS];
static uint32_t frame_len[STAGE_PACKETS];

static void frames_make(void)
{
	uint64_t random = 2;

	for (unsigned p = 0; p < STAGE_PACKETS; p++) {
		uint16_t vport = (uint16_t)(1 + random_below(&random, LOAD_VPORTS));

		frame_at[p] = frame[p];
		frame_len[p] = frame_make(frame[p], frame_mixed(&random), vport, &random);
	}
}

/* tunnels_make: the same frames, but in VXLAN, from one tunnel endpoint to another for each VPort. */
static void tunnels_make(void)
{
	static const uint8_t outer[VXLAN_OUTER_LEN - 6] = {
		2, 0, 0,  0, 0, 9, 8,    0,    0x45, 0,    0, 0, 0, 1, 0,    0, 64, 17, 0, 0, 10, 0,
		0, 1, 10, 0, 0, 2, 0xc0, 0x12, 0x12, 0xb5, 0, 0, 0, 0, 0x08, 0, 0,  0,  0, 0, 42, 0,
	};
	uint64_t random = 2;

	for (unsigned p = 0; p < STAGE_PACKETS; p++) {
		uint16_t vport = (uint16_t)(1 + random_below(&random, LOAD_VPORTS));

		frame_at[p] = frame[p];
		frame_mac(vport, frame[p]);
		memcpy(frame[p] + 6, outer, sizeof(outer));
		frame_len[p] =
		    VXLAN_OUTER_LEN + frame_make(frame[p] + VXLAN_OUTER_LEN, frame_mixed(&random), vport, &random);
	}
}

/* look_into_tunnels switches VXLAN on for every VPort. */
static bool look_into_tunnels(struct vmmq_nic_switch *sw)
{
	for (uint16_t v = 1; v <= LOAD_VPORTS; v++) {
		struct vmmq_rss_params rss;
		struct vmmq_vport_info info;

		if (!vmmq_vport_get(sw, (struct vmmq_vport_id){ v }, &info))
			return false;
		rss = *info.rss;
		rss.encapsulation.types = VMMQ_TUNNEL_VXLAN;
		if (vmmq_rss_set(sw, (struct vmmq_vport_id){ v }, &rss, NULL) != VMMQ_SUCCESS)
			return false;
	}
	return true;
}

/* filter_inside gives a VPort what goes to its MAC inside a tunnel. */
static bool filter_inside(struct vmmq_nic_switch *sw, uint16_t vport, const uint8_t mac[VMMQ_MAC_LEN])
{
	struct vmmq_filter filter = { .vport = { vport }, .encapsulated = true };

	memcpy(filter.mac, mac, VMMQ_MAC_LEN);
	return vmmq_filter_add(sw, &filter, NULL) == VMMQ_SUCCESS;
}

static bool view_make(enum vmmq_toeplitz_impl impl, bool tunnels, bool inside)
{
	struct vmmq_processor processor[PROCESSORS];
	struct vmmq_nic_switch_params params = { .processors = processor, .processor_count = PROCESSORS };
	struct vmmq_nic_switch *sw;

	for (uint16_t i = 0; i < PROCESSORS; i++)
		processor[i].v = i;
	if (vmmq_nic_switch_create(&params, &sw, NULL) != VMMQ_SUCCESS)
		return false;
	for (uint16_t v = 1; v <= LOAD_VPORTS; v++) {
		uint8_t mac[VMMQ_MAC_LEN];
		uint32_t filter;

		frame_mac(v, mac);
		if (!bench_vport_add(sw, v, PROCESSORS) ||
		    vmmq_filter_set(sw, (struct vmmq_vport_id){ v }, mac, FRAME_VLAN, &filter, NULL) != VMMQ_SUCCESS)
			return false;
		if (inside && !filter_inside(sw, v, mac))
			return false;
	}
	if (tunnels && !look_into_tunnels(sw))
		return false;
	view = *vmmq_nic_switch_view(sw); /* the switch stays: the view is its */
	view.toeplitz = impl;
	return true;
}

static bool classify_make(enum vmmq_toeplitz_impl impl)
{
	frames_make();
	return view_make(impl, false, false);
}

/* Packets without tunnels, of VPorts that look into them. */
static bool classify_looking_make(enum vmmq_toeplitz_impl impl)
{
	frames_make();
	return view_make(impl, true, false);
}

static bool tunnel_make(enum vmmq_toeplitz_impl impl)
{
	tunnels_make();
	return view_make(impl, true, false);
}

/* Packets in tunnels that filters match by the MAC inside. */
static bool inside_make(enum vmmq_toeplitz_impl impl)
{
	tunnels_make();
	return view_make(impl, true, true);
}

static uint64_t classify_run(void)
{
	struct vmmq_verdict verdict[STAGE_BURST];

	for (unsigned at = 0; at < STAGE_PACKETS; at += STAGE_BURST)
		vmmq_classify_burst(&view, frame_at + at, frame_len + at, verdict, STAGE_BURST);
	return STAGE_PACKETS;
}

const struct stage stage_classify = { "classify", true, classify_make, classify_run };
const struct stage stage_looking = { "looking", true, classify_looking_make, classify_run };
const struct stage stage_inside = { "inside", true, inside_make, classify_run };
const struct stage stage_tunnel = { "tunnel", true, tunnel_make, classify_run };
