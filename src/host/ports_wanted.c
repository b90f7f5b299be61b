/* SPDX-License-Identifier: BSD-2-Clause */
/* From the ports that are wanted to those that are there: at once where it can be, else again and again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/switch.h"

static const struct port_spec no_port;

static bool port_wanted(const struct port *port)
{
	return port->spec.kind != PORT_NONE;
}

/*
 * port_tell tells the listener when the port is not what it was told last.  A front end that comes and goes as fast as it can is told
 * of now and then: what is not told now the next tick looks at again.
 */
static void port_tell(struct host *host, bool uplink, struct vmmq_vport_id vport, struct port *port)
{
	const char *state = port_wanted(port) ? port->state : "none";
	const char *reason = port_wanted(port) ? port->reason : "";

	if (strcmp(port->told_state, state) == 0 && strcmp(port->told_reason, reason) == 0)
		return;
	if (!pace_allows(&port->telling, now_ns(), TELL_AT_ONCE, TELL_EACH_NS))
		return;
	port->told_state = state;
	snprintf(port->told_reason, sizeof(port->told_reason), "%s", reason);
	if (host->listener)
		host->listener(host->listener_context, uplink, vport, state, reason);
}

/* port_set_spec: false when that is what it is; without memory nothing is wanted. */
static bool port_set_spec(struct port *port, const struct port_spec *spec)
{
	static atomic_uint numbers; /* of the process, as devices' names are */

	if (port_spec_equal(spec, &port->spec))
		return false;
	port_spec_fini(&port->spec);
	port_spec_copy(&port->spec, spec);
	port->number = atomic_fetch_add_explicit(&numbers, 1, memory_order_relaxed);
	port->retry_ns = 0;
	port_state(port, "none", "");
	return true;
}

void host_set_backend(struct host *host, struct vmmq_vport_id vport, const struct port_spec *spec)
{
	const struct port_spec *wanted = spec ? spec : &no_port;
	struct guest *guest = wanted->kind != PORT_NONE ? guest_make(host, vport) : guest_find(host, vport);

	if (!guest)
		return;
	if (!port_set_spec(&guest->port, wanted))
		return;
	guest_close(guest);
	if (port_wanted(&guest->port) && guest_open(guest))
		host->stale |= !forwarding_renew(host);
	port_tell(host, false, vport, &guest->port);
}

void host_forget_vport(struct host *host, struct vmmq_vport_id vport)
{
	struct guest **at = &host->guests, *guest;

	host_set_backend(host, vport, NULL);
	while (*at && (*at)->vport.v != vport.v)
		at = &(*at)->next;
	guest = *at;
	if (guest) {
		*at = guest->next;
		host->guest_of[vport.v] = NULL;
		free(guest);
	}
	guest_counters_forget(host, vport);
}

void host_set_uplink(struct host *host, const struct port_spec *spec, uint16_t rx_queues)
{
	struct uplink *uplink = &host->uplink;
	uint16_t wanted = rx_queues ? rx_queues : 1;
	bool changed = port_set_spec(&uplink->port, spec ? spec : &no_port);

	if (!changed && (!port_wanted(&uplink->port) || wanted == uplink->rx_queues))
		return;
	uplink->rx_queues = wanted;
	atomic_store_explicit(&host->uplink_wanted, port_wanted(&uplink->port), memory_order_relaxed);
	uplink_close(uplink);
	if (port_wanted(&uplink->port))
		uplink_open(uplink);
	port_tell(host, true, VMMQ_DEFAULT_VPORT, &uplink->port);
}

static bool port_may_open(const struct host *host, const struct port *port)
{
	return port_wanted(port) && !port->dev && !host->stopped && now_ns() >= port->retry_ns;
}

static void guest_port_look(struct guest *guest)
{
	if (port_may_open(guest->host, &guest->port)) {
		guest->host->stale |= guest_open(guest);
	} else if (guest->port.dev && port_look(&guest->port)) {
		if (guest->port.info.state == ETHDEV_GONE)
			guest_close(guest);
		else
			guest->host->stale |= !guest_assign(guest);
	}
	port_tell(guest->host, false, guest->vport, &guest->port);
}

static void uplink_port_look(struct uplink *uplink)
{
	if (port_may_open(uplink->host, &uplink->port)) {
		uplink_open(uplink);
	} else if (uplink->port.dev && port_look(&uplink->port)) {
		if (uplink->port.info.state == ETHDEV_GONE)
			uplink_close(uplink);
		else
			uplink->host->stale |= !uplink_assign(uplink);
	}
	port_tell(uplink->host, true, VMMQ_DEFAULT_VPORT, &uplink->port);
}

void host_tick(struct host *host)
{
	uplink_port_look(&host->uplink);
	for (struct guest *guest = host->guests; guest; guest = guest->next)
		guest_port_look(guest);
	uplink_reap(&host->uplink);
	if (host->stale)
		host_update(host);
}

void host_listen(struct host *host, host_listener *listener, void *context)
{
	host->listener = listener;
	host->listener_context = context;
}

void host_uplink_get(struct host *host, struct host_port *port)
{
	port_get(&host->uplink.port, port);
}

void host_backend_get(struct host *host, struct vmmq_vport_id vport, struct host_port *port)
{
	static const struct port none = { .state = "none" };
	struct guest *guest = guest_find(host, vport);

	port_get(guest ? &guest->port : &none, port);
}
