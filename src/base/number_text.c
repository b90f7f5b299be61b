/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/number_text.h"

#include <inttypes.h>
#include <stdio.h>

const char *number_thousands(uint64_t n, char text[NUMBER_TEXT_MAX])
{
	char digits[NUMBER_TEXT_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *out = text;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

const char *number_scaled(double value, char *text, size_t size)
{
	const char *unit = "kMGTPE";

	value /= 1000;
	while (value >= 999.5 && unit[1]) {
		value /= 1000;
		unit++;
	}
	if (value >= 999.5)
		value = 999;
	snprintf(text, size, "%.*f%c", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, *unit);
	return text;
}
