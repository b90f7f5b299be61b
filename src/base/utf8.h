/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters of UTF-8 text (RFC 3629). */
#ifndef VMMQ_BASE_UTF8_H
#define VMMQ_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_LEN_MAX 4          /* bytes of the longest character */
#define UTF8_INVALID UINT32_MAX /* no character */

/* utf8_continues tells whether c is a byte that begins no character. */
static inline bool utf8_continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* utf8_is_control: a character that a terminal obeys instead of showing it. */
static inline bool utf8_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

/*
 * utf8_next returns the code point at *text, which is not at its NUL, and moves *text behind it.  What is not
 * well-formed (cut, too long a form, a surrogate, above U+10FFFF) is UTF8_INVALID, byte by byte.
 */
static inline uint32_t utf8_next(const char **text)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*text;
	unsigned more = s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
	uint32_t point = more ? s[0] & (0x3fu >> more) : s[0];

	*text += 1;
	if (utf8_continues((char)s[0]) || s[0] >= 0xf8)
		return UTF8_INVALID;
	for (unsigned i = 1; i <= more; i++) {
		if (!utf8_continues((char)s[i]))
			return UTF8_INVALID;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return UTF8_INVALID;
	*text += more;
	return point;
}

/* utf8_put writes a code point of at most U+10FFFF, without a NUL, and returns how many bytes that are. */
static inline size_t utf8_put(char text[UTF8_LEN_MAX], uint32_t point)
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--, point >>= 6)
		text[i] = (char)(0x80 | (point & 0x3f));
	text[0] = (char)(lead[len] | point);
	return len;
}

#endif
