/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq hash: one Toeplitz hash, computed in the open. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <vmmq/rss.h>
#include <vmmq/toeplitz.h>

#include "base/hex.h"
#include "vmmq/commands.h"
#include "vmmq/input/flow_text.h"
#include "vmmq/input/hex_text.h"

/* What is asked for, and the answer. */
struct hash_request {
	uint32_t type;
	enum vmmq_toeplitz_impl impl;
	uint8_t key[VMMQ_KEY_LEN];
	uint64_t entries;
	struct endpoint source, destination;
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t input_len;
	uint32_t hash;
};

static int hash_read_type(const struct command_line *line, struct hash_request *request)
{
	const char *name = command_value(line, "type");

	request->type = vmmq_hash_type_parse(name);
	if (request->type)
		return COMMAND_DONE;
#define X(id, bit, text, bytes) " " text
	return command_usage(line, "--type: found \"%s\"; one of these is needed:" VMMQ_HASH_TYPES(X), name);
#undef X
}

static int hash_read_key(const struct command_line *line, struct hash_request *request)
{
	const char *text = command_value(line, "key");
	char error[HEX_ERROR_MAX];
	long len;

	memcpy(request->key, vmmq_verification_key, VMMQ_KEY_LEN);
	if (!text)
		return COMMAND_DONE;
	len = hex_text_parse(text, request->key, VMMQ_KEY_LEN, error);
	if (len < 0)
		return command_usage(line, "--key: %s; a key has 40 bytes, 80 hex digits", error);
	if (len != VMMQ_KEY_LEN)
		return command_usage(line, "--key: %ld byte%s; a key has 40 bytes, 80 hex digits", len,
				     len == 1 ? "" : "s");
	return COMMAND_DONE;
}

static int hash_read_implementation(const struct command_line *line, struct hash_request *request)
{
	const char *name = command_value(line, "implementation");
	enum vmmq_toeplitz_impl impl = name ? vmmq_toeplitz_impl_parse(name) : VMMQ_TOEPLITZ_AUTO;

	if (impl == VMMQ_TOEPLITZ_IMPL_COUNT)
		return command_usage(
		    line, "--implementation: found \"%s\"; auto, bitwise, portable, clmul, vpclmul or gfni is needed",
		    name);
	request->impl = vmmq_toeplitz_resolve(impl);
	if (request->impl == VMMQ_TOEPLITZ_AUTO)
		return command_fail(line, "--implementation: this CPU cannot run %s", name);
	return COMMAND_DONE;
}

static int hash_read_entries(const struct command_line *line, struct hash_request *request)
{
	if (!command_number(line, "entries", 1, VMMQ_TABLE_ENTRIES_MAX, VMMQ_TABLE_ENTRIES_MAX, &request->entries))
		return COMMAND_USAGE;
	if (request->entries & (request->entries - 1))
		return command_usage(line, "--entries: found \"%s\"; a power of two is needed",
				     command_value(line, "entries"));
	return COMMAND_DONE;
}

static bool has_ports(const struct hash_request *request)
{
	return vmmq_hash_type_bytes(request->type) % 8; /* 12 and 36, not 8 and 32 */
}

static int hash_read_endpoints(const struct command_line *line, struct hash_request *request)
{
	struct endpoint *a = &request->source, *b = &request->destination;
	bool ipv6 = vmmq_hash_type_bytes(request->type) >= 32;
	const char *type = command_value(line, "type");
	char error[FLOW_ERROR_MAX];

	if (!endpoint_parse(command_operand(line, 0), a, error) ||
	    !endpoint_parse(command_operand(line, 1), b, error))
		return command_usage(line, "%s", error);
	if (a->ipv6 != ipv6 || b->ipv6 != ipv6)
		return command_usage(line, "%s hashes two %s addresses", type, ipv6 ? "IPv6" : "IPv4");
	if (has_ports(request) && !(a->has_port && b->has_port))
		return command_usage(line, "%s hashes the ports too: SRC:PORT DST:PORT are needed, like %s", type,
				     ipv6 ? "[2001:db8::1]:80" : "192.0.2.1:80");
	return COMMAND_DONE;
}

static void hash_put(struct hash_request *request, const void *bytes, size_t len)
{
	memcpy(request->input + request->input_len, bytes, len);
	request->input_len += len;
}

/* Source address, destination address, source port, destination port, in wire order (spec 6.5). */
static void hash_compute(struct hash_request *request)
{
	const struct endpoint *a = &request->source, *b = &request->destination;
	const uint8_t ports[] = { (uint8_t)(a->port >> 8), (uint8_t)a->port, (uint8_t)(b->port >> 8),
				  (uint8_t)b->port };
	struct vmmq_toeplitz_key key;

	hash_put(request, a->address, endpoint_address_len(a));
	hash_put(request, b->address, endpoint_address_len(b));
	if (has_ports(request))
		hash_put(request, ports, sizeof(ports));
	vmmq_toeplitz_key_init(&key, request->key);
	request->hash = vmmq_toeplitz(&key, request->input, request->input_len, request->impl);
}

static int hash_show_json(const struct command_line *line, const struct hash_request *request, const char *input,
			  const char *key)
{
	json_t *object =
	    json_pack("{s:o, s:s, s:s, s:s, s:s, s:I, s:I}", "hash", json_sprintf("0x%08x", request->hash),
		      "hash_type", vmmq_hash_type_name(request->type), "input", input, "key", key, "implementation",
		      vmmq_toeplitz_impl_name(request->impl), "entries", (json_int_t)request->entries, "entry",
		      (json_int_t)(request->hash & (request->entries - 1)));

	if (!object)
		return command_fail(line, "out of memory");
	json_dumpf(object, stdout, 0);
	putchar('\n');
	json_decref(object);
	return COMMAND_DONE;
}

static int hash_show(const struct command_line *line, const struct hash_request *request)
{
	char input[2 * VMMQ_HASH_INPUT_MAX + 1], key[2 * VMMQ_KEY_LEN + 1];
	uint32_t mask = (uint32_t)request->entries - 1;

	hex_write(input, request->input, request->input_len);
	hex_write(key, request->key, VMMQ_KEY_LEN);
	if (command_flag(line, "json"))
		return hash_show_json(line, request, input, key);
	printf("0x%08x\n", request->hash);
	if (!command_flag(line, "verbose"))
		return COMMAND_DONE;
	printf("type            %s, %zu bytes\n", vmmq_hash_type_name(request->type), request->input_len);
	printf("input           %s\n", input);
	printf("key             %.40s\n                %s\n", key, key + 40);
	printf("entry           0x%08x & 0x%02x = %u, of %u %s\n", request->hash, mask, request->hash & mask,
	       mask + 1, mask ? "entries" : "entry");
	printf("implementation  %s\n", vmmq_toeplitz_impl_name(request->impl));
	return COMMAND_DONE;
}

static int cmd_hash_run(const struct command_line *line)
{
	static int (*const step[])(const struct command_line *,
				   struct hash_request *) = { hash_read_type, hash_read_key, hash_read_entries,
							      hash_read_endpoints, hash_read_implementation };
	struct hash_request request = { 0 };

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		int status = step[i](line, &request);

		if (status != COMMAND_DONE)
			return status;
	}
	hash_compute(&request);
	return hash_show(line, &request);
}

static const struct command_option options[] = {
	{ 't', "type", "TYPE", true,
	  "what is hashed: ipv4, ipv6, ipv6_ex (addresses), or tcp_ipv4, udp_ipv4, tcp_ipv6, udp_ipv6, tcp_ipv6_ex, "
	  "udp_ipv6_ex "
	  "(addresses and ports)" },
	{ 'k', "key", "HEX", false, "the hash secret key, 40 bytes (default: the well-known verification key)" },
	{ 'e', "entries", "N", false,
	  "entries of the indirection table, a power of two from 1 to 128 (default: 128)" },
	{ 'i', "implementation", "auto|bitwise|portable|clmul|vpclmul|gfni", false,
	  "how the hash is computed; the result is the same" },
	{ 'v', "verbose", NULL, false, "print the hash, then the bytes hashed, the key and the entry" },
	{ 0, "json", NULL, false, "print all of that as one JSON object" },
};

const struct command cmd_hash = {
	.name = "hash",
	.summary = "compute one Toeplitz hash",
	.operands = "SRC[:PORT] DST[:PORT]",
	.operand_min = 2,
	.operand_max = 2,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description = "Computes the Toeplitz hash that a packet from SRC to DST has, and prints it on one line. "
		       "IPv6 addresses with ports "
		       "stand in brackets. Types that hash addresses only accept ports and leave them out. For the "
		       "_ex types SRC is the Home "
		       "Address and DST the type 2 routing header's address, where the packet has them.",
	.examples = "vmmq hash --type tcp_ipv4 66.9.149.187:2794 161.142.100.80:1766\n\n"
		    "vmmq hash --type ipv6 --verbose 3ffe:2501:200:1fff::7 3ffe:2501:200:3::1\n\n"
		    "vmmq hash --type udp_ipv6 --entries 16 [2001:db8::1]:53 [2001:db8::2]:4000",
	.run = cmd_hash_run,
};
