/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters by binary request: revisions 1 to 3, version 2, receive hash, and their queries. */
#include "unit/ndis/oid_test.h"

enum {
	V1 = 0x00010204,
	V2 = 0x00010214,
	HASH = 0x0001021f,
	TYPES = 0x0000c201 /* Toeplitz, TCP_IPV4, UDP_IPV4, UDP_IPV6 */
};

static void put_key(struct request *r, size_t at)
{
	for (size_t i = 0; i < 40; i++)
		put(r, at + i, 0x11 + i, 1);
}

/* v1_request: revision 2 or 3, a table of 4 entries on 0:4, 0:5, 0:6, 0:4, the key behind it, default 0:7. */
static struct request v1_request(uint8_t revision)
{
	static const uint8_t number[] = { 4, 5, 6, 4 };
	uint16_t size = revision == 3 ? 44 : 40;
	struct request r;

	put_header(&r, 0x89, revision, size);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 16, 2);
	put(&r, 16, size, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, size + 16u, 4);
	if (revision == 3)
		put(&r, 40, 0xee070000, 4); /* the reserved byte is garbage */
	for (size_t i = 0; i < 4; i++)
		put(&r, size + 4 * i, 0xee000000u | (uint32_t)number[i] << 16, 4);
	put_key(&r, size + 16u);
	return r;
}

static const struct vmmq_rss_params *rss_of(uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ id }, &info));
	return info.rss;
}

static void expect_rss(uint16_t id, uint16_t default_processor)
{
	const struct vmmq_rss_params *rss = rss_of(id);

	assert_true(rss->enabled);
	assert_int_equal(rss->hash_types, TYPES & ~0xff);
	assert_int_equal(rss->entry_count, 4);
	assert_int_equal(rss->table[0].v, 4);
	assert_int_equal(rss->table[1].v, 5);
	assert_int_equal(rss->table[2].v, 6);
	assert_int_equal(rss->table[3].v, 4);
	assert_int_equal(rss->key[0], 0x11);
	assert_int_equal(rss->key[39], 0x11 + 39);
	assert_int_equal(rss->default_processor.v, default_processor);
}

static void v1_revision_3(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	bad_headers(V1, VMMQ_OID_SET, 1, &r, 3);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_SET, 2, &r);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_SET, 0x10001, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(bytes, 0);
	expect_rss(1, 7);
	assert_false(rss_of(0)->enabled);
	done(V1, VMMQ_OID_SET, -1, &r); /* without VPORT_ID_VALID: VPort 0 */
	expect_rss(0, 7);
	teardown();
}

static void v1_revision_2(void **state)
{
	struct request r = v1_request(2);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 4); /* the default processor stays */
	teardown();
}

/* Revision 1: 28 bytes, one signed byte per entry, key before the table. */
static void v1_revision_1(void **state)
{
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 4, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	put(&r, 68, 0x04060504, 4);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 4);
	put(&r, 69, 0x80, 1); /* -128 */
	refused(VMMQ_INVALID_DATA, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 12, 3, 2);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

/* A byte is signed: 128 cannot be told, also where there is such a processor. */
static void v1_signed_bytes(void **state)
{
	static const struct vmmq_processor high[] = { { 128 }, { 4 } };
	const struct vmmq_nic_switch_params params = { .processors = high, .processor_count = 2 };
	struct vmmq_nic_switch *sw;
	struct request r;

	(void)state;
	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	vmmq_oid_adapter_init(&adapter, sw, &params);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 1, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	put(&r, 68, 128, 1);
	refused(VMMQ_INVALID_DATA, V1, VMMQ_OID_SET, 0, &r);
	put(&r, 68, 4, 1);
	done(V1, VMMQ_OID_SET, 0, &r);
	teardown();
}

/* The longest tables: 128 entries, in each revision's encoding. */
static void v1_longest(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < 128; i++)
		put(&r, 100 + 4 * i, (4 + i % 3) << 16, 4);
	put(&r, 16, 100, 4);
	put(&r, 12, 512, 2);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(rss_of(1)->entry_count, 128);
	assert_int_equal(rss_of(1)->table[127].v, 4 + 127 % 3);
	put(&r, 12, 1024, 2);
	put(&r, 100 + 1023, 0, 1);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put_header(&r, 0x89, 1, 28);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 128, 2);
	put(&r, 16, 68, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, 28, 4);
	put_key(&r, 28);
	for (size_t i = 0; i < 128; i++)
		put(&r, 68 + i, 4 + i % 4, 1);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_int_equal(rss_of(1)->table[127].v, 7);
	put(&r, 12, 256, 2);
	put(&r, 68 + 255, 4, 1);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

static void v1_refused(void **state)
{
	const struct request good = v1_request(3);
	static const struct {
		size_t at, len;
		uint64_t value;
		vmmq_status status;
	} bad[] = {
		{ 8, 4, 0xc202, 0xc000000d },      /* hash function */
		{ 8, 4, 0x0001, 0xc000000d },      /* no type */
		{ 8, 4, 0x00080201, 0xc000000d },  /* an unknown type */
		{ 12, 2, 0, 0xc0010014 },          /* table size */
		{ 12, 2, 12, 0xc0010014 },         /* three entries */
		{ 12, 2, 14, 0xc0010014 },         /* half an entry */
		{ 12, 2, 17, 0xc0010014 },         /* four and a quarter */
		{ 12, 2, 60, 0xc0010014 },         /* beyond the buffer */
		{ 16, 4, 0, 0xc0010014 },          /* table inside the structure */
		{ 16, 4, 43, 0xc0010014 },         /* just so */
		{ 16, 4, 85, 0xc0010014 },         /* ends one byte behind the buffer */
		{ 16, 4, 0xfffffff0, 0xc0010014 }, /* the sum wraps in 32 bits */
		{ 20, 2, 39, 0xc0010014 },         /* key size */
		{ 20, 2, 41, 0xc0010014 },         /* key size, and beyond the buffer */
		{ 20, 2, 0, 0xc0010014 },          /* no key */
		{ 24, 4, 43, 0xc0010014 },         /* key inside the structure */
		{ 24, 4, 61, 0xc0010014 },         /* ends one byte behind the buffer */
		{ 24, 4, 0xffffffd8, 0xc0010014 }, /* the sum is 2^32 */
		{ 40, 2, 1, 0xc0010015 },          /* default processor outside the set */
		{ 40, 2, 0xffff, 0xc0010015 },     /* no such group can be */
		{ 42, 1, 64, 0xc0010015 },         /* no such number */
		{ 46, 1, 8, 0xc0010015 },          /* an entry outside the set */
		{ 46, 1, 0xff, 0xc0010015 },       /* no such number */
		{ 32, 4, 1, 0xc0010014 },          /* a mask inside the structure, of no size */
	};
	struct request r;

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = changed(&good, bad[i].at, bad[i].value, bad[i].len);
		refused(bad[i].status, V1, VMMQ_OID_SET, 1, &r);
	}
	make_vport(2, 3);
	refused(VMMQ_NO_QUEUES, V1, VMMQ_OID_SET, 2, &good);
	teardown();
}

static void v1_masks(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	put(&r, 28, 100, 4);
	put(&r, 32, 2, 4);
	put(&r, 36, 16, 4);
	put(&r, 100, 0xff, 8);
	put(&r, 131, 0, 1);
	truncated(V1, VMMQ_OID_SET, 1, &r);
	done(V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 15, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 17, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 36, 16, 4);
	put(&r, 32, 0x10000000, 4); /* times 16 wraps to 0 */
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	put(&r, 28, 0xffffffff, 4);
	put(&r, 36, 0xffffffff, 4);
	put(&r, 32, 0xffffffff, 4);
	refused(VMMQ_INVALID_LENGTH, V1, VMMQ_OID_SET, 1, &r);
	teardown();
}

/* Members that are flagged as unchanged are not read, and a disabling request reads none. */
static void v1_unchanged(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	memset(r.byte + 4, 0xff, 40);
	put(&r, 4, 0x002f, 2); /* everything is unchanged */
	r.len = 44;
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 7);
	put(&r, 4, 0x000f, 2); /* all but the default processor */
	put(&r, 40, 0x00050000, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	expect_rss(1, 5);
	put(&r, 4, 0x0010, 2);
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_false(rss_of(1)->enabled);
	put(&r, 4, 0x002f, 2);
	refused(VMMQ_INVALID_PARAMETER, V1, VMMQ_OID_SET, 1, &r); /* everything has to be supplied again */
	r = v1_request(3);
	done(V1, VMMQ_OID_SET, 1, &r);
	put(&r, 8, 0x0200, 4); /* hash function 0 */
	memset(r.byte + 12, 0xff, 32);
	r.len = 44;
	done(V1, VMMQ_OID_SET, 1, &r);
	assert_false(rss_of(1)->enabled);
	teardown();
}

static void v1_query(void **state)
{
	struct request r = v1_request(3);

	(void)state;
	setup(NULL);
	make_vport(1, 4);
	done(V1, VMMQ_OID_SET, 1, &r);
	memset(&r, 0, sizeof(r));
	r.len = 44 + 16 + 40;
	truncated(V1, VMMQ_OID_QUERY, 1, &r);
	done(V1, VMMQ_OID_QUERY, 1, &r);
	assert_int_equal(bytes, 100);
	assert_int_equal(get(&r, 0, 4), 0x002c0389);
	assert_int_equal(get(&r, 4, 2), 0);
	assert_int_equal(get(&r, 8, 4), TYPES);
	assert_int_equal(get(&r, 40, 4), 0x00070000);
	assert_int_equal(get(&r, 48, 4), 0x00050000);
	assert_int_equal(r.byte[60], 0x11);
	done(V1, VMMQ_OID_SET, 0, &r); /* the answer is a request */
	expect_rss(0, 7);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_QUERY, 2, &r);
	refused(VMMQ_INVALID_PORT, V1, VMMQ_OID_QUERY, 0x10001, &r);
	make_vport(2, 4);
	done(V1, VMMQ_OID_QUERY, 2, &r);
	assert_int_equal(bytes, 44 + 4 + 40);
	assert_int_equal(get(&r, 4, 2), 0x10);
	assert_int_equal(get(&r, 8, 4), 0);
	teardown();
}

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
		cmocka_unit_test(v1_revision_3),   cmocka_unit_test(v1_revision_2),
		cmocka_unit_test(v1_revision_1),   cmocka_unit_test(v1_longest),
		cmocka_unit_test(v1_signed_bytes), cmocka_unit_test(v1_refused),
		cmocka_unit_test(v1_masks),        cmocka_unit_test(v1_unchanged),
		cmocka_unit_test(v1_query),        cmocka_unit_test(v2),
		cmocka_unit_test(v2_refused),      cmocka_unit_test(v2_key_always),
		cmocka_unit_test(receive_hash),    cmocka_unit_test(receive_hash_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
