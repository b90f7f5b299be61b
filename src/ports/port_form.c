/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a port's place has the form of one, and whether two ports have the same. */
#include <ctype.h>
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

void port_spec_set_address(struct port_spec *spec, const char *address)
{
	char *at = spec->place;

	snprintf(spec->place, sizeof(spec->place), "%s%s", strlen(address) < strlen("0000:00:00.0") ? "0000:" : "",
		 address);
	for (; *at; at++)
		*at = (char)tolower((unsigned char)*at);
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

/* form_device: net_vhost is opened as the vhost_user that it means, so it must mean one. */
static bool form_device(const char *devargs, char *error, size_t error_len)
{
	struct port_spec meant;
	bool means;
	const char *name = strncmp(devargs, "vdev:", 5) ? devargs : devargs + 5;

	if (strncmp(name, "net_vhost", 9) != 0)
		return true;
	means = port_spec_from_devargs(&meant, devargs);
	port_spec_fini(&meant);
	if (!means)
		snprintf(error, error_len,
			 "net_vhost is not used any more, and vhost_user has no such arguments: "
			 "write vhost_user: {socket: PATH}");
	return means;
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

/* device_place finds what of raw devargs no two ports may have: "" where they name no place. */
static void device_place(const char *devargs, char place[PORT_SHARED_MAX])
{
	static const char *const keys[] = { "iface", "path", "socket" };

	place[0] = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !place[0]; i++)
		devargs_part(devargs, keys[i], place);
}

static bool shared_device(const char *a, const char *b, char what[PORT_SHARED_MAX])
{
	char of_a[PORT_SHARED_MAX], of_b[PORT_SHARED_MAX];

	devargs_part(a, NULL, of_a);
	devargs_part(b, NULL, of_b);
	snprintf(what, PORT_SHARED_MAX, "the device name %.100s", of_a);
	if (strcmp(of_a, of_b) == 0)
		return true;
	device_place(a, of_a);
	device_place(b, of_b);
	snprintf(what, PORT_SHARED_MAX, "the path %.120s", of_a);
	return of_a[0] && strcmp(of_a, of_b) == 0;
}

/* Called for every pair of a switch's ports: two typed ones, which most are, take one comparison. */
bool port_spec_shared(const struct port_spec *a, const struct port_spec *b, char what[PORT_SHARED_MAX])
{
	static const char *const nouns[] = {
		[PORT_AT_SOCKET] = "socket",
		[PORT_AT_INTERFACE] = "interface",
		[PORT_AT_ADDRESS] = "PCI device",
	};
	const struct port_spec *typed = a->kind == PORT_DEVICE ? b : a, *other = typed == a ? b : a;
	char raw[PORT_SHARED_MAX];
	const char *place = other->place;

	if (a->kind == PORT_NONE || b->kind == PORT_NONE)
		return false;
	if (typed->kind == PORT_DEVICE)
		return shared_device(a->device, b->device, what);
	if (other->kind == PORT_DEVICE) {
		device_place(other->device, raw);
		place = raw;
	}
	if (strcmp(typed->place, place) != 0 || (a->kind == PORT_MEMIF && b->kind == PORT_MEMIF && a->id != b->id))
		return false;
	snprintf(what, PORT_SHARED_MAX, "the %s %s", nouns[port_kind_place(typed->kind)], typed->place);
	return true;
}

/* A device's name is another thing than a path of the same letters. */
size_t port_spec_texts(const struct port_spec *spec, char text[PORT_TEXTS][PORT_SHARED_MAX])
{
	char name[PORT_SHARED_MAX];

	if (spec->kind != PORT_DEVICE) {
		snprintf(text[0], PORT_SHARED_MAX, "%s", spec->place);
		return spec->kind != PORT_NONE;
	}
	devargs_part(spec->device, NULL, name);
	snprintf(text[0], PORT_SHARED_MAX, "name %.180s", name);
	device_place(spec->device, text[1]);
	return text[1][0] ? 2 : 1;
}
