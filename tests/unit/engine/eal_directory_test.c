/* SPDX-License-Identifier: BSD-2-Clause */
/* DPDK's runtime directory: a private one unless the usual one is ours, and nothing of it is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/eal_directory.h"

static char base[] = "/tmp/vmmq-eal-XXXXXX";

static const char *below(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", base, name);
	return path;
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(base) ? 0 : -1;
}

/* fresh makes base the usual place, with nothing in it. */
static int fresh(void **state)
{
	(void)state;
	rmdir(below("/dpdk/test"));
	remove(below("/dpdk"));
	return setenv("RUNTIME_DIRECTORY", base, 1);
}

static int end(void **state)
{
	fresh(state);
	return rmdir(base);
}

static void assert_directory(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(st.st_uid, geteuid());
}

/* Private: the environment leads there until it is left, and what is put into it goes with it. */
static void is_private(bool telemetry)
{
	const char *before = getenv("RUNTIME_DIRECTORY"), *directory;
	char *kept = before ? strdup(before) : NULL, path[PATH_MAX], file[PATH_MAX];
	int fd;

	directory = eal_directory_enter("test", telemetry);
	assert_non_null(directory);
	assert_string_equal(getenv("RUNTIME_DIRECTORY"), directory);
	assert_directory(directory);
	snprintf(path, sizeof(path), "%s", directory);
	snprintf(file, sizeof(file), "%s/socket", directory);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	eal_directory_leave();
	if (kept)
		assert_string_equal(getenv("RUNTIME_DIRECTORY"), kept);
	else
		assert_null(getenv("RUNTIME_DIRECTORY"));
	assert_directory(path);
	eal_directory_remove();
	assert_int_equal(access(path, F_OK), -1);
	eal_directory_remove(); /* again is nothing */
	free(kept);
}

static void without_telemetry_always_private(void **state)
{
	(void)state;
	is_private(false);
	assert_int_equal(access(below("/dpdk"), F_OK), -1);
	unsetenv("RUNTIME_DIRECTORY");
	is_private(false);
}

static void usual_when_it_is_ours(void **state)
{
	(void)state;
	for (unsigned again = 0; again < 2; again++) {
		assert_null(eal_directory_enter("test", true));
		assert_string_equal(getenv("RUNTIME_DIRECTORY"), base);
		assert_directory(below("/dpdk/test"));
		eal_directory_leave();
		eal_directory_remove();
		assert_string_equal(getenv("RUNTIME_DIRECTORY"), base);
		assert_directory(below("/dpdk/test")); /* not ours to remove: others may be there */
	}
}

static void private_when_it_is_not(void **state)
{
	(void)state;
	assert_int_equal(symlink("/", below("/dpdk")), 0);
	is_private(true);
	assert_int_equal(remove(below("/dpdk")), 0);
	assert_int_equal(mkdir(below("/dpdk"), 0700), 0);
	assert_int_equal(chmod(below("/dpdk"), 0777), 0); /* anybody could put a socket there */
	is_private(true);
	assert_int_equal(chmod(below("/dpdk"), 0700), 0);
	assert_null(eal_directory_enter("test", true));
	setenv("RUNTIME_DIRECTORY", below("/none"), 1);
	is_private(true);
	setenv("RUNTIME_DIRECTORY", "", 1);
	is_private(true);
	setenv("RUNTIME_DIRECTORY", "relative", 1);
	is_private(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_telemetry_always_private, fresh),
		cmocka_unit_test_setup(usual_when_it_is_ours, fresh),
		cmocka_unit_test_setup(private_when_it_is_not, fresh),
	};

	return cmocka_run_group_tests(tests, start, end);
}
