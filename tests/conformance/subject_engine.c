/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The adapter of libvmmq behind the suite's interface: packets are mbufs that pass through its inboxes and gates;
 * processors are stepped, sends go to an uplink that finishes with them at once.
 */
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/oid.h>

#include "base/clock.h"
#include "engine/eal.h"
#include "subject_engine.h"
#include "subjects.h"

#define POOL_PACKETS 4095u
#define MEMORY_MB    64u
#define INBOX_SIZE   16384u /* so that a case can let many packets wait: none is dropped for want of room */

struct nic {
	struct vmmq_conformance_host host;
	struct vmmq_adapter *adapter; /* NULL: there is no switch */
	struct vmmq_source *source;
	struct vmmq_sender *sender;
	struct vmmq_oid_adapter oids;
	struct vmmq_processor *processor;
	size_t processor_count;
};

static struct rte_mempool *pool; /* one for all NICs: the EAL is started once */

static bool pool_ready(void)
{
	char error[256];

	if (pool)
		return true;
	if (eal_start(1, MEMORY_MB, error, sizeof(error)))
		return false;
	pool = rte_pktmbuf_pool_create_by_ops("conformance", POOL_PACKETS, 0, 0, RTE_PKTMBUF_HEADROOM + 768,
					      SOCKET_ID_ANY, "ring_mt_rts");
	return pool;
}

static void indicate(void *context, const struct vmmq_indication *indication)
{
	struct nic *nic = context;

	for (unsigned i = 0; i < indication->count; i++) {
		struct vmmq_conformance_packet packet = { .processor = indication->processor.v };
		struct vmmq_oob oob;

		vmmq_oob_get(indication->packet[i], &oob);
		packet.vport = oob.vport.v;
		packet.hash = oob.hash;
		packet.hash_type = oob.hash_type;
		packet.hash_function = oob.hash_function;
		packet.stripped = oob.stripped;
		packet.tci = oob.tci;
		packet.tpid = oob.tpid;
		packet.frame = rte_pktmbuf_mtod(indication->packet[i], const uint8_t *);
		packet.len = indication->packet[i]->data_len;
		nic->host.indicate(nic->host.context, &packet);
	}
	if (!(indication->flags & VMMQ_INDICATE_RESOURCES))
		vmmq_return_packets(nic->adapter, indication->packet, indication->count);
}

static unsigned transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	rte_pktmbuf_free_bulk(packet, count);
	return count;
}

static void complete(void *context, const struct vmmq_completion *completion)
{
	struct nic *nic = context;

	for (unsigned i = 0; i < completion->count; i++) {
		const struct vmmq_send_complete *send = &completion->send[i];

		nic->host.complete(nic->host.context, &(struct vmmq_conformance_completion){
							  .processor = completion->processor.v,
							  .vport = send->vport.v,
							  .status = send->status,
						      });
		rte_pktmbuf_free(send->packet);
	}
}

static void poll_all(struct nic *nic)
{
	while (nic->adapter && !vmmq_adapter_idle(nic->adapter))
		for (size_t i = 0; i < nic->processor_count; i++)
			vmmq_processor_poll(nic->adapter, nic->processor[i]);
}

static void switch_destroy(void *context, struct vmmq_nic_switch *sw)
{
	struct nic *nic = context;

	(void)sw; /* the adapter's */
	poll_all(nic);
	if (nic->source)
		vmmq_source_destroy(nic->source);
	if (nic->sender)
		vmmq_sender_destroy(nic->sender);
	vmmq_adapter_destroy(nic->adapter);
	nic->source = NULL;
	nic->sender = NULL;
	nic->adapter = NULL;
}

static vmmq_status switch_create(void *context, const struct vmmq_nic_switch_params *switch_params,
				 struct vmmq_nic_switch **sw, struct vmmq_why *why)
{
	struct nic *nic = context;
	const struct vmmq_adapter_params params = {
		.name = "conformance",
		.nic_switch = *switch_params,
		.inbox_size = INBOX_SIZE,
		.indicate = indicate,
		.transmit = transmit,
		.complete = complete,
		.pool = pool,
		.transmit_pool = pool,
		.context = nic,
	};
	vmmq_status status = vmmq_adapter_create(&params, &nic->adapter, why);

	if (status != VMMQ_SUCCESS)
		return status;
	status = vmmq_source_create(nic->adapter, VMMQ_SOURCE_WAIT, &nic->source, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_sender_create(nic->adapter, 0, &nic->sender, why);
	*sw = vmmq_adapter_switch(nic->adapter);
	if (status != VMMQ_SUCCESS)
		switch_destroy(nic, *sw);
	return status;
}

static void destroy(void *context)
{
	struct nic *nic = context;

	if (nic->adapter)
		switch_destroy(nic, NULL);
	free(nic->processor);
	free(nic);
}

static void *create(const struct vmmq_conformance_setup *setup, const struct vmmq_conformance_host *host)
{
	struct nic *nic = pool_ready() ? calloc(1, sizeof(*nic)) : NULL;
	struct vmmq_nic_switch *sw = NULL;
	struct vmmq_nic_switch_params params;

	if (!nic)
		return NULL;
	nic->host = *host;
	nic->processor_count = setup->processor_count;
	nic->processor = calloc(setup->processor_count, sizeof(*nic->processor));
	if (nic->processor) {
		nic_params_take(&params, setup, nic->processor);
		if (setup->without_switch || switch_create(nic, &params, &sw, NULL) == VMMQ_SUCCESS) {
			vmmq_oid_adapter_init(&nic->oids, sw, &params);
			nic->oids.maker = (struct vmmq_oid_switch_maker){ nic, switch_create, switch_destroy };
			return nic;
		}
	}
	destroy(nic);
	return NULL;
}

/* Before a VPort is deleted nothing of it may be outstanding (spec 3.2). */
static uint32_t request(void *context, struct vmmq_conformance_request *r)
{
	struct nic *nic = context;
	vmmq_status status;

	if (nic->adapter && r->oid == VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES &&
	    r->method == VMMQ_OID_METHOD && engine_move(nic->adapter, r, &status))
		return status;
	if (r->oid == VMMQ_OID_NIC_SWITCH_DELETE_VPORT)
		poll_all(nic);
	nic->oids.actor.v = r->actor;
	status = vmmq_oid_request(&nic->oids, r->oid, (enum vmmq_oid_method)r->method, r->flags, r->vport, r->buffer,
				  r->len, &r->bytes, NULL);
	if (nic->adapter && r->method != VMMQ_OID_QUERY &&
	    vmmq_adapter_apply(nic->adapter, false, UINT64_MAX, NULL) != VMMQ_SUCCESS)
		return VMMQ_FAILURE;
	return status;
}

static struct rte_mbuf *packet_make(const uint8_t *frame, size_t len)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	if (!packet)
		return NULL;
	memcpy(rte_pktmbuf_append(packet, (uint16_t)len), frame, len);
	return packet;
}

static void receive(void *context, const uint8_t *frame, size_t len)
{
	struct nic *nic = context;
	struct rte_mbuf *packet = nic->adapter ? packet_make(frame, len) : NULL;

	if (packet && !vmmq_receive(nic->source, &packet, 1))
		rte_pktmbuf_free(packet);
}

/* A turn that passes a gate moves nothing, so it is the adapter that says whether there is more to do. */
static bool poll_one(void *context, uint16_t processor)
{
	struct nic *nic = context;

	return nic->adapter && (vmmq_processor_poll(nic->adapter, (struct vmmq_processor){ processor }) ||
				!vmmq_adapter_idle(nic->adapter));
}

static void send(void *context, const struct vmmq_conformance_send *s)
{
	struct nic *nic = context;
	struct rte_mbuf *packet = nic->adapter ? packet_make(s->frame, s->len) : NULL;
	struct vmmq_vport_id vport = { (uint16_t)s->vport };

	if (!packet)
		return;
	vmmq_oob_set_hash(packet, s->hash, s->hash_information);
	if (!vmmq_send(nic->sender, vport, &packet, 1))
		rte_pktmbuf_free(packet);
}

const struct vmmq_conformance_subject subject_engine = {
	.version = VMMQ_CONFORMANCE_VERSION,
	.name = "engine",
	.create = create,
	.destroy = destroy,
	.request = request,
	.receive = receive,
	.poll = poll_one,
	.send = send,
};
