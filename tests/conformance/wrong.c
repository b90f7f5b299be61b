/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subjects that are wrong on purpose: each is one of ours with one rule broken.  The suite must find every one of
 * them (mutation_test.py).  Argument: a mutation's name, or "none" for nothing broken.  Also an example of a subject
 * of one's own.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/ndis.h>
#include <vmmq/status.h>

#include "subjects.h"
#include "wrong.h"

struct mutation {
	const char *name;
	uint32_t (*request)(struct wrong *w, struct vmmq_conformance_request *r);
	bool (*packet)(struct wrong *w, struct vmmq_conformance_packet *p); /* false: it is not indicated now */
	void (*send)(struct vmmq_conformance_send *s);
	bool engine; /* of the adapter, not of the core */
	bool no_gates;
};
static const struct mutation *mutation;
extern atomic_int vmmq_test_gates; /* of an engine that is compiled so that it can leave gates out */
const struct vmmq_conformance_subject *right;

/* alone carries out command i of a request by itself and returns its status. */
static uint32_t alone(struct wrong *w, const struct vmmq_conformance_request *r, uint32_t i, uint16_t actor)
{
	uint8_t block[FIXED + COMMAND];
	struct vmmq_conformance_request one = *r;

	memcpy(block, r->buffer, FIXED);
	memcpy(block + FIXED, command(r, i), COMMAND);
	one.buffer = block;
	one.len = sizeof(block);
	one.actor = actor;
	put(&one, 16, 1);
	return pass(w, &one) == VMMQ_SUCCESS ? status_of(&one, 0) : VMMQ_FAILURE;
}

static uint32_t encapsulation_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is(r, VMMQ_OID_TCP_OFFLOAD_PARAMETERS, SET, 32) ? VMMQ_SUCCESS : pass(w, r);
}

static uint32_t encapsulation_port_lost(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_TCP_OFFLOAD_PARAMETERS, SET, 32) && !(get(r, 28) & 0xffff))
		put(r, 28, 4789);
	return pass(w, r);
}

static uint32_t config_is_capabilities(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_TCP_OFFLOAD_CURRENT_CONFIG, QUERY, 0))
		r->oid = VMMQ_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES;
	return pass(w, r);
}

static uint32_t inner_flag_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, METHOD, 44))
		put(r, offsetof(struct vmmq_ndis_filter_parameters, flags), 0);
	return pass(w, r);
}

static uint32_t inner_flag_hidden(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	if (is(r, VMMQ_OID_RECEIVE_FILTER_PARAMETERS, METHOD, 44) && status == VMMQ_SUCCESS)
		put(r, offsetof(struct vmmq_ndis_filter_parameters, flags), 0);
	return status;
}

static uint32_t delete_default(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, SET, 12) && !get(r, 8))
		return VMMQ_SUCCESS;
	return pass(w, r);
}

static uint32_t delete_with_filters(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is(r, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, SET, 12) ? instead(w, r, VMMQ_FAILURE, VMMQ_SUCCESS)
								: pass(w, r);
}

static uint32_t unchanged_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V1, SET, 44) && !(get(r, 4) & 0x10))
		put(r, 4, get(r, 4) & ~0x2eu);
	return pass(w, r);
}

static uint32_t disable_reads_members(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V1, SET, 44) && get(r, 4) & 0x10 && get(r, 16) > r->len)
		return VMMQ_INVALID_LENGTH;
	return pass(w, r);
}

static uint32_t function_zero_refused(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V1, SET, 44) && !(get(r, 4) & 0x12) && !(get(r, 8) & 0xff))
		return VMMQ_INVALID_PARAMETER;
	return pass(w, r);
}

/* A refused request: its key is taken all the same. */
static uint32_t refused_takes_key(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r), flags;

	if (!is(r, V1, SET, 44) || status == VMMQ_SUCCESS || status == VMMQ_INVALID_LENGTH)
		return status;
	flags = get(r, 4);
	put(r, 4, 0x27);
	pass(w, r);
	put(r, 4, flags);
	return status;
}

static uint32_t key_length_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V1, SET, 44) && (get(r, 20) & 0xffff) == 39)
		return VMMQ_SUCCESS;
	return pass(w, r);
}

static uint32_t no_queues_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	return instead(w, r, VMMQ_NO_QUEUES, VMMQ_SUCCESS);
}

static uint32_t not_accepted_ignored(struct wrong *w, struct vmmq_conformance_request *r)
{
	static const uint16_t actors[] = { 4, 5, 6, 7, 68, 69 };
	uint32_t status = pass(w, r);

	for (unsigned i = 0; is_move(r) && status_of(r, 0) == VMMQ_NOT_ACCEPTED && i < 6; i++) {
		r->actor = actors[i];
		status = pass(w, r);
	}
	return status;
}

static uint32_t actor_without_group(struct wrong *w, struct vmmq_conformance_request *r)
{
	r->actor %= 64;
	return pass(w, r);
}

static uint32_t pending_left(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is_move(r) ? instead(w, r, VMMQ_INVALID_PORT, VMMQ_PENDING) : pass(w, r);
}

/* The sample's: commands fail alone. */
static uint32_t no_groups(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (!is_move(r))
		return pass(w, r);
	for (uint32_t i = 0; i < get(r, 16); i++)
		put(r, FIXED + i * COMMAND + STATUS, alone(w, r, i, r->actor));
	r->bytes = r->len;
	return VMMQ_SUCCESS;
}

/* The sample's: on NO_QUEUES the inactive commands of the group stay done. */
static uint32_t no_queues_keeps_inactive(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	for (uint32_t i = 0; is_move(r) && i < get(r, 16); i++)
		if (status_of(r, i) == VMMQ_NO_QUEUES && get(r, FIXED + i * COMMAND + 8) == 1)
			alone(w, r, i, r->actor);
	return status;
}

/* The queues are counted after the first command of a group, not after the last. */
static uint32_t transient_excess(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint16_t target, number;
	uint32_t status;

	if (!is_move(r) || get(r, 16) < 2)
		return pass(w, r);
	status = alone(w, r, 0, r->actor);
	if (status == VMMQ_NO_QUEUES) {
		for (uint32_t i = 0; i < get(r, 16); i++)
			put(r, FIXED + i * COMMAND + STATUS, status);
		return VMMQ_SUCCESS;
	}
	if (status == VMMQ_SUCCESS) { /* undo it */
		uint8_t saved[4];

		memcpy(saved, command(r, 0) + 14, 4);
		memcpy(&target, saved, 2);
		number = (uint16_t)(target * 64 + saved[2]);
		target = r->actor / 64;
		memcpy(command(r, 0) + 14, &target, 2);
		command(r, 0)[16] = (uint8_t)(r->actor % 64);
		alone(w, r, 0, number);
		memcpy(command(r, 0) + 14, saved, 4);
	}
	return pass(w, r);
}

static uint32_t self_move_refused(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is_move(r) && get(r, 16) == 1 && (uint32_t)command(r, 0)[14] * 64 + command(r, 0)[16] == r->actor) {
		put(r, FIXED + STATUS, VMMQ_NOT_ACCEPTED);
		return VMMQ_SUCCESS;
	}
	return pass(w, r);
}

/* Inactive parameters are validated instead of tracked. */
static uint32_t inactive_validated(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is_move(r) && get(r, 16) == 1 && command(r, 0)[14] == 0 && command(r, 0)[16] == 9) {
		put(r, FIXED + STATUS, VMMQ_INVALID_DATA);
		return VMMQ_SUCCESS;
	}
	return pass(w, r);
}

/* The sample's: > instead of >=. */
static uint32_t id_limit(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is_move(r) && get(r, FIXED + 4) == 64 ? instead(w, r, VMMQ_INVALID_PARAMETER, VMMQ_INVALID_PORT)
						     : pass(w, r);
}

static uint32_t no_invalid_port(struct wrong *w, struct vmmq_conformance_request *r)
{
	return instead(w, r, VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER);
}

static uint32_t special_indices_refused(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is_move(r) && !get(r, FIXED + 8) && (get(r, FIXED + 12) & 0xfffe) == 0xfffe) {
		put(r, FIXED + STATUS, VMMQ_INVALID_PARAMETER);
		return VMMQ_SUCCESS;
	}
	return pass(w, r);
}

static uint32_t shrink_accepted(struct wrong *w, struct vmmq_conformance_request *r)
{
	return is(r, V2, SET, 28) ? instead(w, r, VMMQ_INVALID_DATA, VMMQ_SUCCESS) : pass(w, r);
}

/* table_spoil makes the second half of a table what entry 0 is. */
static void table_spoil(struct wrong *w, uint32_t vport)
{
	uint8_t block[44 + 512 + 40];
	struct vmmq_conformance_request r = {
		.oid = V1, .flags = 1, .vport = vport, .buffer = block, .len = sizeof(block)
	};
	uint32_t size;

	if (pass(w, &r) != VMMQ_SUCCESS)
		return;
	size = get(&r, 12) & 0xffff;
	for (uint32_t at = size / 2; at + 4 <= size; at += 4)
		memcpy(block + 44 + at, block + 44, 4);
	put(&r, 4, get(&r, 4) | 0x2b);
	r.method = SET;
	pass(w, &r);
}

static uint32_t grow_does_not_repeat(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	if (is(r, V2, SET, 28) && status == VMMQ_SUCCESS && get(r, 4) & 0x10 && get(r, 24) > 4)
		table_spoil(w, r->vport);
	return status;
}

static uint32_t enable_is_an_edge(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V2, SET, 28) && !(get(r, 4) & 1) && !(get(r, 4) & 0x18))
		return VMMQ_SUCCESS;
	return pass(w, r);
}

static uint32_t pairs_fixed(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, SET, 12) && get(r, 4) & 0x800000 && !get(r, 12))
		return VMMQ_NOT_SUPPORTED;
	return pass(w, r);
}

static uint32_t state_set(struct wrong *w, uint32_t vport)
{
	struct vmmq_ndis_vport_parameters params = {
		.header = { VMMQ_NDIS_OBJECT_DEFAULT, 1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1 },
		.flags = 0x80000,
		.vport_id = vport,
		.state = 1,
	};

	return pass(w, &(struct vmmq_conformance_request){ .oid = VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS,
							   .method = SET,
							   .buffer = &params,
							   .len = VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1 });
}

static uint32_t activated_at_once(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	if (is(r, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, METHOD, 16) && status == VMMQ_SUCCESS)
		state_set(w, get(r, 12));
	return status;
}

static uint32_t deactivation(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, SET, 0x224) && get(r, 4) == 0x80000 && get(r, 0x220) == 2)
		return VMMQ_SUCCESS;
	return pass(w, r);
}

static uint32_t refused_takes_name(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r), flags;

	if (!is(r, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, SET, 0x23c) || status == VMMQ_SUCCESS ||
	    !(get(r, 4) & 0x20000))
		return status;
	flags = get(r, 4);
	put(r, 4, 0x20000);
	pass(w, r);
	put(r, 4, flags);
	return status;
}

static uint32_t mac_matches_tagged(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, METHOD, 48 + 56) && get(r, 20) == 48)
		put(r, 48 + 4, get(r, 48 + 4) & ~1u);
	return pass(w, r);
}

static uint32_t duplicate_filter(struct wrong *w, struct vmmq_conformance_request *r)
{
	bool set = is(r, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, METHOD, 48 + 56);

	return set ? instead(w, r, VMMQ_INVALID_PARAMETER, VMMQ_SUCCESS) : pass(w, r);
}

static uint32_t move_loses(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (r->oid == VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER)
		w->countdown = 1;
	return pass(w, r);
}

static bool swallow(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)p;
	if (!w->countdown)
		return true;
	w->countdown--;
	return false;
}

static uint32_t no_needed_bytes(struct wrong *w, struct vmmq_conformance_request *r)
{
	uint32_t status = pass(w, r);

	if (status == VMMQ_INVALID_LENGTH)
		r->bytes = 0;
	return status;
}

static uint32_t offsets_unchecked(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (is(r, V1, SET, 44) && !(get(r, 4) & 0x10) && get(r, 16) > 0x80000000)
		return VMMQ_SUCCESS;
	return pass(w, r);
}

static bool hash_spoiled(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)w;
	if (p->hash_type)
		p->hash ^= 1;
	return true;
}

static bool hash_stale(struct wrong *w, struct vmmq_conformance_packet *p)
{
	if (p->hash_type) {
		w->last = *p;
		return true;
	}
	p->hash = w->last.hash;
	p->hash_type = w->last.hash_type;
	return true;
}

static bool vport_missing(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)w;
	if (p->vport == 2)
		p->vport = 1;
	return true;
}

static bool tag_beside_missing(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)w;
	p->tci &= 0xff00;
	return true;
}

/* It advertises hardware tag handling, and leaves priority tags in frames. */
static bool priority_tag_left(struct wrong *w, struct vmmq_conformance_packet *p)
{
	if (!p->stripped || p->tci & 0xfff || p->len + 4 > FRAME_LEN)
		return true;
	memcpy(w->held_frame, p->frame, 12);
	memcpy(w->held_frame + 12, (const uint8_t[]){ 0x81, 0, (uint8_t)(p->tci >> 8), (uint8_t)p->tci }, 4);
	memcpy(w->held_frame + 16, p->frame + 12, p->len - 12);
	p->frame = w->held_frame;
	p->len += 4;
	p->stripped = false;
	return true;
}

static bool service_tag_lost(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)w;
	p->tpid = 0x8100;
	return true;
}

static bool udp_as_tcp(struct wrong *w, struct vmmq_conformance_packet *p)
{
	(void)w;
	if (p->hash_type == VMMQ_HASH_UDP_IPV6)
		p->hash_type = VMMQ_HASH_TCP_IPV6;
	return true;
}

static bool twice(struct wrong *w, struct vmmq_conformance_packet *p)
{
	if (++w->packets % 64 == 0)
		w->host.indicate(w->host.context, p);
	return true;
}

/* Now and then a packet is overtaken by the next one of its flow. */
static bool overtaken(struct wrong *w, struct vmmq_conformance_packet *p)
{
	struct vmmq_conformance_packet held = w->held;

	if (held.len && held.hash == p->hash) {
		w->held.len = 0;
		w->host.indicate(w->host.context, p);
		*p = held;
		return true;
	}
	if (held.len || ++w->packets % 31 || p->len > FRAME_LEN)
		return true;
	memcpy(w->held_frame, p->frame, p->len);
	w->held = *p;
	w->held.frame = w->held_frame;
	return false;
}

static uint32_t primary_first(struct wrong *w, struct vmmq_conformance_request *r)
{
	if (r->oid == V2 && r->method == SET)
		w->countdown = 4;
	return pass(w, r);
}

static bool to_primary(struct wrong *w, struct vmmq_conformance_packet *p)
{
	if (w->countdown && p->hash_type) {
		w->countdown--;
		p->processor = 4;
	}
	return true;
}

static void send_hash_lost(struct vmmq_conformance_send *s)
{
	s->hash_information = 0;
}

static void send_zero_is_absent(struct vmmq_conformance_send *s)
{
	if (!s->hash)
		s->hash_information = 0;
}

static void send_type_is_enough(struct vmmq_conformance_send *s)
{
	if (s->hash_information)
		s->hash_information |= 1;
}

static const struct mutation mutations[] = {
	{ "none", NULL, NULL, NULL, false, false },
	{ "delete-default", delete_default, NULL, NULL, false, false },
	{ "delete-with-filters", delete_with_filters, NULL, NULL, false, false },
	{ "unchanged-ignored", unchanged_ignored, NULL, NULL, false, false },
	{ "disable-reads-members", disable_reads_members, NULL, NULL, false, false },
	{ "function-zero-refused", function_zero_refused, NULL, NULL, false, false },
	{ "refused-takes-key", refused_takes_key, NULL, NULL, false, false },
	{ "key-length-ignored", key_length_ignored, NULL, NULL, false, false },
	{ "no-queues-ignored", no_queues_ignored, NULL, NULL, false, false },
	{ "not-accepted-ignored", not_accepted_ignored, NULL, NULL, false, false },
	{ "actor-without-group", actor_without_group, NULL, NULL, false, false },
	{ "pending-left", pending_left, NULL, NULL, false, false },
	{ "no-groups", no_groups, NULL, NULL, false, false },
	{ "no-queues-keeps-inactive", no_queues_keeps_inactive, NULL, NULL, false, false },
	{ "transient-excess", transient_excess, NULL, NULL, false, false },
	{ "self-move-refused", self_move_refused, NULL, NULL, false, false },
	{ "inactive-validated", inactive_validated, NULL, NULL, false, false },
	{ "id-limit", id_limit, NULL, NULL, false, false },
	{ "no-invalid-port", no_invalid_port, NULL, NULL, false, false },
	{ "special-indices-refused", special_indices_refused, NULL, NULL, false, false },
	{ "shrink-accepted", shrink_accepted, NULL, NULL, false, false },
	{ "grow-does-not-repeat", grow_does_not_repeat, NULL, NULL, false, false },
	{ "enable-is-an-edge", enable_is_an_edge, NULL, NULL, false, false },
	{ "pairs-fixed", pairs_fixed, NULL, NULL, false, false },
	{ "activated-at-once", activated_at_once, NULL, NULL, false, false },
	{ "deactivation", deactivation, NULL, NULL, false, false },
	{ "refused-takes-name", refused_takes_name, NULL, NULL, false, false },
	{ "mac-matches-tagged", mac_matches_tagged, NULL, NULL, false, false },
	{ "duplicate-filter", duplicate_filter, NULL, NULL, false, false },
	{ "move-loses", move_loses, swallow, NULL, false, false },
	{ "no-needed-bytes", no_needed_bytes, NULL, NULL, false, false },
	{ "offsets-unchecked", offsets_unchecked, NULL, NULL, false, false },
	{ "enum-default-only", enum_default_only, NULL, NULL, false, false },
	{ "show-file-not-found", show_file_not_found, NULL, NULL, false, false },
	{ "properties-missing", properties_missing, NULL, NULL, false, false },
	{ "enum-both-flags", enum_both_flags, NULL, NULL, false, false },
	{ "activated-create-taken", activated_create_taken, NULL, NULL, false, false },
	{ "primary-stale", primary_stale, NULL, NULL, false, false },
	{ "static-differs-taken", static_differs_taken, NULL, NULL, false, false },
	{ "move-pends", move_pends, NULL, NULL, false, false },
	{ "move-aborts", move_aborts, NULL, NULL, false, false },
	{ "default-filter-stays", default_filter_stays, NULL, NULL, false, false },
	{ "encapsulation-ignored", encapsulation_ignored, NULL, NULL, false, false },
	{ "encapsulation-port-lost", encapsulation_port_lost, NULL, NULL, false, false },
	{ "config-is-capabilities", config_is_capabilities, NULL, NULL, false, false },
	{ "inner-flag-ignored", inner_flag_ignored, NULL, NULL, false, false },
	{ "inner-flag-hidden", inner_flag_hidden, NULL, NULL, false, false },
	{ "hash-spoiled", NULL, hash_spoiled, NULL, false, false },
	{ "hash-stale", NULL, hash_stale, NULL, false, false },
	{ "vport-missing", NULL, vport_missing, NULL, false, false },
	{ "tag-beside-missing", NULL, tag_beside_missing, NULL, false, false },
	{ "priority-tag-left", NULL, priority_tag_left, NULL, false, false },
	{ "disable-needs-moves", disable_needs_moves, NULL, NULL, false, false },
	{ "service-tag-lost", NULL, service_tag_lost, NULL, false, false },
	{ "udp-as-tcp", NULL, udp_as_tcp, NULL, false, false },
	{ "twice", NULL, twice, NULL, false, false },
	{ "overtaken", NULL, overtaken, NULL, false, false },
	{ "primary-first", primary_first, to_primary, NULL, false, false },
	{ "send-hash-lost", NULL, NULL, send_hash_lost, true, false },
	{ "send-zero-is-absent", NULL, NULL, send_zero_is_absent, true, false },
	{ "send-type-is-enough", NULL, NULL, send_type_is_enough, true, false },
	{ "no-gates", NULL, NULL, NULL, true, true },
};

static void indicate(void *context, const struct vmmq_conformance_packet *packet)
{
	struct wrong *w = context;
	struct vmmq_conformance_packet copy = *packet;

	if (!mutation->packet || mutation->packet(w, &copy))
		w->host.indicate(w->host.context, &copy);
}

static void complete(void *context, const struct vmmq_conformance_completion *completion)
{
	struct wrong *w = context;

	w->host.complete(w->host.context, completion);
}

static void *create(const struct vmmq_conformance_setup *setup, const struct vmmq_conformance_host *host)
{
	struct wrong *w = calloc(1, sizeof(*w));
	const struct vmmq_conformance_host own = { .context = w, .indicate = indicate, .complete = complete };

	if (!w)
		return NULL;
	w->host = *host;
	w->nic = right->create(setup, &own);
	if (w->nic)
		return w;
	free(w);
	return NULL;
}

static void destroy(void *nic)
{
	struct wrong *w = nic;

	right->destroy(w->nic);
	free(w);
}

static uint32_t request(void *nic, struct vmmq_conformance_request *r)
{
	return mutation->request ? mutation->request(nic, r) : pass(nic, r);
}

static void receive(void *nic, const uint8_t *frame, size_t len)
{
	struct wrong *w = nic;

	right->receive(w->nic, frame, len);
}

static bool poll_one(void *nic, uint16_t processor)
{
	struct wrong *w = nic;

	return right->poll(w->nic, processor);
}

static void send(void *nic, const struct vmmq_conformance_send *s)
{
	struct wrong *w = nic;
	struct vmmq_conformance_send copy = *s;

	mutation->send(&copy);
	right->send(w->nic, &copy);
}

__attribute__((visibility("default"))) vmmq_conformance_subject_fn vmmq_conformance_subject;

const struct vmmq_conformance_subject *vmmq_conformance_subject(const char *argument)
{
	static struct vmmq_conformance_subject subject = {
		.version = VMMQ_CONFORMANCE_VERSION,
		.name = "wrong",
		.create = create,
		.destroy = destroy,
		.request = request,
		.receive = receive,
		.poll = poll_one,
	};

	for (unsigned i = 0; argument && i < sizeof(mutations) / sizeof(mutations[0]); i++)
		if (!strcmp(mutations[i].name, argument))
			mutation = &mutations[i];
	if (!mutation)
		return NULL;
	right = mutation->engine ? &subject_engine : &subject_core;
	subject.send = mutation->send ? send : NULL;
	vmmq_test_gates = !mutation->no_gates;
	return &subject;
}
