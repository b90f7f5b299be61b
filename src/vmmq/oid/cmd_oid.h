/* SPDX-License-Identifier: BSD-2-Clause */
/* Request files of vmmq oid (docs/oid.md), the members of NDIS structures by name, and what is made of both. */
#ifndef VMMQ_VMMQ_OID_CMD_OID_H
#define VMMQ_VMMQ_OID_CMD_OID_H

#include <jansson.h>
#include <vmmq/oid.h>

#include "base/command.h"

/* A request file: magic, then OID, method, request flags and VPort id as 32-bit little-endian numbers, then the buffer. */
#define OID_FILE_MAGIC      "VMMQOID1"
#define OID_FILE_HEADER_LEN 24
#define OID_BUFFER_MAX      (64u << 20)

struct oid_request {
	uint32_t oid;
	uint32_t method;
	uint32_t flags;
	uint32_t vport;
	uint8_t *buffer; /* on the heap */
	size_t length;
};

enum oid_kind {
	OID_NUMBER,
	OID_HEX,
	OID_HASH,      /* hash information: function and types */
	OID_PROCESSOR, /* PROCESSOR_NUMBER */
	OID_AFFINITY,
	OID_STRING,
	OID_STATUS,
};

/* A member of a structure. */
struct oid_field {
	const char *name;
	uint16_t offset;
	uint8_t size; /* 1 to 8; not of strings */
	enum oid_kind kind;
};

/* What follows a structure at an offset that it tells. */
enum oid_tail {
	OID_TAIL_NONE,
	OID_TAIL_RSS,      /* table and key */
	OID_TAIL_KEY,      /* key; key_size has 32 bits */
	OID_TAIL_HASH_KEY, /* key; key_size has 16 bits */
	OID_TAIL_ENTRIES,
	OID_TAIL_FIELDS,
	OID_TAIL_SWITCHES,
	OID_TAIL_VPORTS,
	OID_TAIL_FILTERS,
};

struct oid_structure {
	const char *name;
	uint8_t type;
	uint8_t revisions;
	uint16_t size[3];
	const struct oid_field *field;
	size_t field_count;
	enum oid_tail tail;
};

extern const struct oid_structure oid_rss_parameters, oid_rss_parameters_v2, oid_receive_hash, oid_rss_entries,
    oid_rss_capabilities_structure, oid_switch_capabilities_structure, oid_switch_parameters,
    oid_switch_delete_structure, oid_switch_array, oid_switch_info, oid_vport_parameters, oid_vport_array,
    oid_vport_info, oid_vport_delete_structure, oid_filter_capabilities_structure, oid_filter_global_structure,
    oid_filter_parameters, oid_filter_field, oid_filter_clear_structure, oid_filter_move_structure, oid_filter_array,
    oid_filter_info, oid_rss_entry;

/* oid_structure_of returns what the buffer of an OID holds, as request or as answer, or NULL when it is not known. */
const struct oid_structure *oid_structure_of(uint32_t oid);
const struct oid_field *oid_field_find(const struct oid_structure *structure, const char *name);

/* oid_describe returns what the first length bytes of buffer say, as a JSON object, as far as they go; NULL: memory. */
json_t *oid_describe(uint32_t oid, const uint8_t *buffer, size_t length);

/* oid_file_read prints what is wrong and returns other than COMMAND_DONE, or fills *request, whose buffer is the caller's. */
int oid_file_read(const struct command_line *line, const char *path, struct oid_request *request);
int oid_file_write(const struct command_line *line, const char *path, const struct oid_request *request);

/*
 * oid_remote lets a vmmqd carry out a request, on that processor (absent: -1).  Returns COMMAND_DONE with *status,
 * *bytes and *why as vmmq_oid_request() has them and the answer in request->buffer, or COMMAND_REFUSED after having said
 * what is wrong.
 */
struct client;
int oid_remote(const struct command_line *line, struct client *client, int32_t processor, struct oid_request *request,
	       vmmq_status *status, size_t *bytes, struct vmmq_why *why);

/* The names of methods in words: query, set, method. */
extern const char *const oid_method_names[VMMQ_OID_METHOD_COUNT];

/* oid_build carries out --build: the kind of request, and the operands KEY=VALUE. */
int oid_build(const struct command_line *line, const char *kind);

#endif
