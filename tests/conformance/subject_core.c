/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libvmmq-core and libvmmq-ndis behind the suite's interface: requests, and frames that are classified, and said to
 * be indicated, as they arrive: there is no queue in between.
 */
#include "subjects.h"

#include <stdlib.h>
#include <string.h>
#include <vmmq/classify.h>
#include <vmmq/oid.h>

#define FRAME_LEN 512

struct nic {
	struct vmmq_conformance_host host;
	struct vmmq_oid_adapter adapter;
	struct vmmq_processor *processor;
};

void nic_params_take(struct vmmq_nic_switch_params *params, const struct vmmq_conformance_setup *setup,
		     struct vmmq_processor *processor)
{
	for (size_t i = 0; i < setup->processor_count; i++)
		processor[i].v = setup->processors[i];
	*params = (struct vmmq_nic_switch_params){
		.processors = processor,
		.processor_count = setup->processor_count,
		.max_vports = setup->vports,
		.max_queue_pairs = setup->queue_pairs,
		.max_queue_pairs_per_vport = setup->queue_pairs_per_vport,
		.max_filters = setup->filters,
		.default_vport_queue_pairs = setup->default_vport_queue_pairs,
		.symmetric = setup->symmetric,
		.strip_all_tags = setup->strip_all_tags,
	};
}

static void destroy(void *context)
{
	struct nic *nic = context;

	vmmq_nic_switch_destroy(nic->adapter.sw);
	free(nic->processor);
	free(nic);
}

static void *create(const struct vmmq_conformance_setup *setup, const struct vmmq_conformance_host *host)
{
	struct nic *nic = calloc(1, sizeof(*nic));
	struct vmmq_nic_switch *sw = NULL;
	struct vmmq_nic_switch_params params;

	if (!nic)
		return NULL;
	nic->host = *host;
	nic->processor = calloc(setup->processor_count, sizeof(*nic->processor));
	if (nic->processor) {
		nic_params_take(&params, setup, nic->processor);
		if (setup->without_switch || vmmq_nic_switch_create(&params, &sw, NULL) == VMMQ_SUCCESS) {
			vmmq_oid_adapter_init(&nic->adapter, sw, &params);
			return nic;
		}
	}
	destroy(nic);
	return NULL;
}

static uint32_t request(void *context, struct vmmq_conformance_request *r)
{
	struct nic *nic = context;

	nic->adapter.actor.v = r->actor;
	return vmmq_oid_request(&nic->adapter, r->oid, (enum vmmq_oid_method)r->method, r->flags, r->vport, r->buffer,
				r->len, &r->bytes, NULL);
}

static void receive(void *context, const uint8_t *frame, size_t len)
{
	struct nic *nic = context;
	uint8_t stripped[FRAME_LEN];
	struct vmmq_headers headers;
	struct vmmq_verdict v;

	if (!nic->adapter.sw || len > FRAME_LEN)
		return;
	vmmq_classify(vmmq_nic_switch_view(nic->adapter.sw), frame, len, &v, &headers);
	if (v.drop)
		return;
	if (v.strip) {
		memcpy(stripped, frame, 12);
		memcpy(stripped + 12, frame + 16, len - 16);
		frame = stripped;
		len -= 4;
	}
	nic->host.indicate(nic->host.context, &(struct vmmq_conformance_packet){
						  .processor = v.processor.v,
						  .vport = v.vport.v,
						  .hash = v.hash,
						  .hash_type = v.hash_type & VMMQ_HASH_TYPE_MASK,
						  .hash_function = v.hash_type ? VMMQ_HASH_FUNCTION_TOEPLITZ : 0,
						  .stripped = v.strip,
						  .tci = v.tci,
						  .tpid = headers.tpid,
						  .frame = frame,
						  .len = len,
					      });
}

static bool poll_one(void *context, uint16_t processor)
{
	(void)context;
	(void)processor;
	return false;
}

const struct vmmq_conformance_subject subject_core = {
	.version = VMMQ_CONFORMANCE_VERSION,
	.name = "core",
	.create = create,
	.destroy = destroy,
	.request = request,
	.receive = receive,
	.poll = poll_one,
};
