/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binary requests as a target of the model, those among them that are not well-formed included; now and then all is read
 * back.
 */
#ifndef VMMQ_UNIT_NDIS_OID_MODEL_TARGET_H
#define VMMQ_UNIT_NDIS_OID_MODEL_TARGET_H

#include "unit/ndis/oid_malformed.h"
#include "unit/ndis/oid_read_back.h"

enum { READ_BACK = 50 }; /* once in so many requests */

static struct vmmq_nic_switch *binary_start(void)
{
	struct vmmq_nic_switch *made;

	assert_int_equal(vmmq_nic_switch_create(&limits, &made, NULL), VMMQ_SUCCESS);
	vmmq_oid_adapter_init(&oids, made, &limits);
	return made;
}

static void binary_stop(void)
{
	dump_forget();
	vmmq_nic_switch_destroy(nic);
}

static vmmq_status binary_processors(const struct vmmq_processor some[], size_t count)
{
	dump_forget();
	return vmmq_nic_switch_set_processors(nic, some, count, NULL);
}

static void binary_between(void)
{
	dump_forget();
	if (random_one_in(4))
		send_refused();
	if (random_one_in(READ_BACK))
		read_back();
	if (random_one_in(8))
		vmmq_nic_switch_retire(nic, vmmq_nic_switch_view(nic));
}

static const struct request_target binary_target = {
	.binary = true,
	.groups = true,
	.requests = 300000,
	.switches = 2000,
	.start = binary_start,
	.stop = binary_stop,
	.create = binary_create,
	.set = binary_set,
	.remove = binary_remove,
	.v1_prepare = binary_v1_prepare,
	.v1 = binary_v1,
	.v2 = binary_v2,
	.hash = binary_hash,
	.move = binary_move,
	.filter_set = binary_filter_set,
	.filter_clear = binary_filter_clear,
	.filter_move = binary_filter_move,
	.processors = binary_processors,
	.between = binary_between,
};

#endif
