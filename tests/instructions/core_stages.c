/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's stages: hashes in bulk, and the way from a frame to its processor, with 64 VPorts. */
#include "core/toeplitz_impl.h"
#include "stages.h"

#define PROCESSORS 16u
#define INPUT_ROOM 40u

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
static uint8_t frame[STAGE_PACKETS][FRAME_ROOM];
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

static bool classify_make(enum vmmq_toeplitz_impl impl)
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
	}
	frames_make();
	view = *vmmq_nic_switch_view(sw); /* the switch stays: the view is its */
	view.toeplitz = impl;
	return true;
}

static uint64_t classify_run(void)
{
	struct vmmq_verdict verdict[STAGE_BURST];

	for (unsigned at = 0; at < STAGE_PACKETS; at += STAGE_BURST)
		vmmq_classify_burst(&view, frame_at + at, frame_len + at, verdict, STAGE_BURST);
	return STAGE_PACKETS;
}

const struct stage stage_classify = { "classify", true, classify_make, classify_run };
