/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_privilege.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ports/ethdev.h"

static const char *privilege_cure = "give it that, or run it as root";

void ethdev_privilege_cure(const char *cure)
{
	privilege_cure = cure;
}

static uint64_t capabilities_needed(enum ethdev_kind kind)
{
	switch (kind) {
	case ETHDEV_KIND_TAP:
		return CAPABILITY(CAP_NET_ADMIN);
	case ETHDEV_KIND_AF_PACKET:
		return CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_RAW);
	case ETHDEV_KIND_AF_XDP:
		return CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_RAW) | CAPABILITY(CAP_BPF) |
		       CAPABILITY(CAP_SYS_ADMIN);
	default:
		return 0;
	}
}

bool ethdev_privilege_missing(enum ethdev_kind kind, char text[ETHDEV_PRIVILEGE_MAX])
{
	uint64_t missing = capabilities_needed(kind) & ~capability_effective();
	char names[CAPABILITY_TEXT_MAX];

	if (!missing)
		return false;
	capability_text(missing, names);
	snprintf(text, ETHDEV_PRIVILEGE_MAX, ": it needs %s: %s", names, privilege_cure);
	return true;
}

/* socket_refused: it is made as the driver would, and closed. */
static bool socket_refused(int family, const char *name, const char *option, char text[ETHDEV_PRIVILEGE_MAX])
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return false;
	}
	snprintf(text, ETHDEV_PRIVILEGE_MAX,
		 ": %s sockets are refused here (%s): allow them (RestrictAddressFamilies= of a unit, a container's "
		 "seccomp "
		 "profile), in a kernel with %s",
		 name, strerror(errno), option);
	return true;
}

static bool bpf_refused(char text[ETHDEV_PRIVILEGE_MAX])
{
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_ARRAY };
	int fd;

	map.key_size = map.value_size = sizeof(uint32_t);
	map.max_entries = 1;
	fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
	if (fd >= 0) {
		close(fd);
		return false;
	}
	snprintf(
	    text, ETHDEV_PRIVILEGE_MAX,
	    ": bpf(2) is refused here (%s): allow it (SystemCallFilter= of a unit, a container's seccomp profile)",
	    strerror(errno));
	return true;
}

bool ethdev_calls_refused(enum ethdev_kind kind, char text[ETHDEV_PRIVILEGE_MAX])
{
	switch (kind) {
	case ETHDEV_KIND_AF_PACKET:
		return socket_refused(AF_PACKET, "AF_PACKET", "CONFIG_PACKET", text);
	case ETHDEV_KIND_AF_XDP:
		return socket_refused(AF_XDP, "AF_XDP", "CONFIG_XDP_SOCKETS", text) || bpf_refused(text);
	default:
		return false;
	}
}
