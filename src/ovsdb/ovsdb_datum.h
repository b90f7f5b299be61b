/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one column of one row holds: a scalar is a set of one, an optional one a set of none or one.  Keys are in order and none is there
 * twice, so equal contents are equal item by item, whatever order a server sent them in.
 */
#ifndef VMMQ_OVSDB_OVSDB_DATUM_H
#define VMMQ_OVSDB_OVSDB_DATUM_H

#include <stddef.h>

#include "ovsdb/ovsdb_type.h"

/* Which member holds is the type's to say.  text is never NULL. */
union ovsdb_atom {
	int64_t integer;
	double real;
	bool boolean;
	char *text;
	struct ovsdb_uuid uuid;
};

struct ovsdb_item {
	union ovsdb_atom key, value; /* value: of maps */
};

/* Zeroed: nothing. */
struct ovsdb_datum {
	struct ovsdb_item *item;
	size_t count;
};

/*
 * ovsdb_datum_read reads a <value>.  ovsdb_datum_read_difference reads the one of a "modify": of a column with more than one item that may
 * be any number of them.  Both refuse duplicates and other types.  On failure *datum is nothing.
 */
bool ovsdb_datum_read(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
		      struct ovsdb_why *why);
bool ovsdb_datum_read_difference(struct ovsdb_datum *datum, const struct ovsdb_type *type, const json_t *json,
				 struct ovsdb_why *why);

/* ovsdb_datum_initial makes what a server leaves out: 0, 0.0, false, "" and the zero UUID, or none where none is allowed. */
bool ovsdb_datum_initial(struct ovsdb_datum *datum, const struct ovsdb_type *type, struct ovsdb_why *why);

/* ovsdb_datum_copy makes another one of the same content. */
bool ovsdb_datum_copy(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *from,
		      struct ovsdb_why *why);

/*
 * ovsdb_datum_patch makes what `before` becomes by a difference (ovsdb-server(7), 4.1.14): of a column with at most one item that is the
 * new content; of sets what is in one of the two only; of maps, besides, a pair with another value is the new pair.  Refuses what the type
 * does not allow.
 */
bool ovsdb_datum_patch(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *before,
		       const struct ovsdb_datum *difference, struct ovsdb_why *why);

bool ovsdb_datum_equal(const struct ovsdb_type *type, const struct ovsdb_datum *a, const struct ovsdb_datum *b);

/* ovsdb_datum_len returns the bytes of memory that it holds. */
size_t ovsdb_datum_len(const struct ovsdb_type *type, const struct ovsdb_datum *datum);

/* ovsdb_datum_json returns it as a <value>, the caller's; NULL: out of memory. */
json_t *ovsdb_datum_json(const struct ovsdb_type *type, const struct ovsdb_datum *datum);

void ovsdb_datum_fini(const struct ovsdb_type *type, struct ovsdb_datum *datum);

#endif
