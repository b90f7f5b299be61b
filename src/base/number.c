/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/number.h"

#include "base/hex.h"

static bool read_digits(const char *text, unsigned base, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		int digit = hex_digit(*text);

		if (digit < 0 || digit >= (int)base || (uint64_t)digit > max || sum > (max - (uint64_t)digit) / base)
			return false;
		sum = sum * base + (uint64_t)digit;
	}
	*value = sum;
	return true;
}

bool number_read(const char *text, uint64_t max, uint64_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return read_digits(text + 2, 16, max, value);
	return read_digits(text, 10, max, value);
}

bool number_read_decimal(const char *text, uint64_t max, uint64_t *value)
{
	return read_digits(text, 10, max, value);
}
