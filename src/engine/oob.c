/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/oob.h"

#include <pthread.h>
#include <vmmq/receive.h>
#include <vmmq/send.h>

int oob_offset = -1;

static pthread_once_t oob_once = PTHREAD_ONCE_INIT;

static void oob_field_register(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "vmmq_oob",
		.size = sizeof(struct oob_field),
		.align = _Alignof(struct oob_field),
	};

	oob_offset = rte_mbuf_dynfield_register(&field);
}

bool oob_register(void)
{
	pthread_once(&oob_once, oob_field_register);
	return oob_offset >= 0;
}

void vmmq_oob_get(const struct rte_mbuf *packet, struct vmmq_oob *oob)
{
	const struct oob_field *field = RTE_MBUF_DYNFIELD(packet, oob_offset, const struct oob_field *);

	*oob = (struct vmmq_oob){
		.vport = { field->vport },
		.hash = packet->hash.rss,
		.hash_type = field->hash_information & VMMQ_HASH_TYPE_MASK,
		.hash_function = field->hash_information & VMMQ_HASH_FUNCTION_MASK,
		.entry = field->entry < VMMQ_TABLE_ENTRIES_MAX ? field->entry : VMMQ_NO_ENTRY,
		.tci = packet->vlan_tci,
		.tpid = packet->vlan_tci_outer,
		.inner = field->hash_information & VMMQ_HASH_INNER,
		.stripped = packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED,
		.via = field->entry < VMMQ_TABLE_ENTRIES_MAX ? VMMQ_VIA_TABLE
		       : field->entry == OOB_ENTRY_PRIMARY   ? VMMQ_VIA_PRIMARY
							     : VMMQ_VIA_DEFAULT,
	};
}

void vmmq_oob_set_hash(struct rte_mbuf *packet, uint32_t hash, uint32_t hash_information)
{
	oob_set_hash(packet, hash, hash_information);
}
