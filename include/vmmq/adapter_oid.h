/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binary NDIS requests (vmmq/oid.h) on a running adapter (vmmq/adapter.h).  Link with libvmmq-ndis and libvmmq.
 */
#ifndef VMMQ_ADAPTER_OID_H
#define VMMQ_ADAPTER_OID_H

#include <vmmq/adapter.h>
#include <vmmq/oid.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * vmmq_adapter_oid_init makes *oids address requests to a running adapter: packets steer by what a request has
 * changed when vmmq_oid_request() returns, under the ordering promise.
 * hardware: what the adapter's switch was made with, told by capability queries; processors stay the caller's.  The
 * actor is its first processor.  Threads: those of vmmq/adapter.h's control thread; moves of entries from any thread,
 * each with a copy of *oids whose actor is set, also from inside an indication on that actor.
 * Other than on a bare switch: NIC_SWITCH_CREATE_SWITCH and _DELETE_SWITCH are NOT_SUPPORTED, for the switch lives as
 * long as its adapter.  NIC_SWITCH_DELETE_VPORT of a VPort whose filters are cleared waits, for a second at most,
 * until its packets are indicated and returned and its sends complete; then FAILURE.  That needs the processors to
 * run.  PENDING: the change is made, and a source that has been inside one burst for a second follows at its next one.
 * RESOURCES: nothing has changed; commands that move entries have the further reasons for it of vmmq_adapter_move().
 */
VMMQ_API void vmmq_adapter_oid_init(struct vmmq_oid_adapter *oids, struct vmmq_adapter *adapter,
				    const struct vmmq_nic_switch_params *hardware);

#ifdef __cplusplus
}
#endif
#endif
