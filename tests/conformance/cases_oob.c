/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags that stand beside packets (spec 8.1). */
#include <string.h>

#include "cases.h"

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

const struct line lines_oob[] = {
	RULE("8.1/1", "802.1Q: priority, CFI and VLAN id of the tag that was taken out"),
	CASE(tag_in_full, "Six values, 0 and 0xffff among them; the rest of the frame is untouched"),
	RULE("8.1/2", "Ours: the type of the tag that was taken out stands beside the packet: 0x88a8 stays 0x88a8"),
	CASE(service_tag, "802.1ad alone and in front of 802.1Q, and two of 802.1Q: the outermost comes out"),
	END_OF_LINES,
};
