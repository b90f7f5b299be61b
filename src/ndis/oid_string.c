/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted strings: UTF-16 in requests, UTF-8 inside. */
#include <string.h>

#include "base/utf8.h"
#include "ndis/oid_call.h"

#define REPLACEMENT 0xfffdu

static bool utf16_is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool utf16_is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

vmmq_status oid_string_read(const struct vmmq_ndis_string *string, char text[OID_TEXT_MAX + 1], struct vmmq_why *why)
{
	size_t count = string->length / 2, len = 0;

	if (string->length % 2 || count > VMMQ_NDIS_STRING_UNITS)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name.length",
				    "%u; an even number of bytes is needed, at most %u", string->length,
				    2 * VMMQ_NDIS_STRING_UNITS);
	for (size_t i = 0; i < count && string->unit[i]; i++) {
		uint32_t c = string->unit[i];

		if (utf16_is_high(c) && i + 1 < count && utf16_is_low(string->unit[i + 1]))
			c = 0x10000 + ((c - 0xd800) << 10) + (string->unit[++i] - 0xdc00u);
		else if (utf16_is_high(c) || utf16_is_low(c))
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "half of a surrogate pair, 0x%04x",
					    c);
		len += utf8_put(text + len, c);
	}
	text[len] = '\0';
	return VMMQ_SUCCESS;
}

void oid_string_write(struct vmmq_ndis_string *string, const char *text)
{
	size_t count = 0;

	memset(string, 0, sizeof(*string));
	while (*text) {
		uint32_t c = utf8_next(&text);

		if (c == UTF8_INVALID)
			c = REPLACEMENT;
		if (count + (c >= 0x10000) >= VMMQ_NDIS_STRING_UNITS)
			break;
		if (c >= 0x10000) {
			string->unit[count++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + (c & 0x3ff);
		}
		string->unit[count++] = (uint16_t)c;
	}
	string->length = (uint16_t)(2 * count);
}
