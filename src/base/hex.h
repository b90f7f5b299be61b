/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as hex digits, two a byte. */
#ifndef VMMQ_BASE_HEX_H
#define VMMQ_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEX_DIGITS "0123456789abcdefABCDEF" /* for strspn() */

/* hex_digit returns 0 to 15, or -1 when c is no hex digit. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* hex_byte returns the byte that text begins with, 0 to 255, or -1 when that is not two hex digits. */
static inline int hex_byte(const char *text)
{
	int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* hex_read reads len bytes of the 2 * len digits that text begins with; false: it begins otherwise. */
bool hex_read(const char *text, uint8_t *bytes, size_t len);

/* hex_write writes 2 * len digits and a NUL. */
void hex_write(char *text, const uint8_t *bytes, size_t len);

/* hex_write_colons writes "02:00:5e": 3 * len - 1 characters and a NUL, only the NUL of no bytes. */
void hex_write_colons(char *text, const uint8_t *bytes, size_t len);

#endif
