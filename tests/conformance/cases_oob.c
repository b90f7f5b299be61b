/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags that stand beside packets (spec 8.1). */
#include <string.h>

#include "cases.h"
#include "cases_queries.h"

#define C_TAG 0x8100u
#define S_TAG 0x88a8u

static void any_vlan_ready(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	vmmq_status status;

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	status = filter_set(t, 1, mac_of(1), ANY_VLAN, NULL);
	if (status != VMMQ_SUCCESS)
		trial_skip(t, "the subject refuses a MAC without the flag, as it may");
}

/* typed makes a frame whose one tag is of that type. */
static struct frame typed(uint16_t tpid, uint16_t tci)
{
	struct frame frame = frame_make(mac_of(1), &(struct shape){ .kind = TCP4, .tagged = true, .tci = tci });

	frame.byte[12] = (uint8_t)(tpid >> 8);
	frame.byte[13] = (uint8_t)tpid;
	return frame;
}

/* doubled puts another tag in front of what a frame has. */
static struct frame doubled(const struct frame *inner, uint16_t tpid, uint16_t tci)
{
	struct frame frame = *inner;

	memmove(frame.byte + 16, inner->byte + 12, inner->len - 12);
	frame.byte[12] = (uint8_t)(tpid >> 8);
	frame.byte[13] = (uint8_t)tpid;
	frame.byte[14] = (uint8_t)(tci >> 8);
	frame.byte[15] = (uint8_t)tci;
	frame.len += 4;
	return frame;
}

static void stripped_as(struct trial *t, const struct frame *frame, uint16_t tpid, uint16_t tci)
{
	const struct vmmq_conformance_packet *p = &receive_one(t, frame)->packet;

	CHECK(t, p->vport == 1 && p->stripped, "on VPort %u, tag %s", p->vport, p->stripped ? "out" : "in the frame");
	CHECK(t, p->tci == tci, "the tag beside it is 0x%04x, expected 0x%04x", p->tci, tci);
	CHECK(t, !p->tpid || p->tpid == tpid, "the tag beside it is of type 0x%04x, expected 0x%04x", p->tpid, tpid);
	CHECK(t,
	      p->len == frame->len - 4 && !memcmp(t->seen[0].frame.byte, frame->byte, 12) &&
		  !memcmp(t->seen[0].frame.byte + 12, frame->byte + 16, frame->len - 16),
	      "more or less than the tag is taken out");
}

static void tag_in_full(struct trial *t)
{
	static const uint16_t tci[] = { 10, 0xe00a, 0x100a, 0xffff, 0x0fff, 0 };

	any_vlan_ready(t);
	for (unsigned i = 0; i < sizeof(tci) / sizeof(tci[0]); i++) {
		struct frame frame = typed(C_TAG, tci[i]);

		stripped_as(t, &frame, C_TAG, tci[i]);
	}
}

static void service_tag(struct trial *t)
{
	struct frame alone = typed(S_TAG, 0x6064), customer = typed(C_TAG, 10);
	struct frame both = doubled(&customer, S_TAG, 100), same = doubled(&customer, C_TAG, 100);

	any_vlan_ready(t);
	stripped_as(t, &alone, S_TAG, 0x6064);
	CHECK(t, t->seen[0].packet.tpid == S_TAG, "the subject does not say of what type a tag was");
	stripped_as(t, &both, S_TAG, 100);
	stripped_as(t, &same, C_TAG, 100);
	stripped_as(t, &customer, C_TAG, 10); /* nothing is left from the one before */
}

/* A NIC that takes out every tag: of a MAC filter's frames, a VLAN filter's, and what is VPort 0's for want of a filter. */
static void every_tag(struct trial *t)
{
	static const struct {
		unsigned mac, vport;
		uint16_t tci;
	} tagged[] = { { 1, 1, 0xe000 }, { 2, 2, 0x600a }, { 200, 0, 0x2014 }, { 1, 0, 0x000a } };
	struct vmmq_conformance_setup setup = usual;
	struct frame plain = tcp_to(1, 1);

	setup.strip_all_tags = true;
	trial_open(t, &setup);
	vport_ready(t, 1);
	vport_ready(t, 2);
	DONE(t, filter_set(t, 2, mac_of(2), 10, NULL));
	for (unsigned i = 0; i < sizeof(tagged) / sizeof(tagged[0]); i++) {
		struct frame frame = frame_make(
		    mac_of(tagged[i].mac), &(struct shape){ .kind = TCP4, .tagged = true, .tci = tagged[i].tci });
		const struct vmmq_conformance_packet *p = &receive_one(t, &frame)->packet;

		CHECK(t, p->vport == tagged[i].vport, "tag 0x%04x: on VPort %u, expected VPort %u", tagged[i].tci,
		      p->vport, tagged[i].vport);
		CHECK(t, p->stripped && p->tci == tagged[i].tci && p->len == frame.len - 4,
		      "tag 0x%04x: %s, 0x%04x beside the packet", tagged[i].tci,
		      p->stripped ? "taken out" : "left in the frame", p->tci);
	}
	unhashed(t, &plain, 1, 4);
	CHECK(t, !t->seen[0].packet.stripped, "an untagged frame has a tag beside it");
}

/* And one that does not: a priority tag, and a tag that no filter knows, stay in the frame (4.3). */
void tags_by_filter(struct trial *t)
{
	struct frame priority = frame_make(mac_of(1), &(struct shape){ .kind = TCP4, .tagged = true, .tci = 0xe000 });
	struct frame unknown = frame_make(mac_of(200), &(struct shape){ .kind = TCP4, .tagged = true, .tci = 20 });

	vport_ready(t, 1);
	CHECK(t, !receive_one(t, &priority)->packet.stripped, "a priority tag is taken out");
	CHECK(t, !receive_one(t, &unknown)->packet.stripped, "a tag that no filter names is taken out");
}

const struct line lines_oob[] = {
	RULE("8.1/1", "802.1Q: priority, CFI and VLAN id of the tag that was taken out"),
	CASE(tag_in_full, "Six values, 0 and 0xffff among them; the rest of the frame is untouched"),
	RULE("8.1/2", "Ours: the type of the tag that was taken out stands beside the packet: 0x88a8 stays 0x88a8"),
	CASE(service_tag, "802.1ad alone and in front of 802.1Q, and two of 802.1Q: the outermost comes out"),
	RULE("8.1/3", "A miniport that advertises hardware tag handling takes the tag out of every received frame"),
	CASE(every_tag, "Priority tags, tags of a filter, and of frames that no filter matches"),
	END_OF_LINES,
};
