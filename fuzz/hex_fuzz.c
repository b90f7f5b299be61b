/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as bytes in hex or a dump: never more than there is room for, and what came out, written plainly, comes out again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vmmq/input/hex_text.h"

enum { ROOM = 2048 };

void fuzz_hex(const uint8_t *data, size_t len)
{
	char *text = calloc(1, len + 1), *plain = calloc(1, 2 * ROOM + 1), error[HEX_ERROR_MAX] = "";
	uint8_t *bytes = malloc(ROOM), *again = malloc(ROOM);
	long n;

	memcpy(text, data, len);
	n = hex_text_parse(text, bytes, ROOM, error);
	fuzz_check(n >= -1 && n <= ROOM && (n >= 0 || error[0]));
	for (long i = 0; i < n; i++)
		snprintf(plain + 2 * i, 3, "%02x", bytes[i]);
	if (n > 0)
		fuzz_check(hex_text_parse(plain, again, ROOM, error) == n && !memcmp(bytes, again, (size_t)n));
	free(text);
	free(plain);
	free(bytes);
	free(again);
}
