/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as people paste them. */
#ifndef VMMQ_VMMQ_INPUT_HEX_TEXT_H
#define VMMQ_VMMQ_INPUT_HEX_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define HEX_ERROR_MAX 192 /* size of an error */

/*
 * hex_text_parse reads text into at most max bytes.  Two shapes:
 * - hex digits with spaces, newlines, ':', '-', '.', ',', "0x" and "\x" between the bytes;
 * - a dump, whose lines begin with an offset: xxd, hexdump -C, od -t x1, tcpdump -xx or -XX, tshark -x, Wireshark.  Lines before the first
 *   one with an offset, and the characters at the end of a line, are passed over; the offsets must fit.  "*" stands for lines like the
 *   one before.
 * What od, hexdump and xxd print as words, bits, or numbers that are not hexadecimal is refused, as is a dump that begins in the middle.
 * Returns how many bytes, 0 for none, or -1 with error set (a sentence without a final stop).
 */
long hex_text_parse(const char *text, uint8_t *bytes, size_t max, char error[HEX_ERROR_MAX]);

#endif
