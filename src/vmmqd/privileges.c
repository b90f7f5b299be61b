/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/privileges.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/capability.h"
#include "ports/ethdev.h"
#include "vmmqd/log.h"

/* AF_PACKET has the interface's MTU, GRO and promiscuity to set; an XDP program keeps a veth's large frames away. */
#define INTERFACE (CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_RAW) | CAPABILITY(CAP_BPF))

/*
 * of_socket: a vhost_user socket that is given to another user or group (which a member of the group could do without), or one of
 * another user's that is connected to; userfaultfd.
 */
static uint64_t of_socket(const struct port_spec *port)
{
	uint64_t needed = 0;

	if (port->owner[0] || port->group[0])
		needed |= CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE);
	if (port->mode == PORT_CLIENT)
		needed |= CAPABILITY(CAP_DAC_OVERRIDE);
	if (port->postcopy)
		needed |= CAPABILITY(CAP_SYS_PTRACE);
	return needed;
}

static uint64_t of_port(const struct port_spec *port)
{
	switch (port->kind) {
	case PORT_NONE:
	case PORT_MEMIF:
		return 0;
	case PORT_VHOST_USER:
		return of_socket(port);
	case PORT_TAP:
		return CAPABILITY(CAP_NET_ADMIN);
	case PORT_AF_PACKET:
		return INTERFACE;
	case PORT_AF_XDP: /* libxdp asks for its maps and programs by their numbers, which is CAP_SYS_ADMIN's */
		return INTERFACE | CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_IPC_LOCK);
	default: /* a driver's own matter */
		return UINT64_MAX;
	}
}

uint64_t privileges_of(const struct vmmq_config *config)
{
	uint64_t needed = of_port(&config->uplink);

	for (size_t i = 0; i < config->vport_count; i++)
		needed |= of_port(&config->vports[i].backend);
	return needed;
}

void privileges_give_up(uint64_t needed)
{
	uint64_t before = capability_effective();
	char kept[CAPABILITY_TEXT_MAX], given_up[CAPABILITY_TEXT_MAX];

	if (geteuid() == 0 || !(before & ~needed))
		return;
	capability_text(before & needed, kept);
	capability_text(before & ~needed, given_up);
	if (!capability_keep(needed)) {
		log_line(LOG_LEVEL_WARNING, "capabilities that no port needs are kept (%s): %s", given_up,
			 strerror(errno));
		return;
	}
	ethdev_privilege_cure(
	    "restart vmmqd, which gave it up when it started as no port needed it (--keep-capabilities)");
	log_line(LOG_LEVEL_INFO, "capabilities kept: %s; given up, as no port needs them: %s", kept, given_up);
}
