/* SPDX-License-Identifier: BSD-2-Clause */
/* Where sockets may be, whether one could be made there, and whose it becomes. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/port_spec.h"

/* path_simplify takes empty parts, "." and ".." out of an absolute path, in place. */
static void path_simplify(char *path)
{
	char *to = path, *part, *rest = path;

	while ((part = strsep(&rest, "/"))) {
		size_t len = strlen(part);

		if (!len || strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			while (to > path && *--to != '/')
				;
			continue;
		}
		/* What is written never overtakes what is read: each part had a '/' in front of it. */
		*to++ = '/';
		memmove(to, part, len);
		to += len;
	}
	*to = '\0';
	if (to == path)
		memcpy(path, "/", 2);
}

void port_spec_resolve(struct port_spec *spec, const char *directory)
{
	char whole[PATH_MAX + PORT_PLACE_MAX + 2];

	if (port_kind_place(spec->kind) != PORT_AT_SOCKET || !spec->place[0])
		return;
	snprintf(whole, sizeof(whole), "%s/%s", spec->place[0] == '/' ? "" : directory, spec->place);
	path_simplify(whole);
	if (strlen(whole) < sizeof(spec->place))
		memcpy(spec->place, whole, strlen(whole) + 1);
}

/* folder_of writes the directory of a path, without the last slash; "." where the path has none. */
static void folder_of(const char *path, char folder[PORT_PLACE_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(folder, PORT_PLACE_MAX, ".");
	else
		snprintf(folder, PORT_PLACE_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || directory[len - 1] == '/');
}

bool port_socket_below(const struct port_spec *spec, const char *directory, char *error, size_t error_len)
{
	char folder[PORT_PLACE_MAX], found[PATH_MAX], wanted[PATH_MAX];
	bool spelt; /* below, by its letters */

	if (spec->place[0] != '/') { /* port_spec_resolve() has left it */
		snprintf(error, error_len, "%s is too long below %s: a socket's path has at most %d bytes",
			 spec->place, directory, PORT_PLACE_MAX - 1);
		return false;
	}
	folder_of(spec->place, folder);
	snprintf(wanted, sizeof(wanted), "%s", directory);
	path_simplify(wanted);
	spelt = is_below(folder, wanted);
	if (realpath(folder, found) && realpath(directory, wanted) ? is_below(found, wanted) : spelt)
		return true;
	if (spelt)
		snprintf(error, error_len, "%s leads to %s, and sockets are to be below %s (--socket-directory)",
			 spec->place, found, directory);
	else
		snprintf(error, error_len,
			 "%s is not below %s, where sockets are to be (--socket-directory): give a path below that",
			 spec->place, directory);
	return false;
}

static bool makes_socket(const struct port_spec *spec)
{
	return port_kind_place(spec->kind) == PORT_AT_SOCKET && spec->mode == PORT_SERVER;
}

bool port_socket_ready(const struct port_spec *spec, char *error, size_t error_len)
{
	char folder[PORT_PLACE_MAX];
	const struct passwd *user;
	int reason;

	if (!makes_socket(spec))
		return true;
	folder_of(spec->place, folder);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	reason = errno;
	user = reason == EACCES ? getpwuid(geteuid()) : NULL;
	if (reason == EACCES)
		snprintf(error, error_len,
			 "%s: permission denied: user %s may not make a socket in %s: give it that right, or another "
			 "directory",
			 spec->place, user ? user->pw_name : "of vmmqd", folder);
	else if (reason == ENOENT || reason == ENOTDIR)
		snprintf(error, error_len, "%s: there is no directory %s: make it", spec->place, folder);
	else
		snprintf(error, error_len, "%s: no socket can be made in %s: %s", spec->place, folder,
			 strerror(reason));
	return false;
}

bool port_user_find(const char *name, bool group, uid_t *id)
{
	const struct group *of_group = group ? getgrnam(name) : NULL;
	const struct passwd *of_user = group ? NULL : getpwnam(name);

	if (of_group)
		*id = of_group->gr_gid;
	if (of_user)
		*id = of_user->pw_uid;
	return of_group || of_user;
}

/* adopt_fd: by a descriptor, so that nobody can put another file in the socket's place meanwhile. */
static int adopt_fd(int fd, uid_t owner, gid_t group, mode_t permissions)
{
	char path[32];
	struct stat about;

	if (fstat(fd, &about))
		return -1;
	if (!S_ISSOCK(about.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* as fchmod() takes none that is only a path */
	if (chmod(path, permissions))
		return -1;
	if (owner == (uid_t)-1 && group == (gid_t)-1)
		return 0;
	return fchownat(fd, "", owner, group, AT_EMPTY_PATH);
}

/*
 * socket_owner finds whose a socket is to be; false: there is no user or group of that name any more.  Root's sockets are for
 * VMMs that do not run as root, and those are in the group of /dev/kvm.
 */
static bool socket_owner(const struct port_spec *spec, uid_t *owner, gid_t *group)
{
	*owner = (uid_t)-1;
	*group = (gid_t)-1;
	if (spec->owner[0] && !port_user_find(spec->owner, false, owner))
		return false;
	if (spec->group[0])
		return port_user_find(spec->group, true, group);
	if (geteuid() == 0)
		port_user_find(PORT_GROUP, true, group);
	return true;
}

bool port_socket_adopt(const struct port_spec *spec, char *error, size_t error_len)
{
	mode_t permissions = spec->permissions ? spec->permissions : PORT_PERMISSIONS;
	uid_t owner;
	gid_t group;
	int fd, failed;

	if (spec->kind != PORT_VHOST_USER || !makes_socket(spec))
		return true;
	if (!socket_owner(spec, &owner, &group)) {
		snprintf(error, error_len, "%s: there is no %s any more: make it, or name another", spec->place,
			 owner == (uid_t)-1 && spec->owner[0] ? "such user" : "such group");
		return false;
	}
	fd = open(spec->place, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	failed = fd < 0 || adopt_fd(fd, owner, group, permissions);
	/* a root of a container may not be allowed to: nobody asked for it either */
	if (failed && fd >= 0 && !spec->group[0] && group != (gid_t)-1)
		failed = adopt_fd(fd, owner, (gid_t)-1, permissions);
	if (failed)
		snprintf(error, error_len, "%s: it cannot be given to %s:%s with permissions %04o: %s", spec->place,
			 spec->owner[0] ? spec->owner : "its owner", spec->group[0] ? spec->group : "its group",
			 (unsigned)permissions, strerror(errno));
	if (fd >= 0)
		close(fd);
	return !failed;
}
