/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/schema/doors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config_yaml.h"
#include "rpc/method.h"
#include "vmmq/change/parameters.h"

#define TEXT_MAX 8192

static bool is_key_of(const struct schema_field *field, enum schema_id mapping)
{
	return field->in != FIELD_NOWHERE && schema_has(mapping, field);
}

/* is_port_key: a key of a kind of ports. */
static bool is_port_key(const struct schema_field *field)
{
	return field->in != FIELD_NOWHERE && schema_field(field->in)->in == FIELD_PORT;
}

bool in_file(const struct schema_field *field)
{
	return field->in != FIELD_NOWHERE && field->in != FIELD_FILE;
}

bool in_request(const struct schema_field *field)
{
	return field == schema_field(FIELD_NEW_VPORT_ID) || (in_file(field) && field->uses & SCHEMA_ADD);
}

bool on_line(const struct schema_field *field)
{
	return in_request(field);
}

/* beside_others writes the members of a VPort, or of the adapter, of which one is the field. */
static void beside_others(const struct schema_field *field, const char *value, char *text)
{
	if (field == schema_field(FIELD_VNI))
		snprintf(text, TEXT_MAX,
			 "\"filters\": [{\"mac\": \"02:00:00:00:00:01\", \"encapsulated\": true, \"vni\": %s}]",
			 value);
	else if (is_key_of(field, FIELD_FILTER) && field != schema_field(FIELD_MAC))
		snprintf(text, TEXT_MAX, "\"filters\": [{\"mac\": \"02:00:00:00:00:01\", \"%s\": %s}]", field->key,
			 value);
	else if (is_key_of(field, FIELD_FILTER))
		snprintf(text, TEXT_MAX, "\"filters\": [{\"%s\": %s}]", field->key, value);
	else if (is_key_of(field, FIELD_RSS))
		snprintf(text, TEXT_MAX, "\"rss\": {\"%s\": %s}", field->key, value);
	else if (field->in == FIELD_PORT)
		snprintf(text, TEXT_MAX, "\"backend\": {\"%s\": %s}", field->key, value);
	else if (field->in == FIELD_FEATURES)
		snprintf(text, TEXT_MAX,
			 "\"backend\": {\"vhost_user\": {\"socket\": \"x\", \"features\": {\"%s\": %s}}}", field->key,
			 value);
	else if (is_port_key(field) && field == schema_next(field->in, NULL))
		snprintf(text, TEXT_MAX, "\"backend\": {\"%s\": {\"%s\": %s}}", schema_field(field->in)->key,
			 field->key, value);
	else if (is_port_key(field))
		snprintf(text, TEXT_MAX, "\"backend\": {\"%s\": {\"%s\": \"x\", \"%s\": %s}}",
			 schema_field(field->in)->key, schema_next(field->in, NULL)->key, field->key, value);
	else if (field == schema_field(FIELD_RX_QUEUES))
		snprintf(text, TEXT_MAX, "\"uplink\": {\"device\": \"x\", \"%s\": %s}", field->key, value);
	else if (is_key_of(field, FIELD_BALANCE))
		snprintf(text, TEXT_MAX, "\"balance\": {\"%s\": %s}", field->key, value);
	else if (field == schema_field(FIELD_MIN_QUEUE_PAIRS))
		snprintf(text, TEXT_MAX, "\"queue_pairs\": 128, \"%s\": %s", field->key, value);
	else
		snprintf(text, TEXT_MAX, "\"%s\": %s", field->key, value);
}

bool file_takes(const struct schema_field *field, const struct spelling *value)
{
	char members[TEXT_MAX], *text = NULL;
	struct vmmq_config config;
	struct config_error error;
	bool taken;
	int len;

	beside_others(field, value->yaml, members);
	if (is_key_of(field, FIELD_ADAPTER) || is_key_of(field, FIELD_BALANCE) ||
	    field == schema_field(FIELD_RX_QUEUES))
		len = asprintf(&text, "{adapter: {processors: [0, 9], %s}}", members);
	else if (field == schema_field(FIELD_FLEET_HOST))
		len =
		    asprintf(&text, "{adapter: {processors: [0, 9]}, fleet: {remotes: [\"unix:/s\"], %s}}", members);
	else if (field->in == FIELD_FLEET)
		len = asprintf(&text, "{adapter: {processors: [0, 9]}, fleet: {remotes: [\"unix:/s\"], host: h, %s}}",
			       members);
	else if (field == schema_field(FIELD_VPORT_ID))
		len = asprintf(&text, "{adapter: {processors: [0, 9]}, vports: [{%s}]}", members);
	else
		len = asprintf(&text, "{adapter: {processors: [0, 9]}, vports: [{id: 1, %s}]}", members);
	assert_true(len > 0);
	taken = vmmq_config_parse(text, (size_t)len, &config, &error) == 0;
	vmmq_config_fini(&config);
	free(text);
	return taken;
}

bool request_takes(const struct schema_field *field, const struct spelling *value)
{
	char members[TEXT_MAX], text[TEXT_MAX + 2];
	const char *similar;
	struct vmmq_rss_params rss;
	struct vmmq_why why;
	json_t *params;
	bool taken;

	beside_others(field, value->yaml, members);
	if (field == schema_field(FIELD_RX_QUEUES))
		snprintf(text, sizeof(text), "{\"device\": \"x\", \"%s\": %s}", field->key, value->yaml);
	else
		snprintf(text, sizeof(text), "{%s}", members);
	params = json_loads(text, 0, NULL);
	assert_non_null(params);
	vmmq_rss_params_init(&rss, (struct vmmq_processor){ 0 });
	taken =
	    params_check(
		method_find(field == schema_field(FIELD_RX_QUEUES) ? "uplink.set" : "vport.add", &similar)->params,
		params, &why) == VMMQ_SUCCESS &&
	    call_rss(json_object_get(params, "rss"), "rss.", &rss, &why) == VMMQ_SUCCESS;
	json_decref(params);
	return taken;
}

bool line_takes(const struct schema_field *field, const struct spelling *value)
{
	char hint[VALUE_HINT_MAX] = "";
	json_t *read = parameter_value(field, value->typed, hint);
	bool taken = read != NULL;

	json_decref(read);
	return taken;
}
