/* SPDX-License-Identifier: BSD-2-Clause */
/* A synchronous request on the adapter: its commands go to the actor processor and are effective on return. */
#include "subject_engine.h"

#include <string.h>
#include <vmmq/oid.h>

/*
 * commands_read returns how many commands a request that is in order has; 0: it is not, or names what cannot exist.
 */
static uint32_t commands_read(const struct vmmq_conformance_request *r, struct vmmq_ndis_rss_set_entries *header,
			      struct vmmq_rss_move move[VMMQ_OID_MOVES_MAX])
{
	if (r->flags || r->len < sizeof(*header))
		return 0;
	memcpy(header, r->buffer, sizeof(*header));
	if (header->header.type != VMMQ_NDIS_OBJECT_RSS_SET_INDIRECTION_ENTRIES || header->header.revision != 1 ||
	    header->header.size != sizeof(*header) || header->flags || header->entry_count > VMMQ_OID_MOVES_MAX ||
	    header->entry_size < sizeof(struct vmmq_ndis_rss_entry) || header->entries_offset < sizeof(*header) ||
	    header->entries_offset + (uint64_t)header->entry_count * header->entry_size > r->len)
		return 0;
	for (uint32_t i = 0; i < header->entry_count; i++) {
		struct vmmq_ndis_rss_entry entry;

		memcpy(&entry, (const uint8_t *)r->buffer + header->entries_offset + (size_t)i * header->entry_size,
		       sizeof(entry));
		if (entry.target.number >= 64 || entry.target.group >= 1024)
			return 0;
		move[i] = (struct vmmq_rss_move){
			.switch_id = entry.switch_id,
			.vport_id = entry.vport_id,
			.flags = entry.flags,
			.index = entry.index,
			.target = { (uint16_t)(entry.target.group * 64 + entry.target.number) },
			.status = VMMQ_PENDING,
		};
	}
	return header->entry_count;
}

bool engine_move(struct vmmq_adapter *adapter, struct vmmq_conformance_request *r, uint32_t *status)
{
	struct vmmq_rss_move move[VMMQ_OID_MOVES_MAX];
	struct vmmq_ndis_rss_set_entries header;
	uint32_t count = commands_read(r, &header, move);

	if (!count)
		return false;
	*status = vmmq_adapter_move(adapter, (struct vmmq_processor){ r->actor }, move, count, NULL);
	for (uint32_t i = 0; i < count; i++)
		memcpy((uint8_t *)r->buffer + header.entries_offset + (size_t)i * header.entry_size +
			   offsetof(struct vmmq_ndis_rss_entry, status),
		       &move[i].status, sizeof(move[i].status));
	r->bytes = header.entries_offset + (size_t)count * header.entry_size;
	return true;
}
