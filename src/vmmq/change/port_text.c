/* SPDX-License-Identifier: BSD-2-Clause */
/* A port as the command line has it, KIND:PLACE,KEY=VALUE,..., as the object that requests have. */
#include "vmmq/change/port_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_port.h"
#include "schema/needed.h"
#include "vmmq/change/parameters.h"

/* set_key gives a key its value; a virtio feature's name stands for a member of features. */
static bool set_key(json_t *object, enum schema_id kind, const char *key, const char *text, char *hint)
{
	const struct schema_field *field = schema_find(kind, key);
	char needed[NEEDED_MAX];
	json_t *value;

	if (!field && kind == FIELD_VHOST_USER && schema_find(FIELD_FEATURES, key)) {
		if (!json_object_get(object, "features"))
			json_object_set_new(object, "features", json_object());
		return set_key(json_object_get(object, "features"), FIELD_FEATURES, key, text, hint);
	}
	if (!field || field->kind == SCHEMA_MAPPING) {
		snprintf(hint, VALUE_HINT_MAX, ": %s has no \"%.40s\"", schema_field(kind)->key, key);
		return false;
	}
	if (json_object_get(object, key)) {
		snprintf(hint, VALUE_HINT_MAX, ", where %.40s stands twice", key);
		return false;
	}
	value = parameter_value(field, text, hint);
	if (json_object_set_new(object, key, value) == 0)
		return true;
	if (!hint[0]) {
		needed_text(field, NEEDED_ON_LINE, needed, sizeof(needed));
		snprintf(hint, VALUE_HINT_MAX, ", where %.30s is to be %.70s", key, needed);
	}
	return false;
}

/* port_read_options takes the place and what follows it; rest is cut into its parts. */
static bool port_read_options(json_t *object, enum schema_id kind, char *rest, char *hint)
{
	const char *place = strsep(&rest, ",");

	if (!set_key(object, kind, schema_next(kind, NULL)->key, place, hint))
		return false;
	while (rest) {
		char *value = strsep(&rest, ",");
		const char *key = strsep(&value, "=");

		if (!value) {
			snprintf(hint, VALUE_HINT_MAX, ", where \"%.40s\" is no KEY=VALUE", key);
			return false;
		}
		if (!set_key(object, kind, key, value, hint))
			return false;
	}
	return true;
}

static json_t *port_kind_value(const struct schema_field *kind, const char *text, char *hint)
{
	json_t *object = json_object();
	char *copy = strdup(text);
	bool done = copy && port_read_options(object, schema_id(kind), copy, hint);

	free(copy);
	if (done)
		return object;
	json_decref(object);
	return NULL;
}

/* hint_devargs: who writes what earlier versions took is told what it is now. */
static void hint_devargs(const char *text, char *hint)
{
	struct port_spec meant;
	char options[16] = "";

	if (!port_spec_from_devargs(&meant, text))
		return;
	if (meant.queues)
		snprintf(options, sizeof(options), ",queues=%u", (unsigned)meant.queues);
	snprintf(hint, VALUE_HINT_MAX, " (did you mean %s:%.70s%s?)", port_kind_text(meant.kind), meant.place,
		 options);
	port_spec_fini(&meant);
}

json_t *port_value(const char *text, char *hint)
{
	const char *colon = strchr(text, ':');
	const struct schema_field *kind;
	char word[16];
	json_t *value;

	snprintf(word, sizeof(word), "%.*s", colon ? (int)(colon - text) : 0, text);
	kind = schema_find(FIELD_PORT, word);
	if (!kind) {
		hint_devargs(text, hint);
		return NULL;
	}
	value = kind->kind == SCHEMA_MAPPING ? port_kind_value(kind, colon + 1, hint)
					     : parameter_value(kind, colon + 1, hint);
	return value ? json_pack("{s:o}", kind->key, value) : NULL;
}
