/* SPDX-License-Identifier: BSD-2-Clause */
/* An output file appears when it is complete, under its name, where it may be. */
#include "unit/ports/output_file_rig.h"

static void test_new_file_appears_when_finished(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);

	(void)state;
	write_text(out, "one ");
	write_text(out, "two");
	expect_absent(path);
	assert_int_equal(access(in_directory("out.partial"), F_OK), 0);
	finish_ok(out);
	expect_content(path, "one two");
	expect_absent(in_directory("out.partial"));
}

static void test_nothing_written_is_an_empty_file(void **state)
{
	(void)state;
	finish_ok(open_ok(in_directory("out")));
	expect_content(in_directory("out"), "");
}

static void test_old_file_stays_until_finished(void **state)
{
	const char *path = in_directory("out");
	struct stat st;

	(void)state;
	make_file(path, "old", 0640);
	make_file(in_directory("out.partial"), "of an earlier run, and longer", 0600);
	struct output_file *out = open_ok(path);

	write_text(out, "new");
	expect_content(path, "old");
	finish_ok(out);
	expect_content(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_abandon_leaves_partial(void **state)
{
	const char *path = in_directory("out");
	char partial[128] = "?";

	(void)state;
	make_file(path, "old", 0644);
	struct output_file *out = open_ok(path);

	write_text(out, "half of it");
	output_file_abandon(out, partial, sizeof(partial));
	expect_content(path, "old");
	assert_string_equal(partial, in_directory("out.partial"));
	expect_content(partial, "half of it");
}

static void test_abandon_of_nothing_leaves_nothing(void **state)
{
	const char *path = in_directory("out");
	char partial[128] = "?";

	(void)state;
	output_file_abandon(open_ok(path), partial, sizeof(partial));
	assert_string_equal(partial, "");
	expect_absent(path);
	expect_absent(in_directory("out.partial"));
}

static void test_symbolic_link_is_followed(void **state)
{
	const char *target = in_directory("target"), *link = in_directory("link");
	struct stat st;

	(void)state;
	make_file(target, "old", 0644);
	assert_int_equal(symlink("target", link), 0);
	struct output_file *out = open_ok(link);

	write_text(out, "new");
	finish_ok(out);
	expect_content(target, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_dangling_link_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", in_directory("link")), 0);
	expect_refused(in_directory("link"), "symbolic link to something that does not exist");
}

/* What is written in pieces of every size around the buffer's is what is in the file. */
static void test_pieces_of_every_size(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);
	const size_t sizes[] = { 1, 3, (256 << 10) - 5, 2, 256 << 10, (512 << 10) + 7, 0, 11 };
	size_t total = 0;
	uint8_t *data = malloc(2 << 20), *found = malloc(2 << 20);

	(void)state;
	for (size_t i = 0; i < 2 << 20; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		output_file_write(out, data + total, sizes[i]);
		total += sizes[i];
	}
	finish_ok(out);
	FILE *stream = fopen(path, "rb");

	assert_int_equal(fread(found, 1, 2 << 20, stream), total);
	assert_memory_equal(found, data, total);
	fclose(stream);
	free(data);
	free(found);
}

static void test_one_path_twice_is_refused(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);

	(void)state;
	write_text(out, "first");
	expect_refused(path, "is being written already");
	finish_ok(out);
	expect_content(path, "first");
}

static void test_bad_paths(void **state)
{
	(void)state;
	expect_refused(directory, "is a directory");
	expect_refused(in_directory("missing/out"), "missing does not exist; create it first");
	expect_refused(in_directory("missing/"), "is not the path of a file");
	expect_refused("", "is not the path of a file");
	make_file(in_directory("file"), "", 0644);
	expect_refused(in_directory("file/out"), "Not a directory");
	assert_int_equal(mkfifo(in_directory("pipe.partial"), 0600), 0);
	expect_refused(in_directory("pipe"), "pipe.partial cannot be created");
}

#define NOBODY 65534

static void test_unwritable(void **state)
{
	bool is_root = geteuid() == 0;

	(void)state;
	if (is_root) { /* root writes everywhere, so be nobody for a moment */
		assert_int_equal(chown(directory, NOBODY, NOBODY), 0);
		assert_int_equal(setresuid(NOBODY, NOBODY, 0), 0);
	}
	make_file(in_directory("out"), "old", 0444);
	expect_refused(in_directory("out"), "exists and is not writable");
	assert_int_equal(mkdir(in_directory("locked"), 0555), 0);
	expect_refused(in_directory("locked/out"), "must be writable");
	assert_int_equal(rmdir(in_directory("locked")), 0);
	if (is_root) {
		assert_int_equal(setresuid(0, 0, 0), 0);
		assert_int_equal(chown(directory, 0, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_directory(test_new_file_appears_when_finished),
		test_in_directory(test_nothing_written_is_an_empty_file),
		test_in_directory(test_old_file_stays_until_finished),
		test_in_directory(test_abandon_leaves_partial),
		test_in_directory(test_abandon_of_nothing_leaves_nothing),
		test_in_directory(test_symbolic_link_is_followed),
		test_in_directory(test_dangling_link_is_refused),
		test_in_directory(test_pieces_of_every_size),
		test_in_directory(test_one_path_twice_is_refused),
		test_in_directory(test_bad_paths),
		test_in_directory(test_unwritable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
