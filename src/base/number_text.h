/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as people read them. */
#ifndef VMMQ_BASE_NUMBER_TEXT_H
#define VMMQ_BASE_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT_MAX 32 /* size that the largest number needs */

/* number_thousands writes "1,234,567", and returns text. */
const char *number_thousands(uint64_t n, char text[NUMBER_TEXT_MAX]);

/*
 * number_scaled writes a value of 1000 or more with three digits and a unit, from "1.00k" to "999E", which is all there is
 * to say above that; rounding may carry it into the next unit (999,700 is "1.00M").  Returns text, which size bytes cut.
 */
const char *number_scaled(double value, char *text, size_t size);

#endif
