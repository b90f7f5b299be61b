/* SPDX-License-Identifier: BSD-2-Clause */
/* Binary NDIS requests through vmmqd's control socket (docs/rpc.md, oid.request). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/oid/cmd_oid.h"

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);
	json_t *value;

	if (!text)
		return NULL;
	hex_write(text, bytes, len);
	value = json_stringn(text, 2 * len);
	free(text);
	return value;
}

static json_t *params_of(const struct oid_request *request, int32_t processor)
{
	json_t *params =
	    json_pack("{s:I, s:s, s:o}", "oid", (json_int_t)request->oid, "method", oid_method_names[request->method],
		      "buffer", hex_of(request->buffer, request->length));

	if (params && request->flags & VMMQ_NDIS_VPORT_ID_VALID)
		json_object_set_new(params, "vport", json_integer(request->vport));
	if (params && processor >= 0)
		json_object_set_new(params, "processor", json_integer(processor));
	return params;
}

/* split_why takes "path: text" apart; a path has no spaces. */
static void split_why(const char *sentence, struct vmmq_why *why)
{
	size_t len = strcspn(sentence, " :");
	bool has_path = strncmp(sentence + len, ": ", 2) == 0;

	*why = (struct vmmq_why){ "", "" };
	if (has_path)
		snprintf(why->path, sizeof(why->path), "%.*s", (int)len, sentence);
	snprintf(why->text, sizeof(why->text), "%s", has_path ? sentence + len + 2 : sentence);
}

/* take_answer fills what was asked for; false: the result is not what docs/rpc.md says. */
static bool take_answer(json_t *result, struct oid_request *request, vmmq_status *status, size_t *bytes,
			struct vmmq_why *why)
{
	const char *text = json_string_value(json_object_get(result, "why"));
	json_t *code = json_object_get(result, "code"), *count = json_object_get(result, "bytes");
	const char *hex = json_string_value(json_object_get(result, "buffer"));

	if (!json_is_integer(code) || !json_is_integer(count) || !hex || strlen(hex) != 2 * request->length ||
	    !hex_read(hex, request->buffer, request->length))
		return false;
	*status = (vmmq_status)json_integer_value(code);
	*bytes = (size_t)json_integer_value(count);
	split_why(text ? text : "", why);
	return true;
}

int oid_remote(const struct command_line *line, struct client *client, int32_t processor, struct oid_request *request,
	       vmmq_status *status, size_t *bytes, struct vmmq_why *why)
{
	json_t *params, *result;
	bool good;

	if (request->method >= VMMQ_OID_METHOD_COUNT)
		return command_fail(line, "method %u: there are 0 (query), 1 (set) and 2 (method)", request->method);
	params = params_of(request, processor);
	if (!params)
		return command_fail(line, "out of memory");
	result = daemon_call(line, client, "oid.request", params);
	if (!result)
		return COMMAND_REFUSED;
	good = take_answer(result, request, status, bytes, why);
	json_decref(result);
	return good ? COMMAND_DONE : command_fail(line, "oid.request: vmmqd's answer is not what docs/rpc.md says");
}
