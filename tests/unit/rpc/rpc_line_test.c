/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines come out as they went in, however the stream was cut. */
#include "rpc/rpc_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct rpc_lines *lines, const char *bytes, size_t len)
{
	while (len) {
		size_t room;
		char *space = rpc_lines_space(lines, &room);

		assert_non_null(space);
		assert_true(room > 0);
		room = room < len ? room : len;
		memcpy(space, bytes, room);
		rpc_lines_put(lines, room);
		bytes += room;
		len -= room;
	}
}

static void expect(struct rpc_lines *lines, bool last, const char *expected)
{
	const char *line;
	size_t len;

	assert_int_equal(rpc_lines_take(lines, 100, last, &line, &len), RPC_LINE);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(line, expected, len);
}

static void expect_none(struct rpc_lines *lines, bool last)
{
	const char *line;
	size_t len;

	assert_int_equal(rpc_lines_take(lines, 100, last, &line, &len), RPC_LINE_NONE);
}

static void test_cut_anywhere(void **state)
{
	static const char stream[] = "first\n\r\nsecond\r\n\nthird\rstill\nhalf";
	size_t len = sizeof(stream) - 1;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct rpc_lines lines = { 0 };

		put(&lines, stream, cut);
		if (cut < 6)
			expect_none(&lines, false);
		put(&lines, stream + cut, len - cut);
		expect(&lines, false, "first");
		expect(&lines, false, "");
		expect(&lines, false, "second");
		expect(&lines, false, "");
		expect(&lines, false, "third\rstill");
		assert_false(rpc_lines_whole(&lines, 100));
		expect_none(&lines, false);
		assert_int_equal(rpc_lines_waiting(&lines), 4);
		expect(&lines, true, "half");
		expect_none(&lines, true);
		rpc_lines_fini(&lines);
	}
}

static void test_long(void **state)
{
	char text[151];
	struct rpc_lines lines = { 0 };
	const char *line;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text));
	put(&lines, text, 100);
	expect_none(&lines, false);
	put(&lines, text, 1);
	assert_true(rpc_lines_whole(&lines, 100));
	assert_int_equal(rpc_lines_take(&lines, 100, false, &line, &len), RPC_LINE_LONG);
	rpc_lines_fini(&lines);
	text[100] = '\n';
	put(&lines, text, 101);
	assert_int_equal(rpc_lines_take(&lines, 100, false, &line, &len), RPC_LINE);
	assert_int_equal(len, 100);
	rpc_lines_fini(&lines);
}

/* A long line leaves no memory behind, whether something follows it or not; what follows is as it was sent. */
static void test_shrink(void **state)
{
	static char text[4 << 20];
	struct rpc_lines lines = { 0 };
	const char *line;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	for (unsigned following = 0; following < 2; following++) {
		put(&lines, text, sizeof(text));
		put(&lines, "half", following ? 4 : 0);
		assert_int_equal(rpc_lines_take(&lines, sizeof(text), false, &line, &len), RPC_LINE);
		assert_int_equal(len, sizeof(text) - 1);
		for (unsigned i = 0; i < 16; i++)
			rpc_lines_shrink(&lines);
		assert_true(lines.room <= 16 << 10);
	}
	put(&lines, "\n", 1);
	expect(&lines, false, "half");
	rpc_lines_fini(&lines);
}

/* random_line fills a line that tells its number and length by its bytes. */
static size_t random_line(char *line, unsigned number)
{
	size_t len = (size_t)rand() % (rand() % 8 ? 60 : 40000);

	for (size_t i = 0; i < len; i++)
		line[i] = (char)('a' + (number + i) % 26);
	line[len] = '\n';
	return len;
}

/* Any lines, put in any pieces, taken at any time: the same lines. */
static void test_stream(void **state)
{
	static char sent[64 << 20], one[40001];
	size_t sent_len = 0, put_len = 0;
	unsigned next = 0;
	struct rpc_lines lines = { 0 };

	(void)state;
	srand(1);
	for (unsigned number = 0; number < 2000; number++)
		sent_len += random_line(sent + sent_len, number) + 1;
	srand(1);
	while (next < 2000) {
		size_t piece = (size_t)rand() % 5000 + 1, len;
		const char *line;

		piece = piece < sent_len - put_len ? piece : sent_len - put_len;
		put(&lines, sent + put_len, piece);
		put_len += piece;
		if (rand() % 4 == 0)
			rpc_lines_shrink(&lines);
		while (rpc_lines_take(&lines, sizeof(one), false, &line, &len) == RPC_LINE) {
			for (size_t i = 0; i < len; i++)
				assert_int_equal(line[i], 'a' + (next + i) % 26);
			next++;
		}
	}
	assert_int_equal(put_len, sent_len);
	assert_int_equal(rpc_lines_waiting(&lines), 0);
	rpc_lines_fini(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
