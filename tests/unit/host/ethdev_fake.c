/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/host/ethdev_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static struct fake device[FAKE_DEVICES];

void fake_reset(void)
{
	for (unsigned i = 0; i < FAKE_DEVICES; i++) {
		struct fake *fake = &device[i];

		for (unsigned q = 0; q < FAKE_QUEUES; q++)
			if (fake->queue_fd[q])
				close(fake->queue_fd[q]);
		memset(fake, 0, sizeof(*fake));
		fake->max_queues = FAKE_QUEUES;
		fake->enabled = FAKE_QUEUES;
		fake->room = FAKE_SIZE - 1;
		fake->longest = UINT32_MAX;
		fake->receive_fd = -1;
		for (unsigned q = 0; q < FAKE_QUEUES; q++) {
			pthread_mutex_init(&fake->in[q].lock, NULL);
			pthread_mutex_init(&fake->out[q].lock, NULL);
		}
	}
}

struct fake *fake_device(const char *devargs)
{
	return strncmp(devargs, "fake", 4) ? NULL : &device[atoi(devargs + 4) % FAKE_DEVICES];
}

static struct fake *fake_of(const struct ethdev *port)
{
	return (struct fake *)(uintptr_t)port;
}

static unsigned put(struct fake_fifo *fifo, struct rte_mbuf *packet[], unsigned count, unsigned room,
		    uint32_t longest)
{
	unsigned n = 0;

	pthread_mutex_lock(&fifo->lock);
	for (; n < count && fifo->tail - fifo->head < room && packet[n]->pkt_len <= longest; n++)
		fifo->packet[fifo->tail++ % FAKE_SIZE] = packet[n];
	pthread_mutex_unlock(&fifo->lock);
	return n;
}

static unsigned take(struct fake_fifo *fifo, struct rte_mbuf *packet[], unsigned count)
{
	unsigned n = 0;

	pthread_mutex_lock(&fifo->lock);
	for (; n < count && fifo->tail != fifo->head; n++)
		packet[n] = fifo->packet[fifo->head++ % FAKE_SIZE];
	pthread_mutex_unlock(&fifo->lock);
	return n;
}

void fake_in(struct fake *fake, uint16_t queue, struct rte_mbuf *packet)
{
	if (!put(&fake->in[queue], &packet, 1, FAKE_SIZE - 1, UINT32_MAX))
		rte_pktmbuf_free(packet);
}

struct rte_mbuf *fake_out(struct fake *fake, uint16_t queue)
{
	struct rte_mbuf *packet = NULL;

	take(&fake->out[queue], &packet, 1);
	return packet;
}

unsigned fake_waiting(struct fake *fake)
{
	unsigned n = 0;

	for (unsigned q = 0; q < FAKE_QUEUES; q++) {
		pthread_mutex_lock(&fake->out[q].lock);
		n += fake->out[q].tail - fake->out[q].head;
		pthread_mutex_unlock(&fake->out[q].lock);
	}
	return n;
}

static uint16_t least(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

struct ethdev *ethdev_open(const struct ethdev_params *params, char *error, size_t error_len)
{
	struct fake *fake = fake_device(params->devargs ? params->devargs : params->vhost->place);

	if (!fake || fake->absent || fake->open) {
		snprintf(error, error_len, "%s is not there",
			 params->devargs ? params->devargs : params->vhost->place);
		return NULL;
	}
	fake->rx_queues = least(params->rx_queues, fake->max_queues);
	fake->tx_queues = least(params->tx_queues, fake->max_queues);
	fake->open = true;
	fake->counted = 0;
	fake->opened++;
	return (struct ethdev *)fake;
}

void ethdev_close(struct ethdev *port)
{
	fake_of(port)->open = false;
}

unsigned ethdev_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	fake_of(port)->looks++;
	return take(&fake_of(port)->in[queue], packet, count);
}

unsigned ethdev_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	struct fake *fake = fake_of(port);

	if (!count)
		fake->reaped++;
	if (fake->put_off_ns && !fake->call_at_ns[queue])
		fake->call_at_ns[queue] = now_ns() + fake->put_off_ns;
	return fake->state == ETHDEV_UP ? put(&fake->out[queue], packet, count, fake->room, fake->longest) : 0;
}

void ethdev_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation)
{
	fake_of(port)->moderation = moderation;
}

uint64_t ethdev_call(struct ethdev *port, uint16_t queue)
{
	struct fake *fake = fake_of(port);

	if (fake->call_at_ns[queue] && now_ns() >= fake->call_at_ns[queue]) {
		fake->call_at_ns[queue] = 0;
		fake->calls[queue]++;
	}
	return fake->call_at_ns[queue];
}

uint32_t ethdev_takes(const struct ethdev *port)
{
	return fake_of(port)->takes;
}

int ethdev_receive_fd(const struct ethdev *port, uint16_t queue)
{
	struct fake *fake = fake_of(port);

	if (fake->receive_fd >= 0 && !fake->queue_fd[queue])
		fake->queue_fd[queue] = dup(fake->receive_fd);
	return fake->receive_fd < 0 ? -1 : fake->queue_fd[queue];
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
	static const char *const name[] = { "up", "down", "no_peer", "gone" };

	return name[state];
}

void ethdev_get_info(struct ethdev *port, struct ethdev_info *info)
{
	const struct fake *fake = fake_of(port);

	*info = (struct ethdev_info){
		.rss_types = fake->rss_types,
		.driver = "fake",
		.state = fake->state,
		.rx_queues = fake->rx_queues,
		.tx_queues = fake->tx_queues,
		.rx_enabled = least(fake->enabled, fake->rx_queues),
		.tx_enabled = least(fake->enabled, fake->tx_queues),
	};
}

void ethdev_get_counters(struct ethdev *port, struct ethdev_counters *counters)
{
	const uint64_t n = fake_of(port)->counted;

	*counters = (struct ethdev_counters){ n, n, n, n, n, n, n, n };
}

bool ethdev_changed(struct ethdev *port)
{
	struct fake *fake = fake_of(port);
	bool changed = fake->changed;

	fake->changed = false;
	return changed;
}

bool ethdev_devargs_value(const char *devargs, const char *key, char *value, size_t value_len)
{
	char wanted[32];
	const char *at;

	snprintf(wanted, sizeof(wanted), ",%s=", key);
	at = strstr(devargs, wanted);
	if (at)
		snprintf(value, value_len, "%s", at + strlen(wanted));
	return at;
}
