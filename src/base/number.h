/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as people type them: digits and nothing else, no sign, no white space. */
#ifndef VMMQ_BASE_NUMBER_H
#define VMMQ_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* number_read reads all of text: decimal digits, or "0x" and hex digits.  False: something else, or above max. */
bool number_read(const char *text, uint64_t max, uint64_t *value);

/* number_read_decimal does the same without "0x". */
bool number_read_decimal(const char *text, uint64_t max, uint64_t *value);

#endif
