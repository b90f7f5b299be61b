/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/port_spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	enum port_place place;
} port_kinds[PORT_KIND_COUNT] = { [PORT_NONE] = { "none", PORT_AT_NOTHING },
#define X(name, text, place) [PORT_##name] = { text, place },
				  PORT_KINDS(X)
#undef X
};

static const struct {
	const char *name;
	uint64_t bit;
} port_features[] = {
#define X(name, bit) { #name, UINT64_C(1) << (bit) },
	PORT_FEATURES(X)
#undef X
};
#define PORT_FEATURE_COUNT (sizeof(port_features) / sizeof(port_features[0]))

const char *port_kind_text(enum port_kind kind)
{
	return port_kinds[kind].text;
}

enum port_place port_kind_place(enum port_kind kind)
{
	return port_kinds[kind].place;
}

uint64_t port_feature_bit(const char *name)
{
	for (size_t i = 0; i < PORT_FEATURE_COUNT; i++)
		if (strcmp(port_features[i].name, name) == 0)
			return port_features[i].bit;
	return 0;
}

const char *port_place_text(const struct port_spec *spec)
{
	return spec->kind == PORT_DEVICE ? spec->device : spec->place;
}

bool port_spec_copy(struct port_spec *copy, const struct port_spec *spec)
{
	*copy = *spec;
	if (!spec->device)
		return true;
	copy->device = strdup(spec->device);
	if (copy->device)
		return true;
	*copy = (struct port_spec){ 0 };
	return false;
}

void port_spec_fini(struct port_spec *spec)
{
	free(spec->device);
	*spec = (struct port_spec){ 0 };
}

static uint16_t spec_permissions(const struct port_spec *spec)
{
	return spec->permissions ? spec->permissions : PORT_PERMISSIONS;
}

bool port_spec_equal(const struct port_spec *a, const struct port_spec *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == PORT_DEVICE)
		return strcmp(a->device, b->device) == 0;
	return strcmp(a->place, b->place) == 0 && a->queues == b->queues && a->mode == b->mode && a->id == b->id &&
	       spec_permissions(a) == spec_permissions(b) && strcmp(a->owner, b->owner) == 0 &&
	       strcmp(a->group, b->group) == 0 && a->features_off == b->features_off && a->sealed == b->sealed &&
	       a->postcopy == b->postcopy;
}

struct spec_writer {
	char *text;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void spec_put(struct spec_writer *w, const char *format, ...)
{
	va_list values;
	int len;

	if (w->len >= w->size)
		return;
	va_start(values, format);
	len = vsnprintf(w->text + w->len, w->size - w->len, format, values);
	va_end(values);
	w->len += len > 0 ? (size_t)len : 0;
}

static void spec_put_features(struct spec_writer *w, uint64_t off)
{
	const char *before = ", without ";

	for (size_t i = 0; i < PORT_FEATURE_COUNT; i++) {
		if (!(off & port_features[i].bit))
			continue;
		off &= ~port_features[i].bit;
		spec_put(w, "%s%s", before, port_features[i].name);
		before = off & (off - 1) ? ", " : " and ";
	}
}

void port_spec_text(const struct port_spec *spec, char *text, size_t size)
{
	struct spec_writer w = { text, size, 0 };

	spec_put(&w, "%s", port_kind_text(spec->kind));
	if (spec->kind == PORT_NONE)
		return;
	spec_put(&w, " %s", port_place_text(spec));
	if (port_kind_place(spec->kind) == PORT_AT_SOCKET)
		spec_put(&w, ", %s", spec->mode == PORT_CLIENT ? "client" : "server");
	if (spec->kind == PORT_MEMIF)
		spec_put(&w, ", id %u", (unsigned)spec->id);
	if (spec->queues)
		spec_put(&w, ", %u queue%s", (unsigned)spec->queues, spec->queues == 1 ? "" : "s");
	if (spec->owner[0])
		spec_put(&w, ", owner %s", spec->owner);
	if (spec->group[0])
		spec_put(&w, ", group %s", spec->group);
	if (spec->permissions && spec->permissions != PORT_PERMISSIONS)
		spec_put(&w, ", permissions %04o", (unsigned)spec->permissions);
	if (spec->sealed)
		spec_put(&w, ", sealed memory only");
	if (spec->postcopy)
		spec_put(&w, ", postcopy");
	spec_put_features(&w, spec->features_off);
}

/* spec_put_quoted writes a double-quoted YAML scalar of text without control characters. */
static void spec_put_quoted(struct spec_writer *w, const char *text)
{
	spec_put(w, "\"");
	for (; *text; text++)
		spec_put(w, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	spec_put(w, "\"");
}

static void spec_put_options(struct spec_writer *w, const struct port_spec *spec)
{
	const char *before = ", features: {";

	if (spec->kind == PORT_MEMIF)
		spec_put(w, ", id: %u", (unsigned)spec->id);
	if (port_kind_place(spec->kind) == PORT_AT_SOCKET && spec->mode == PORT_CLIENT)
		spec_put(w, ", %s: client", spec->kind == PORT_MEMIF ? "role" : "mode");
	if (spec->queues)
		spec_put(w, ", queues: %u", (unsigned)spec->queues);
	if (spec->owner[0])
		spec_put(w, ", owner: ");
	if (spec->owner[0])
		spec_put_quoted(w, spec->owner);
	if (spec->group[0])
		spec_put(w, ", group: ");
	if (spec->group[0])
		spec_put_quoted(w, spec->group);
	if (spec->permissions && spec->permissions != PORT_PERMISSIONS)
		spec_put(w, ", permissions: \"%04o\"", (unsigned)spec->permissions);
	if (spec->sealed)
		spec_put(w, ", sealed: true");
	if (spec->postcopy)
		spec_put(w, ", postcopy: true");
	for (size_t i = 0; i < PORT_FEATURE_COUNT; i++) {
		if (!(spec->features_off & port_features[i].bit))
			continue;
		spec_put(w, "%s%s: off", before, port_features[i].name);
		before = ", ";
	}
	spec_put(w, "%s}", spec->features_off ? "}" : "");
}

void port_spec_file_text(const struct port_spec *spec, char *text, size_t size)
{
	static const char *const keys[] = {
		[PORT_AT_SOCKET] = "socket",
		[PORT_AT_INTERFACE] = "interface",
		[PORT_AT_ADDRESS] = "address",
	};
	struct spec_writer w = { text, size, 0 };

	spec_put(&w, "%s: ", port_kind_text(spec->kind));
	if (spec->kind == PORT_DEVICE) {
		spec_put_quoted(&w, spec->device);
		return;
	}
	spec_put(&w, "{%s: ", keys[port_kind_place(spec->kind)]);
	spec_put_quoted(&w, spec->place);
	spec_put_options(&w, spec);
}

uint16_t port_spec_queues(const struct port_spec *spec, uint32_t queue_pairs)
{
	if (spec->queues)
		return spec->queues;
	if (spec->kind == PORT_AF_PACKET || spec->kind == PORT_AF_XDP || !queue_pairs)
		return 1;
	return queue_pairs < UINT16_MAX ? (uint16_t)queue_pairs : UINT16_MAX;
}
