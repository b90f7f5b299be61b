/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_privilege.h"

#include <stdio.h>

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
