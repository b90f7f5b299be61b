/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_datum.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb/ovsdb_atom.h"
#include "ovsdb/ovsdb_put.h"

static bool is_map(const struct ovsdb_type *type)
{
	return type->value != OVSDB_VOID;
}

static int item_compare(const void *a, const void *b, void *type)
{
	const struct ovsdb_item *left = a, *right = b;

	return ovsdb_atom_compare(((const struct ovsdb_type *)type)->key, &left->key, &right->key);
}

/* items_sort puts them in order; false: a key is there twice. */
static bool items_sort(struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_why *why)
{
	struct ovsdb_type ordered = *type;

	if (datum->count < 2)
		return true;
	qsort_r(datum->item, datum->count, sizeof(datum->item[0]), item_compare, &ordered);
	for (size_t i = 1; i < datum->count; i++)
		if (item_compare(&datum->item[i - 1], &datum->item[i], &ordered) == 0)
			return ovsdb_refuse(why, "an element is there twice");
	return true;
}

static bool count_fits(const struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_why *why)
{
	if (datum->count < type->min || datum->count > type->max)
		return ovsdb_refuse(why, "%zu elements, where %u to %u are allowed", datum->count, type->min,
				    type->max);
	return true;
}

static bool datum_make(struct ovsdb_datum *datum, size_t count, struct ovsdb_why *why)
{
	*datum = (struct ovsdb_datum){ 0 };
	if (count)
		datum->item = calloc(count, sizeof(datum->item[0]));
	return !count || datum->item || ovsdb_refuse(why, OVSDB_NO_MEMORY);
}

/* item_add counts an item only when all of it is there, so that ovsdb_datum_fini() is always right. */
static bool item_add(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_item *from,
		     struct ovsdb_why *why)
{
	struct ovsdb_item *item = &datum->item[datum->count];

	if (!ovsdb_atom_copy(&item->key, type->key, &from->key, why))
		return false;
	if (!ovsdb_atom_copy(&item->value, type->value, &from->value, why)) {
		ovsdb_atom_fini(&item->key, type->key);
		return false;
	}
	datum->count++;
	return true;
}

static bool item_read(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
		      struct ovsdb_why *why)
{
	struct ovsdb_item *item = &datum->item[datum->count];
	const json_t *key = is_map(type) ? json_array_get(json, 0) : json;

	if (is_map(type) && json_array_size(json) != 2)
		return ovsdb_refuse(why, "a pair of a map has a key and a value");
	if (!ovsdb_atom_read(&item->key, type->key, key, why))
		return false;
	if (is_map(type) && !ovsdb_atom_read(&item->value, type->value, json_array_get(json, 1), why)) {
		ovsdb_atom_fini(&item->key, type->key);
		return false;
	}
	datum->count++;
	return true;
}

/* elements_of returns the list of ["set", [...]] or ["map", [...]], and NULL for what stands for itself. */
static const json_t *elements_of(const struct ovsdb_type *type, const json_t *json)
{
	const char *word = json_string_value(json_array_get(json, 0));
	const json_t *list = json_array_get(json, 1);

	if (json_array_size(json) != 2 || !word || !json_is_array(list))
		return NULL;
	return strcmp(word, is_map(type) ? "map" : "set") == 0 ? list : NULL;
}

static bool elements_read(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
			  struct ovsdb_why *why)
{
	const json_t *list = elements_of(type, json);
	size_t count = list ? json_array_size(list) : 1;

	if (is_map(type) && !list)
		return ovsdb_refuse(why, "a map is needed");
	if (!datum_make(datum, count, why))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!item_read(datum, type, list ? json_array_get(list, i) : json, why))
			return false;
	return items_sort(datum, type, why);
}

static bool datum_or_nothing(bool good, struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
	if (!good)
		ovsdb_datum_fini(type, datum);
	return good;
}

bool ovsdb_datum_read(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
		      struct ovsdb_why *why)
{
	*datum = (struct ovsdb_datum){ 0 };
	return datum_or_nothing(elements_read(datum, type, json, why) && count_fits(datum, type, why), datum, type);
}

bool ovsdb_datum_read_difference(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
				 struct ovsdb_why *why)
{
	*datum = (struct ovsdb_datum){ 0 };
	return datum_or_nothing(elements_read(datum, type, json, why), datum, type);
}

bool ovsdb_datum_initial(struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_why *why)
{
	struct ovsdb_item *item;

	if (!datum_make(datum, type->min, why) || type->min == 0)
		return datum->item || type->min == 0;
	item = &datum->item[0];
	if (!ovsdb_atom_initial(&item->key, type->key, why))
		return datum_or_nothing(false, datum, type);
	if (!ovsdb_atom_initial(&item->value, type->value, why)) {
		ovsdb_atom_fini(&item->key, type->key);
		return datum_or_nothing(false, datum, type);
	}
	datum->count = 1;
	return true;
}

bool ovsdb_datum_copy(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *from,
		      struct ovsdb_why *why)
{
	bool good = datum_make(datum, from->count, why);

	for (size_t i = 0; good && i < from->count; i++)
		good = item_add(datum, type, &from->item[i], why);
	return datum_or_nothing(good, datum, type);
}

/* item_order: before which of the two the merge goes on, as a comparison; NULL: there is none left. */
static int item_order(const struct ovsdb_type *type, const struct ovsdb_item *old, const struct ovsdb_item *other)
{
	if (!old || !other)
		return old ? -1 : 1;
	return ovsdb_atom_compare(type->key, &old->key, &other->key);
}

/* items_merge walks both in order, and adds to datum what stays of either. */
static bool items_merge(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *before,
			const struct ovsdb_datum *difference, struct ovsdb_why *why)
{
	size_t b = 0, d = 0;

	while (b < before->count || d < difference->count) {
		const struct ovsdb_item *old = b < before->count ? &before->item[b] : NULL;
		const struct ovsdb_item *other = d < difference->count ? &difference->item[d] : NULL;
		int order = item_order(type, old, other);
		bool gone = order == 0 &&
			    ovsdb_atom_compare(type->value, &old->value, &other->value) == 0; /* of sets always */

		if (!gone && !item_add(datum, type, order < 0 ? old : other, why))
			return false;
		b += order <= 0;
		d += order >= 0;
	}
	return true;
}

/* datum_shrink gives back the room that a merge did not need. */
static void datum_shrink(struct ovsdb_datum *datum)
{
	struct ovsdb_item *smaller;

	if (datum->count == 0) {
		free(datum->item);
		datum->item = NULL;
		return;
	}
	smaller = realloc(datum->item, datum->count * sizeof(datum->item[0]));
	if (smaller)
		datum->item = smaller;
}

bool ovsdb_datum_patch(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *before,
		       const struct ovsdb_datum *difference, struct ovsdb_why *why)
{
	bool good;

	if (type->max == 1)
		good = ovsdb_datum_copy(datum, type, difference, why);
	else
		good = datum_make(datum, before->count + difference->count, why) &&
		       items_merge(datum, type, before, difference, why);
	if (good)
		datum_shrink(datum);
	return datum_or_nothing(good && count_fits(datum, type, why), datum, type);
}

bool ovsdb_datum_equal(const struct ovsdb_type *type, const struct ovsdb_datum *a, const struct ovsdb_datum *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (ovsdb_atom_compare(type->key, &a->item[i].key, &b->item[i].key) != 0 ||
		    ovsdb_atom_compare(type->value, &a->item[i].value, &b->item[i].value) != 0)
			return false;
	return true;
}

size_t ovsdb_datum_len(const struct ovsdb_type *type, const struct ovsdb_datum *datum)
{
	size_t len = datum->count * sizeof(datum->item[0]);

	for (size_t i = 0; i < datum->count; i++) {
		len += type->key == OVSDB_STRING ? strlen(datum->item[i].key.text) + 1 : 0;
		len += type->value == OVSDB_STRING ? strlen(datum->item[i].value.text) + 1 : 0;
	}
	return len;
}

static json_t *item_json(const struct ovsdb_type *type, const struct ovsdb_item *item)
{
	json_t *key = ovsdb_atom_json(type->key, &item->key);

	return is_map(type) ? json_pack("[o, o]", key, ovsdb_atom_json(type->value, &item->value)) : key;
}

json_t *ovsdb_datum_json(const struct ovsdb_type *type, const struct ovsdb_datum *datum)
{
	json_t *list;

	if (!is_map(type) && datum->count == 1)
		return item_json(type, &datum->item[0]);
	list = json_array();
	for (size_t i = 0; i < datum->count; i++)
		list = ovsdb_append(list, item_json(type, &datum->item[i]));
	return json_pack("[s, o]", is_map(type) ? "map" : "set", list);
}

void ovsdb_datum_fini(const struct ovsdb_type *type, struct ovsdb_datum *datum)
{
	for (size_t i = 0; i < datum->count; i++) {
		ovsdb_atom_fini(&datum->item[i].key, type->key);
		ovsdb_atom_fini(&datum->item[i].value, type->value);
	}
	free(datum->item);
	*datum = (struct ovsdb_datum){ 0 };
}
