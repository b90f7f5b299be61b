/* SPDX-License-Identifier: BSD-2-Clause */
/* Indirection table entries by binary request: layouts, groups, statuses in every command. */
#include "unit/ndis/oid_test.h"

enum { MOVE = 0x000102c0, PENDING = 0x103 };

/* move_request starts a request; add() appends commands, stride bytes apart. */
static struct request move_request(uint32_t stride)
{
	struct request r;

	put_header(&r, 0xc9, 1, 20);
	put(&r, 8, stride, 4);
	put(&r, 12, 20, 4);
	return r;
}

static size_t command_at(const struct request *r, size_t i)
{
	return get(r, 12, 4) + i * get(r, 8, 4);
}

static void add(struct request *r, uint32_t vport, uint32_t flags, uint16_t index, uint16_t group, uint8_t number)
{
	size_t count = get(r, 16, 4), at = command_at(r, count);

	put(r, at + 4, vport, 4);
	put(r, at, 0, 4);
	put(r, at + 8, flags, 4);
	put(r, at + 12, index, 2);
	put(r, at + 14, group, 2);
	put(r, at + 16, number, 1);
	put(r, at + 17, 0xee, 1);
	put(r, at + 20, PENDING, 4);
	put(r, at + get(r, 8, 4) - 1, r->byte[at + get(r, 8, 4) - 1], 1);
	put(r, 16, count + 1, 4);
}

static void expect(const struct request *r, size_t i, vmmq_status status)
{
	assert_string_equal(vmmq_status_name((vmmq_status)get(r, command_at(r, i) + 20, 4)),
			    vmmq_status_name(status));
}

/* rss_on makes a VPort with RSS on: entries entries, everything on processor 4. */
static void rss_on(uint16_t id, uint32_t queue_pairs, uint16_t entries)
{
	struct vmmq_rss_params rss;

	make_vport(id, queue_pairs);
	vmmq_rss_params_init(&rss, processors[0]);
	rss.enabled = true;
	rss.entry_count = entries;
	for (size_t i = 0; i < entries; i++)
		rss.table[i] = processors[0];
	assert_int_equal(vmmq_rss_set(adapter.sw, (struct vmmq_vport_id){ id }, &rss, NULL), VMMQ_SUCCESS);
}

static const struct vmmq_rss_params *rss_of(uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ id }, &info));
	return info.rss;
}

static void entries(void **state)
{
	struct request r = move_request(24);

	(void)state;
	setup(NULL);
	rss_on(1, 4, 4);
	add(&r, 1, 0, 2, 0, 6);
	add(&r, 1, 2, 999, 0, 5);
	add(&r, 1, 1, 999, 0, 7);
	truncated(MOVE, VMMQ_OID_METHOD, -1, &r);
	bad_headers(MOVE, VMMQ_OID_METHOD, -1, &r, 1);
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(bytes, 20 + 3 * 24);
	for (size_t i = 0; i < 3; i++)
		expect(&r, i, VMMQ_SUCCESS);
	assert_int_equal(rss_of(1)->table[2].v, 6);
	assert_int_equal(rss_of(1)->default_processor.v, 5);
	assert_int_equal(rss_of(1)->primary.v, 7);
	adapter.actor = processors[2];
	r = move_request(24);
	add(&r, 1, 0, 2, 0, 4);
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(rss_of(1)->table[2].v, 4);
	teardown();
}

/* Commands farther apart, behind a gap; what lies between is left alone. */
static void wide(void **state)
{
	struct request r = move_request(31);

	(void)state;
	setup(NULL);
	rss_on(1, 4, 4);
	put(&r, 12, 33, 4);
	memset(r.byte + 20, 0xdd, 200);
	add(&r, 1, 0, 0, 0, 5);
	add(&r, 1, 0, 1, 0, 6);
	truncated(MOVE, VMMQ_OID_METHOD, -1, &r);
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	assert_int_equal(rss_of(1)->table[0].v, 5);
	assert_int_equal(rss_of(1)->table[1].v, 6);
	assert_int_equal(r.byte[20], 0xdd);
	assert_int_equal(r.byte[33 + 24], 0xdd);
	assert_int_equal(r.byte[33 + 30], 0xdd);
	teardown();
}

/* Groups are independent, and each has one status. */
static void groups(void **state)
{
	struct request r = move_request(24);

	(void)state;
	setup(NULL);
	rss_on(1, 2, 4);
	rss_on(2, 4, 4);
	add(&r, 1, 0, 0, 0, 5);
	add(&r, 1, 0, 1, 0, 6); /* a third queue */
	add(&r, 2, 0, 0, 0, 5);
	add(&r, 1, 0, 0, 0, 5);
	add(&r, 1, 0, 4, 0, 5); /* no such entry */
	add(&r, 7, 0, 0, 0, 5);
	add(&r, 0x10001, 0, 0, 0, 5);
	add(&r, 2, 0, 0, 0, 6); /* processor 5's to move now */
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	expect(&r, 0, VMMQ_NO_QUEUES);
	expect(&r, 1, VMMQ_NO_QUEUES);
	expect(&r, 2, VMMQ_SUCCESS);
	expect(&r, 3, VMMQ_INVALID_PARAMETER);
	expect(&r, 4, VMMQ_INVALID_PARAMETER);
	expect(&r, 5, VMMQ_INVALID_PORT);
	expect(&r, 6, VMMQ_INVALID_PARAMETER);
	expect(&r, 7, VMMQ_NOT_ACCEPTED);
	assert_int_equal(rss_of(1)->table[0].v, 4);
	assert_int_equal(rss_of(2)->table[0].v, 5);
	teardown();
}

/* refused_whole: the request as a whole, its status in every command, nothing changed. */
static void refused_whole(vmmq_status status, int64_t vport, struct request r, uint32_t count)
{
	char *before = dump(), *after;

	assert_string_equal(vmmq_status_name(call(MOVE, VMMQ_OID_METHOD, vport, &r)), vmmq_status_name(status));
	after = dump();
	assert_string_equal(before, after);
	for (uint32_t i = 0; i < count; i++)
		expect(&r, i, status);
	free(before);
	free(after);
}

static void whole(void **state)
{
	struct request r = move_request(24), bad;

	(void)state;
	setup(NULL);
	rss_on(1, 4, 4);
	add(&r, 1, 0, 0, 0, 5);
	add(&r, 1, 0, 1, 0, 5);
	refused_whole(VMMQ_INVALID_PARAMETER, 1, r, 2); /* VPORT_ID_VALID */
	bad = changed(&r, 4, 1, 4);
	refused_whole(VMMQ_INVALID_PARAMETER, -1, bad, 2);
	bad = changed(&r, 16, 0, 4);
	refused_whole(VMMQ_INVALID_PARAMETER, -1, bad, 0);
	refused(VMMQ_INVALID_PARAMETER, MOVE, VMMQ_OID_METHOD, -1, &bad);
	for (uint32_t i = 2; i < 131; i++)
		add(&r, 1, 0, 0, 0, 5);
	refused_whole(VMMQ_INVALID_DATA, -1, r, 131);
	teardown();
}

static void layouts(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} bad[] = {
		{ 8, 23 },          /* commands too narrow */
		{ 8, 0 },           /* no width */
		{ 8, 25 },          /* the last one ends behind the buffer */
		{ 8, 0x80000000 },  /* twice that wraps to 0 */
		{ 12, 19 },         /* inside the structure */
		{ 12, 0 },          /* likewise */
		{ 12, 21 },         /* ends behind the buffer */
		{ 12, 0xffffffd0 }, /* the sum is 2^32 */
		{ 16, 3 },          /* a command more than are there */
		{ 16, 0x0aaaaaab }, /* times 24 wraps to 8 */
		{ 16, 0xffffffff },
	};
	struct request good = move_request(24);

	(void)state;
	setup(NULL);
	rss_on(1, 4, 4);
	add(&good, 1, 0, 0, 0, 5);
	add(&good, 1, 0, 1, 0, 5);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request r = changed(&good, bad[i].at, bad[i].value, 4), before = r;

		refused(VMMQ_INVALID_LENGTH, MOVE, VMMQ_OID_METHOD, -1, &r);
		assert_memory_equal(r.byte, before.byte, r.len);
	}
	teardown();
}

/* 128 entries, default and primary processor in one request. */
static void most(void **state)
{
	struct request r = move_request(24);

	(void)state;
	setup(NULL);
	rss_on(1, 1, 128);
	for (uint16_t i = 0; i < 128; i++)
		add(&r, 1, 0, i, 0, 7);
	add(&r, 1, 0, 0xffff, 0, 7);
	add(&r, 1, 0, 0xfffe, 0, 7);
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	for (uint16_t i = 0; i < 130; i++)
		expect(&r, i, VMMQ_SUCCESS);
	assert_int_equal(rss_of(1)->table[127].v, 7);
	assert_int_equal(rss_of(1)->default_processor.v, 7);
	assert_int_equal(rss_of(1)->primary.v, 7);
	teardown();
}

static vmmq_status one(uint32_t vport, uint32_t flags, uint16_t index, uint16_t group, uint8_t number)
{
	struct request r = move_request(24);

	add(&r, vport, flags, index, group, number);
	done(MOVE, VMMQ_OID_METHOD, -1, &r);
	return (vmmq_status)get(&r, 40, 4);
}

/* Processors that cannot exist are outside of every set; nothing tracks them. */
static void impossible_targets(void **state)
{
	char *before, *after;

	(void)state;
	setup(NULL);
	rss_on(1, 4, 4);
	make_vport(2, 4);
	before = dump();
	assert_int_equal(one(1, 0, 0, 0, 64), VMMQ_INVALID_DATA);
	assert_int_equal(one(1, 0, 0, 1024, 0), VMMQ_INVALID_DATA);
	assert_int_equal(one(1, 2, 0, 0xffff, 0xff), VMMQ_INVALID_DATA);
	assert_int_equal(one(1, 1, 0, 0, 64), VMMQ_INVALID_PARAMETER);
	assert_int_equal(one(1, 0, 0xfffe, 0, 64), VMMQ_INVALID_PARAMETER);
	assert_int_equal(one(2, 1, 0, 0, 64), VMMQ_INVALID_DATA);
	assert_int_equal(one(2, 0, 0, 0, 64), VMMQ_INVALID_PARAMETER);
	assert_int_equal(one(9, 0, 0, 0, 64), VMMQ_INVALID_PORT);
	after = dump();
	assert_string_equal(before, after);
	assert_int_equal(one(2, 0, 0, 1, 16), VMMQ_SUCCESS); /* tracked: 80, which is outside too */
	assert_int_equal(rss_of(2)->table[0].v, 80);
	free(before);
	free(after);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(wide),
		cmocka_unit_test(groups),
		cmocka_unit_test(whole),
		cmocka_unit_test(layouts),
		cmocka_unit_test(most),
		cmocka_unit_test(impossible_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
