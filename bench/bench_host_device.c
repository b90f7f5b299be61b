/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_host.h"
#include "ports/port_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFERS 8191u

static struct device devices[DEVICE_VPORTS + 1];
static struct rte_mempool *pool;

struct buffer_note {
	uint16_t len, vport;
};

static void buffer_fill(struct rte_mempool *of, void *opaque, void *object, unsigned index)
{
	struct rte_mbuf *packet = object;
	struct buffer_note *note = rte_mbuf_to_priv(packet);
	uint64_t *random = opaque;

	(void)of;
	note->vport = (uint16_t)(1 + random_below(random, DEVICE_VPORTS));
	note->len = (uint16_t)frame_make((uint8_t *)packet->buf_addr + RTE_PKTMBUF_HEADROOM,
					 index % 2 ? FRAME_TCP4 : FRAME_UDP4, note->vport, random);
}

bool devices_make(void)
{
	uint64_t random = 1;

	pool = rte_pktmbuf_pool_create("devices", BUFFERS, 256, RTE_MBUF_PRIV_ALIGN,
				       RTE_PKTMBUF_HEADROOM + FRAME_ROOM, SOCKET_ID_ANY);
	if (pool)
		rte_mempool_obj_iter(pool, buffer_fill, &random);
	for (uint16_t v = 0; v <= DEVICE_VPORTS; v++)
		devices[v].vport = v;
	return pool;
}

bool devices_whole(void)
{
	return rte_mempool_avail_count(pool) == BUFFERS;
}

struct device *device_find(uint16_t vport)
{
	return &devices[vport];
}

struct ethdev *device_port(struct device *device)
{
	return (struct ethdev *)(void *)device;
}

static struct device *device_of(const struct ethdev *port)
{
	return (struct device *)(uintptr_t)port;
}

struct ethdev *ethdev_open(const struct ethdev_params *params, char *error, size_t error_len)
{
	unsigned long vport = strncmp(params->devargs, "vm", 2) ? 0 : strtoul(params->devargs + 2, NULL, 10);

	snprintf(error, error_len, "%s is not there", params->devargs);
	return vport <= DEVICE_VPORTS ? device_port(&devices[vport]) : NULL;
}

void ethdev_close(struct ethdev *port)
{
	(void)port;
}

/* address: flows are those that the buffers are filled with; what the uplink brings is for any VM. */
static void address(const struct device *device, const struct buffer_note *note, uint8_t *frame)
{
	frame_mac(device->vport ? device->to : note->vport, frame);
	frame_mac(device->vport, frame + 6);
}

unsigned ethdev_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	struct device *device = device_of(port);

	count = count < device->due[queue] ? count : device->due[queue];
	if (!count || rte_pktmbuf_alloc_bulk(pool, packet, count))
		return 0;
	device->due[queue] -= count;
	for (unsigned i = 0; i < count; i++) {
		const struct buffer_note *note = rte_mbuf_to_priv(packet[i]);

		packet[i]->data_len = note->len;
		packet[i]->pkt_len = note->len;
		address(device, note, rte_pktmbuf_mtod(packet[i], uint8_t *));
	}
	return count;
}

unsigned ethdev_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	(void)queue;
	device_of(port)->sent += count;
	rte_pktmbuf_free_bulk(packet, count);
	return count;
}

uint64_t ethdev_lost(const struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return 0;
}

void ethdev_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation)
{
	(void)port;
	(void)moderation;
}

uint64_t ethdev_call(struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return 0;
}

unsigned ethdev_receive_lent(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	return ethdev_receive(port, queue, packet, count);
}

bool ethdev_lends(const struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return false;
}

void ethdev_settle(struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
}

bool ethdev_keep(struct rte_mbuf *packet)
{
	(void)packet;
	return true;
}

bool ethdev_hand(struct rte_mbuf *packet)
{
	return ethdev_keep(packet);
}

void ethdev_take(struct rte_mbuf *packet)
{
	(void)packet;
}

bool ethdev_is_owed(struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return false;
}

uint32_t ethdev_takes(const struct ethdev *port)
{
	(void)port;
	return 0;
}

int ethdev_receive_fd(const struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return -1;
}

bool ethdev_arm(struct ethdev *port, uint16_t queue, bool armed)
{
	(void)port;
	(void)queue;
	(void)armed;
	return false;
}

const char *ethdev_state_name(enum ethdev_state state)
{
	return state == ETHDEV_UP ? "up" : "down";
}

void ethdev_get_info(struct ethdev *port, struct ethdev_info *info)
{
	(void)port;
	*info = (struct ethdev_info){
		.state = ETHDEV_UP,
		.rx_queues = DEVICE_QUEUES,
		.tx_queues = DEVICE_QUEUES,
		.rx_enabled = DEVICE_QUEUES,
		.tx_enabled = DEVICE_QUEUES,
	};
}

void ethdev_get_counters(struct ethdev *port, struct ethdev_counters *counters)
{
	(void)port;
	memset(counters, 0, sizeof(*counters));
}

bool ethdev_changed(struct ethdev *port)
{
	(void)port;
	return false;
}

bool ethdev_devargs_value(const char *devargs, const char *key, char *value, size_t value_len)
{
	(void)devargs;
	(void)key;
	(void)value;
	(void)value_len;
	return false;
}
