/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS requests: RSSv1, RSSv2, receive hash, moves (spec 17.2). */
#include <string.h>

#include "requests.h"

const uint8_t well_known_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static struct vmmq_ndis_header header(uint8_t type, uint8_t revision, size_t size)
{
	return (struct vmmq_ndis_header){ type, revision, (uint16_t)size };
}

static struct vmmq_ndis_processor_number number(uint16_t processor, uint8_t reserved)
{
	return (struct vmmq_ndis_processor_number){ processor / 64u, (uint8_t)(processor % 64u), reserved };
}

static uint16_t processor(struct vmmq_ndis_processor_number n)
{
	return (uint16_t)(n.group * 64u + n.number);
}

struct rss rss_params(void)
{
	struct rss rss = {
		.revision = 3,
		.information = VMMQ_HASH_TYPES_DEFAULT | VMMQ_HASH_FUNCTION_TOEPLITZ,
		.entries = 4,
		.table = { 4, 5, 6, 7 },
		.key_len = 40,
		.default_processor = 7,
	};

	memcpy(rss.key, well_known_key, 40);
	return rss;
}

/* Table behind the structure, key behind the table; revision 1 has a byte for each entry. */
struct request *rss_request(struct trial *t, int64_t vport, const struct rss *rss)
{
	static const uint16_t sizes[] = { 0, 28, 40, 44, 44 };
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, SET, vport);
	unsigned entry_size = rss->revision == 1 ? 1 : 4;
	struct vmmq_ndis_rss_parameters params = {
		.header = header(VMMQ_NDIS_OBJECT_RSS_PARAMETERS, rss->revision, sizes[rss->revision]),
		.flags = rss->flags,
		.base_cpu = rss->base_cpu,
		.hash_information = rss->information,
		.table_size = (uint16_t)(rss->entries * entry_size),
		.table_offset = sizes[rss->revision],
		.key_size = (uint16_t)rss->key_len,
		.key_offset = sizes[rss->revision] + rss->entries * entry_size,
		.default_processor = number(rss->default_processor, 0x77),
	};

	request_put_bytes(r, 0, &params, params.header.size);
	for (unsigned i = 0; i < rss->entries; i++) {
		struct vmmq_ndis_processor_number n = number(rss->table[i], 0xee);

		if (entry_size == 1)
			request_put(r, params.table_offset + i, rss->table[i], 1);
		else
			request_put_bytes(r, params.table_offset + 4 * i, &n, 4);
	}
	request_put_bytes(r, params.key_offset, rss->key, rss->key_len);
	return r;
}

vmmq_status rss_set(struct trial *t, int64_t vport, const struct rss *rss)
{
	vmmq_status status = request_send(t, rss_request(t, vport, rss));

	need(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, SET, status);
	return status;
}

vmmq_status rss_disable(struct trial *t, int64_t vport)
{
	struct rss off = { .revision = 3, .flags = 0x10 };

	return rss_set(t, vport, &off);
}

struct rss rss_get(struct trial *t, int64_t vport)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, QUERY, vport);
	struct vmmq_ndis_rss_parameters params;
	struct rss rss = { .revision = 3 };
	vmmq_status status;

	r->room = 4096;
	status = request_send(t, r);
	need(t, r->oid, QUERY, status);
	trial_expect(t, VMMQ_SUCCESS, status, "query of RSSv1 parameters");
	memcpy(&params, r->byte, sizeof(params));
	rss.flags = params.flags;
	rss.information = params.hash_information;
	rss.entries = params.table_size / 4u;
	rss.key_len = params.key_size;
	rss.default_processor = processor(params.default_processor);
	CHECK(t,
	      rss.entries <= TABLE_MAX && rss.key_len <= sizeof(rss.key) && params.table_offset <= 2048 &&
		  params.key_offset <= 4000,
	      "the query of RSSv1 parameters answers nonsense");
	for (unsigned i = 0; i < rss.entries; i++) {
		struct vmmq_ndis_processor_number n;

		memcpy(&n, r->byte + params.table_offset + 4 * i, 4);
		rss.table[i] = processor(n);
	}
	memcpy(rss.key, r->byte + params.key_offset, rss.key_len);
	return rss;
}

unsigned table_limit(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES, QUERY, NO_VPORT);
	struct vmmq_ndis_switch_capabilities caps;
	vmmq_status status;
	uint32_t entries;

	r->room = 1024;
	status = request_send(t, r);
	need(t, r->oid, QUERY, status);
	trial_expect(t, VMMQ_SUCCESS, status, "query of NIC switch capabilities");
	memcpy(&caps, r->byte, sizeof(caps));
	entries = caps.table_entries_per_nondefault_pf_vport;
	CHECK(t, entries >= 8 && entries <= 128 && !(entries & (entries - 1)),
	      "%u indirection table entries for a VPort; these cases need 8, 16, … 128", entries);
	return entries;
}

struct rss2 rss2_params(uint32_t flags)
{
	struct rss2 rss = {
		.flags = flags,
		.information = VMMQ_HASH_TYPES_DEFAULT | VMMQ_HASH_FUNCTION_TOEPLITZ,
		.queues = 4,
		.entries = 4,
		.key_len = 40,
	};

	memcpy(rss.key, well_known_key, 40);
	return rss;
}

struct request *rss2_request(struct trial *t, int64_t vport, const struct rss2 *rss)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, SET, vport);
	const struct vmmq_ndis_rss_parameters_v2 params = {
		.header = header(VMMQ_NDIS_OBJECT_RSS_PARAMETERS_V2, 1, sizeof(params)),
		.flags = rss->flags,
		.hash_information = rss->information,
		.key_size = rss->key_len,
		.key_offset = sizeof(params),
		.queues = rss->queues,
		.table_entries = rss->entries,
	};

	request_put_bytes(r, 0, &params, sizeof(params));
	request_put_bytes(r, sizeof(params), rss->key, rss->key_len);
	return r;
}

vmmq_status rss2_set(struct trial *t, int64_t vport, const struct rss2 *rss)
{
	vmmq_status status = request_send(t, rss2_request(t, vport, rss));

	need(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, SET, status);
	return status;
}

struct rss2 rss2_get(struct trial *t, int64_t vport)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, QUERY, vport);
	struct vmmq_ndis_rss_parameters_v2 params;
	struct rss2 rss = { 0 };
	vmmq_status status;

	r->room = 4096;
	status = request_send(t, r);
	need(t, r->oid, QUERY, status);
	trial_expect(t, VMMQ_SUCCESS, status, "query of RSSv2 parameters");
	memcpy(&params, r->byte, sizeof(params));
	rss.flags = params.flags;
	rss.information = params.hash_information;
	rss.queues = params.queues;
	rss.entries = params.table_entries;
	rss.key_len = params.key_size;
	CHECK(t, rss.key_len <= sizeof(rss.key) && params.key_offset <= 4000,
	      "the query of RSSv2 parameters answers nonsense");
	memcpy(rss.key, r->byte + params.key_offset, rss.key_len);
	return rss;
}

struct request *receive_hash_request(struct trial *t, int64_t vport, uint32_t flags, uint32_t information)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RECEIVE_HASH, SET, vport);
	const struct vmmq_ndis_receive_hash_parameters params = {
		.header = header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(params)),
		.flags = flags,
		.hash_information = information,
		.key_size = 40,
		.key_offset = sizeof(params),
	};

	request_put_bytes(r, 0, &params, sizeof(params));
	request_put_bytes(r, sizeof(params), well_known_key, 40);
	return r;
}

vmmq_status receive_hash_set(struct trial *t, int64_t vport, uint32_t flags, uint32_t information)
{
	vmmq_status status = request_send(t, receive_hash_request(t, vport, flags, information));

	if (status == VMMQ_NOT_SUPPORTED)
		trial_skip(t, "the subject has no receive hash, which is optional");
	return status;
}

struct request *move_request(struct trial *t, uint16_t actor, const struct command command[], unsigned count)
{
	struct request *r = request_new(t, VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, METHOD, NO_VPORT);
	const struct vmmq_ndis_rss_set_entries params = {
		.header = header(VMMQ_NDIS_OBJECT_RSS_SET_INDIRECTION_ENTRIES, 1, sizeof(params)),
		.entry_size = sizeof(struct vmmq_ndis_rss_entry),
		.entries_offset = sizeof(params),
		.entry_count = count,
	};

	r->actor = actor;
	request_put_bytes(r, 0, &params, sizeof(params));
	for (unsigned i = 0; i < count; i++) {
		const struct vmmq_ndis_rss_entry entry = {
			.switch_id = command[i].switch_id,
			.vport_id = command[i].vport,
			.flags = command[i].flags,
			.index = command[i].index,
			.target = number(command[i].target, 0x33),
			.status = VMMQ_PENDING,
		};

		request_put_bytes(r, sizeof(params) + i * sizeof(entry), &entry, sizeof(entry));
	}
	return r;
}

vmmq_status move_send(struct trial *t, uint16_t actor, struct command command[], unsigned count)
{
	struct request *r = move_request(t, actor, command, count);
	vmmq_status status = request_send(t, r);

	need(t, r->oid, METHOD, status);
	for (unsigned i = 0; i < count; i++) {
		struct vmmq_ndis_rss_entry entry;

		memcpy(&entry, r->byte + sizeof(struct vmmq_ndis_rss_set_entries) + i * sizeof(entry), sizeof(entry));
		command[i].status = entry.status;
		CHECK(t, entry.status != VMMQ_PENDING, "command %u of %u is left PENDING", i, count);
	}
	return status;
}

vmmq_status move(struct trial *t, uint16_t actor, struct command command[], unsigned count)
{
	DONE(t, move_send(t, actor, command, count));
	for (unsigned i = 1; i < count; i++)
		CHECK(t, command[i].status == command[0].status,
		      "mixed statuses in a group: command 0 %s, command %u %s", status_name(command[0].status), i,
		      i ? status_name(command[i].status) : "");
	return command[0].status;
}

vmmq_status move_entry(struct trial *t, uint16_t actor, uint32_t vport, uint16_t index, uint16_t target)
{
	return move(t, actor, &(struct command){ .vport = vport, .index = index, .target = target }, 1);
}

vmmq_status move_primary(struct trial *t, uint16_t actor, uint32_t vport, uint16_t target)
{
	struct command command = { .vport = vport, .flags = MOVE_PRIMARY, .index = 0x5555, .target = target };

	return move(t, actor, &command, 1);
}

vmmq_status move_default(struct trial *t, uint16_t actor, uint32_t vport, uint16_t target)
{
	struct command command = { .vport = vport, .flags = MOVE_DEFAULT, .index = 0x5555, .target = target };

	return move(t, actor, &command, 1);
}
