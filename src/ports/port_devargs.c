/* SPDX-License-Identifier: BSD-2-Clause */
/* A port as DPDK devargs, and back. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/port_spec.h"

void port_spec_devargs(const struct port_spec *spec, unsigned number, uint16_t queues, char *text, size_t text_len)
{
	switch (spec->kind) {
	case PORT_TAP:
		snprintf(text, text_len, "net_tap_%u,iface=%s", number, spec->place);
		break;
	case PORT_AF_PACKET:
		snprintf(text, text_len, "net_af_packet_%u,iface=%s,qpairs=%u", number, spec->place,
			 (unsigned)queues);
		break;
	case PORT_AF_XDP:
		snprintf(text, text_len, "net_af_xdp_%u,iface=%s,queue_count=%u", number, spec->place,
			 (unsigned)queues);
		break;
	case PORT_MEMIF:
		snprintf(text, text_len, "net_memif_%u,role=%s,id=%u,socket=%s,socket-abstract=no", number,
			 spec->mode == PORT_CLIENT ? "client" : "server", (unsigned)spec->id, spec->place);
		break;
	default:
		snprintf(text, text_len, "%s", spec->kind == PORT_NONE ? "" : port_place_text(spec));
	}
}

static bool set_number(const char *value, unsigned long max, uint32_t *number)
{
	char *end;
	unsigned long read = strtoul(value, &end, 10);

	*number = (uint32_t)read;
	return value[0] >= '0' && value[0] <= '9' && !*end && read <= max;
}

static bool set_place(struct port_spec *spec, const char *value)
{
	char folder[PATH_MAX] = "";
	int len;

	if (port_kind_place(spec->kind) == PORT_AT_SOCKET && value[0] != '/' && !getcwd(folder, sizeof(folder)))
		return false;
	len = snprintf(spec->place, sizeof(spec->place), "%s%s%s", folder, *folder ? "/" : "", value);
	return *value && len > 0 && (size_t)len < sizeof(spec->place);
}

#define QUEUES_MAX           128 /* as the schema has it, */
#define AF_PACKET_QUEUES_MAX 16  /* and of packet sockets */

/* set_queues: the number of queues that devargs had, of a kind that can be told one. */
static bool set_queues(struct port_spec *spec, const char *value)
{
	uint32_t queues;

	if (!set_number(value, spec->kind == PORT_AF_PACKET ? AF_PACKET_QUEUES_MAX : QUEUES_MAX, &queues) || !queues)
		return false;
	spec->queues = (uint16_t)queues;
	return true;
}

static bool is_word(const char *value, const char *one, const char *other)
{
	return strcmp(value, one) == 0 || strcmp(value, other) == 0;
}

/* take_vhost_argument: what is offered without being asked for may have been asked for; what is not may have been forbidden. */
static bool take_vhost_argument(struct port_spec *spec, const char *key, const char *value)
{
	if (strcmp(key, "queues") == 0)
		return set_queues(spec, value);
	if (strcmp(key, "client") == 0) {
		spec->mode = strcmp(value, "0") ? PORT_CLIENT : PORT_SERVER;
		return is_word(value, "0", "1");
	}
	if (strcmp(key, "iommu-support") == 0 || strcmp(key, "tso") == 0)
		return strcmp(value, "0") == 0;
	return is_word(key, "linear-buffer", "ext-buffer") || is_word(key, "legacy-ol-flags", "postcopy-support");
}

static bool take_memif_argument(struct port_spec *spec, const char *key, const char *value, bool *named)
{
	if (strcmp(key, "id") == 0)
		return set_number(value, INT32_MAX, &spec->id);
	if (strcmp(key, "role") == 0) {
		spec->mode = is_word(value, "server", "master") ? PORT_SERVER : PORT_CLIENT;
		return spec->mode == PORT_SERVER || is_word(value, "client", "slave");
	}
	*named = *named || (strcmp(key, "socket-abstract") == 0 && strcmp(value, "no") == 0);
	return *named && strcmp(key, "socket-abstract") == 0;
}

/* take_argument: named becomes true when memif's socket is one that has a path. */
static bool take_argument(struct port_spec *spec, const char *key, const char *value, bool *named)
{
	uint32_t first;

	if (strcmp(key, spec->kind == PORT_MEMIF ? "socket" : "iface") == 0)
		return set_place(spec, value);
	switch (spec->kind) {
	case PORT_VHOST_USER:
		return take_vhost_argument(spec, key, value);
	case PORT_AF_PACKET:
		return strcmp(key, "qpairs") == 0 && set_queues(spec, value);
	case PORT_AF_XDP:
		if (strcmp(key, "start_queue") == 0)
			return set_number(value, 0, &first);
		return strcmp(key, "queue_count") == 0 && set_queues(spec, value);
	case PORT_MEMIF:
		return take_memif_argument(spec, key, value, named);
	default:
		return false;
	}
}

/* kind_of_name: a virtual device's name is its driver's and a number. */
static enum port_kind kind_of_name(const char *name)
{
	static const struct {
		const char *driver;
		enum port_kind kind;
	} drivers[] = {
		{ "net_vhost", PORT_VHOST_USER }, { "net_tap", PORT_TAP },     { "net_af_packet", PORT_AF_PACKET },
		{ "net_af_xdp", PORT_AF_XDP },    { "net_memif", PORT_MEMIF },
	};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		size_t len = strlen(drivers[i].driver);

		if (strncmp(name, drivers[i].driver, len) == 0 &&
		    name[len + strspn(name + len, "0123456789_-")] == '\0')
			return drivers[i].kind;
	}
	return PORT_NONE;
}

/* convert reads a copy of devargs, which it cuts into its parts. */
static bool spec_convert(struct port_spec *spec, char *text)
{
	char *rest = strncmp(text, "vdev:", 5) && strncmp(text, "pci:", 4) ? text : strchr(text, ':') + 1;
	const char *name = strsep(&rest, ",");
	char error[256];
	bool named = false;

	spec->kind = kind_of_name(name);
	if (spec->kind == PORT_NONE) {
		spec->kind = PORT_PCI;
		if (rest || !set_place(spec, name) || !port_spec_form(spec, error, sizeof(error)))
			return false;
		port_spec_set_address(spec, name);
		return true;
	}
	if (spec->kind == PORT_MEMIF)
		spec->mode = PORT_CLIENT; /* the driver's own choice */
	while (rest) {
		char *value = strsep(&rest, ",");
		const char *key = strsep(&value, "=");

		if (!value || !take_argument(spec, key, value, &named))
			return false;
	}
	return spec->place[0] && (spec->kind != PORT_MEMIF || named) && port_spec_form(spec, error, sizeof(error));
}

bool port_spec_from_devargs(struct port_spec *spec, const char *devargs)
{
	char *copy = strdup(devargs);
	bool done;

	*spec = (struct port_spec){ 0 };
	done = copy && spec_convert(spec, copy);
	free(copy);
	if (!done)
		*spec = (struct port_spec){ 0 };
	return done;
}
