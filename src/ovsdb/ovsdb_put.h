/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON that is whole or not at all: when memory is short a value must not go out with a part of it missing, which would be a smaller truth.
 * NULL goes through both, as it does through json_pack() in the end.
 */
#ifndef VMMQ_OVSDB_OVSDB_PUT_H
#define VMMQ_OVSDB_OVSDB_PUT_H

#include <jansson.h>

/* ovsdb_put returns the object with a member more, or NULL; it takes both. */
static inline json_t *ovsdb_put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* ovsdb_append returns the array with an element more, or NULL; it takes both. */
static inline json_t *ovsdb_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

#endif
