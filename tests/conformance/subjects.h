/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own implementations as subjects. */
#ifndef CONFORMANCE_SUBJECTS_H
#define CONFORMANCE_SUBJECTS_H

#include <vmmq/nic_switch.h>

#include "vmmq_conformance.h"

/* Requests and classification by themselves; the adapter on DPDK, its processors stepped on the calling thread. */
extern const struct vmmq_conformance_subject subject_core;
extern const struct vmmq_conformance_subject subject_engine;

/* nic_params_take writes what a switch is made with; processor has room for the setup's. */
void nic_params_take(struct vmmq_nic_switch_params *params, const struct vmmq_conformance_setup *setup,
		     struct vmmq_processor *processor);

#endif
