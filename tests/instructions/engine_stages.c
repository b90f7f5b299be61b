/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's stages, stepped on one processor with 64 VPorts: receive, inbox, DPC, indication, return; and a send
 * from VPort to VPort, up to its completion and the return of the copy; and a transfer likewise, of the packet itself.
 */
#include <rte_mbuf.h>

#include "stages.h"

#define SEND_BUFFERS 2047u

static struct load load;

static bool receive_make(enum vmmq_toeplitz_impl impl)
{
	const struct load_params params = { .processors = 1, .stepped = true };

	(void)impl;
	return load_start(&load, &params);
}

static uint64_t receive_run(void)
{
	uint64_t before = load_indicated(&load);

	for (unsigned at = 0; at < STAGE_PACKETS; at += STAGE_BURST) {
		struct rte_mbuf *burst[STAGE_BURST];
		unsigned count = load_burst(&load.source[0], burst);

		vmmq_receive(load.source[0].source, burst, count);
		vmmq_processor_poll(load.adapter, load.processor[0].number);
	}
	return load_indicated(&load) - before;
}

const struct stage stage_receive = { "receive", false, receive_make, receive_run };

static struct vmmq_adapter *adapter;
static struct vmmq_sender *sender;
static struct rte_mbuf *sent[STAGE_BURST * LOAD_VPORTS / 2]; /* sent again and again: a completed one is ours */
static uint64_t indicated, completed;
static bool gives; /* what is indicated is what was sent, and is sent again */

static void send_indicated(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	indicated += indication->count;
	if (!gives) {
		vmmq_return_packets(adapter, indication->packet, indication->count);
		return;
	}
	vmmq_take_packets(adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++)
		vmmq_oob_set_hash(indication->packet[i], 0, 0);
}

static void send_completed(void *context, const struct vmmq_completion *completion)
{
	(void)context;
	for (unsigned i = 0; i < completion->count; i++)
		completed += completion->send[i].status == VMMQ_SUCCESS;
}

/* uplink_refuses: nothing goes there. */
static unsigned uplink_refuses(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	(void)packet;
	(void)count;
	return 0;
}

static bool send_adapter_make(struct rte_mempool *pool)
{
	struct vmmq_processor processor = { 0 };
	const struct vmmq_adapter_params params = {
		.name = "send",
		.nic_switch = { .processors = &processor, .processor_count = 1, .max_vports = LOAD_VPORTS + 1 },
		.indicate = send_indicated,
		.complete = send_completed,
		.transmit = uplink_refuses,
		.pool = pool,
		.transmit_pool = pool,
	};

	if (vmmq_adapter_create(&params, &adapter, NULL) != VMMQ_SUCCESS)
		return false;
	for (uint16_t v = 1; v <= LOAD_VPORTS; v++)
		if (!bench_vport_add(vmmq_adapter_switch(adapter), v, 1))
			return false;
	return vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL) == VMMQ_SUCCESS &&
	       vmmq_sender_create(adapter, 0, &sender, NULL) == VMMQ_SUCCESS;
}

static uint16_t sending_vport(unsigned at)
{
	return (uint16_t)(1 + at / STAGE_BURST % LOAD_VPORTS);
}

/* send_frames_make: each to a VPort that is not the one that sends it in either half of a run. */
static void send_frames_make(void)
{
	const unsigned count = sizeof(sent) / sizeof(sent[0]);
	uint64_t random = 3;

	for (unsigned i = 0; i < count; i++) {
		uint16_t to;

		do
			to = (uint16_t)(1 + random_below(&random, LOAD_VPORTS));
		while (to == sending_vport(i) || to == sending_vport(i + count));
		sent[i]->data_len =
		    (uint16_t)frame_make(rte_pktmbuf_mtod(sent[i], uint8_t *),
					 (enum frame_kind)random_below(&random, FRAME_TAGGED), to, &random);
		sent[i]->pkt_len = sent[i]->data_len;
		vmmq_oob_set_hash(sent[i], 0, 0);
	}
}

static bool send_make(enum vmmq_toeplitz_impl impl)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("send", SEND_BUFFERS, 0, RTE_MBUF_PRIV_ALIGN,
							   RTE_PKTMBUF_HEADROOM + FRAME_ROOM, SOCKET_ID_ANY);

	(void)impl;
	if (!pool || !send_adapter_make(pool) || rte_pktmbuf_alloc_bulk(pool, sent, sizeof(sent) / sizeof(sent[0])))
		return false;
	send_frames_make();
	return true;
}

typedef unsigned give_fn(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			 unsigned count);

/* bursts_run returns the packets that came out. */
static uint64_t bursts_run(give_fn *give)
{
	uint64_t before = indicated;

	for (unsigned at = 0; at < STAGE_PACKETS; at += STAGE_BURST) {
		struct rte_mbuf **burst = sent + at % (sizeof(sent) / sizeof(sent[0]));

		give(sender, (struct vmmq_vport_id){ sending_vport(at) }, burst, STAGE_BURST);
		vmmq_processor_poll(adapter, (struct vmmq_processor){ 0 });
	}
	return indicated - before;
}

static uint64_t send_run(void)
{
	uint64_t before = completed;

	return bursts_run(vmmq_send) == STAGE_PACKETS ? completed - before : 0;
}

const struct stage stage_send = { "send", false, send_make, send_run };

static bool transfer_make(enum vmmq_toeplitz_impl impl)
{
	gives = true;
	return send_make(impl);
}

static uint64_t transfer_run(void)
{
	return bursts_run(vmmq_transfer);
}

const struct stage stage_transfer = { "transfer", false, transfer_make, transfer_run };
