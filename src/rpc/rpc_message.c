/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_message.h"

#include <stdio.h>
#include <string.h>

#include "base/similar_word.h"
#include "config/config_tree.h"
#include "rpc/record.h"
#include "rpc/rpc_budget.h"
#include "rpc/rpc_scan.h"

static bool request_refuse(struct rpc_error *error, enum rpc_code code, const char *path, const char *text,
			   const char *detail)
{
	error->code = code;
	error->status = vmmq_why_set(&error->why, VMMQ_INVALID_PARAMETER, path, text, detail);
	return false;
}

static bool not_json(const json_error_t *json, struct rpc_error *error)
{
	char text[JSON_ERROR_TEXT_LENGTH + 48];

	snprintf(text, sizeof(text), "%.*s, near byte %d", JSON_ERROR_TEXT_LENGTH, json->text, json->position);
	return request_refuse(error, RPC_NOT_JSON, "", "one JSON object a line is needed: %s", text);
}

static bool member_is_known(const char *name, struct rpc_error *error)
{
	static const char *const known[] = { "jsonrpc", "id", "method", "params" };
	const char *similar;
	char quoted[CONFIG_QUOTE_MAX + 16];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], name) == 0)
			return true;
	similar = similar_word(name, known, sizeof(known) / sizeof(known[0]));
	config_quote(quoted, sizeof(quoted), name, CONFIG_QUOTE_MAX);
	if (similar)
		return request_refuse(error, RPC_NOT_A_REQUEST, quoted,
				      "unknown member of a request; did you mean %s?", similar);
	return request_refuse(error, RPC_NOT_A_REQUEST, quoted, "unknown member of a request; known here: %s",
			      "jsonrpc, id, method, params");
}

static bool request_read_id(struct rpc_request *request, struct rpc_error *error)
{
	json_t *id = json_object_get(request->object, "id");

	if (!id || json_is_number(id) || json_is_null(id) ||
	    (json_is_string(id) && json_string_length(id) <= RPC_ID_MAX)) {
		request->id = json_incref(id);
		return true;
	}
	request->id = json_null();
	error->code = RPC_NOT_A_REQUEST;
	error->status = vmmq_why_set(&error->why, VMMQ_INVALID_PARAMETER, "id",
				     "text of at most %u bytes, a number or null is needed", RPC_ID_MAX);
	return false;
}

static bool read_members(struct rpc_request *request, struct rpc_error *error)
{
	const char *version = json_string_value(json_object_get(request->object, "jsonrpc"));
	json_t *params = json_object_get(request->object, "params");
	const char *name;
	json_t *value;

	json_object_foreach(request->object, name, value)
	{
		if (!member_is_known(name, error))
			return false;
	}
	if (!version || strcmp(version, "2.0") != 0)
		return request_refuse(error, RPC_NOT_A_REQUEST, "jsonrpc", "%s is needed", "\"2.0\"");
	request->method = json_string_value(json_object_get(request->object, "method"));
	if (!request->method)
		return request_refuse(error, RPC_NOT_A_REQUEST, "method", "%s is needed", "the name of a method");
	if (params && !json_is_object(params))
		return request_refuse(error, RPC_BAD_PARAMS, "params", "%s is needed: params are named",
				      "an object, or no params at all,");
	request->params = params ? json_incref(params) : json_object();
	return request->params || request_refuse(error, RPC_REFUSED, "", "%s", "out of memory");
}

/* line_fits looks whether a line may become values at all. */
static bool line_fits(const char *line, size_t len, struct rpc_request *request, struct rpc_error *error)
{
	struct rpc_scan scan;
	enum rpc_scan_result result = rpc_scan(line, len, &scan);

	request->cost = rpc_budget_cost(len, scan.tokens);
	if (result == RPC_SCAN_FITS)
		return true;
	error->code = RPC_NOT_A_REQUEST;
	if (result == RPC_SCAN_DEEP)
		error->status = vmmq_why_set(&error->why, VMMQ_INVALID_PARAMETER, "",
					     "nested too deeply at byte %zu: a request has at most %u levels",
					     scan.at, RPC_DEPTH_MAX);
	else
		error->status =
		    vmmq_why_set(&error->why, VMMQ_INVALID_PARAMETER, "",
				 "too many values at byte %zu: a request has at most %u, names of members among them",
				 scan.at, RPC_TOKENS_MAX);
	return false;
}

bool rpc_request_parse(const char *line, size_t len, struct rpc_request *request, struct rpc_error *error)
{
	json_error_t json;

	*request = (struct rpc_request){ 0 };
	if (!line_fits(line, len, request, error)) {
		request->id = json_null();
		return false;
	}
	request->object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &json);
	if (!request->object) {
		request->id = json_null();
		return not_json(&json, error);
	}
	if (!json_is_object(request->object)) {
		request->id = json_null();
		return request_refuse(error, RPC_NOT_A_REQUEST, "", "one JSON object a line is needed%s",
				      "; batches are not supported");
	}
	if (!request_read_id(request, error))
		return false;
	if (read_members(request, error))
		return true;
	if (!request->id) /* what is no request cannot be a notification */
		request->id = json_null();
	return false;
}

void rpc_request_forget(struct rpc_request *request)
{
	json_decref(request->params);
	json_decref(request->object);
	request->params = request->object = NULL;
	request->method = NULL;
}

void rpc_request_fini(struct rpc_request *request)
{
	json_decref(request->id);
	json_decref(request->params);
	json_decref(request->object);
	*request = (struct rpc_request){ 0 };
}

json_t *rpc_answer(json_t *id, json_t *result)
{
	return json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result);
}

json_t *rpc_error_answer(json_t *id, const struct rpc_error *error)
{
	const struct vmmq_why *why = &error->why;
	char message[sizeof(why->path) + sizeof(why->text) + 4];

	snprintf(message, sizeof(message), "%s%s%s", why->path, why->path[0] ? ": " : "", why->text);
	return json_pack("{s:s, s:O, s:{s:i, s:o, s:{s:s, s:o, s:o}}}", "jsonrpc", "2.0", "id", id, "error", "code",
			 (int)error->code, "message", record_text(message), "data", "status",
			 vmmq_status_name(error->status), "field", record_text(why->path), "text",
			 record_text(why->text));
}

json_t *rpc_notification(const char *method, json_t *params)
{
	return json_pack("{s:s, s:s, s:O}", "jsonrpc", "2.0", "method", method, "params", params);
}
