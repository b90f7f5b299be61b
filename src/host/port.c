/* SPDX-License-Identifier: BSD-2-Clause */
/* One port's life: closed -> open -> what its device says -> closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/switch.h"

static const char *const state_reason[] = {
	[ETHDEV_UP] = "",
	[ETHDEV_DOWN] = "there is no link: bring up the other end, or connect the cable",
	[ETHDEV_NO_PEER] = "nobody is connected: start the guest and its network driver",
	[ETHDEV_GONE] = "the device was removed; it is opened again when it is back",
};

void port_state(struct port *port, const char *state, const char *reason)
{
	port->state = state;
	snprintf(port->reason, sizeof(port->reason), "%s", reason);
	atomic_store_explicit(&port->up, !strcmp(state, ethdev_state_name(ETHDEV_UP)), memory_order_relaxed);
}

static void port_read_info(struct port *port)
{
	ethdev_get_info(port->dev, &port->info);
	port_state(port, ethdev_state_name(port->info.state),
		   *port->info.reason ? port->info.reason : state_reason[port->info.state]);
}

static bool port_failed(struct port *port, const char *reason)
{
	port_state(port, "failed", reason);
	port->retry_ns = now_ns() + RETRY_NS;
	return false;
}

/* port_refused: what a device's name stands for says more to people than that name, which we have made. */
static bool port_refused(struct port *port, const char *devargs, const char *error)
{
	size_t len = strcspn(devargs, ",");
	char reason[sizeof(port->reason)];

	if (port->spec.kind == PORT_DEVICE || strncmp(error, devargs, len) != 0)
		return port_failed(port, error);
	snprintf(reason, sizeof(reason), "%s%s", port->spec.place, error + len);
	return port_failed(port, reason);
}

bool port_open(struct host *host, struct port *port, uint16_t rx_queues, uint16_t tx_queues)
{
	char devargs[PORT_TEXT_MAX];
	const bool vhost = port->spec.kind == PORT_VHOST_USER;
	const struct ethdev_params params = {
		.vhost = vhost ? &port->spec : NULL,
		.devargs = vhost                            ? NULL
			   : port->spec.kind == PORT_DEVICE ? port->spec.device
							    : devargs,
		.rx_queues = rx_queues,
		.tx_queues = tx_queues,
		.mtu = host->mtu,
		.pool = host->pool,
		.rx_exactly = port == &host->uplink.port,
	};
	char error[sizeof(port->reason)] = "";

	if (!port_socket_ready(&port->spec, error, sizeof(error)))
		return port_failed(port, error);
	if (!vhost)
		port_spec_devargs(&port->spec, port->number, rx_queues, devargs, sizeof(devargs));
	port->dev = ethdev_open(&params, error, sizeof(error));
	if (!port->dev)
		return vhost ? port_failed(port, error) : port_refused(port, params.devargs, error);
	port_read_info(port);
	port->tx_queues = port->info.tx_queues;
	port->transmit = transmit_queues_create(port->tx_queues);
	if (port->transmit)
		return true;
	port_close(port);
	return port_failed(port, "out of memory");
}

static void port_counters_add(struct ethdev_counters *sum, const struct ethdev_counters *more)
{
	sum->rx_packets += more->rx_packets;
	sum->rx_bytes += more->rx_bytes;
	sum->tx_packets += more->tx_packets;
	sum->tx_bytes += more->tx_bytes;
	sum->rx_missed += more->rx_missed;
	sum->rx_no_buffer += more->rx_no_buffer;
	sum->rx_errors += more->rx_errors;
	sum->tx_errors += more->tx_errors;
	sum->rx_lent += more->rx_lent;
	sum->rx_lent_kept += more->rx_lent_kept;
	sum->rx_lent_waited += more->rx_lent_waited;
	sum->rx_lent_handed += more->rx_lent_handed;
}

void port_close(struct port *port)
{
	struct ethdev_counters last;

	if (port->dev) {
		ethdev_get_counters(port->dev, &last);
		port_counters_add(&port->closed, &last);
		ethdev_close(port->dev);
	}
	port->dev = NULL;
	free(port->transmit);
	port->transmit = NULL;
	port->retry_ns = now_ns() + RETRY_NS;
	atomic_store_explicit(&port->up, false, memory_order_relaxed);
}

bool port_look(struct port *port)
{
	bool silent = !strcmp(port->info.driver, "net_memif"); /* tells nobody that its peer has come or gone */
	enum ethdev_state before = port->info.state;
	bool changed = ethdev_changed(port->dev);

	if (!changed && !silent)
		return false;
	port_read_info(port);
	return changed || port->info.state != before;
}

void port_get(const struct port *port, struct host_port *out)
{
	memset(out, 0, sizeof(*out));
	out->spec = &port->spec;
	out->state = port->spec.kind != PORT_NONE ? port->state : "none";
	if (port->spec.kind != PORT_NONE)
		memcpy(out->reason, port->reason, sizeof(out->reason));
	out->open = port->dev;
	if (out->open) {
		ethdev_get_info(port->dev, &out->info);
		ethdev_get_counters(port->dev, &out->counters);
	}
	port_counters_add(&out->counters, &port->closed);
}
