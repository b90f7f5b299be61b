/* SPDX-License-Identifier: BSD-2-Clause */
/* VPort states and deletion (spec 3.1, 3.2). */
#include <string.h>

#include "cases.h"

static void create_states(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	CHECK(t, vport_get(t, 0).state == 1, "the default VPort is in state %u", vport_get(t, 0).state);
	DONE(t, vport_make(t, &params));
	CHECK(t, vport_get(t, 1).state == 2, "a new VPort is in state %u", vport_get(t, 1).state);
}

static void create_asks_for_activated(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.state = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.state = 3;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
}

/* State 0, undefined, says nothing: it may be taken. */
static void create_says_no_state(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	const char *before = state_take(t);
	vmmq_status status;

	params.state = 0;
	status = vport_make(t, &params);
	if (status == VMMQ_SUCCESS) {
		CHECK(t, vport_get(t, 1).state == 2, "a new VPort is in state %u", vport_get(t, 1).state);
		return;
	}
	trial_expect(t, VMMQ_INVALID_PARAMETER, status, "creation in state 0");
	state_same(t, before, "creation in state 0");
}

static void default_always_activated(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(0);

	params.state = 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_make(t, &params));
	params.flags = 0x80000;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	CHECK(t, vport_get(t, 0).state == 1, "the default VPort is in state %u", vport_get(t, 0).state);
}

static void create_for_function(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	const char *before = state_take(t);
	vmmq_status status;

	params.attached_function = 0;
	status = vport_make(t, &params);
	if (status == VMMQ_SUCCESS)
		CHECK(t, vport_get(t, 1).state == 1, "a VF's VPort is in state %u", vport_get(t, 1).state);
	else
		trial_expect(t, VMMQ_NOT_SUPPORTED, status, "a VPort of a VF that is not there");
	if (status != VMMQ_SUCCESS)
		state_same(t, before, "a VPort of a VF that is not there");
}

static void activate(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);

	vport_ready(t, 1);
	CHECK(t, vport_get(t, 1).state == 1, "state %u after activation", vport_get(t, 1).state);
	unhashed(t, &frame, 1, 4);
}

static void activate_needs_flag(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	DONE(t, vport_make(t, &params));
	params.state = 1;
	params.flags = 0x20000; /* the name */
	DONE(t, vport_set(t, &params));
	CHECK(t, vport_get(t, 1).state == 2, "state %u", vport_get(t, 1).state);
}

static void activate_twice(struct trial *t)
{
	const char *before;

	vport_ready(t, 1);
	before = state_take(t);
	DONE(t, vport_activate(t, 1));
	DONE(t, vport_activate(t, 0));
	state_same(t, before, "activating what is activated");
}

static void deactivate(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	vport_ready(t, 1);
	params.flags = 0x80000;
	params.state = 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	params.vport_id = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
}

static void state_undefined(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	vport_ready(t, 1);
	params.flags = 0x80000;
	params.state = 0;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
	params.state = 3;
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_set(t, &params));
}

static void traffic_needs_activation(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct frame frame = tcp_to(1, 1);

	DONE(t, vport_make(t, &params));
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL));
	unhashed(t, &frame, 0, 4);
	DONE(t, vport_activate(t, 1));
	unhashed(t, &frame, 1, 4);
}

static void traffic_needs_filter(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct frame frame = tcp_to(1, 1);

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	unhashed(t, &frame, 0, 4);
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, NULL));
	unhashed(t, &frame, 1, 4);
}

static void default_is_sink(struct trial *t)
{
	struct frame frame = tcp_to(200, 1);
	struct rss rss = rss_params();

	vport_ready(t, 1);
	unhashed(t, &frame, 0, 4);
	DONE(t, rss_set(t, 0, &rss));
	follows_table(t, 0, (const uint16_t[]){ 4, 5, 6, 7 }, 4);
	frame.byte[0] = 0xff; /* a group address */
	hashed(t, &frame, 0, rss.table[tcp_hash(1) % 4], VMMQ_HASH_TCP_IPV4, tcp_hash(1));
}

static void delete_default(struct trial *t)
{
	vport_ready(t, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 0));
}

static void delete_and_again(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1), none;
	const char *before = state_take(t);

	DONE(t, vport_make(t, &params));
	DONE(t, vport_delete(t, 1));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_query(t, 1, &none));
	state_same(t, before, "making a VPort and deleting it");
	DONE(t, vport_make(t, &params));
}

const struct line lines_states[] = {
	RULE("3.1/1", "Create: a PF VPort starts deactivated, a VF's activated; the default VPort comes with the "
		      "switch, activated"),
	CASE(create_states, "State of the default VPort and of a new one"),
	CASE(create_says_no_state,
	     "CREATE_VPORT with state 0, which says nothing: deactivated, or INVALID_PARAMETER"),
	CASE(create_for_function,
	     "A VPort of a VF that was not allocated is NOT_SUPPORTED; of one that was, activated"),
	RULE("3.1/2", "Activate: VPORT_PARAMETERS with STATE_CHANGED and state 1"),
	CASE(activate, "Activation is reported and lets traffic in"),
	CASE(activate_needs_flag, "Without STATE_CHANGED the state is not looked at"),
	CASE(activate_twice, "Activating an activated VPort, the default one too, is no change"),
	RULE("3.1/3", "Deactivate: impossible other than by deletion"),
	CASE(deactivate, "State 2 is refused for an activated VPort and for the default one"),
	CASE(state_undefined, "So are states that do not exist"),
	RULE("3.1/4", "Traffic is allowed once the VPort is activated and has a filter; the default VPort is the "
		      "sink for no match"),
	CASE(traffic_needs_activation, "A filter on a deactivated VPort takes nothing until activation"),
	CASE(traffic_needs_filter, "An activated VPort without a filter gets nothing"),
	CASE(default_is_sink,
	     "What matches no filter, group addresses included, is VPort 0's, steered by its RSS parameters"),
	RULE("3.1/5", "Delete: nondefault VPorts by their creator, the default VPort never"),
	CASE(delete_default, "Deleting VPort 0 is refused"),
	CASE(delete_and_again, "A deleted VPort is unknown, leaves nothing behind, and its id can be used again"),
	RULE("3.1/6",
	     "A creation on the PF that names another state than deactivated, and any other state of the default "
	     "VPort than activated, is refused"),
	CASE(create_asks_for_activated, "CREATE_VPORT that names the activated state, and one that does not exist"),
	CASE(default_always_activated, "VPort 0 can be neither created nor set deactivated"),
	END_OF_LINES,
};

static void delete_after_clear(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	uint32_t filter = rss_ready(t, 1);

	DONE(t, filter_clear(t, filter));
	not_on(t, &frame, 1);
	DONE(t, vport_delete(t, 1)); /* RSS is still on */
	not_on(t, &frame, 1);
}

static void delete_after_move(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	uint32_t filter = rss_ready(t, 1);

	DONE(t, filter_move(t, filter, 1, 0));
	DONE(t, vport_delete(t, 1));
	unhashed(t, &frame, 0, 4);
}

/* Packets are under way when deletion begins. */
static void delete_in_flight(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	uint32_t filter = rss_ready(t, 1);
	unsigned before;

	for (unsigned i = 0; i < 8; i++)
		arrive(t, &frame);
	DONE(t, filter_clear(t, filter));
	DONE(t, vport_delete(t, 1));
	before = t->seen_count;
	arrive(t, &frame);
	trial_poll_all(t);
	for (unsigned i = before; i < t->seen_count && i < SEEN_MAX; i++)
		CHECK(t, t->seen[i].packet.vport != 1, "VPort 1 is deleted, and a packet is indicated on it");
}

static void pairs_come_back(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	setup.queue_pairs = 8;
	setup.vports = 3;
	setup.queue_pairs_per_vport = 4;
	trial_open(t, &setup);
	for (unsigned round = 0; round < 20; round++) {
		DONE(t, vport_make(t, &params));
		DONE(t, vport_delete(t, 1));
	}
}

static void send_on_deleted(struct trial *t)
{
	struct vmmq_conformance_completion completion;
	uint32_t filter = rss_ready(t, 1);

	DONE(t, filter_clear(t, filter));
	DONE(t, vport_delete(t, 1));
	completion = send_one(t, 1, 0x51ccc178, VMMQ_HASH_TCP_IPV4 | 1);
	CHECK(t, completion.status == VMMQ_SUCCESS && completion.vport == 0 && completion.processor == 4,
	      "completed with %s, VPort %u, processor %u; expected SUCCESS, 0, 4", status_name(completion.status),
	      completion.vport, completion.processor);
}

static vmmq_status switch_delete(struct trial *t)
{
	const struct vmmq_ndis_switch_delete params = { .header = { VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(params) } };
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_DELETE_SWITCH, SET, NO_VPORT);
	vmmq_status status;

	request_put_bytes(r, 0, &params, sizeof(params));
	status = request_send(t, r);
	need(t, r->oid, SET, status);
	return status;
}

static void switch_last(struct trial *t)
{
	uint32_t filter = vport_ready(t, 1);

	REFUSE(t, VMMQ_FAILURE, switch_delete(t));
	DONE(t, filter_clear(t, filter));
	REFUSE(t, VMMQ_FAILURE, switch_delete(t));
	DONE(t, vport_delete(t, 1));
	DONE(t, switch_delete(t));
}

static void delete_unknown(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	DONE(t, vport_make(t, &params));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 65536 + 1)); /* not VPort 1 */
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 9));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 64));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 65536));
	REFUSE(t, VMMQ_INVALID_PARAMETER, vport_delete(t, 0xffffffff));
}

static void delete_with_filters(struct trial *t)
{
	vport_ready(t, 1);
	REFUSE(t, VMMQ_FAILURE, vport_delete(t, 1));
}

const struct line lines_deletion[] = {
	RULE("3.2/1", "The owner clears or moves away every filter, then deletes; RSS need not be disabled first"),
	CASE(delete_after_clear, "Delete with RSS on, after the last filter was cleared"),
	CASE(delete_after_move, "Delete with RSS on, after the last filter was moved to VPort 0"),
	RULE("3.2/2", "The NIC makes no further indication that carries the id, and releases queues and memory"),
	CASE(delete_in_flight, "Packets are under way: nothing is indicated on the VPort once deletion has ended"),
	CASE(pairs_come_back, "Twenty VPorts, one after the other, in a pool that holds one"),
	RULE("3.2/3", "Sends that still carry the id afterwards count as VPort 0's and do not fail"),
	CASE(send_on_deleted, "A send on a deleted VPort completes, on VPort 0's processor"),
	RULE("3.2/4", "The switch is deleted only when no nondefault VPort remains"),
	CASE(switch_last,
	     "DELETE_SWITCH fails while a VPort exists, with and without filters, and succeeds afterwards"),
	RULE("3.2/5", "Deleting VPort 0 or an unknown id: INVALID_PARAMETER"),
	CASE(delete_default, "VPort 0"),
	CASE(delete_unknown, "An id that is free, one beyond the limit, and ids beyond 16 bits"),
	RULE("3.2/6", "Deleting a VPort that has filters: FAILURE, the VPort untouched"),
	CASE(delete_with_filters, "One filter is left"),
	END_OF_LINES,
};
