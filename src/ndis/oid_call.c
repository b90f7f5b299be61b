/* SPDX-License-Identifier: BSD-2-Clause */
/* The request's buffer: read once, checked once, written last. */
#include <string.h>

#include "ndis/oid_call.h"

void oid_begin(const struct oid_call *call)
{
	const struct vmmq_oid_hooks *hooks = &call->adapter->hooks;

	if (hooks->begin)
		hooks->begin(hooks->context);
}

void oid_end(const struct oid_call *call)
{
	const struct vmmq_oid_hooks *hooks = &call->adapter->hooks;

	if (hooks->end)
		hooks->end(hooks->context);
}

static void oid_call_need(struct oid_call *call, uint64_t bytes)
{
	if (bytes > call->needed)
		call->needed = bytes;
}

static vmmq_status oid_call_too_short(struct oid_call *call, const char *path)
{
	return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, path, "the buffer has %zu bytes; %llu are needed",
			    call->length, (unsigned long long)call->needed);
}

uint32_t oid_fixed_size(const struct oid_shape *shape, const struct vmmq_ndis_header *header)
{
	return shape->size[header->revision - 1];
}

static vmmq_status oid_header_check(struct oid_call *call, const struct oid_shape *shape,
				    const struct vmmq_ndis_header *header)
{
	uint32_t size;

	if (header->type != shape->type)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "header.type", "0x%02x; 0x%02x is needed",
				    header->type, shape->type);
	if (!header->revision || header->revision > shape->revisions)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "header.revision", "%u; 1 to %u are known",
				    header->revision, shape->revisions);
	size = oid_fixed_size(shape, header);
	if (header->size < size) {
		oid_call_need(call, size);
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "header.size", "%u; revision %u of %s has %u",
				    header->size, header->revision, shape->name, size);
	}
	oid_call_need(call, header->size);
	return call->length < header->size ? oid_call_too_short(call, "header.size") : VMMQ_SUCCESS;
}

vmmq_status oid_read(struct oid_call *call, const struct oid_shape *shape, void *into, size_t capacity)
{
	struct vmmq_ndis_header header;
	vmmq_status status;
	size_t fixed;

	if (call->length < sizeof(header)) {
		oid_call_need(call, shape->size[0]);
		return oid_call_too_short(call, shape->name);
	}
	memcpy(&header, call->buffer, sizeof(header));
	status = oid_header_check(call, shape, &header);
	if (status != VMMQ_SUCCESS)
		return status;
	fixed = oid_fixed_size(shape, &header);
	memset(into, 0, capacity);
	memcpy(into, &header, sizeof(header));
	memcpy((uint8_t *)into + sizeof(header), call->buffer + sizeof(header), fixed - sizeof(header));
	return VMMQ_SUCCESS;
}

const uint8_t *oid_part(struct oid_call *call, uint32_t fixed, uint32_t offset, uint64_t len, const char *path)
{
	if (offset < fixed) {
		oid_call_need(call, fixed + len);
		vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, path, "%u lies inside the structure, which has %u bytes",
			     offset, fixed);
		return NULL;
	}
	oid_call_need(call, offset + len);
	if (len <= call->length && offset <= call->length - len)
		return call->buffer + offset;
	vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, path, "%u and %llu bytes; the buffer ends at %zu", offset,
		     (unsigned long long)len, call->length);
	return NULL;
}

vmmq_status oid_room(struct oid_call *call, uint64_t len)
{
	call->needed = len;
	return call->length < len ? oid_call_too_short(call, "answer") : VMMQ_SUCCESS;
}

void oid_write(struct oid_call *call, size_t offset, const void *from, size_t len)
{
	memcpy(call->buffer + offset, from, len);
	if (offset + len > call->answered)
		call->answered = offset + len;
}

vmmq_status oid_answer(struct oid_call *call, const void *from, size_t len)
{
	vmmq_status status = oid_room(call, len);

	if (status == VMMQ_SUCCESS)
		oid_write(call, 0, from, len);
	return status;
}

struct vmmq_ndis_header oid_header(uint8_t type, uint8_t revision, size_t size)
{
	return (struct vmmq_ndis_header){ .type = type, .revision = revision, .size = (uint16_t)size };
}

vmmq_status oid_key_read(struct oid_call *call, uint32_t fixed, uint32_t offset, uint32_t size,
			 uint8_t key[VMMQ_KEY_LEN])
{
	const uint8_t *part = oid_part(call, fixed, offset, size, "key_offset");

	if (!part)
		return VMMQ_INVALID_LENGTH;
	if (size != VMMQ_KEY_LEN)
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "key_size", "%u bytes; a key has %d", size,
				    VMMQ_KEY_LEN);
	memcpy(key, part, VMMQ_KEY_LEN);
	return VMMQ_SUCCESS;
}

bool oid_processor_read(struct vmmq_ndis_processor_number number, struct vmmq_processor *processor)
{
	if (number.group > UINT16_MAX / VMMQ_PROCESSORS_PER_GROUP || number.number >= VMMQ_PROCESSORS_PER_GROUP)
		return false;
	processor->v = (uint16_t)(number.group * VMMQ_PROCESSORS_PER_GROUP + number.number);
	return true;
}

struct vmmq_ndis_processor_number oid_processor_write(struct vmmq_processor processor)
{
	return (struct vmmq_ndis_processor_number){
		.group = (uint16_t)(processor.v / VMMQ_PROCESSORS_PER_GROUP),
		.number = (uint8_t)(processor.v % VMMQ_PROCESSORS_PER_GROUP),
	};
}

struct vmmq_processor oid_processor_outside(const struct vmmq_nic_switch *sw)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(sw);
	struct vmmq_processor outside = { UINT16_MAX };

	while (outside.v && vmmq_processor_set_has(set, outside))
		outside.v--;
	return outside;
}
