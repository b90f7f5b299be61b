/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transmit half of a run: read a batch of the capture -> vmmq_send() for one VPort -> the uplink, which has finished
 * with a buffer at once, or another VPort's receive path -> completions.  Then, when all of the batch is complete and
 * indicated, the records in the capture's order.
 */
#include <rte_mbuf.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/capture_read.h"
#include "vmmq/replay/replay.h"

#define BATCH       256u  /* packets: far fewer than an inbox takes of one VPort, so no copy is dropped */
#define UPLINK_BUFS 1023u /* without data room; more than the segments of a batch */

/* What became of one packet of the batch.  Its place is in the mbuf's port, and so in that of its copy. */
struct place {
	struct rte_mbuf *packet;
	struct vmmq_send_complete complete; /* processors: w, before completed grows */
	struct vmmq_processor completed_on;
	struct rte_mbuf *copy; /* indicated to another VPort; NULL: it went to the uplink */
	struct vmmq_processor indicated_on;
};

struct replay_transmit {
	struct vmmq_sender *sender;
	const struct config_vport *vport; /* whose table is used */
	struct vmmq_toeplitz_key key;
	unsigned count;
	_Atomic unsigned completed; /* X1 */
	struct place place[BATCH];
};

static unsigned replay_uplink(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct replay_run *run = context;

	run->result->sent.uplink += count;
	for (unsigned i = 0; i < count; i++)
		rte_pktmbuf_free(packet[i]);
	return count;
}

static void replay_on_complete(void *context, const struct vmmq_completion *completion)
{
	struct replay_run *run = context;
	struct replay_transmit *transmit = run->transmit;

	for (unsigned i = 0; i < completion->count; i++) {
		struct place *place = &transmit->place[completion->send[i].packet->port];

		place->complete = completion->send[i];
		place->completed_on = completion->processor;
	}
	atomic_fetch_add_explicit(&transmit->completed, completion->count, memory_order_release); /* X1 */
}

void replay_transmit_indicated(struct replay_run *run, const struct vmmq_indication *indication)
{
	for (unsigned i = 0; i < indication->count; i++) {
		struct place *place = &run->transmit->place[indication->packet[i]->port];

		place->copy = indication->packet[i];
		place->indicated_on = indication->processor;
	}
}

bool replay_transmit_prepare(struct replay_run *run, struct vmmq_adapter_params *params)
{
	params->transmit = replay_uplink;
	params->complete = replay_on_complete;
	params->pool = run->pool;
	params->transmit_pool = replay_pool_make("uplink", UPLINK_BUFS, 0, 0);
	return params->transmit_pool;
}

/* flow_choose chooses as on receive: of what is inside a tunnel that the VPort looks into *frame and *headers become that. */
static struct vmmq_hash_choice flow_choose(const struct replay_transmit *transmit, const uint8_t **frame, size_t len,
					   struct vmmq_headers *headers)
{
	const struct vmmq_rss_params *rss = &transmit->vport->rss;
	struct vmmq_hash_choice choice;
	struct vmmq_tunnel tunnel;

	vmmq_parse(*frame, len, headers);
	if (!vmmq_parse_tunnel(*frame, len, headers, &rss->encapsulation, &tunnel))
		return vmmq_hash_choose(headers, rss->hash_types, true);
	choice = vmmq_hash_choose_tunnel(headers, &tunnel, rss->hash_types, true);
	if (choice.inner) {
		*frame += tunnel.offset;
		*headers = tunnel.inner;
	}
	return choice;
}

/*
 * flow_hash computes the hash of the connection's receive direction, where source and destination are the other way
 * round: so a send completes on the processor that receives its answers (spec 9, row 5).  Returns hash information.
 */
static uint32_t flow_hash(const struct replay_transmit *transmit, const struct rte_mbuf *packet,
			  enum vmmq_toeplitz_impl impl, uint32_t *hash)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *); /* its first segment has all headers */
	uint8_t sent[VMMQ_HASH_INPUT_MAX], received[VMMQ_HASH_INPUT_MAX];
	struct vmmq_headers headers;
	struct vmmq_hash_choice choice = flow_choose(transmit, &frame, rte_pktmbuf_data_len(packet), &headers);
	size_t len, address_len, port_len;

	if (!choice.type)
		return 0;
	len = vmmq_hash_input(frame, &headers, &choice, sent);
	address_len = headers.l3 == VMMQ_L3_IPV4 ? 4 : 16;
	port_len = (len - 2 * address_len) / 2;
	memcpy(received, sent + address_len, address_len);
	memcpy(received + address_len, sent, address_len);
	memcpy(received + 2 * address_len, sent + 2 * address_len + port_len, port_len);
	memcpy(received + 2 * address_len + port_len, sent + 2 * address_len, port_len);
	*hash = vmmq_toeplitz(&transmit->key, received, len, impl);
	return choice.type | VMMQ_HASH_FUNCTION_TOEPLITZ;
}

static void add_packet(struct replay_run *run, const struct capture_packet *packet)
{
	struct replay_transmit *transmit = run->transmit;
	struct place *place = &transmit->place[transmit->count];
	struct replay_counts *counts = &run->result->sent.capture;
	uint32_t hash = 0, information = 0;

	*place = (struct place){ 0 };
	while (!(place->packet = replay_packet_make(run->pool, packet, counts->packets)))
		replay_pump(run);
	if (run->options->transmit_hash)
		information =
		    flow_hash(transmit, place->packet, vmmq_toeplitz_resolve(run->options->toeplitz), &hash);
	vmmq_oob_set_hash(place->packet, hash, information);
	place->packet->port = (uint16_t)transmit->count++;
	replay_count(counts, packet);
	run->result->sent.hashed += information != 0;
}

/* send_batch sends what add_packet() has put together, and waits until it is complete and what was copied is indicated. */
static void send_batch(struct replay_run *run)
{
	struct replay_transmit *transmit = run->transmit;
	struct rte_mbuf *packet[BATCH];
	unsigned done = 0;

	for (unsigned i = 0; i < transmit->count; i++)
		packet[i] = transmit->place[i].packet;
	while (done < transmit->count) {
		done +=
		    vmmq_send(transmit->sender, run->options->transmit_vport, packet + done, transmit->count - done);
		replay_pump(run);
	}
	while (atomic_load_explicit(&transmit->completed, memory_order_acquire) <
		   transmit->count || /* pairs with X1 */
	       !vmmq_adapter_idle(run->adapter))
		replay_pump(run);
	atomic_store_explicit(&transmit->completed, 0, memory_order_relaxed);
}

static void count_complete(struct replay_sent *sent, const struct vmmq_send_complete *complete)
{
	unsigned i = 0;

	sent->via[complete->via]++;
	if (complete->entry != VMMQ_NO_ENTRY)
		sent->entry[complete->entry]++;
	while (i + 1 < REPLAY_STATUSES_MAX && sent->status[i].count && sent->status[i].status != complete->status)
		i++;
	sent->status[i].status = complete->status;
	sent->status[i].count++;
}

/* replay_write_batch writes the batch's records, a packet's completion before its indication to another VPort. */
static void replay_write_batch(struct replay_run *run)
{
	struct replay_transmit *transmit = run->transmit;

	for (unsigned i = 0; i < transmit->count; i++) {
		struct place *place = &transmit->place[i];

		count_complete(&run->result->sent, &place->complete);
		replay_output_completion(run->output, place->packet, &place->complete, place->completed_on);
		if (place->copy) {
			*replay_packet(place->copy) = *replay_packet(place->packet);
			replay_packet(place->copy)->processor = place->indicated_on;
			replay_output_packet(run->output, place->copy);
			vmmq_return_packets(run->adapter, &place->copy, 1);
		}
		rte_pktmbuf_free(place->packet);
	}
	transmit->count = 0;
}

static enum capture_status run_pass(struct replay_run *run)
{
	enum capture_status status = CAPTURE_PACKET;

	while (status == CAPTURE_PACKET && !replay_output_failed(run->output)) {
		struct capture_packet packet;
		bool is_long = false; /* long packets end a batch, so that it cannot hold all mbufs */

		while (run->transmit->count < BATCH && !is_long &&
		       (status = capture_read_next(run->capture, &packet)) == CAPTURE_PACKET) {
			add_packet(run, &packet);
			is_long = packet.len > REPLAY_DATA_ROOM;
		}
		send_batch(run);
		replay_write_batch(run);
	}
	return status;
}

bool replay_transmit_run(struct replay_run *run, const struct vmmq_config *config)
{
	struct replay_transmit *transmit = calloc(1, sizeof(*transmit));
	struct replay_sent *sent = &run->result->sent;
	uint64_t received = vmmq_received_read(run->adapter);
	bool complete_run = false;
	struct vmmq_why why = { 0 };

	if (transmit && vmmq_sender_create(run->adapter, 0, &transmit->sender, &why) == VMMQ_SUCCESS) {
		transmit->vport = vmmq_config_vport(config, run->options->transmit_vport);
		sent->known = transmit->vport;
		if (!sent->known)
			transmit->vport = &config->vports[0];
		sent->vport = transmit->vport;
		vmmq_toeplitz_key_init(&transmit->key, transmit->vport->rss.key);
		run->transmit = transmit;
		run->counts = &sent->capture;
		complete_run = replay_passes(run, run->options->transmit_path, run_pass);
		sent->copies = vmmq_received_read(run->adapter) - received;
		vmmq_sender_destroy(transmit->sender);
		run->transmit = NULL;
	} else {
		snprintf(run->result->error, sizeof(run->result->error), "out of memory");
	}
	free(transmit);
	return complete_run;
}
