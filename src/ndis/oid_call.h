/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request on its way: its buffer behind one range check, its answer, and the handlers of all OIDs.
 * A handler copies what it needs out of the buffer with oid_read() and oid_part(), each byte once, and then works on the
 * copies only; it writes the answer when nothing can fail any more.
 */
#ifndef VMMQ_NDIS_OID_CALL_H
#define VMMQ_NDIS_OID_CALL_H

#include <vmmq/oid.h>

struct oid_call {
	struct vmmq_oid_adapter *adapter;
	struct vmmq_nic_switch *sw; /* NULL only for OIDs that need no switch */
	uint32_t flags;             /* of the request */
	uint32_t vport_id;          /* of RSS requests; 0 unless the request said that it is valid */
	uint8_t *buffer;
	size_t length;
	uint64_t needed; /* bytes that the request, or its answer, takes: told with INVALID_LENGTH */
	size_t answered; /* bytes of answer, told with SUCCESS */
	struct vmmq_why *why;
};

/* Between them the switch is read and edited by nobody else. */
void oid_begin(const struct oid_call *call);
void oid_end(const struct oid_call *call);

/* A structure as requests carry it: size[i] bytes in revision i + 1. */
struct oid_shape {
	const char *name;
	uint8_t type;
	uint8_t revisions;
	uint16_t size[6];
};

/*
 * oid_read copies the structure at the start of the buffer into *into (of capacity bytes) and checks its header; members
 * of later revisions than its own are zero.  Returns INVALID_LENGTH for a buffer or header size below that of the
 * revision, or a header size beyond the buffer; INVALID_PARAMETER for another type or an unknown revision.
 */
vmmq_status oid_read(struct oid_call *call, const struct oid_shape *shape, void *into, size_t capacity);

/* oid_fixed_size returns how many bytes of the structure that header heads are its fixed part. */
uint32_t oid_fixed_size(const struct oid_shape *shape, const struct vmmq_ndis_header *header);

/*
 * oid_part is the one range check: the len bytes at offset have to lie behind the fixed part and inside the buffer.
 * Returns where they are, or NULL with INVALID_LENGTH due; path: the member that says so.
 */
const uint8_t *oid_part(struct oid_call *call, uint32_t fixed, uint32_t offset, uint64_t len, const char *path);

/* oid_room returns INVALID_LENGTH unless an answer of len bytes fits. */
vmmq_status oid_room(struct oid_call *call, uint64_t len);
/* oid_write puts len bytes of an answer, for which there is room, at offset. */
void oid_write(struct oid_call *call, size_t offset, const void *from, size_t len);
/* oid_answer writes a whole answer that is one structure: SUCCESS, or INVALID_LENGTH. */
vmmq_status oid_answer(struct oid_call *call, const void *from, size_t len);

/* oid_header returns a header for an answer. */
struct vmmq_ndis_header oid_header(uint8_t type, uint8_t revision, size_t size);

/*
 * A counted string (UTF-16) as UTF-8, up to its first NUL, and back.  oid_string_read returns INVALID_PARAMETER for an odd or
 * too large length and for text that is not UTF-16; the result, of at most OID_TEXT_MAX bytes, ends in a NUL.
 */
#define OID_TEXT_MAX (3 * VMMQ_NDIS_STRING_UNITS)
vmmq_status oid_string_read(const struct vmmq_ndis_string *string, char text[OID_TEXT_MAX + 1], struct vmmq_why *why);
void oid_string_write(struct vmmq_ndis_string *string, const char *text);

/* A PROCESSOR_NUMBER as a processor; false when there can be none of that group and number. */
bool oid_processor_read(struct vmmq_ndis_processor_number number, struct vmmq_processor *processor);
struct vmmq_ndis_processor_number oid_processor_write(struct vmmq_processor processor);
/* oid_processor_outside returns a processor that is not in the RSS processor set, for one that cannot exist. */
struct vmmq_processor oid_processor_outside(const struct vmmq_nic_switch *sw);

/* Keys, for set and query of RSS parameters and receive hash. */
vmmq_status oid_key_read(struct oid_call *call, uint32_t fixed, uint32_t offset, uint32_t size,
			 uint8_t key[VMMQ_KEY_LEN]);

typedef vmmq_status oid_handler(struct oid_call *call);
oid_handler oid_rss_capabilities, oid_switch_capabilities, oid_filter_capabilities, oid_filter_global;
oid_handler oid_rss_v1_set, oid_rss_v2_set, oid_receive_hash_set;
oid_handler oid_rss_v1_query, oid_rss_v2_query, oid_receive_hash_query;
oid_handler oid_rss_move;
oid_handler oid_switch_create, oid_switch_set, oid_switch_query, oid_switch_delete, oid_switch_enum;
oid_handler oid_vport_create, oid_vport_set, oid_vport_query, oid_vport_enum, oid_vport_delete;
oid_handler oid_offload_set, oid_offload_current, oid_offload_capabilities;
/* oid_offload_config returns what is on: the answer to one request, and what is indicated after another. */
struct vmmq_ndis_offload oid_offload_config(const struct oid_call *call);
oid_handler oid_filter_set, oid_filter_clear, oid_filter_move, oid_filter_enum, oid_filter_query;

#endif
