/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_atom.h"

#include <stdlib.h>
#include <string.h>

static bool text_copy(union ovsdb_atom *atom, const char *text, struct ovsdb_why *why)
{
	atom->text = strdup(text);
	return atom->text || ovsdb_refuse(why, OVSDB_NO_MEMORY);
}

/* uuid_of returns the text of ["uuid", TEXT], or NULL. */
static const char *uuid_of(const json_t *json)
{
	const char *word = json_string_value(json_array_get(json, 0));

	if (json_array_size(json) != 2 || !word || strcmp(word, "uuid") != 0)
		return NULL;
	return json_string_value(json_array_get(json, 1));
}

bool ovsdb_atom_read(union ovsdb_atom *atom, enum ovsdb_base base, const json_t *json, struct ovsdb_why *why)
{
	const char *uuid;

	*atom = (union ovsdb_atom){ 0 };
	switch (base) {
	case OVSDB_INTEGER:
		atom->integer = json_integer_value(json);
		if (json_is_integer(json))
			return true;
		break;
	case OVSDB_REAL:
		atom->real = json_number_value(json);
		if (json_is_number(json))
			return true;
		break;
	case OVSDB_BOOLEAN:
		atom->boolean = json_is_true(json);
		if (json_is_boolean(json))
			return true;
		break;
	case OVSDB_STRING:
		if (json_is_string(json))
			return text_copy(atom, json_string_value(json), why);
		break;
	case OVSDB_UUID:
		uuid = uuid_of(json);
		if (uuid && ovsdb_uuid_read(&atom->uuid, uuid))
			return true;
		break;
	case OVSDB_VOID:
		break;
	}
	return ovsdb_refuse(why, "a value of type %s is needed", ovsdb_base_name(base));
}

bool ovsdb_atom_initial(union ovsdb_atom *atom, enum ovsdb_base base, struct ovsdb_why *why)
{
	*atom = (union ovsdb_atom){ 0 };
	return base != OVSDB_STRING || text_copy(atom, "", why);
}

bool ovsdb_atom_copy(union ovsdb_atom *atom, enum ovsdb_base base, const union ovsdb_atom *from,
		     struct ovsdb_why *why)
{
	*atom = *from;
	return base != OVSDB_STRING || text_copy(atom, from->text, why);
}

void ovsdb_atom_fini(union ovsdb_atom *atom, enum ovsdb_base base)
{
	if (base == OVSDB_STRING)
		free(atom->text);
}

int ovsdb_atom_compare(enum ovsdb_base base, const union ovsdb_atom *a, const union ovsdb_atom *b)
{
	switch (base) {
	case OVSDB_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case OVSDB_REAL:
		return (a->real > b->real) - (a->real < b->real);
	case OVSDB_BOOLEAN:
		return a->boolean - b->boolean;
	case OVSDB_STRING:
		return strcmp(a->text, b->text);
	case OVSDB_UUID:
		return memcmp(&a->uuid, &b->uuid, sizeof(a->uuid));
	case OVSDB_VOID:
		break;
	}
	return 0;
}

json_t *ovsdb_atom_json(enum ovsdb_base base, const union ovsdb_atom *atom)
{
	char uuid[OVSDB_UUID_LEN + 1];

	switch (base) {
	case OVSDB_INTEGER:
		return json_integer(atom->integer);
	case OVSDB_REAL:
		return json_real(atom->real);
	case OVSDB_BOOLEAN:
		return json_boolean(atom->boolean);
	case OVSDB_STRING:
		return json_string(atom->text);
	case OVSDB_UUID:
		ovsdb_uuid_write(&atom->uuid, uuid);
		return json_pack("[s, s]", "uuid", uuid);
	case OVSDB_VOID:
		break;
	}
	return NULL;
}
