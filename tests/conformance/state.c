/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole state of a NIC as text, by what it answers and by what becomes of packets. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "packets.h"

#define STATE_MAX (256u << 10)

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
	va_list list;
	int len;

	va_start(list, format);
	len = vsnprintf(text->at, text->left, format, list);
	va_end(list);
	if (len < 0 || (size_t)len >= text->left)
		return;
	text->at += len;
	text->left -= (size_t)len;
}

/* ask says what a request answers, byte by byte; a switch that is not there, or an OID, is told by its status. */
static void ask(struct trial *t, struct text *text, const char *what, struct request *r)
{
	vmmq_status status;

	r->room = 16384;
	status = request_send(t, r);
	say(text, "%s VPort %lld: %s ", what, (long long)r->vport, status_name(status));
	for (size_t i = 0; status == VMMQ_SUCCESS && i < r->bytes && i < r->room; i++)
		say(text, "%02x", r->byte[i]);
	say(text, "\n");
}

static void ask_filters(struct trial *t, struct text *text, uint32_t vport)
{
	uint32_t id[64], count = filter_ids(t, vport, id, 64);

	for (uint32_t i = 0; i < count && i < 64; i++) {
		const struct vmmq_ndis_filter_parameters question = {
			.header = { VMMQ_NDIS_OBJECT_DEFAULT, 2, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2 },
			.filter_id = id[i],
		};
		struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_PARAMETERS, METHOD, NO_VPORT);

		request_put_bytes(r, 0, &question, sizeof(question));
		say(text, "filter %u of VPort %u: ", id[i], vport);
		ask(t, text, "parameters", r);
	}
}

static void ask_vport(struct trial *t, struct text *text, uint32_t vport)
{
	struct vmmq_ndis_vport_parameters params = vport_get(t, vport);

	say(text, "VPort %u: flags 0x%x, queue pairs %u, moderation %u, state %u, affinity %u:0x%llx\n", vport,
	    params.flags, params.queue_pairs, params.interrupt_moderation, params.state, params.affinity.group,
	    (unsigned long long)params.affinity.mask);
	ask(t, text, "RSSv1", request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, QUERY, vport));
	ask(t, text, "RSSv2", request_new(t, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, QUERY, vport));
	ask(t, text, "receive hash", request_new(t, VMMQ_OID_GEN_RECEIVE_HASH, QUERY, vport));
	ask_filters(t, text, vport);
}

/* Where do these go? */
static void probe(struct trial *t, struct text *text, const uint8_t *mac, const struct shape *shape)
{
	struct frame frame = frame_make(mac, shape);

	t->seen_count = 0;
	arrive(t, &frame);
	trial_poll_all(t);
	say(text, "probe %u, kind %d, port %u: ", mac[5], (int)shape->kind, shape->sport);
	for (unsigned i = 0; i < t->seen_count && i < SEEN_MAX; i++) {
		const struct vmmq_conformance_packet *p = &t->seen[i].packet;

		say(text, "VPort %u, processor %u, hash 0x%08x 0x%x, tag %d 0x%04x, %zu bytes; ", p->vport,
		    p->processor, p->hash, p->hash_type | p->hash_function, p->stripped, p->stripped ? p->tci : 0,
		    p->len);
	}
	say(text, "\n");
}

static void probes(struct trial *t, struct text *text)
{
	for (unsigned id = 0; id <= 4; id++) {
		for (uint16_t sport = 1; sport <= 12; sport++)
			probe(t, text, mac_of(id), &(struct shape){ .kind = TCP4, .sport = sport });
		probe(t, text, mac_of(id), &(struct shape){ .kind = ARP });
		probe(t, text, mac_of(id), &(struct shape){ .kind = UDP6, .sport = 5, .tagged = true, .tci = 10 });
	}
}

char *state_take(struct trial *t)
{
	struct vmmq_ndis_vport_info_array array = { .header = { VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(array) } };
	char *state = trial_alloc(t, STATE_MAX);
	struct text text = { state, STATE_MAX };
	void *mark = t->memory;
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, METHOD, NO_VPORT);

	request_put_bytes(r, 0, &array, sizeof(array));
	ask(t, &text, "VPorts", r);
	ask(t, &text, "switches", request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES, METHOD, NO_VPORT));
	if (!strncmp(state, "VPorts VPort -1: SUCCESS", 24)) {
		memcpy(&array, r->byte, sizeof(array));
		for (uint32_t i = 0; i < array.count; i++) {
			struct vmmq_ndis_vport_info info;

			memcpy(&info, r->byte + array.first_offset + (size_t)i * array.element_size, sizeof(info));
			ask_vport(t, &text, info.vport_id);
		}
		probes(t, &text);
	}
	t->seen_count = 0;
	trial_release(t, mark);
	return state;
}

void state_same(struct trial *t, const char *before, const char *what)
{
	const char *after = state_take(t);
	size_t at = 0;

	if (!strcmp(before, after))
		return;
	while (before[at] == after[at])
		at++;
	while (at && before[at - 1] != '\n')
		at--;
	trial_fail(t, "%.120s: it changed the state: '%.150s' is now '%.150s'", what, before + at, after + at);
}
