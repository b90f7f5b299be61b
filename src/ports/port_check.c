/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the system has what a port needs, before anything is touched. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ports/ethdev.h"
#include "ports/port_spec.h"

static bool check_folder(const struct port_spec *spec, char *error, size_t error_len)
{
	const char *slash = strrchr(spec->place, '/');
	char folder[PORT_PLACE_MAX];
	struct stat about;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - spec->place) + 1 : 1,
		 slash ? spec->place : ".");
	if (stat(folder, &about) == 0 && S_ISDIR(about.st_mode))
		return true;
	snprintf(error, error_len, "%s: there is no directory %s: make it first", spec->place, folder);
	return false;
}

static bool check_user(const char *name, bool group, char *error, size_t error_len)
{
	uid_t id;

	if (!*name || port_user_find(name, group, &id))
		return true;
	snprintf(error, error_len, "there is no %s \"%s\" on this system: make it, or name another",
		 group ? "group" : "user", name);
	return false;
}

bool port_spec_check(const struct port_spec *spec, char *error, size_t error_len)
{
	if (!port_spec_form(spec, error, error_len))
		return false;
	if (spec->kind == PORT_DEVICE)
		return ethdev_devargs_check(spec->device, error, error_len);
	if (port_kind_place(spec->kind) != PORT_AT_SOCKET)
		return true;
	return check_folder(spec, error, error_len) && check_user(spec->owner, false, error, error_len) &&
	       check_user(spec->group, true, error, error_len);
}
