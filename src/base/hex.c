/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

bool hex_read(const char *text, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int byte = hex_byte(text + 2 * i);

		if (byte < 0)
			return false;
		bytes[i] = (uint8_t)byte;
	}
	return true;
}

void hex_write(char *text, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

void hex_write_colons(char *text, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i)
			*text++ = ':';
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}
