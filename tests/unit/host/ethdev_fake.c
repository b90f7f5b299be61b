/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/host/ethdev_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define FAKE_LOANS 256u

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

static void packet_copied(struct rte_mbuf *packet);

static unsigned put(struct fake_fifo *fifo, struct rte_mbuf *packet[], unsigned count, unsigned room,
		    uint32_t longest)
{
	unsigned n = 0;

	pthread_mutex_lock(&fifo->lock);
	for (; n < count && fifo->tail - fifo->head < room && packet[n]->pkt_len <= longest; n++) {
		packet_copied(packet[n]);
		fifo->packet[fifo->tail++ % FAKE_SIZE] = packet[n];
	}
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

/* What is lent of a frame: memory of its own, so that whoever looks at it too late is found out by a sanitizer, and by what it reads. */
static struct loan {
	struct rte_mbuf_ext_shared_info shared;
	struct fake *fake;
	uint16_t queue;
	struct rte_mbuf *packet; /* NULL: given back */
	uint8_t *bytes;          /* NULL: there is no such loan */
	uint32_t len;
	bool handed, taken; /* to another processor, and by it; in between nobody can read it */
} loans[FAKE_LOANS];
static unsigned hands; /* what is done with it, by turns */

static bool loan_is_of(const struct loan *loan, const struct ethdev *port, uint16_t queue)
{
	return loan->bytes && loan->fake == fake_of(port) && loan->queue == queue && !loan->handed;
}

static void loan_end(struct loan *loan)
{
	memset(loan->bytes, 0xdd, loan->len);
	free(loan->bytes);
	loan->bytes = NULL;
}

static void loan_returned(void *address, void *context)
{
	struct loan *loan = context;

	(void)address;
	loan->packet = NULL;
	if (loan->handed)
		loan_end(loan);
}

static struct loan *loan_of(const struct rte_mbuf *packet)
{
	const struct rte_mbuf *lent = packet->next;

	return lent && RTE_MBUF_HAS_EXTBUF(lent) ? lent->shinfo->fcb_opaque : NULL;
}

static void loan_scramble(struct loan *loan)
{
	for (uint32_t i = 0; i < loan->len; i++)
		loan->bytes[i] ^= 0xa5;
}

unsigned fake_taken(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_LOANS; i++)
		n += loans[i].bytes && loans[i].taken;
	return n;
}

static void lend(struct fake *fake, uint16_t queue, struct rte_mbuf **packet)
{
	const uint32_t len = rte_pktmbuf_pkt_len(*packet) - ETHDEV_JUDGED;
	struct loan *loan = loans;
	struct rte_mbuf *head = rte_pktmbuf_copy(*packet, (*packet)->pool, 0, ETHDEV_JUDGED),
			*tail = rte_pktmbuf_alloc((*packet)->pool);

	while (loan < loans + FAKE_LOANS && loan->bytes)
		loan++;
	if (!head || !tail || loan == loans + FAKE_LOANS)
		abort();
	*loan = (struct loan){ .fake = fake, .queue = queue, .packet = head, .bytes = malloc(len), .len = len };
	memcpy(loan->bytes, rte_pktmbuf_read(*packet, ETHDEV_JUDGED, len, loan->bytes), len);
	loan->shared.free_cb = loan_returned;
	loan->shared.fcb_opaque = loan;
	rte_mbuf_ext_refcnt_set(&loan->shared, 1);
	rte_pktmbuf_attach_extbuf(tail, loan->bytes, RTE_BAD_IOVA, (uint16_t)len, &loan->shared);
	tail->data_off = 0;
	tail->data_len = (uint16_t)len;
	tail->pkt_len = len;
	head->next = tail;
	head->nb_segs = 2;
	head->pkt_len += len;
	rte_pktmbuf_free(*packet);
	*packet = head;
}

unsigned ethdev_receive_lent(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	unsigned n = ethdev_receive(port, queue, packet, count);

	if (ethdev_lends(port, queue))
		abort(); /* it was not settled */
	for (unsigned i = 0; i < n; i++)
		if (fake_of(port)->lends && packet[i]->pkt_len > ETHDEV_JUDGED)
			lend(fake_of(port), queue, &packet[i]);
	return n;
}

bool ethdev_lends(const struct ethdev *port, uint16_t queue)
{
	for (unsigned i = 0; i < FAKE_LOANS; i++)
		if (loan_is_of(&loans[i], port, queue))
			return true;
	return false;
}

bool ethdev_keep(struct rte_mbuf *packet)
{
	struct rte_mbuf *lent = packet->next, *own;

	ethdev_take(packet);
	if (!loan_of(packet))
		return true;
	if (rte_mbuf_refcnt_read(packet) != 1)
		abort(); /* too late: others hold it */
	own = rte_pktmbuf_copy(lent, packet->pool, 0, UINT32_MAX);
	if (!own)
		return false;
	packet->next = own;
	packet->nb_segs = (uint16_t)(1 + own->nb_segs);
	rte_pktmbuf_free(lent);
	return true;
}

bool ethdev_hand(struct rte_mbuf *packet)
{
	struct loan *loan = loan_of(packet);

	if (!loan || ++hands % 4 == 0)
		return ethdev_keep(packet);
	loan->handed = true;
	loan_scramble(loan);
	return true;
}

/* ethdev_take: sometimes what was lent has been copied meanwhile. */
void ethdev_take(struct rte_mbuf *packet)
{
	struct loan *loan = loan_of(packet);

	if (!loan || !loan->handed || loan->taken)
		return;
	loan->taken = true;
	loan_scramble(loan);
	if (++hands % 3 == 0 && !ethdev_keep(packet))
		abort();
}

bool ethdev_is_owed(struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return false;
}

/* packet_copied: what another processor has handed over is not read after it was transmitted; what a device does not take is the caller's to keep. */
static void packet_copied(struct rte_mbuf *packet)
{
	const struct loan *loan = loan_of(packet);

	if (loan && loan->taken && !ethdev_keep(packet))
		abort();
}

void ethdev_settle(struct ethdev *port, uint16_t queue)
{
	for (struct loan *loan = loans; loan < loans + FAKE_LOANS; loan++) {
		if (!loan_is_of(loan, port, queue))
			continue;
		if (loan->packet && !ethdev_keep(loan->packet))
			abort();
		loan_end(loan);
	}
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

uint64_t ethdev_lost(const struct ethdev *port, uint16_t queue)
{
	(void)port;
	(void)queue;
	return 0;
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

	*counters = (struct ethdev_counters){ n, n, n, n, n, n, n, n, n, n, n, n };
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
