/* SPDX-License-Identifier: BSD-2-Clause */
/* RSSv1: validation and statuses (spec 10.4), and changing the number of queues (10.5). */
#include <string.h>

#include "cases.h"

/* rss_try sends without taking NOT_SUPPORTED for a missing OID. */
static vmmq_status rss_try(struct trial *t, int64_t vport, const struct rss *rss)
{
	return request_send(t, rss_request(t, vport, rss));
}

/* Each revision is refused when it is shorter than itself. */
static void too_short(struct trial *t)
{
	static const uint16_t sizes[] = { 28, 40, 44 };

	vport_ready(t, 1);
	for (uint8_t revision = 1; revision <= 3; revision++) {
		struct rss rss = rss_params();
		struct request *r;

		rss.revision = revision;
		r = rss_request(t, 1, &rss);
		request_short(t, r, sizes[revision - 1]);
		request_put(r, 2, sizes[revision - 1] - 1u, 2);
		REFUSE_AS(t, request_send(t, r), VMMQ_INVALID_LENGTH, VMMQ_BUFFER_TOO_SHORT);
	}
}

static void revisions(struct trial *t)
{
	for (uint8_t revision = 1; revision <= 3; revision++) {
		struct rss rss = rss_params();

		trial_open(t, NULL);
		vport_ready(t, 1);
		rss.revision = revision;
		rss.table[0] = 6;
		DONE(t, rss_set(t, 1, &rss));
		follows_table(t, 1, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
		default_processor_is(t, 1, revision == 3 ? 7 : 4);
	}
}

static void wrong_header(struct trial *t)
{
	static const uint8_t wrong[][2] = { { 0x80, 3 }, { 0x88, 3 }, { 0xc8, 1 },
					    { 0, 3 },    { 0x89, 0 }, { 0x89, 200 } };
	struct rss rss = rss_params();

	vport_ready(t, 1);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct request *r = rss_request(t, 1, &rss);

		request_put_bytes(r, 0, wrong[i], 2);
		REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	}
}

static void outside_buffer(struct trial *t)
{
	static const uint32_t offsets[] = { 86, 100, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.table[0] = 7;
	for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct request *r = rss_request(t, 1, &rss);

		PUT(r, rss_parameters, table_offset, offsets[i]);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
		r = rss_request(t, 1, &rss);
		PUT(r, rss_parameters, key_offset, offsets[i]);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
}

static void masks_outside(struct trial *t)
{
	static const struct {
		uint32_t offset, count, size;
	} masks[] = { { 100, 1, 16 }, { 44, 0x10000000, 16 }, { 44, 0xffffffff, 0xffffffff }, { 0xfffffff0, 1, 16 } };
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.table[0] = 7;
	for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct request *r = rss_request(t, 1, &rss);

		PUT(r, rss_parameters, masks_offset, masks[i].offset);
		PUT(r, rss_parameters, mask_count, masks[i].count);
		PUT(r, rss_parameters, mask_size, masks[i].size);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
}

static void masks_accepted(struct trial *t)
{
	const struct vmmq_ndis_group_affinity mask = { .mask = 0xf0 };
	struct rss rss = rss_params();
	struct request *r;

	vport_ready(t, 1);
	r = rss_request(t, 1, &rss);
	PUT(r, rss_parameters, masks_offset, 104);
	PUT(r, rss_parameters, mask_count, 1);
	PUT(r, rss_parameters, mask_size, sizeof(mask));
	request_put_bytes(r, 104, &mask, sizeof(mask));
	DONE(t, request_send(t, r));
	follows_table(t, 1, rss.table, 4);
}

static void table_sizes(struct trial *t)
{
	static const unsigned entries[] = { 0, 3, 5, 6, 7, 12, 96, 127, 129, 256 };
	struct request *r;

	rss_ready(t, 1);
	for (unsigned i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct rss rss = rss_params();

		rss.entries = entries[i];
		for (unsigned e = 0; e < rss.entries; e++)
			rss.table[e] = 4;
		REFUSE(t, VMMQ_INVALID_LENGTH, rss_set(t, 1, &rss));
	}
	for (unsigned bytes = 13; bytes < 16; bytes++) {
		struct rss rss = rss_params();

		r = rss_request(t, 1, &rss);
		PUT(r, rss_parameters, table_size, bytes);
		REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	}
}

static void table_sizes_legal(struct trial *t)
{
	unsigned limit = table_limit(t);

	vport_ready(t, 1);
	for (unsigned entries = 1; entries <= limit; entries *= 2) {
		struct rss rss = rss_params();

		rss.entries = entries;
		for (unsigned e = 0; e < entries; e++)
			rss.table[e] = (uint16_t)(4 + (e * 5 + e / 4) % 4);
		DONE(t, rss_set(t, 1, &rss));
		follows_table(t, 1, rss.table, entries);
	}
}

static void key_long(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	for (rss.key_len = 41; rss.key_len <= 64; rss.key_len += 23)
		REFUSE(t, VMMQ_INVALID_LENGTH, rss_set(t, 1, &rss));
}

static void key_short(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	for (rss.key_len = 0; rss.key_len < 40; rss.key_len += 13)
		REFUSE(t, VMMQ_INVALID_LENGTH, rss_set(t, 1, &rss));
}

static void hash_information(struct trial *t)
{
	static const uint32_t wrong[] = {
		0x1,                    /* no type */
		0x00020001,             /* unknown types */
		0x00800201, 0x80000201, /* bits outside of function and type */
		0xffffff01,
	};
	static const uint32_t functions[] = { 0x2, 0x4, 0x8, 0x3, 0x80 };
	struct rss rss = rss_params();

	rss_ready(t, 1);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rss.information = wrong[i];
		REFUSE(t, VMMQ_INVALID_PARAMETER, rss_try(t, 1, &rss));
	}
	for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		rss.information = VMMQ_HASH_TYPES_DEFAULT | functions[i];
		REFUSE_AS(t, rss_try(t, 1, &rss), VMMQ_INVALID_PARAMETER, VMMQ_NOT_SUPPORTED);
	}
}

static void every_type(struct trial *t)
{
	vport_ready(t, 1);
	for (uint32_t type = 0x100; type <= 0x10000; type <<= 1) {
		struct rss rss = rss_params();

		rss.information = type | 1;
		DONE(t, rss_set(t, 1, &rss));
	}
}

static void base_cpu(struct trial *t)
{
	struct rss rss = rss_params();
	const char *before;
	vmmq_status status;

	rss_ready(t, 1);
	before = state_take(t);
	rss.base_cpu = 2;
	status = rss_try(t, 1, &rss);
	if (status != VMMQ_SUCCESS)
		trial_expect(t, VMMQ_INVALID_PARAMETER, status, "a base CPU other than 0");
	state_same(t, before, "a base CPU other than 0, all else as it was");
}

static void processors_outside(struct trial *t)
{
	static const uint16_t outside[] = { 0, 3, 8, 63, 64, 70, 132, 65535 };

	rss_ready(t, 1);
	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		struct rss rss = rss_params();

		rss.table[3] = outside[i];
		REFUSE_AS(t, rss_set(t, 1, &rss), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
		rss = rss_params();
		rss.default_processor = outside[i];
		REFUSE_AS(t, rss_set(t, 1, &rss), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
	}
}

static void processor_impossible(struct trial *t)
{
	struct rss rss = rss_params();
	struct request *r;

	rss_ready(t, 1);
	r = rss_request(t, 1, &rss);
	request_put_bytes(r, 44, (const uint8_t[]){ 0, 0, 64 + 4 }, 3); /* 0:68 is not 1:4 */
	REFUSE_AS(t, request_send(t, r), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
	request_put_bytes(r, 44, (const uint8_t[]){ 0, 4, 4 }, 3); /* 1024:4 is not 0:4 */
	REFUSE_AS(t, request_send(t, r), VMMQ_INVALID_PARAMETER, VMMQ_INVALID_DATA);
}

static void too_many_processors(struct trial *t)
{
	struct rss rss = rss_params();

	vport_ready(t, 1);
	rss.default_processor = 68; /* the fifth */
	REFUSE(t, VMMQ_NO_QUEUES, rss_set(t, 1, &rss));
	rss.default_processor = 7;
	DONE(t, rss_set(t, 1, &rss));
	rss.entries = 8;
	for (unsigned i = 4; i < 8; i++)
		rss.table[i] = 68;
	REFUSE(t, VMMQ_NO_QUEUES, rss_set(t, 1, &rss));
	DONE(t, vport_set_queue_pairs(t, 1, 5));
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, rss.table, 8);
}

static bool is_restricted(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES, QUERY, NO_VPORT);
	struct vmmq_ndis_switch_capabilities caps;

	r->room = 1024;
	DONE(t, request_send(t, r));
	memcpy(&caps, r->byte, sizeof(caps));
	return caps.capabilities & VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_TABLE_RESTRICTED;
}

static void restricted_size(struct trial *t)
{
	struct rss rss = rss_params();

	if (!is_restricted(t))
		trial_skip(t, "the subject does not restrict table sizes");
	vport_ready(t, 1);
	rss.entries = 8;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, 1, &rss));
}

static void rss_not_configured(struct trial *t)
{
	trial_skip(t, "a NIC whose configuration has RSS off cannot be asked for");
}

static void out_of_memory(struct trial *t)
{
	trial_skip(t, "memory cannot be made short from outside");
}

static void unknown_vport(struct trial *t)
{
	struct rss rss = rss_params();

	REFUSE_AS(t, rss_set(t, 9, &rss), VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER);
	REFUSE_AS(t, rss_set(t, 64, &rss), VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER);
	REFUSE_AS(t, rss_set(t, 65536, &rss), VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER); /* not VPort 0 */
	rss.flags = 0x10;
	REFUSE_AS(t, rss_set(t, 9, &rss), VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER);
}

static void before_activation(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct rss rss = rss_params();

	DONE(t, vport_make(t, &params));
	DONE(t, rss_set(t, 1, &rss));
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL));
	DONE(t, vport_activate(t, 1));
	follows_table(t, 1, rss.table, 4);
	default_processor_is(t, 1, 7);
}

const struct line lines_v1_checks[] = {
	RULE("10.4/1",
	     "Shorter than the header or than its revision: INVALID_LENGTH (ionic: BUFFER_TOO_SHORT), bytes needed"),
	CASE(too_short, "Every shorter length of each revision, and a header size below the revision's"),
	CASE(revisions, "Revisions 1, 2 and 3 in full; without a default processor it stays"),
	RULE("10.4/2", "Wrong header type or revision: INVALID_PARAMETER"),
	CASE(wrong_header, "Six wrong ones"),
	RULE("10.4/3", "Offset and size outside the buffer: INVALID_LENGTH, without overflow"),
	CASE(outside_buffer, "Table and key, up to the end of the numbers"),
	CASE(masks_outside, "Processor masks, with counts and sizes whose product overflows"),
	CASE(masks_accepted, "Masks inside the buffer are accepted"),
	RULE("10.4/4",
	     "Table bytes not a multiple of 4; entries 0, no power of two, above the limit: INVALID_LENGTH"),
	CASE(table_sizes, "Ten wrong counts, three wrong sizes"),
	CASE(table_sizes_legal, "1, 2, 4 … 128 entries; every entry is reached"),
	RULE("10.4/5", "Key above 40 bytes: INVALID_LENGTH"),
	CASE(key_long, "41 and 64"),
	RULE("10.4/6", "Key below 40 bytes: INVALID_LENGTH"),
	CASE(key_short, "0, 13, 26, 39"),
	RULE("10.4/7",
	     "Unknown or no hash type, function other than Toeplitz: INVALID_PARAMETER (reserved function: also "
	     "NOT_SUPPORTED)"),
	CASE(hash_information, "Five wrong sets of types, five wrong functions"),
	CASE(every_type, "Each known type by itself is accepted"),
	RULE("10.4/8", "BaseCpuNumber other than 0: ignored, or INVALID_PARAMETER"),
	CASE(base_cpu, "Either, and nothing changes"),
	RULE("10.4/9",
	     "Entry or default processor outside the RSS processor set: INVALID_PARAMETER, or INVALID_DATA"),
	CASE(processors_outside, "Eight of them; the number alone, without its group, is not enough"),
	CASE(processor_impossible, "Numbers above 63 and groups that wrap are not another processor"),
	RULE("10.4/10", "More distinct processors than queue pairs, the default processor's included: NO_QUEUES"),
	CASE(too_many_processors, "By the default processor, and by an entry"),
	RULE("10.4/11", "RESTRICTED adapter and not the required table size: INVALID_PARAMETER"),
	CASE(restricted_size, "Twice the size"),
	RULE("10.4/12", "RSS not enabled by configuration: NOT_SUPPORTED"),
	CASE(rss_not_configured, "A NIC that was made without RSS"),
	RULE("10.4/13", "Out of memory: RESOURCES"),
	CASE(out_of_memory, "Memory is short"),
	RULE("10.4/14", "Unknown VPort: INVALID_PORT or INVALID_PARAMETER"),
	CASE(unknown_vport, "A free id, one beyond the limit, one beyond 16 bits; also to disable"),
	RULE("10.4/15", "VPort not activated: accepted and remembered"),
	CASE(before_activation, "RSS first, then filter and activation"),
	END_OF_LINES,
};

static void shrink_table(struct trial *t)
{
	const uint16_t table[] = { 4, 5, 4, 5, 4, 5, 4, 5 };
	struct rss rss = rss_params();

	vport_ready(t, 1);
	rss.entries = 8;
	memcpy(rss.table, (const uint16_t[]){ 4, 5, 6, 7, 4, 5, 6, 7 }, 16);
	DONE(t, rss_set(t, 1, &rss));
	memcpy(rss.table, table, sizeof(table)); /* the size as it was, two processors */
	rss.default_processor = 5;
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, table, 8);
}

static void shrink_pairs(struct trial *t)
{
	shrink_table(t);
	DONE(t, vport_set_queue_pairs(t, 1, 2));
	CHECK(t, vport_get(t, 1).queue_pairs == 2, "%u queue pairs of 2", vport_get(t, 1).queue_pairs);
	follows_table(t, 1, (const uint16_t[]){ 4, 5, 4, 5 }, 4);
}

static void shrink_size(struct trial *t)
{
	struct rss rss = rss_params();

	shrink_pairs(t);
	rss.entries = 2;
	rss.default_processor = 5;
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, rss.table, 2);
}

static void grow_fits(struct trial *t)
{
	rss_ready(t, 1);
	DONE(t, vport_set_queue_pairs(t, 1, 6));
	follows_table(t, 1, (const uint16_t[]){ 4, 5, 6, 7 }, 4);
}

static void grow_uses(struct trial *t)
{
	struct rss rss = rss_params();

	grow_fits(t);
	rss.entries = 8;
	memcpy(rss.table, (const uint16_t[]){ 4, 5, 6, 7, 68, 69, 4, 5 }, 16);
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, rss.table, 8);
}

static void shrink_too_early(struct trial *t)
{
	rss_ready(t, 1);
	REFUSE(t, VMMQ_NO_QUEUES, vport_set_queue_pairs(t, 1, 3));
	DONE(t, rss_disable(t, 1)); /* then one is enough */
	DONE(t, vport_set_queue_pairs(t, 1, 1));
}

static void grow_too_far(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;

	setup.vports = 4;
	setup.queue_pairs = 10;
	trial_open(t, &setup);
	rss_ready(t, 1);
	REFUSE(t, VMMQ_RESOURCES, vport_set_queue_pairs(t, 1, 7));
	DONE(t, vport_set_queue_pairs(t, 1, 6));
}

const struct line lines_v1_queues[] = {
	RULE(
	    "10.5/1",
	    "Shrink: first a table of the old size that uses fewer processors. Grow: the current table fits already"),
	CASE(shrink_table, "Eight entries, four processors, then two"),
	CASE(grow_fits, "More queue pairs, the table steers as before"),
	RULE("10.5/2", "Then VPORT_PARAMETERS with NUM_QUEUE_PAIRS_CHANGED"),
	CASE(shrink_pairs, "Four to two; nothing moves"),
	RULE("10.5/3", "Then the table of the new size, if it changed"),
	CASE(shrink_size, "Eight entries to two"),
	CASE(grow_uses, "Four entries to eight, six processors"),
	RULE("10.5/4", "Shrinking while the table uses more processors: NO_QUEUES; growing beyond the adapter's "
		       "pairs: RESOURCES"),
	CASE(shrink_too_early, "Refused while RSS is on, accepted when it is off"),
	CASE(grow_too_far, "One more than there are, then just as many"),
	END_OF_LINES,
};
