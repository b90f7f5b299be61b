/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole state of a switch as text, for tests: what a refused operation must leave byte-identical. */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_DUMP_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_DUMP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/nic_switch.h>
#include <vmmq/request.h>

/* A frame of 54 bytes, IPv4 TCP, from flow to mac; untagged. */
static inline void dump_frame(uint8_t frame[54], const uint8_t mac[VMMQ_MAC_LEN], uint32_t flow)
{
	memset(frame, 0, 54);
	memcpy(frame, mac, VMMQ_MAC_LEN);
	memcpy(frame + 12, "\x08\x00\x45", 3);
	frame[23] = 6;
	memcpy(frame + 26, &flow, sizeof(flow));
}

/* frame_tag puts a tag into a frame that has room for 4 bytes more. */
static inline void frame_tag(uint8_t *frame, size_t len, uint16_t tci)
{
	memmove(frame + 16, frame + 12, len - 12);
	memcpy(frame + 12, (const uint8_t[]){ 0x81, 0x00, (uint8_t)(tci >> 8), (uint8_t)tci }, 4);
}

static inline void dump_verdict(FILE *out, const struct vmmq_view *view, const uint8_t *frame, size_t len)
{
	struct vmmq_verdict v;

	vmmq_classify(view, frame, len, &v, NULL);
	fprintf(out, "  filter %u vport %u hash %08x type %x entry %u processor %u via %s strip %d tci %u\n",
		v.filter_id, (unsigned)v.vport.v, v.hash, v.hash_type, (unsigned)v.entry, (unsigned)v.processor.v,
		vmmq_via_name(v.via), v.strip, (unsigned)v.tci);
}

/* dump_view writes what the view does with one packet per filter and VLAN case. */
static inline void dump_view(FILE *out, const struct vmmq_nic_switch *sw, const struct vmmq_view *view)
{
	uint8_t frame[58] = { 0 };

	dump_frame(frame, (const uint8_t[VMMQ_MAC_LEN]){ 0 }, 1);
	dump_verdict(out, view, frame, 54);
	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id)) {
		dump_frame(frame, f->mac, f->id);
		dump_verdict(out, view, frame, 54);
		frame_tag(frame, 54, f->vlan % 4096);
		dump_verdict(out, view, frame, 58);
	}
}

/* dump_hex: a run with a model makes millions of dumps, and printf would take most of its time. */
static inline void dump_hex(FILE *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		putc_unlocked(digits[bytes[i] >> 4], out);
		putc_unlocked(digits[bytes[i] & 15], out);
	}
}

static inline void dump_vport(FILE *out, const struct vmmq_nic_switch *sw, const struct vmmq_vport_info *info)
{
	const struct vmmq_rss_params *rss = info->rss;
	struct vmmq_vport_params params;

	fprintf(out,
		"vport %u '%s' state %d pairs %u filters %u rss %d receive hash %d types %x tunnels %x %u primary %u "
		"default %u key ",
		(unsigned)info->id.v, info->name, info->state, info->queue_pairs, info->filter_count, rss->enabled,
		rss->receive_hash, rss->hash_types, (unsigned)rss->encapsulation.types,
		(unsigned)rss->encapsulation.vxlan_port, (unsigned)rss->primary.v,
		(unsigned)rss->default_processor.v);
	dump_hex(out, rss->key, VMMQ_KEY_LEN);
	putc_unlocked(' ', out);
	dump_hex(out, (const uint8_t *)rss->table, rss->entry_count * sizeof(rss->table[0]));
	assert_int_equal(vmmq_vport_get_params(sw, info->id.v, &params), VMMQ_SUCCESS);
	fprintf(out, " flags %x moderation %u affinity %u:%llx function %x\n", params.flags,
		params.interrupt_moderation, (unsigned)params.affinity.group,
		(unsigned long long)params.affinity.mask, (unsigned)params.attached_function);
}

/* nic_switch_dump returns the text, for free(). */
static inline char *nic_switch_dump(const struct vmmq_nic_switch *sw)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(sw);
	struct vmmq_vport_info info;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < set->count; i++)
		fprintf(out, "processor %u\n", (unsigned)set->processor[i].v);
	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id)) {
		assert_true(vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)id }, &info));
		dump_vport(out, sw, &info);
	}
	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id)) {
		assert_ptr_equal(vmmq_filter_get(sw, f->id), f);
		fprintf(out, "filter %u vport %u vlan %u mac ", f->id, (unsigned)f->vport.v, (unsigned)f->vlan);
		dump_hex(out, f->mac, VMMQ_MAC_LEN);
		fprintf(out, "\n");
	}
	dump_view(out, sw, vmmq_nic_switch_view(sw));
	fclose(out);
	return text;
}

#endif
