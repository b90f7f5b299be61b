/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters version 2 and the receive hash by binary request. */
#include "unit/ndis/oid_rss_rig.h"

static struct request v2_request(uint32_t flags, uint32_t queues, uint32_t entries)
{
	struct request r;

	put_header(&r, 0xc8, 1, 28);
	put(&r, 4, flags, 4);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 40, 4);
	put(&r, 16, 28, 4);
	put(&r, 20, queues, 4);
	put(&r, 24, entries, 4);
	put_key(&r, 28);
	return r;
}

static void v2(void **state)
{
	struct request r = v2_request(0x1f, 3, 8);
	struct vmmq_vport_info info;

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V2, VMMQ_OID_SET, 1, &r);
	bad_headers(V2, VMMQ_OID_SET, 1, &r, 1);
	refused(VMMQ_INVALID_PORT, V2, VMMQ_OID_SET, 2, &r);
	done(V2, VMMQ_OID_SET, 1, &r);
	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ 1 }, &info));
	assert_true(info.rss->enabled);
	assert_int_equal(info.queue_pairs, 3);
	assert_int_equal(info.rss->entry_count, 8);
	assert_int_equal(info.rss->hash_types, TYPES & ~0xff);
	assert_int_equal(info.rss->key[39], 0x11 + 39);
	memset(&r, 0, sizeof(r));
	r.len = 68;
	truncated(V2, VMMQ_OID_QUERY, 1, &r);
	done(V2, VMMQ_OID_QUERY, 1, &r);
	assert_int_equal(bytes, 68);
	assert_int_equal(get(&r, 0, 4), 0x001c01c8);
	assert_int_equal(get(&r, 4, 4), 1);
	assert_int_equal(get(&r, 8, 4), TYPES);
	assert_int_equal(get(&r, 12, 4), 40);
	assert_int_equal(get(&r, 16, 4), 28);
	assert_int_equal(get(&r, 20, 4), 3);
	assert_int_equal(get(&r, 24, 4), 8);
	assert_int_equal(r.byte[28], 0x11);
	refused(VMMQ_INVALID_PORT, V2, VMMQ_OID_QUERY, 2, &r);
	teardown();
}

static void v2_refused(void **state)
{
	const struct request good = v2_request(0x1f, 4, 4);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 4, 4, 0x3f, 0xc000000d },        /* an unknown flag */
		{ 8, 4, 0xc202, 0xc000000d },      /* hash function */
		{ 12, 4, 39, 0xc0010014 },         /* key size */
		{ 12, 4, 0, 0xc0010014 },          /* no key */
		{ 12, 4, 0xffffffff, 0xc0010014 }, /* a key of 4 GiB */
		{ 16, 4, 27, 0xc0010014 },         /* key inside the structure */
		{ 16, 4, 29, 0xc0010014 },         /* ends one byte behind the buffer */
		{ 16, 4, 0xffffffd8, 0xc0010014 }, /* the sum is 2^32 */
		{ 20, 4, 0, 0xc000000d },          /* no queue */
		{ 24, 4, 3, 0xc000000d },          /* not a power of two */
		{ 24, 4, 256, 0xc000000d },        /* too many */
	};

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request r = changed(&good, bad[i].at, bad[i].value, bad[i].len);

		refused(bad[i].status, V2, VMMQ_OID_SET, 1, &r);
	}
	teardown();
}

/* A key stands in every request, also in one that does not change it, or that switches RSS off. */
static void v2_key_always(void **state)
{
	struct request r = v2_request(0, 0, 0);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V2, VMMQ_OID_SET, 1, &r);
	done(V2, VMMQ_OID_SET, 1, &r);
	assert_int_not_equal(rss_of(1)->key[0], 0x11);
	teardown();
}

static struct request hash_request(uint32_t flags)
{
	struct request r;

	put_header(&r, 0x80, 1, 20);
	put(&r, 4, flags, 4);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 40, 2);
	put(&r, 16, 20, 4);
	put_key(&r, 20);
	return r;
}

static void receive_hash(void **state)
{
	struct request r = hash_request(1), v1 = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(HASH, VMMQ_OID_SET, 1, &r);
	bad_headers(HASH, VMMQ_OID_SET, 1, &r, 1);
	refused(VMMQ_INVALID_PORT, HASH, VMMQ_OID_SET, 2, &r);
	done(HASH, VMMQ_OID_SET, 1, &r);
	assert_true(rss_of(1)->receive_hash);
	assert_int_equal(rss_of(1)->key[0], 0x11);
	refused(VMMQ_INVALID_OID, V1, VMMQ_OID_SET, 1, &v1);
	memset(&r, 0, sizeof(r));
	r.len = 60;
	truncated(HASH, VMMQ_OID_QUERY, 1, &r);
	done(HASH, VMMQ_OID_QUERY, 1, &r);
	assert_int_equal(bytes, 60);
	assert_int_equal(get(&r, 4, 4), 1);
	assert_int_equal(get(&r, 8, 4), TYPES);
	assert_int_equal(get(&r, 12, 2), 40);
	assert_int_equal(get(&r, 16, 4), 20);
	r = hash_request(1 | 4); /* the key is unchanged, and not read */
	memset(r.byte + 12, 0xff, 8);
	r.len = 20;
	done(HASH, VMMQ_OID_SET, 1, &r);
	r = hash_request(0);
	memset(r.byte + 8, 0xff, 12);
	r.len = 20;
	done(HASH, VMMQ_OID_SET, 1, &r);
	assert_false(rss_of(1)->receive_hash);
	done(V1, VMMQ_OID_SET, 1, &v1);
	r = hash_request(1);
	refused(VMMQ_INVALID_OID, HASH, VMMQ_OID_SET, 1, &r);
	refused(VMMQ_INVALID_PORT, HASH, VMMQ_OID_QUERY, 2, &r);
	teardown();
}

static void receive_hash_refused(void **state)
{
	const struct request good = hash_request(1);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 4, 4, 9, 0xc000000d },           /* an unknown flag */
		{ 4, 4, 5, 0xc000000d },           /* nothing to be unchanged yet */
		{ 8, 4, 0x0001, 0xc000000d },      /* no type */
		{ 12, 2, 39, 0xc0010014 },         /* key size */
		{ 16, 4, 19, 0xc0010014 },         /* inside the structure */
		{ 16, 4, 21, 0xc0010014 },         /* ends behind the buffer */
		{ 16, 4, 0xffffffd8, 0xc0010014 }, /* the sum is 2^32 */
	};

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request r = changed(&good, bad[i].at, bad[i].value, bad[i].len);

		refused(bad[i].status, HASH, VMMQ_OID_SET, 1, &r);
	}
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2),
		cmocka_unit_test(v2_refused),
		cmocka_unit_test(v2_key_always),
		cmocka_unit_test(receive_hash),
		cmocka_unit_test(receive_hash_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
