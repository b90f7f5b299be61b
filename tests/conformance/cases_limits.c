/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits and pool rules (spec 3.3). */
#include <string.h>

#include "cases.h"

static struct vmmq_ndis_switch_capabilities capabilities(struct trial *t)
{
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES, QUERY, NO_VPORT);
	struct vmmq_ndis_switch_capabilities caps;
	vmmq_status status;

	r->room = 1024;
	status = request_send(t, r);
	need(t, r->oid, QUERY, status);
	trial_expect(t, VMMQ_SUCCESS, status, "query of NIC switch capabilities");
	memcpy(&caps, r->byte, sizeof(caps));
	return caps;
}

/* setups: NICs of several sizes. */
static const struct vmmq_conformance_setup *setups(unsigned i)
{
	static struct vmmq_conformance_setup setup;

	setup = usual;
	if (i == 1)
		setup.symmetric = true;
	if (i == 2) {
		setup.vports = 2;
		setup.queue_pairs = 2;
		setup.queue_pairs_per_vport = 1;
		setup.default_vport_queue_pairs = 1;
		setup.filters = 2;
	}
	if (i == 3) {
		setup.queue_pairs = 64;
		setup.filters = 64;
		setup.queue_pairs_per_vport = 12;
	}
	return i < 4 ? &setup : NULL;
}

static void caps_vports(struct trial *t)
{
	for (unsigned i = 0; setups(i); i++) {
		struct vmmq_ndis_switch_capabilities caps;

		trial_open(t, setups(i));
		caps = capabilities(t);
		CHECK(t, caps.max_switches == 1, "MaxNumSwitches is %u", caps.max_switches);
		CHECK(t, caps.max_vports == t->setup.vports, "MaxNumVPorts is %u of %u", caps.max_vports,
		      t->setup.vports);
		CHECK(t, caps.max_vports >= caps.max_vfs + 1, "MaxNumVPorts %u, MaxNumVFs %u", caps.max_vports,
		      caps.max_vfs);
	}
}

static void vports_include_default(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	setup.vports = 3;
	trial_open(t, &setup);
	DONE(t, vport_make(t, &params));
	params.vport_id = 3;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.vport_id = 2;
	DONE(t, vport_make(t, &params));
}

static void caps_pairs(struct trial *t)
{
	for (unsigned i = 0; setups(i); i++) {
		struct vmmq_ndis_switch_capabilities caps;

		trial_open(t, setups(i));
		caps = capabilities(t);
		CHECK(t, caps.max_queue_pairs >= caps.max_vports, "MaxNumQueuePairs %u, MaxNumVPorts %u",
		      caps.max_queue_pairs, caps.max_vports);
	}
}

static void pairs_include_default(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	setup.vports = 4;
	setup.queue_pairs = 10; /* 4 of them are the default VPort's */
	trial_open(t, &setup);
	params.queue_pairs = 7;
	REFUSE_AS(t, vport_make(t, &params), VMMQ_FAILURE, VMMQ_RESOURCES);
	params.queue_pairs = 6;
	DONE(t, vport_make(t, &params));
	DONE(t, vport_set_queue_pairs(t, 0, 3));
	REFUSE(t, VMMQ_RESOURCES, vport_set_queue_pairs(t, 1, 8));
	DONE(t, vport_set_queue_pairs(t, 1, 7));
}

static void caps_macs(struct trial *t)
{
	for (unsigned i = 0; setups(i); i++) {
		struct vmmq_ndis_switch_capabilities caps;

		trial_open(t, setups(i));
		caps = capabilities(t);
		CHECK(t, caps.max_macs >= caps.max_vports, "MaxNumMacAddresses %u, MaxNumVPorts %u", caps.max_macs,
		      caps.max_vports);
	}
}

static void a_filter_each(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;

	setup.vports = 5;
	setup.filters = 5;
	trial_open(t, &setup);
	for (unsigned id = 1; id < 5; id++)
		vport_ready(t, id);
	DONE(t, filter_set(t, 0, mac_of(0), UNTAGGED, NULL));
	REFUSE_AS(t, filter_set(t, 1, mac_of(201), UNTAGGED, NULL), VMMQ_RESOURCES, VMMQ_FAILURE);
}

static void caps_powers(struct trial *t)
{
	for (unsigned i = 0; setups(i); i++) {
		struct vmmq_ndis_switch_capabilities caps;
		uint32_t n, d;

		trial_open(t, setups(i));
		caps = capabilities(t);
		n = caps.max_queue_pairs_per_nondefault_vport;
		d = caps.max_queue_pairs_default_vport;
		CHECK(t, n && !(n & (n - 1)), "MaxNumQueuePairsPerNonDefaultVPort is %u", n);
		CHECK(t, d && !(d & (d - 1)), "MaxNumQueuePairsForDefaultVPort is %u", d);
	}
}

static void pairs_bound(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.queue_pairs = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.queue_pairs = 17;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.queue_pairs = 16;
	DONE(t, vport_make(t, &params));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set_queue_pairs(t, 1, 17));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set_queue_pairs(t, 1, 0));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set_queue_pairs(t, 1, 0xffffffff));
}

static void symmetric(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct rss2 rss = rss2_params(RSS2_QUEUES);

	setup.symmetric = true;
	trial_open(t, &setup);
	CHECK(t, !(capabilities(t).capabilities & VMMQ_NDIS_SWITCH_CAPS_ASYMMETRIC_QUEUE_PAIRS),
	      "a symmetric NIC advertises asymmetric queue pairs");
	DONE(t, vport_make(t, &params));
	params.vport_id = 2;
	params.queue_pairs = 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.queue_pairs = 4;
	DONE(t, vport_make(t, &params));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set_queue_pairs(t, 2, 3));
	rss.queues = 3;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 2, &rss));
}

static void symmetric_default(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	setup.symmetric = true;
	trial_open(t, &setup);
	DONE(t, vport_make(t, &params));
	DONE(t, vport_set_queue_pairs(t, 0, 7));
	DONE(t, vport_set_queue_pairs(t, 1, 3)); /* the only nondefault one */
}

static void asymmetric(struct trial *t)
{
	CHECK(t, capabilities(t).capabilities & VMMQ_NDIS_SWITCH_CAPS_ASYMMETRIC_QUEUE_PAIRS,
	      "an asymmetric NIC does not advertise it");
	for (unsigned id = 1; id < 8; id++) {
		struct vmmq_ndis_vport_parameters params = vport_params(id);

		params.queue_pairs = id;
		DONE(t, vport_make(t, &params));
	}
}

static void pool(struct trial *t)
{
	CHECK(t, capabilities(t).capabilities & VMMQ_NDIS_SWITCH_CAPS_SINGLE_VPORT_POOL,
	      "SINGLE_VPORT_POOL, which VMMQ requires, is not set");
	for (unsigned id = 1; id < t->setup.vports; id++) {
		struct vmmq_ndis_vport_parameters params = vport_params(id);

		params.queue_pairs = 2;
		DONE(t, vport_make(t, &params));
	}
}

static void rss_capable(struct trial *t)
{
	struct vmmq_ndis_switch_capabilities caps = capabilities(t);
	struct rss rss = rss_params();
	uint32_t capable = caps.max_rss_capable_nondefault_pf_vports;

	CHECK(t, caps.capabilities & VMMQ_NDIS_SWITCH_CAPS_RSS_ON_PF_VPORTS, "RSS_ON_PF_VPORTS is not set");
	CHECK(t, caps.capabilities & VMMQ_NDIS_SWITCH_CAPS_PER_PF_VPORT_TABLE, "there is no table per VPort");
	CHECK(t, capable >= 1 && capable < caps.max_vports, "MaxNumRssCapableNonDefaultPFVPorts is %u of %u VPorts",
	      capable, caps.max_vports);
	DONE(t, rss_set(t, 0, &rss));
	for (unsigned id = 1; id <= capable && id < 60; id++) {
		struct vmmq_ndis_vport_parameters params = vport_params(id);

		DONE(t, vport_make(t, &params));
		DONE(t, rss_set(t, id, &rss));
	}
}

static void default_pairs(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;

	setup.default_vport_queue_pairs = 3;
	trial_open(t, &setup);
	CHECK(t, vport_get(t, 0).queue_pairs == 3, "the default VPort has %u queue pairs of 3",
	      vport_get(t, 0).queue_pairs);
	DONE(t, vport_set_queue_pairs(t, 0, 8));
	CHECK(t, vport_get(t, 0).queue_pairs == 8, "the default VPort has %u queue pairs of 8",
	      vport_get(t, 0).queue_pairs);
}

static void example(struct trial *t)
{
	static const struct {
		uint32_t vports, pairs;
	} fits[] = { { 63, 2 }, { 31, 4 } };
	struct vmmq_conformance_setup setup = usual;

	setup.queue_pairs = 128;
	setup.vports = 64;
	setup.queue_pairs_per_vport = 4;
	setup.default_vport_queue_pairs = 1;
	for (unsigned i = 0; i < 2; i++) {
		struct vmmq_ndis_vport_parameters params;

		trial_open(t, &setup);
		for (uint32_t id = 1; id <= fits[i].vports; id++) {
			params = vport_params(id);
			params.queue_pairs = fits[i].pairs;
			DONE(t, vport_make(t, &params));
		}
		params = vport_params(fits[i].vports + 1);
		CHECK(t, vport_make(t, &params) != VMMQ_SUCCESS, "%u VPorts of %u queue pairs, and one more",
		      fits[i].vports, fits[i].pairs);
	}
}

static void out_of_pairs(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	setup.vports = 4;
	setup.queue_pairs = 9;
	trial_open(t, &setup);
	DONE(t, vport_make(t, &params));
	params.vport_id = 2;
	REFUSE_AS(t, vport_make(t, &params), VMMQ_FAILURE, VMMQ_RESOURCES);
	params.queue_pairs = 1;
	DONE(t, vport_make(t, &params));
}

const struct line lines_limits[] = {
	RULE("3.3/1", "MaxNumSwitches is 1; MaxNumVPorts includes the default VPort and is at least MaxNumVFs + 1"),
	CASE(caps_vports, "Capabilities of NICs of four sizes"),
	CASE(vports_include_default, "Of three VPorts two can be created, with ids 1 and 2"),
	RULE("3.3/2", "MaxNumQueuePairs counts all VPorts, the default one included, and is at least MaxNumVPorts"),
	CASE(caps_pairs, "Capabilities of NICs of four sizes"),
	CASE(pairs_include_default, "The default VPort's pairs count; what it gives back others can have"),
	RULE("3.3/3", "MaxNumMacAddresses is at least MaxNumVPorts"),
	CASE(caps_macs, "Capabilities of NICs of four sizes"),
	CASE(a_filter_each, "Every VPort gets a filter; beyond the limit it is refused"),
	RULE("3.3/4", "Queue pair limits of default and nondefault VPorts are powers of two"),
	CASE(caps_powers, "Capabilities of NICs of four sizes"),
	CASE(pairs_bound, "0 queue pairs, and more than one VPort may have, are refused, on creation and later"),
	RULE("3.3/5",
	     "Symmetric: all nondefault VPorts have the same number of queue pairs; the default VPort may differ. "
	     "Asymmetric: any"),
	CASE(symmetric,
	     "Symmetric: a VPort that would differ is refused, on creation, by VPORT_PARAMETERS and by RSSv2"),
	CASE(symmetric_default, "Symmetric: the default VPort and a lone nondefault one are free"),
	CASE(asymmetric, "Asymmetric: seven VPorts, seven numbers"),
	RULE("3.3/6", "With a single VPort pool, which VMMQ requires, MaxNumVPorts - 1 VPorts can be on the PF"),
	CASE(pool, "The flag is set, and so many VPorts can be created"),
	RULE("3.3/7", "VMMQ is for the default VPort and at least one other; MaxNumRssCapableNonDefaultPFVPorts "
		      "bounds the rest"),
	CASE(rss_capable, "The flags are set, and so many VPorts and the default one have RSS at once"),
	RULE("3.3/8", "The default VPort's queue pairs are given when the switch is made and can be changed later"),
	CASE(default_pairs, "As made, and changed"),
	RULE("3.3/9", "Example: 128 pairs, 64 VPorts, at most 4 a VPort: 63 VPorts of 2 and 1, or 31 of 4 and 1"),
	CASE(example, "Both fit, one VPort more does not"),
	RULE("3.3/10", "Out of VPorts or queues on creation: FAILURE, or RESOURCES"),
	CASE(out_of_pairs, "One of the two, nothing is changed, and a smaller VPort still fits"),
	END_OF_LINES,
};
