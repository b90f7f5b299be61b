/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/field.h"

#include <assert.h>
#include <string.h>

#include "schema/option.h"

static const char *const schema_moderations[] = { "poll", "interrupt", "adaptive", NULL };
static const char *const schema_modes[] = { "server", "client", NULL };
static const char *const schema_ports[] = {
	"vhost_user", "tap", "af_packet", "af_xdp", "pci", "memif", "device", NULL
};
static const char *const schema_hash_functions[] = { "toeplitz", NULL };
#define X(name, bit, text, bytes) text,
static const char *const schema_hash_types[] = { VMMQ_HASH_TYPES(X) NULL };
#undef X

#define X(name, bit, text, title) text,
static const char *const schema_tunnels[] = { VMMQ_TUNNELS(X) NULL };
#undef X

#define SCHEMA_ENTRY(id)    .entry = &schema_fields[FIELD_##id]
#define SCHEMA_WORDS(array) .words = (array)

#define ROW(id, in_mapping, key_text, kind_of, least, most, first, option_of, ...)                                   \
	[FIELD_##id] = { .key = (key_text),                                                                          \
			 .in = FIELD_##in_mapping,                                                                   \
			 .kind = SCHEMA_##kind_of,                                                                   \
			 .min = (least),                                                                             \
			 .max = (most),                                                                              \
			 .initial = (first),                                                                         \
			 .option = SCHEMA_OPTION_NAME(option_of),                                                    \
			 __VA_ARGS__ },
const struct schema_field schema_fields[FIELD_COUNT] = { SCHEMA_FIELDS(ROW) };
#undef ROW

static_assert(FIELD_PROCESSOR_MAX == UINT16_MAX && FIELD_VPORT_ID_MAX == VMMQ_VPORTS_MAX - 1,
	      "what struct vmmq_processor and struct vmmq_vport_id hold");

static const struct schema_field *own_next(enum schema_id in, const struct schema_field *after)
{
	for (unsigned i = after ? schema_id(after) + 1u : FIELD_NOWHERE + 1u; i < FIELD_COUNT; i++)
		if (schema_fields[i].in == in)
			return &schema_fields[i];
	return NULL;
}

const struct schema_field *schema_next(enum schema_id in, const struct schema_field *after)
{
	enum schema_id also = schema_fields[in].also;
	const struct schema_field *next;

	if (also == FIELD_NOWHERE || (after && after->in != also))
		return own_next(in, after);
	next = own_next(also, after);
	return next ? next : own_next(in, NULL);
}

bool schema_has(enum schema_id in, const struct schema_field *field)
{
	return field->in == in || (schema_fields[in].also != FIELD_NOWHERE && field->in == schema_fields[in].also);
}

const struct schema_field *schema_find(enum schema_id in, const char *key)
{
	const struct schema_field *field = NULL;

	while ((field = schema_next(in, field)))
		if (strcmp(field->key, key) == 0)
			return field;
	return NULL;
}

bool schema_count_fits(const struct schema_field *list, uint64_t count)
{
	if (count < list->min || (list->max != SCHEMA_UNBOUNDED && count > list->max))
		return false;
	return !list->power_of_two || (count & (count - 1)) == 0;
}
