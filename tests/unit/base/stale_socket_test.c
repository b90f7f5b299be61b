/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stale_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/stale_socket_test.XXXXXX";
static char path[64];

static int listener_open(int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static bool is_there(void)
{
	struct stat found;

	return lstat(path, &found) == 0;
}

static void expect(enum stale_socket wanted, pid_t who)
{
	pid_t listener = 12345;

	assert_int_equal(stale_socket_remove(path, &listener), wanted);
	assert_int_equal(listener, who);
}

static void a_free_path(void **state)
{
	(void)state;
	expect(STALE_SOCKET_NONE, 0);
}

static void a_socket_left_behind_is_removed(void **state)
{
	(void)state;
	close(listener_open(1));
	assert_true(is_there());
	expect(STALE_SOCKET_NONE, 0);
	assert_false(is_there());
}

static void a_socket_in_use_stays(void **state)
{
	int fd = listener_open(8);

	(void)state;
	expect(STALE_SOCKET_ALIVE, getpid());
	assert_true(is_there());
	close(fd);
	unlink(path);
}

static void a_full_queue_is_in_use(void **state)
{
	int fd = listener_open(0);

	(void)state;
	for (unsigned i = 0; i < 3; i++) { /* the knocks themselves fill it */
		pid_t listener;

		assert_int_equal(stale_socket_remove(path, &listener), STALE_SOCKET_ALIVE);
	}
	assert_true(is_there());
	close(fd);
	unlink(path);
}

static void something_else_stays(void **state)
{
	(void)state;
	close(open(path, O_CREAT | O_WRONLY, 0600));
	expect(STALE_SOCKET_OTHER, 0);
	assert_true(is_there());
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	expect(STALE_SOCKET_OTHER, 0);
	assert_true(is_there());
	unlink(path);
}

static void what_cannot_be_told(void **state)
{
	pid_t listener;
	char below[128];

	(void)state;
	close(open(path, O_CREAT | O_WRONLY, 0600));
	snprintf(below, sizeof(below), "%s/socket", path);
	assert_int_equal(stale_socket_remove(below, &listener), STALE_SOCKET_FAILED);
	assert_int_equal(errno, ENOTDIR);
	unlink(path);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_free_path),           cmocka_unit_test(a_socket_left_behind_is_removed),
		cmocka_unit_test(a_socket_in_use_stays), cmocka_unit_test(a_full_queue_is_in_use),
		cmocka_unit_test(something_else_stays),  cmocka_unit_test(what_cannot_be_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
