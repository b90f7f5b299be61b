/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening and closing a port: the device is made, set up, watched, and removed. */
#include "ports/ethdev_devargs.h"
#include "ports/ethdev_link.h"
#include "ports/ethdev_port.h"
#include "ports/ethdev_privilege.h"
#include "ports/ethdev_setup.h"
#include "ports/ethdev_xdp.h"
#include "ports/vhost_user.h"

#include <errno.h>
#include <net/if.h>
#include <rte_bus.h>
#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ether.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static enum ethdev_kind ethdev_kind_of(const char *driver)
{
	static const char *const names[] = {
		[ETHDEV_KIND_AF_PACKET] = "net_af_packet",
		[ETHDEV_KIND_AF_XDP] = "net_af_xdp",
		[ETHDEV_KIND_TAP] = "net_tap",
		[ETHDEV_KIND_VIRTIO_USER] = "net_virtio_user",
		[ETHDEV_KIND_MEMIF] = "net_memif",
	};

	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(driver, names[i]))
			return (enum ethdev_kind)i;
	return ETHDEV_KIND_OTHER;
}

/* ethdev_probe makes the device.  A virtual one that fails leaves nothing behind. */
static int ethdev_probe(const char *devargs, uint16_t *id)
{
	struct rte_devargs parsed;
	bool virtual;
	int result;

	if (rte_devargs_parse(&parsed, devargs))
		return -ENODEV;
	virtual = parsed.bus == rte_bus_find_by_name("vdev");
	result = virtual ? rte_vdev_init(parsed.name, parsed.args) : rte_dev_probe(devargs);
	if (result == 0)
		result = rte_eth_dev_get_port_by_name(parsed.name, id);
	free(parsed.data);
	return result > 0 ? -ENODEV : result;
}

/* ethdev_explain appends what the driver said, and what would help, to a sentence about what failed. */
static void ethdev_explain(const struct ethdev *port, const char *said, char *error, size_t error_len)
{
	char help[ETHDEV_PRIVILEGE_MAX] = "";
	size_t at = strlen(error);

	if (!ethdev_privilege_missing(port->kind, help) && !ethdev_calls_refused(port->kind, help) &&
	    port->kind == ETHDEV_KIND_AF_XDP && strstr(said, "xsk socket"))
		snprintf(help, sizeof(help), ": has the interface that many queues, and no other XDP program?");
	if (*said)
		snprintf(error + at, error_len - at, " (%s)%s", said, help);
	else
		snprintf(error + at, error_len - at, "%s", help);
}

/*
 * TAP's driver has the kernel signal each frame; when signals queue up, SIGIO comes instead, which ends a process that
 * does not say otherwise.
 */
static void sigio_survive(void)
{
	struct sigaction action;

	if (!sigaction(SIGIO, NULL, &action) && action.sa_handler == SIG_DFL)
		signal(SIGIO, SIG_IGN);
}

struct ethdev_queue *ethdev_queues_create(uint16_t count)
{
	struct ethdev_queue *queues = aligned_alloc(alignof(struct ethdev_queue), count * sizeof(*queues));

	if (!queues)
		return NULL;
	memset(queues, 0, count * sizeof(*queues));
	for (uint16_t q = 0; q < count; q++)
		queues[q].fd = -1;
	return queues;
}

static int ethdev_queues_open(struct ethdev *port, const struct ethdev_params *params,
			      const struct rte_eth_dev_info *info)
{
	uint16_t rx = params->rx_queues, tx = params->tx_queues;

	ethdev_queue_counts(port, info, &rx, &tx);
	port->rx = ethdev_queues_create(rx ? rx : 1);
	port->tx = ethdev_queues_create(tx ? tx : 1);
	if (!port->rx || !port->tx)
		return -ENOMEM;
	port->rx_queues = rx;
	port->tx_queues = tx;
	port->pool = params->pool;
	if (port->kind != ETHDEV_KIND_AF_XDP)
		return 0;
	port->pool = ethdev_xdp_pool(params->pool, rx);
	return port->pool ? 0 : -ENOMEM;
}

/* ethdev_start brings the device that ethdev_probe() made to work. */
static int ethdev_start(struct ethdev *port, const struct ethdev_params *params, const char *devargs,
			const struct ethdev_fds *before, char *error, size_t error_len)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port->id, &info) || ethdev_queues_open(port, params, &info)) {
		snprintf(error, error_len, "%s: out of memory", port->name);
		return -1;
	}
	port->ifindex = info.if_index;
	port->linear = !(info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	ethdev_watch(port);
	if (ethdev_setup(port, params, &info, error, error_len) == 0) {
		if (ethdev_interrupts_open(port, before))
			snprintf(error, error_len, "%s: no file descriptors left: raise the limit (ulimit -n)",
				 port->name);
		else if (port->kind == ETHDEV_KIND_AF_PACKET && !ethdev_rings_replace(port, devargs))
			snprintf(error, error_len, "%s: its sockets cannot be replaced: %s", port->name,
				 strerror(errno));
		else
			return 0;
	} else if (port->kind == ETHDEV_KIND_AF_XDP) {
		ethdev_interrupts_open(port, before); /* the sockets of the queues that succeeded, to be closed */
	}
	ethdev_unwatch(port);
	return -1;
}

/* ethdev_stop_and_close returns false when the device had to be left as it is. */
static bool ethdev_stop_and_close(struct ethdev *port)
{
	if (port->kind == ETHDEV_KIND_MEMIF)
		return ethdev_memif_close(port, ethdev_memif_shared(port));
	rte_eth_dev_stop(port->id);
	rte_eth_dev_close(port->id);
	return true;
}

/* started: frames may be under way. */
static void ethdev_remove(struct ethdev *port, bool started)
{
	struct ethdev_xdp_held *held = port->kind == ETHDEV_KIND_AF_XDP ? ethdev_xdp_hold(port) : NULL;
	struct rte_eth_dev_info info = { 0 };

	rte_eth_dev_info_get(port->id, &info);
	if (port->made_promiscuous)
		rte_eth_promiscuous_disable(port->id);
	if (ethdev_stop_and_close(port) && info.device)
		rte_dev_remove(info.device);
	if (port->kind == ETHDEV_KIND_AF_XDP) {
		ethdev_xdp_release(port, held);
		if (port->pool)
			ethdev_xdp_retire(port->pool, started);
	}
	ethdev_frames_release(port);
}

static void ethdev_port_free(struct ethdev *port)
{
	if (!port)
		return;
	if (port->rx)
		ethdev_interrupts_close(port);
	free(port->rx);
	free(port->tx);
	free(port);
}

static struct ethdev *ethdev_port_create(const struct ethdev_params *params)
{
	struct ethdev *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->wake_fd = -1;
	port->mtu = params->mtu;
	port->frame_max = params->mtu + RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN;
	port->rx_asked = params->rx_exactly ? params->rx_queues : 0;
	ethdev_held_init(port);
	ethdev_devargs_name(params->devargs, port->name, sizeof(port->name));
	ethdev_devargs_driver(params->devargs, port->driver, sizeof(port->driver));
	port->kind = ethdev_kind_of(port->driver);
	ethdev_devargs_interface(params->devargs, port->interface, sizeof(port->interface));
	return port;
}

/* ethdev_prepare does what must be before the device is made. */
static bool ethdev_prepare(struct ethdev *port, char *error, size_t error_len)
{
	uint16_t id;

	if ((port->kind == ETHDEV_KIND_AF_PACKET || port->kind == ETHDEV_KIND_AF_XDP) &&
	    !if_nametoindex(port->interface)) {
		snprintf(error, error_len, "%s: there is no network interface \"%s\": make it, or name another",
			 port->name, port->interface);
		return false;
	}
	if (ethdev_in_use(port) || !rte_eth_dev_get_port_by_name(port->name, &id)) {
		snprintf(error, error_len, "%s: a port of that name, or on that socket, is open already", port->name);
		return false;
	}
	if (port->kind == ETHDEV_KIND_TAP)
		sigio_survive();
	if (port->kind == ETHDEV_KIND_AF_XDP)
		ethdev_xdp_silence();
	if (port->kind == ETHDEV_KIND_OTHER) {
		port->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (port->wake_fd < 0) {
			snprintf(error, error_len, "%s: %s", port->name, strerror(errno));
			return false;
		}
	}
	return true;
}

/* ethdev_abandon removes a device that could not be started; what that has to say is of no interest. */
static void ethdev_abandon(struct ethdev *port)
{
	char said[8];

	ethdev_said_begin();
	ethdev_remove(port, false);
	ethdev_said_end(said, sizeof(said));
}

static bool ethdev_make(struct ethdev *port, const struct ethdev_params *params, char *error, size_t error_len)
{
	struct ethdev_fds *before = malloc(sizeof(*before));
	char said[256], devargs[ETHDEV_DEVARGS_MAX];
	bool started = false;
	int result;

	if (!before) {
		snprintf(error, error_len, "%s: out of memory", port->name);
		return false;
	}
	ethdev_devargs_fill(port, params, devargs);
	ethdev_fds_list(before);
	ethdev_said_begin();
	result = ethdev_probe(devargs, &port->id);
	if (result == 0) {
		ethdev_said_end(said, sizeof(said)); /* only what concerns the next step */
		ethdev_said_begin();
		started = ethdev_start(port, params, devargs, before, error, error_len) == 0;
	}
	ethdev_said_end(said, sizeof(said));
	if (result == 0 && !started)
		ethdev_abandon(port);
	free(before);
	if (result)
		snprintf(error, error_len, "%s cannot be opened%s%s", port->name, result < -1 ? ": " : "",
			 result < -1 ? rte_strerror(-result) : "");
	if (!started)
		ethdev_explain(port, said, error, error_len);
	return started;
}

static struct ethdev *ethdev_open_once(const struct ethdev_params *params, char *error, size_t error_len)
{
	struct ethdev *port = ethdev_port_create(params);

	if (!port) {
		snprintf(error, error_len, "%s: out of memory", params->devargs);
		return NULL;
	}
	if (!ethdev_prepare(port, error, error_len) || !ethdev_make(port, params, error, error_len)) {
		ethdev_port_free(port);
		return NULL;
	}
	ethdev_link_look(port);
	ethdev_queues_start(port);
	return port;
}

/* ethdev_open_vhost takes net_vhost's devargs for what they mean. */
static struct ethdev *ethdev_open_vhost(const struct ethdev_params *params, char *error, size_t error_len)
{
	struct ethdev_params typed = *params;
	struct port_spec spec;

	if (!port_spec_from_devargs(&spec, params->devargs)) {
		snprintf(error, error_len, "%s: vhost_user has no such arguments: write it as vhost_user",
			 params->devargs);
		return NULL;
	}
	typed.vhost = &spec;
	return vhost_user_open(&typed, error, error_len);
}

struct ethdev *ethdev_open(const struct ethdev_params *params, char *error, size_t error_len)
{
	char driver[32];
	struct ethdev *port;

	if (params->vhost)
		return vhost_user_open(params, error, error_len);
	if (!ethdev_devargs_check(params->devargs, error, error_len))
		return NULL;
	if (ethdev_events_init()) {
		snprintf(error, error_len, "%s: no file descriptors left: raise the limit (ulimit -n)",
			 params->devargs);
		return NULL;
	}
	ethdev_devargs_driver(params->devargs, driver, sizeof(driver));
	if (!strcmp(driver, "net_vhost"))
		return ethdev_open_vhost(params, error, error_len);
	for (unsigned attempt = 0;; attempt++) {
		port = ethdev_open_once(params, error, error_len);
		if (port || ethdev_kind_of(driver) != ETHDEV_KIND_AF_XDP || !ethdev_xdp_retry(attempt))
			return port;
	}
}

void ethdev_close(struct ethdev *port)
{
	if (!port)
		return;
	if (port->vhost) {
		vhost_user_close(port);
		return;
	}
	ethdev_unwatch(port);
	ethdev_remove(port, true);
	ethdev_port_free(port);
}
