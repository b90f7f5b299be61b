/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a port's place has the form of one, and whether two ports have the same. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/pci_address.h"
#include "ports/port_spec.h"

/* What ends a name or path in devargs, which some kinds are opened with. */
#define PLACE_FORBIDDEN ",[]"

static bool form_interface(const char *name, char *error, size_t error_len)
{
	if (*name && strlen(name) < IF_NAMESIZE && !strpbrk(name, "/: " PLACE_FORBIDDEN) && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0)
		return true;
	snprintf(
	    error, error_len,
	    "\"%.40s\" is no name of a kernel interface: 1 to %d letters, without \"/\", \":\", \",\" and spaces",
	    name, IF_NAMESIZE - 1);
	return false;
}

static bool form_address(const char *address, char *error, size_t error_len)
{
	if (pci_address_is(address))
		return true;
	snprintf(error, error_len, "\"%.40s\" is no PCI address: 0000:03:00.0 or 03:00.0 is right", address);
	return false;
}

/* form_ownership: a socket that the other one makes is as the other one makes it. */
static bool form_ownership(const struct port_spec *spec, char *error, size_t error_len)
{
	if (spec->mode == PORT_SERVER || (!spec->owner[0] && !spec->group[0] && !spec->permissions))
		return true;
	snprintf(error, error_len,
		 "owner, group and permissions are of a socket that vmmqd makes: with mode client leave them out");
	return false;
}

static bool form_socket(const char *path, char *error, size_t error_len)
{
	size_t len = strlen(path);
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		snprintf(error, error_len, "\"%.60s\" is no path of a socket: its last part is to be a name", path);
		return false;
	}
	if (len < PORT_PLACE_MAX && !strpbrk(path, PLACE_FORBIDDEN))
		return true;
	snprintf(error, error_len, "the path of a socket has 1 to %d bytes, none of them \",\", \"[\" or \"]\"",
		 PORT_PLACE_MAX - 1);
	return false;
}

/* form_device: net_vhost is never opened, as vhost_user is what it was. */
static bool form_device(const char *devargs, char *error, size_t error_len)
{
	char cure[256] = "vhost_user: {socket: PATH}";
	struct port_spec meant;
	const char *name = strncmp(devargs, "vdev:", 5) ? devargs : devargs + 5;

	if (strncmp(name, "net_vhost", 9) != 0)
		return true;
	if (port_spec_from_devargs(&meant, devargs))
		port_spec_file_text(&meant, cure, sizeof(cure));
	snprintf(error, error_len, "net_vhost is not used any more: write %s instead", cure);
	port_spec_fini(&meant);
	return false;
}

bool port_spec_form(const struct port_spec *spec, char *error, size_t error_len)
{
	switch (port_kind_place(spec->kind)) {
	case PORT_AT_SOCKET:
		return form_socket(spec->place, error, error_len) && form_ownership(spec, error, error_len);
	case PORT_AT_INTERFACE:
		return form_interface(spec->place, error, error_len);
	case PORT_AT_ADDRESS:
		return form_address(spec->place, error, error_len);
	case PORT_AT_DEVICE:
		return form_device(spec->device, error, error_len);
	default:
		return true;
	}
}

/* devargs_part finds the device's name (key NULL), or an argument's value, in devargs; "" when there is none. */
static void devargs_part(const char *devargs, const char *key, char part[PORT_SHARED_MAX])
{
	const char *at = strncmp(devargs, "vdev:", 5) ? devargs : devargs + 5;
	size_t key_len = key ? strlen(key) : 0;

	part[0] = '\0';
	while (key && *at && (strncmp(at, key, key_len) != 0 || at[key_len] != '=')) {
		at += strcspn(at, ",");
		at += *at == ',';
	}
	if (key && *at)
		at += key_len + 1;
	snprintf(part, PORT_SHARED_MAX, "%.*s", (int)strcspn(at, ","), at);
}

/* taken_place finds what of a place no two ports may have. */
static void taken_place(const struct port_spec *spec, char place[PORT_SHARED_MAX])
{
	static const char *const keys[] = { "iface", "path", "socket" };

	snprintf(place, PORT_SHARED_MAX, "%s", spec->kind == PORT_DEVICE ? "" : spec->place);
	for (size_t i = 0; spec->kind == PORT_DEVICE && i < 3 && !place[0]; i++)
		devargs_part(spec->device, keys[i], place);
}

bool port_spec_shared(const struct port_spec *a, const struct port_spec *b, char what[PORT_SHARED_MAX])
{
	static const char *const nouns[] = {
		[PORT_AT_SOCKET] = "the socket",
		[PORT_AT_INTERFACE] = "the interface",
		[PORT_AT_ADDRESS] = "the PCI device",
		[PORT_AT_DEVICE] = "the path",
	};
	char of_a[PORT_SHARED_MAX], of_b[PORT_SHARED_MAX];

	if (a->kind == PORT_NONE || b->kind == PORT_NONE)
		return false;
	if (a->kind == PORT_DEVICE && b->kind == PORT_DEVICE) {
		devargs_part(a->device, NULL, of_a);
		devargs_part(b->device, NULL, of_b);
		snprintf(what, PORT_SHARED_MAX, "the device name %.100s", of_a);
		if (strcmp(of_a, of_b) == 0)
			return true;
	}
	taken_place(a, of_a);
	taken_place(b, of_b);
	if (a->kind == PORT_MEMIF && b->kind == PORT_MEMIF && a->id != b->id)
		return false;
	snprintf(what, PORT_SHARED_MAX, "%s %.120s", nouns[port_kind_place(a->kind)], of_a);
	return of_a[0] && strcmp(of_a, of_b) == 0;
}
