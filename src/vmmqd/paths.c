/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_NAME  "state.db"
#define SOCKET_NAME "vmmq.sock"

/* make_directories makes the directories above path's last part, as far as there are none. */
static int make_directories(const char *path, mode_t mode, char *error, size_t error_len)
{
	char directory[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
		if (mkdir(directory, mode) && errno != EEXIST) {
			snprintf(error, error_len, "%s: cannot make this directory: %s", directory, strerror(errno));
			return -1;
		}
	}
	return 0;
}

static const char *environment_variable(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

static int default_state(char *path, size_t size, char *error, size_t error_len)
{
	const char *home = environment_variable("HOME"), *state = environment_variable("XDG_STATE_HOME");

	if (geteuid() == 0)
		snprintf(path, size, "/var/lib/vmmq/" STATE_NAME);
	else if (state)
		snprintf(path, size, "%s/vmmq/" STATE_NAME, state);
	else if (home)
		snprintf(path, size, "%s/.local/state/vmmq/" STATE_NAME, home);
	else {
		snprintf(error, error_len, "there is no HOME to keep the state below: give --state DB");
		return -1;
	}
	return make_directories(path, 0750, error, error_len);
}

static int default_socket(char *path, size_t size, char *error, size_t error_len)
{
	const char *runtime = environment_variable("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		snprintf(path, size, "/run/vmmq/" SOCKET_NAME);
	else if (runtime)
		snprintf(path, size, "%s/vmmq/" SOCKET_NAME, runtime);
	else {
		snprintf(error, error_len,
			 "there is no XDG_RUNTIME_DIR to put the control socket into: give --socket PATH");
		return -1;
	}
	return make_directories(path, 0755, error, error_len);
}

static int path_given(const char *option, const char *value, char *path, size_t size, char *error, size_t error_len)
{
	if (value[0] && strlen(value) < size) {
		memcpy(path, value, strlen(value) + 1);
		return 0;
	}
	snprintf(error, error_len, "--%s: a path of 1 to %zu characters is needed", option, size - 1);
	return -1;
}

/* directory_whole makes a path absolute; where there is no such directory, -1 with a sentence. */
static int directory_whole(const char *directory, char path[PATH_MAX], char *error, size_t error_len)
{
	char whole[PATH_MAX];
	struct stat about;

	if (!realpath(directory, whole)) {
		snprintf(error, error_len, "--socket-directory: %.400s: %s", directory, strerror(errno));
		return -1;
	}
	if (stat(whole, &about) || !S_ISDIR(about.st_mode)) {
		snprintf(error, error_len, "--socket-directory: %.400s is not a directory", directory);
		return -1;
	}
	snprintf(path, PATH_MAX, "%s", directory[0] == '/' ? directory : whole);
	return 0;
}

/*
 * default_sockets: a directory that cannot be made is missed when a socket is wanted in it.  Without a runtime directory of the
 * user's, sockets are where the control socket was told to be.
 */
static int default_sockets(const char *socket, char path[PATH_MAX], char *error, size_t error_len)
{
	const char *runtime = environment_variable("XDG_RUNTIME_DIR");
	char folder[PATH_MAX], unused[PATH_MAX + 64];
	const char *slash = strrchr(socket, '/');

	if (geteuid() == 0 || runtime) {
		snprintf(path, PATH_MAX, "%s/vmmq", geteuid() == 0 ? "/run" : runtime);
		snprintf(folder, sizeof(folder), "%.4000s/", path);
		make_directories(folder, 0755, unused, sizeof(unused));
		return 0;
	}
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - socket) + 1 : 1, slash ? socket : ".");
	return directory_whole(folder, path, error, error_len);
}

int paths_choose(const struct options *options, struct paths *paths, char *error, size_t error_len)
{
	int status = options->state
			 ? path_given("state", options->state, paths->state, sizeof(paths->state), error, error_len)
			 : default_state(paths->state, sizeof(paths->state), error, error_len);

	if (status)
		return status;
	status = options->socket
		     ? path_given("socket", options->socket, paths->socket, sizeof(paths->socket), error, error_len)
		     : default_socket(paths->socket, sizeof(paths->socket), error, error_len);
	if (status)
		return status;
	return options->sockets ? directory_whole(options->sockets, paths->sockets, error, error_len)
				: default_sockets(paths->socket, paths->sockets, error, error_len);
}
