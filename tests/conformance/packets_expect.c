/* SPDX-License-Identifier: BSD-2-Clause */
/* Letting frames arrive, and checking what is indicated. */
#include <string.h>

#include "packets.h"

uint32_t vport_ready(struct trial *t, uint32_t id)
{
	struct vmmq_ndis_vport_parameters params = vport_params(id);
	uint32_t filter = 0;

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, id));
	DONE(t, filter_set(t, id, mac_of(id), UNTAGGED, &filter));
	return filter;
}

uint32_t rss_ready(struct trial *t, uint32_t id)
{
	uint32_t filter = vport_ready(t, id);
	struct rss rss = rss_params();

	DONE(t, rss_set(t, id, &rss));
	return filter;
}

void arrive(struct trial *t, const struct frame *frame)
{
	t->subject->receive(t->nic, frame->byte, frame->len);
}

const struct seen *receive_one(struct trial *t, const struct frame *frame)
{
	t->seen_count = 0;
	arrive(t, frame);
	trial_poll_all(t);
	CHECK(t, t->seen_count == 1, "one frame of %zu bytes arrives and is indicated %u times", frame->len,
	      t->seen_count);
	return &t->seen[0];
}

void not_on(struct trial *t, const struct frame *frame, uint32_t vport)
{
	t->seen_count = 0;
	arrive(t, frame);
	trial_poll_all(t);
	for (unsigned i = 0; i < t->seen_count && i < SEEN_MAX; i++)
		CHECK(t, t->seen[i].packet.vport != vport, "a packet is indicated on VPort %u", vport);
}

static void placed(struct trial *t, const struct seen *seen, const struct frame *frame, uint32_t vport,
		   uint16_t processor)
{
	const struct vmmq_conformance_packet *p = &seen->packet;

	CHECK(t, p->vport == vport, "indicated on VPort %u, expected VPort %u", p->vport, vport);
	CHECK(t, p->processor == processor, "indicated on processor %u:%u, expected %u:%u (VPort %u)",
	      p->processor / 64u, p->processor % 64u, processor / 64u, processor % 64u, vport);
	CHECK(t, p->len == frame->len && !memcmp(seen->frame.byte, frame->byte, frame->len),
	      "the frame is not what it was");
	CHECK(t, !p->stripped, "a tag is said to be taken out");
}

void hashed(struct trial *t, const struct frame *frame, uint32_t vport, uint16_t processor, uint32_t type,
	    uint32_t hash)
{
	const struct seen *seen = receive_one(t, frame);
	const struct vmmq_conformance_packet *p = &seen->packet;

	CHECK(t, p->hash_type == type && p->hash_function == 1 && p->hash == hash,
	      "hash 0x%08x, type 0x%x, function %u beside it; expected 0x%08x, 0x%x, 1 (VPort %u)", p->hash,
	      p->hash_type, p->hash_function, hash, type, vport);
	placed(t, seen, frame, vport, processor);
}

void unhashed(struct trial *t, const struct frame *frame, uint32_t vport, uint16_t processor)
{
	const struct seen *seen = receive_one(t, frame);
	const struct vmmq_conformance_packet *p = &seen->packet;

	CHECK(t, !p->hash_type && !p->hash_function && !p->hash,
	      "hash 0x%08x, type 0x%x, function %u beside it; expected none (VPort %u)", p->hash, p->hash_type,
	      p->hash_function, vport);
	placed(t, seen, frame, vport, processor);
}

void follows_table(struct trial *t, uint32_t vport, const uint16_t table[], unsigned entries)
{
	for (unsigned i = 0; i < entries; i++) {
		uint16_t sport = sport_for(i, entries);
		struct frame frame = tcp_to(vport, sport);

		hashed(t, &frame, vport, table[i], VMMQ_HASH_TCP_IPV4, tcp_hash(sport));
	}
}

void default_processor_is(struct trial *t, uint32_t vport, uint16_t processor)
{
	struct frame frame = frame_make(mac_of(vport), &(struct shape){ .kind = ARP });

	unhashed(t, &frame, vport, processor);
}

struct vmmq_conformance_completion send_one(struct trial *t, uint32_t vport, uint32_t hash, uint32_t information)
{
	struct frame frame = tcp_to(200, 1);
	const struct vmmq_conformance_send send = {
		.vport = vport,
		.hash = hash,
		.hash_information = information,
		.frame = frame.byte,
		.len = frame.len,
	};

	if (!t->subject->send)
		trial_skip(t, "the subject does not send");
	t->completion_count = 0;
	t->subject->send(t->nic, &send);
	trial_poll_all(t);
	CHECK(t, t->completion_count == 1, "one send, %u completions", t->completion_count);
	return t->completion[0];
}
