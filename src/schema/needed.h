/* SPDX-License-Identifier: BSD-2-Clause */
/* What a field's value must be, in words: "a number from 68 to 9600", to be followed by " is needed". */
#ifndef VMMQ_SCHEMA_NEEDED_H
#define VMMQ_SCHEMA_NEEDED_H

#include <stddef.h>

#include "schema/field.h"

#define NEEDED_MAX 256 /* size for every sentence */

/* For whom it is written: in JSON words are in double quotes, and a mapping is an object. */
enum needed_for {
	NEEDED_IN_FILE,
	NEEDED_IN_REQUEST,
	NEEDED_ON_LINE,
};

/* needed_text writes it; what does not fit is cut. */
void needed_text(const struct schema_field *field, enum needed_for reader, char *text, size_t size);

/* needed_form fills the places in a field's form, as docs/configuration.md has it. */
void needed_form(const struct schema_field *field, const char *form, char *text, size_t size);

#endif
