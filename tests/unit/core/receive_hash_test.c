/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive hash (spec 10.6): the hash is reported, the primary processor gets the packet, RSS is excluded. */
#include "unit/core/request_fixture.h"
#include "unit/core/test_random.h"

static struct vmmq_receive_hash on(void)
{
	return (struct vmmq_receive_hash){ VMMQ_RECEIVE_HASH_ENABLE, TCP_IPV4_TOEPLITZ, fixture_key, VMMQ_KEY_LEN };
}

static void hash_without_steering(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash request = on();
	struct vmmq_verdict hashed, steered;

	(void)state;
	assert_int_equal(fixture_steer(sw, 1).hash_type, 0);
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	hashed = fixture_steer(sw, 1);
	assert_int_equal(hashed.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(hashed.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(hashed.entry, VMMQ_NO_ENTRY);
	assert_int_equal(hashed.processor.v, 4);
	NO_CHANGE(sw, vmmq_receive_hash_set(sw, 1, &request, NULL));
	request = (struct vmmq_receive_hash){ .hash_information = 0xffffffff, .key_len = 3 };
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL)); /* off: nothing else is looked at */
	assert_int_equal(fixture_steer(sw, 1).hash_type, 0);
	NO_CHANGE(sw, vmmq_receive_hash_set(sw, 1, &request, NULL));
	rss_on(sw, 1);
	steered = fixture_steer(sw, 1); /* RSS with the same key and types: the same hash */
	assert_int_equal(steered.hash, hashed.hash);
	assert_int_equal(steered.hash_type, hashed.hash_type);
	vmmq_nic_switch_destroy(sw);
}

static void unchanged_is_not_read(void **state)
{
	static const uint8_t other_key[VMMQ_KEY_LEN] = { 0xaa };
	const uint32_t both = VMMQ_RECEIVE_HASH_INFO_UNCHANGED | VMMQ_RECEIVE_HASH_KEY_UNCHANGED;
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash request = on();

	(void)state;
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	request = (struct vmmq_receive_hash){ VMMQ_RECEIVE_HASH_ENABLE | both, 0xffffffff, NULL, 77 };
	NO_CHANGE(sw, vmmq_receive_hash_set(sw, 1, &request, NULL));
	request.flags = VMMQ_RECEIVE_HASH_ENABLE | VMMQ_RECEIVE_HASH_KEY_UNCHANGED;
	request.hash_information = VMMQ_HASH_IPV4 | 1;
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	assert_int_equal(fixture_steer(sw, 1).hash_type, VMMQ_HASH_IPV4);
	assert_memory_equal(rss_of(sw, 1)->key, fixture_key, VMMQ_KEY_LEN);
	request = (struct vmmq_receive_hash){ VMMQ_RECEIVE_HASH_ENABLE | VMMQ_RECEIVE_HASH_INFO_UNCHANGED, 0,
					      other_key, VMMQ_KEY_LEN };
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	assert_memory_equal(rss_of(sw, 1)->key, other_key, VMMQ_KEY_LEN);
	vmmq_nic_switch_destroy(sw);
}

static void refused(void **state)
{
	static const uint32_t bad[] = { 0x200, 0x202, 0x1, 0x20201 };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash request = on();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request.hash_information = bad[i];
		REFUSED(sw, INVALID_PARAMETER, "hash_information", vmmq_receive_hash_set(sw, 1, &request, &why));
	}
	request = on();
	request.key_len = 39;
	REFUSED(sw, INVALID_LENGTH, "key", vmmq_receive_hash_set(sw, 77, &request, &why));
	request = on();
	REFUSED(sw, INVALID_PORT, "vport", vmmq_receive_hash_set(sw, 0x10001, &request, &why));
	request.flags |= VMMQ_RECEIVE_HASH_INFO_UNCHANGED;
	REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_receive_hash_set(sw, 1, &request, &why));
	request.flags = VMMQ_RECEIVE_HASH_ENABLE | VMMQ_RECEIVE_HASH_KEY_UNCHANGED;
	REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_receive_hash_set(sw, 1, &request, &why));
	request.flags = VMMQ_RECEIVE_HASH_ENABLE | 8;
	REFUSED(sw, INVALID_PARAMETER, "flags", vmmq_receive_hash_set(sw, 1, &request, &why));
	rss_on(sw, 1);
	request = on();
	REFUSED(sw, INVALID_OID, "vport", vmmq_receive_hash_set(sw, 1, &request, &why));
	request.flags = 0;
	NO_CHANGE(sw, vmmq_receive_hash_set(sw, 1, &request, NULL));
	vmmq_nic_switch_destroy(sw);
}

/* As a whole, parameters state receive hash too. */
static void in_parameters(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_rss_params rss;

	(void)state;
	vmmq_rss_params_init(&rss, processor(5));
	rss.receive_hash = true;
	DONE(vmmq_rss_set(sw, (struct vmmq_vport_id){ 1 }, &rss, NULL));
	assert_int_equal(fixture_steer(sw, 1).hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(fixture_steer(sw, 1).processor.v, 5);
	rss.enabled = true;
	REFUSED(sw, INVALID_PARAMETER, "receive_hash", vmmq_rss_set(sw, (struct vmmq_vport_id){ 1 }, &rss, &why));
	rss.enabled = false;
	rss.hash_types = 0;
	REFUSED(sw, INVALID_PARAMETER, "hash_types", vmmq_rss_set(sw, (struct vmmq_vport_id){ 1 }, &rss, &why));
	vmmq_nic_switch_destroy(sw);
}

/* The primary processor moves under receive hash, by both ways that move it. */
static void primary_moves(void **state)
{
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash request = on();
	struct vmmq_rss_move move = { .vport_id = 1, .flags = VMMQ_RSS_MOVE_PRIMARY, .target = { 80 } };

	(void)state;
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	DONE(vmmq_rss_move(sw, processor(4), &move, 1, NULL));
	DONE(move.status);
	assert_int_equal(fixture_steer(sw, 1).processor.v, 80);
	assert_int_equal(fixture_steer(sw, 1).hash_type, VMMQ_HASH_TCP_IPV4);
	vmmq_nic_switch_destroy(sw);
}

/* The burst gives the same verdicts, with and without a hash, at every position. */
static void burst_equals_reference(void **state)
{
	static const uint8_t mac[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0, 0x01 };
	struct vmmq_nic_switch *sw = fixture_make();
	struct vmmq_receive_hash request = on();
	static uint8_t frame[64][54];
	const uint8_t *at[64];
	uint32_t len[64];
	unsigned hashed = 0;

	(void)state;
	random_start();
	request.hash_information = VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4 | 1;
	DONE(vmmq_receive_hash_set(sw, 1, &request, NULL));
	for (unsigned round = 0; round < 1000; round++) {
		struct vmmq_verdict burst[64], one;
		unsigned count = random_below(65);

		for (unsigned i = 0; i < count; i++) {
			dump_frame(frame[i], mac, (uint32_t)random_u64());
			frame[i][5] = (uint8_t)random_below(2);
			frame[i][23] = (uint8_t)(random_one_in(3) ? 17 : random_one_in(3) ? 1 : 6);
			frame[i][20] = random_one_in(8) ? 0x20 : 0;
			at[i] = frame[i];
			len[i] = random_one_in(8) ? random_below(55) : 54;
		}
		vmmq_classify_burst(vmmq_nic_switch_view(sw), at, len, burst, count);
		for (unsigned i = 0; i < count; i++) {
			vmmq_classify(vmmq_nic_switch_view(sw), frame[i], len[i], &one, NULL);
			assert_memory_equal(&one, &burst[i], sizeof(one));
			if (one.drop || !one.hash_type)
				continue;
			hashed++;
			assert_int_equal(one.vport.v, 1);
			assert_int_equal(one.via, VMMQ_VIA_PRIMARY);
			assert_int_equal(one.entry, VMMQ_NO_ENTRY);
			assert_int_equal(one.hash, vmmq_toeplitz_reference(fixture_key, frame[i] + 26, 12));
		}
	}
	assert_true(hashed > 1000);
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_without_steering),
		cmocka_unit_test(unchanged_is_not_read),
		cmocka_unit_test(refused),
		cmocka_unit_test(in_parameters),
		cmocka_unit_test(primary_moves),
		cmocka_unit_test(burst_equals_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
