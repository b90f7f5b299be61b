/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_devargs.h"

#include <rte_kvargs.h>
#include <stdio.h>
#include <string.h>

const struct ethdev_driver ethdev_drivers[ETHDEV_DRIVERS] = {
	/* clang-format off */
	{ "net_af_packet", "iface", "iface", ETHDEV_PLACE_INTERFACE,
	  { "iface", "qpairs", "blocksz", "framesz", "framecnt", "qdisc_bypass" } },
	{ "net_af_xdp", "iface", "iface", ETHDEV_PLACE_INTERFACE,
	  { "iface", "start_queue", "queue_count", "shared_umem", "xdp_prog", "busy_budget", "force_copy" } },
	{ "net_tap", NULL, "iface", ETHDEV_PLACE_INTERFACE,
	  { "iface", "remote", "mac", "persist" } },
	{ "net_vhost", "iface", "iface", ETHDEV_PLACE_SOCKET,
	  { "iface", "queues", "client", "iommu-support", "postcopy-support", "tso", "linear-buffer", "ext-buffer",
	    "legacy-ol-flags" } },
	{ "net_virtio_user", "path", "path", ETHDEV_PLACE_FILE,
	  { "path", "mac", "queues", "queue_size", "cq", "iface", "server", "mrg_rxbuf", "in_order", "packed_vq", "speed",
	    "vectorized" } },
	{ "net_memif", NULL, "socket", ETHDEV_PLACE_NONE,
	  { "id", "role", "bsize", "rsize", "socket", "socket-abstract", "mac", "zero-copy", "secret" } },
	{ "net_pcap", NULL, "iface", ETHDEV_PLACE_INTERFACE,
	  { "rx_pcap", "tx_pcap", "rx_iface", "rx_iface_in", "tx_iface", "iface", "phy_mac", "infinite_rx" } },
	{ "net_null", NULL, NULL, ETHDEV_PLACE_NONE, { "size", "copy", "no-rx" } },
	{ "net_ring", NULL, NULL, ETHDEV_PLACE_NONE, { "nodeaction", "internal" } },
	/* clang-format on */
};

/* split finds the device's name and its arguments in devargs; a bus prefix, as in "vdev:net_null0", is left out. */
const char *ethdev_split(const char *devargs, size_t *name_len)
{
	const char *name = strncmp(devargs, "vdev:", 5) ? devargs : devargs + 5;

	*name_len = strcspn(name, ",");
	return name;
}

const char *ethdev_arguments(const char *devargs)
{
	size_t len;
	const char *name = ethdev_split(devargs, &len);

	return name[len] ? name + len + 1 : "";
}

void ethdev_devargs_name(const char *devargs, char *name, size_t name_len)
{
	size_t len;
	const char *start = ethdev_split(devargs, &len);

	snprintf(name, name_len, "%.*s", (int)len, start);
}

bool ethdev_devargs_value(const char *devargs, const char *key, char *value, size_t value_len)
{
	struct rte_kvargs *pairs = rte_kvargs_parse(ethdev_arguments(devargs), NULL);
	const char *found = pairs ? rte_kvargs_get(pairs, key) : NULL;

	if (found)
		snprintf(value, value_len, "%s", found);
	rte_kvargs_free(pairs);
	return found;
}

const struct ethdev_driver *ethdev_driver_find(const char *devargs)
{
	size_t len;
	const char *name = ethdev_split(devargs, &len);

	for (size_t i = 0; i < ETHDEV_DRIVERS; i++) {
		size_t driver_len = strlen(ethdev_drivers[i].name);

		if (len >= driver_len && !strncmp(name, ethdev_drivers[i].name, driver_len) &&
		    strspn(name + driver_len, "0123456789_-") >= len - driver_len)
			return &ethdev_drivers[i];
	}
	return NULL;
}

/* A device's name is its driver's and a number. */
void ethdev_devargs_driver(const char *devargs, char *driver, size_t driver_len)
{
	const struct ethdev_driver *known = ethdev_driver_find(devargs);

	snprintf(driver, driver_len, "%s", known ? known->name : "");
}

void ethdev_devargs_interface(const char *devargs, char *interface, size_t interface_len)
{
	const struct ethdev_driver *known = ethdev_driver_find(devargs);

	if (!known || !known->key || !ethdev_devargs_value(devargs, known->key, interface, interface_len))
		*interface = '\0';
}
