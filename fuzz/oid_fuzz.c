/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as binary NDIS requests, one after the other, to one adapter: no byte outside of a buffer is touched, a
 * refused request leaves the switch as it was, and nothing is left pending.
 * Input: per request an index into the OIDs, method, request flags, VPort, two bytes of length, and the buffer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/oid.h>

#include "fuzz.h"

enum { CHOICE_LEN = 6, REQUESTS_MAX = 16 };

static const struct vmmq_processor processors[] = { { 0 }, { 1 }, { 2 }, { 64 } };
static const uint32_t oids[] = {
#define X(name, value) value,
	VMMQ_OIDS(X)
#undef X
};
#define OID_COUNT (sizeof(oids) / sizeof(oids[0]))

static void dump_vport(FILE *out, const struct vmmq_nic_switch *sw, uint16_t id)
{
	struct vmmq_vport_params params;
	struct vmmq_vport_info info;

	fuzz_check(vmmq_vport_get(sw, (struct vmmq_vport_id){ id }, &info));
	fuzz_check(vmmq_vport_get_params(sw, id, &params) == VMMQ_SUCCESS);
	fprintf(out, "%u %s %d %u %u %x %u %u %llx %d %d %x %u %u", id, info.name, info.state, info.queue_pairs,
		info.filter_count, params.flags, params.interrupt_moderation, params.affinity.group,
		(unsigned long long)params.affinity.mask, info.rss->enabled, info.rss->receive_hash,
		info.rss->hash_types, info.rss->primary.v, info.rss->default_processor.v);
	for (unsigned i = 0; i < info.rss->entry_count; i++)
		fprintf(out, " %u", info.rss->table[i].v);
	fwrite(info.rss->key, 1, VMMQ_KEY_LEN, out);
}

/* dump returns the whole state, for free(). */
static char *dump(const struct vmmq_oid_adapter *adapter, size_t *len)
{
	const struct vmmq_nic_switch *sw = adapter->sw;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	fwrite(&adapter->name, 1, sizeof(adapter->name), out);
	fprintf(out, "%p %p\n", (const void *)sw, sw ? (const void *)vmmq_nic_switch_view(sw) : NULL);
	for (int32_t id = sw ? vmmq_vport_next(sw, -1) : -1; id >= 0; id = vmmq_vport_next(sw, id))
		dump_vport(out, sw, (uint16_t)id);
	for (const struct vmmq_filter *f = sw ? vmmq_filter_next(sw, 0) : NULL; f; f = vmmq_filter_next(sw, f->id)) {
		fprintf(out, "%u %u %u ", f->id, f->vport.v, f->vlan);
		fwrite(f->mac, 1, VMMQ_MAC_LEN, out);
	}
	fclose(out);
	return text;
}

/*
 * A switch on which requests find something: VPort 1 with RSS on, VPort 2 with RSS off, VPort 3 not activated, a
 * filter.
 */
static struct vmmq_nic_switch *make_switch(const struct vmmq_nic_switch_params *params)
{
	const uint8_t mac[VMMQ_MAC_LEN] = { 2 };
	struct vmmq_rss_params rss;
	struct vmmq_nic_switch *sw;
	uint32_t filter;

	fuzz_check(vmmq_nic_switch_create(params, &sw, NULL) == VMMQ_SUCCESS);
	for (uint16_t id = 1; id <= 3; id++)
		fuzz_check(vmmq_vport_create(sw, (struct vmmq_vport_id){ id }, "vm", 2, processors[0], NULL) ==
			   VMMQ_SUCCESS);
	for (uint16_t id = 1; id <= 2; id++)
		fuzz_check(vmmq_vport_activate(sw, (struct vmmq_vport_id){ id }, NULL) == VMMQ_SUCCESS);
	vmmq_rss_params_init(&rss, processors[0]);
	rss.enabled = true;
	rss.entry_count = 4;
	rss.table[1] = rss.table[2] = rss.table[3] = processors[0];
	fuzz_check(vmmq_rss_set(sw, (struct vmmq_vport_id){ 1 }, &rss, NULL) == VMMQ_SUCCESS);
	fuzz_check(vmmq_filter_set(sw, (struct vmmq_vport_id){ 1 }, mac, 7, &filter, NULL) == VMMQ_SUCCESS);
	return sw;
}

/* none_pending looks at every command of a request that was in order. */
static void none_pending(const uint8_t *buffer)
{
	struct vmmq_ndis_rss_set_entries request;
	struct vmmq_ndis_rss_entry entry;

	memcpy(&request, buffer, sizeof(request));
	for (uint32_t i = 0; i < request.entry_count; i++) {
		memcpy(&entry, buffer + request.entries_offset + (size_t)i * request.entry_size, sizeof(entry));
		fuzz_check(entry.status != VMMQ_PENDING);
	}
}

/*
 * unwritten holds what a request for moves came back as against what it was: statuses of commands may differ, nothing
 * else.
 */
static void unwritten(const uint8_t *buffer, const uint8_t *was, size_t len)
{
	struct vmmq_ndis_rss_set_entries request = { .entry_count = 0 };
	uint8_t *masked = malloc(len);
	uint64_t at;

	memcpy(masked, was, len);
	if (len >= sizeof(request))
		memcpy(&request, was, sizeof(request));
	at = (uint64_t)request.entries_offset + offsetof(struct vmmq_ndis_rss_entry, status);
	if (request.entry_size < sizeof(struct vmmq_ndis_rss_entry))
		request.entry_count = 0;
	for (uint32_t i = 0; i < request.entry_count && at + 4 <= len; i++) {
		memcpy(masked + at, buffer + at, 4);
		at += request.entry_size;
	}
	fuzz_check(memcmp(masked, buffer, len) == 0);
	free(masked);
}

static void send(struct vmmq_oid_adapter *adapter, const uint8_t *choice, const uint8_t *bytes, size_t len)
{
	uint32_t oid = oids[choice[0] % OID_COUNT];
	uint8_t *buffer = malloc(len);
	size_t before_len, after_len, answered = 0;
	char *before = dump(adapter, &before_len), *after;
	struct vmmq_why why = { "", "" };
	vmmq_status status;

	memcpy(buffer, bytes, len);
	status = vmmq_oid_request(adapter, oid, (enum vmmq_oid_method)(choice[1] % 4), choice[2], choice[3], buffer,
				  len, &answered, &why);
	after = dump(adapter, &after_len);
	fuzz_check(status != VMMQ_PENDING);
	if (status == VMMQ_SUCCESS)
		fuzz_check(answered <= len);
	else
		fuzz_check(before_len == after_len && memcmp(before, after, before_len) == 0 && why.text[0]);
	if (oid == VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		unwritten(buffer, bytes, len);
	else if (status != VMMQ_SUCCESS || choice[1] % 4 == VMMQ_OID_SET)
		fuzz_check(memcmp(buffer, bytes, len) == 0);
	if (status == VMMQ_SUCCESS && oid == VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		none_pending(buffer);
	if (adapter->sw)
		vmmq_nic_switch_retire(adapter->sw, vmmq_nic_switch_view(adapter->sw));
	free(before);
	free(after);
	free(buffer);
}

void fuzz_oid(const uint8_t *data, size_t len)
{
	const struct vmmq_nic_switch_params params = {
		.processors = processors,
		.processor_count = sizeof(processors) / sizeof(processors[0]),
		.max_vports = 8,
		.max_queue_pairs = 40,
		.max_filters = 6,
	};
	struct vmmq_oid_adapter adapter;

	vmmq_oid_adapter_init(&adapter, make_switch(&params), &params);
	for (unsigned i = 0; i < REQUESTS_MAX && len >= CHOICE_LEN; i++) {
		size_t wanted = (size_t)(data[4] | data[5] << 8), got;

		got = wanted < len - CHOICE_LEN ? wanted : len - CHOICE_LEN;
		send(&adapter, data, data + CHOICE_LEN, got);
		data += CHOICE_LEN + got;
		len -= CHOICE_LEN + got;
	}
	vmmq_nic_switch_destroy(adapter.sw);
}
