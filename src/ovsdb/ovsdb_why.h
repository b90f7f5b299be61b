/* SPDX-License-Identifier: BSD-2-Clause */
/* Why something of a store's was refused, in a sentence that can stand in a log: whatever a server sent, it is printable ASCII. */
#ifndef VMMQ_OVSDB_OVSDB_WHY_H
#define VMMQ_OVSDB_OVSDB_WHY_H

#include <stdbool.h>

struct ovsdb_why {
	char text[320];
};

/* ovsdb_refuse sets why, cut to its room, and returns false. */
bool ovsdb_refuse(struct ovsdb_why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is refused where memory is short; the same sentence everywhere. */
#define OVSDB_NO_MEMORY "out of memory"

#endif
