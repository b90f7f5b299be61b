/* SPDX-License-Identifier: BSD-2-Clause */
/* One key or value of a datum. */
#ifndef VMMQ_OVSDB_OVSDB_ATOM_H
#define VMMQ_OVSDB_OVSDB_ATOM_H

#include "ovsdb/ovsdb_datum.h"

/* ovsdb_atom_read reads an <atom>; what it makes is ovsdb_atom_fini's. */
bool ovsdb_atom_read(union ovsdb_atom *atom, enum ovsdb_base base, const json_t *json, struct ovsdb_why *why);
/* ovsdb_atom_initial: 0, 0.0, false, "" or the zero UUID. */
bool ovsdb_atom_initial(union ovsdb_atom *atom, enum ovsdb_base base, struct ovsdb_why *why);
bool ovsdb_atom_copy(union ovsdb_atom *atom, enum ovsdb_base base, const union ovsdb_atom *from,
		     struct ovsdb_why *why);
void ovsdb_atom_fini(union ovsdb_atom *atom, enum ovsdb_base base);

/* ovsdb_atom_compare returns less than 0, 0, or more. */
int ovsdb_atom_compare(enum ovsdb_base base, const union ovsdb_atom *a, const union ovsdb_atom *b);
/* ovsdb_atom_json returns it as an <atom>; NULL: out of memory. */
json_t *ovsdb_atom_json(enum ovsdb_base base, const union ovsdb_atom *atom);

#endif
