/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/hex_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Bytes 0x41 to 0x54: characters that look like hex digits stand beside every dump of them. */
#define BYTES 20

static void expect_bytes(const char *text, long count)
{
	uint8_t bytes[64];
	char error[HEX_ERROR_MAX] = "";
	long len = hex_text_parse(text, bytes, sizeof(bytes), error);

	if (len != count)
		fail_msg("%ld bytes, \"%s\" of:\n%s", len, error, text);
	for (long i = 0; i < count; i++)
		assert_int_equal(bytes[i], 0x41 + i);
}

static void plain_digits_are_read(void **state)
{
	(void)state;
	expect_bytes("", 0);
	expect_bytes(" \n", 0);
	expect_bytes("4142434445464748494a4b4c4d4e4f5051525354", BYTES);
	expect_bytes("41:42:43-44.45,46 47\n48", 8);
	expect_bytes("0x41, 0x42, 0X43", 3);
	expect_bytes("0x41424344", 4);
	expect_bytes("\\x41\\x42", 2);
	expect_bytes("4142 4344 4546", 6);
}

static void dumps_are_read(void **state)
{
	(void)state;
	/* xxd, and xxd -g1 -c8 with a full line of characters that are digits */
	expect_bytes("00000000: 4142 4344 4546 4748 494a 4b4c 4d4e 4f50  ABCDEFGHIJKLMNOP\n"
		     "00000010: 5152 5354                                QRST\n",
		     BYTES);
	expect_bytes("00000000: 41 42 43 44 45 46 47 48  ABCDEFGH\n00000008: 49 4a                    IJ\n", 10);
	expect_bytes("00000000: 41 42 43 44 45 46 47 48  ABCDEFGH\n00000008: 49 4a 4b 4c 4d 4e 4f 50  IJKLMNOP\n",
		     16);
	expect_bytes("00000000: 41424344 45464748 494a4b4c 4d4e4f50 51525354 55565758  "
		     "ABCDEFGHIJKLMNOPQRSTUVWX\n00000018: 595a  YZ\n",
		     26);
	/* hexdump -C, with its last line that has an offset only */
	expect_bytes("00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|\n"
		     "00000010  51 52 53 54                                       |QRST|\n"
		     "00000014\n",
		     BYTES);
	expect_bytes("00000000  41 42 43 44 45 46 47 48                           |ABCDEFGH|\n00000008\n", 8);
	/* tcpdump -xx and -XX, below the line that describes the packet */
	expect_bytes("12:00:00.000001 IP 192.0.2.1.1 > 192.0.2.2.2: UDP, length 1\n"
		     "\t0x0000:  4142 4344 4546 4748 494a 4b4c 4d4e 4f50\n"
		     "\t0x0010:  5152 5354\n",
		     BYTES);
	expect_bytes("\t0x0000:  4142 4344 4546 4748 494a 4b4c 4d4e 4f50  ABCDEFGHIJKLMNOP\n"
		     "\t0x0010:  5152 53                                  QRS\n",
		     BYTES - 1);
	/* tshark -x and Wireshark, also with carriage returns */
	expect_bytes("0000  41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50   ABCDEFGHIJKLMNOP\r\n"
		     "0010  51 52 53 54                                       QRST\r\n\r\n",
		     BYTES);
	expect_bytes("0000   41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50\n0010   51 52 53 54\n", BYTES);
}

static void expect_error(const char *text, const char *expected)
{
	uint8_t bytes[20];
	char error[HEX_ERROR_MAX] = "";

	assert_int_equal(hex_text_parse(text, bytes, sizeof(bytes), error), -1);
	if (!strstr(error, expected))
		fail_msg("\"%s\": \"%s\"", text, error);
}

/* od -t x1 with offsets in octal, hexadecimal and decimal, and with characters; hexdump's "*". */
static void od_is_read(void **state)
{
	(void)state;
	expect_bytes("0000000 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50\n0000020 51 52 53 54\n0000024\n",
		     BYTES);
	expect_bytes("000000 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50\n000010 51 52 53 54\n000014\n", BYTES);
	expect_bytes("0000000 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50\n0000016 51 52 53 54\n0000020\n",
		     BYTES);
	expect_bytes("0000000 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  >ABCDEFGHIJKLMNOP<\n"
		     "0000020 51 52 53 54                                      >QRST<\n0000024\n",
		     BYTES);
	expect_bytes(" 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50\n 51 52 53 54\n", BYTES); /* od -An -tx1 */
}

static void repeated_lines_are_read(void **state)
{
	uint8_t bytes[64];
	char error[HEX_ERROR_MAX] = "";

	(void)state;
	assert_int_equal(
	    hex_text_parse("00000000  11 11 11 11 11 11 11 11  11 11 11 11 11 11 11 11  |................|\n"
			   "*\n"
			   "00000030  22                                                |\"|\n"
			   "00000031\n",
			   bytes, sizeof(bytes), error),
	    0x31);
	for (unsigned i = 0; i < 0x31; i++)
		assert_int_equal(bytes[i], i < 0x30 ? 0x11 : 0x22);
	assert_int_equal(hex_text_parse("00000000  11 11\n*\n00000031\n", bytes, sizeof(bytes), error), -1);
}

/* What other options of the same tools print: of bytes 0x41 to 0x48, on a machine of either byte order. */
static void words_are_refused(void **state)
{
	static const char *const texts[] = {
		"0000000 4241 4443 4645 4847\n0000008\n",                    /* hexdump */
		"0000000    4241    4443    4645    4847\n0000008\n",        /* hexdump -x */
		"0000000    4241\n0000002\n",                                /* hexdump -x, two bytes */
		"0000000   16961   17475   17989   18503\n0000008\n",        /* hexdump -d */
		"0000000  041101  042103  043105  044107\n0000008\n",        /* hexdump -o */
		"0000000   A   B   C   D   E   F   G   H\n0000008\n",        /* hexdump -c */
		"0000000 101 102 103 104 105 106 107 110\n0000008\n",        /* hexdump -b, od -b */
		"0000000 041101 042103 043105 044107\n0000010\n",            /* od */
		"0000000 4241 4443 4645 4847\n0000010\n",                    /* od -x */
		"0000000 44434241 48474645\n0000010\n",                      /* od -t x4 */
		"0000000  65  66  67  68  69  70  71  72\n0000010\n",        /* od -t u1 */
		"000000 4241 4443 4645 4847\n000008\n",                      /* od -A x -x */
		"000000 041101 042103 043105 044107\n000008\n",              /* od -A x */
		" 4241 4443 4645 4847\n",                                    /* od -A n -x */
		" 44434241 48474645\n",                                      /* od -A n -t x4 */
		" 041101 042103 043105 044107\n",                            /* od -A n */
		"  65  66  67  68  69  70  71  72\n",                        /* od -A n -t u1 */
		"00000000: 44434241 48474645                    ABCDEFGH\n", /* xxd -e */
		"00000000: 01000001 01000010 01000011 01000100 01000101 01000110  ABCDEF\n"
		"00000006: 01000111 01001000                                      GH\n", /* xxd -b */
		"00000010: 4142 4344 4546 4748 494a 4b4c 4d4e 4f50  ABCDEFGHIJKLMNOP\n", /* xxd -s 16 */
		"00000010  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50\n"
		"00000020  51 52\n",                /* hexdump -C -s 16 */
		"000000 41 42 43 44 45 46 47 48\n", /* od -A x -t x1, its last line lost: or three bytes more */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t bytes[64];
		char error[HEX_ERROR_MAX] = "";
		long len = hex_text_parse(texts[i], bytes, sizeof(bytes), error);

		if (len > 0 || (len < 0 && !error[0]))
			fail_msg("%ld bytes of:\n%s", len, texts[i]);
	}
}

static void wrong_text_is_refused(void **state)
{
	(void)state;
	expect_error("414", "line 1: half a byte");
	expect_error("41 4 42", "line 1: half a byte");
	expect_error("41\n4g", "line 2: half a byte");
	expect_error("41\n42 xy", "line 2: 'x' is not a hex digit");
	expect_error("0x", "is not a hex digit");
	expect_error("41\001", "'?' is not a hex digit");
	expect_error("4142434445464748494a4b4c4d4e4f505152535455", "more than 20 bytes");
	expect_error("0000  41 42\n0003  43\n", "line 2: the dump does not go on with offset 0002");
	expect_error("0000  41 42\n\n0000  43\n", "line 3: the dump does not go on with offset 0002");
	expect_error("0000  41 42\nhello\n", "line 2: the dump does not go on");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_digits_are_read),
		cmocka_unit_test(dumps_are_read),
		cmocka_unit_test(od_is_read),
		cmocka_unit_test(repeated_lines_are_read),
		cmocka_unit_test(words_are_refused),
		cmocka_unit_test(wrong_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
