/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the requests share.  Each one copies its VPort, makes of the copy what the VPort is to become, checks that, and
 * puts it in the VPort's place with vport_replace(): the only step that may still fail then is memory.
 */
#ifndef VMMQ_CORE_REQUEST_CHECK_H
#define VMMQ_CORE_REQUEST_CHECK_H

#include "core/switch_model.h"

/* request_vport returns the VPort of a 32-bit id, or NULL. */
struct vport *request_vport(const struct vmmq_nic_switch *sw, uint32_t id);
vmmq_status request_unknown_vport(uint32_t id, vmmq_status status, struct vmmq_why *why);

/* hash_information_check: INVALID_PARAMETER unless it is Toeplitz and one known type at least, and nothing else. */
vmmq_status hash_information_check(uint32_t hash_information, struct vmmq_why *why);
/* key_len_check: INVALID_LENGTH unless VMMQ_KEY_LEN. */
vmmq_status key_len_check(size_t key_len, struct vmmq_why *why);
/* flags_check: INVALID_PARAMETER when flags has a bit that is not known. */
vmmq_status flags_check(uint32_t flags, uint32_t known, struct vmmq_why *why);

/*
 * vport_replace puts a checked copy in the VPort's place.  Nothing changes when nothing differs, and what packets are
 * steered by is made anew only when active parameters differ.  RESOURCES: memory.
 */
vmmq_status vport_replace(struct vmmq_nic_switch *sw, struct vport *vport, const struct vport *wanted,
			  struct vmmq_why *why);

#endif
