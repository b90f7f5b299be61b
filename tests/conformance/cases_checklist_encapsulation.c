/* SPDX-License-Identifier: BSD-2-Clause */
/* The checklist on encapsulated packets (spec 21/17). */
#include <string.h>

#include "cases_checklist.h"
#include "cases_types.h"

/* An Ethernet frame for somebody else in VXLAN. */
static struct frame vxlan_frame(const uint8_t inner_mac[6])
{
	struct frame frame = frame_make(mac_of(1), &(struct shape){ .kind = UDP4, .sport = 777 });
	struct frame inner = frame_make(inner_mac, &(struct shape){ .kind = TCP6, .sport = 3 });

	frame.byte[36] = 0x12; /* port 4789 */
	frame.byte[37] = 0xb5;
	memset(frame.byte + 42, 0, 8);
	frame.byte[42] = 0x08;
	memcpy(frame.byte + 50, inner.byte, inner.len);
	frame.len = 50 + inner.len;
	return frame;
}

void encapsulation_off(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(2)), gre = tcp_to(1, 3);
	const uint8_t tuple[12] = { 66, 9, 149, 187, 161, 142, 100, 80, 777 >> 8, 777 & 255, 0x12, 0xb5 };
	uint32_t hash = toeplitz(well_known_key, tuple, 12);

	rss_ready(t, 1);
	rss_ready(t, 2);
	hashed(t, &vxlan, 1, usual_table[hash % 4], VMMQ_HASH_UDP_IPV4, hash);
	gre.byte[23] = 47;
	hashed(t, &gre, 1, usual_table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
}

/* encapsulation asks for it: 1 on, 2 off, of types 1 NVGRE and 2 VXLAN; UDP port of VXLAN, 0: as it is (revision 4). */
static void encapsulation(struct trial *t, uint8_t on, uint8_t types, uint16_t port)
{
	struct request *r = request_new(t, VMMQ_OID_TCP_OFFLOAD_PARAMETERS, SET, NO_VPORT);
	vmmq_status status;

	request_put(r, 0, 0x80 | 4 << 8 | 32 << 16, 4);
	request_put(r, 24, on, 1);
	request_put(r, 25, types, 1);
	request_put(r, 28, port, 4);
	status = request_send(t, r);
	need(t, VMMQ_OID_TCP_OFFLOAD_PARAMETERS, SET, status);
	trial_expect(t, VMMQ_SUCCESS, status, "encapsulation");
}

/* inner_hash is that of the frame's inner TCP over IPv6. */
static uint32_t inner_hash(const struct frame *vxlan)
{
	uint8_t tuple[36];

	memcpy(tuple, vxlan->byte + 50 + 14 + 8, 32);
	memcpy(tuple + 32, vxlan->byte + 50 + 14 + 40, 4);
	return toeplitz(well_known_key, tuple, 36);
}

void encapsulation_on(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(2)), gre = tcp_to(1, 3);
	uint32_t hash = inner_hash(&vxlan);

	rss_ready(t, 1);
	encapsulation(t, 1, 3, 0);
	hashed(t, &vxlan, 1, usual_table[hash % 4], VMMQ_HASH_TCP_IPV6, hash);
	vxlan.byte[50 + 14 + 6] = 58; /* ICMPv6 inside: the outer addresses */
	hashed(t, &vxlan, 1, usual_table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
	gre.byte[23] = 47;
	hashed(t, &gre, 1, usual_table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
}

void encapsulation_port(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(2)), elsewhere = vxlan;
	const uint8_t tuple[12] = { 66, 9, 149, 187, 161, 142, 100, 80, 777 >> 8, 777 & 255, 0x12, 0xb5 };
	uint32_t outer = toeplitz(well_known_key, tuple, 12), inner = inner_hash(&vxlan);

	elsewhere.byte[36] = 0x21; /* port 8472 */
	elsewhere.byte[37] = 0x18;
	rss_ready(t, 1);
	encapsulation(t, 1, 2, 8472);
	hashed(t, &vxlan, 1, usual_table[outer % 4], VMMQ_HASH_UDP_IPV4, outer);
	hashed(t, &elsewhere, 1, usual_table[inner % 4], VMMQ_HASH_TCP_IPV6, inner);
	encapsulation(t, 1, 2, 0);
	hashed(t, &elsewhere, 1, usual_table[inner % 4], VMMQ_HASH_TCP_IPV6, inner);
	encapsulation(t, 1, 2, 4789);
	hashed(t, &vxlan, 1, usual_table[inner % 4], VMMQ_HASH_TCP_IPV6, inner);
	encapsulation(t, 2, 0, 0);
	hashed(t, &vxlan, 1, usual_table[outer % 4], VMMQ_HASH_UDP_IPV4, outer);
}

/* config_is asks which encapsulation types are on, and for VXLAN's port (revision 4). */
static void config_is(struct trial *t, uint8_t types, uint16_t port)
{
	struct request *r = request_new(t, VMMQ_OID_TCP_OFFLOAD_CURRENT_CONFIG, QUERY, NO_VPORT);
	struct vmmq_ndis_offload answer;
	vmmq_status status;

	r->room = 4096;
	status = request_send(t, r);
	need(t, VMMQ_OID_TCP_OFFLOAD_CURRENT_CONFIG, QUERY, status);
	DONE(t, status);
	memcpy(&answer, r->byte, sizeof(answer));
	CHECK(t, answer.header.type == VMMQ_NDIS_OBJECT_OFFLOAD && answer.header.revision >= 4,
	      "no NDIS_OFFLOAD with VXLAN in it");
	CHECK(t, answer.encapsulation_types == types, "other encapsulation types than those that are on");
	CHECK(t, answer.vxlan_port == port, "another VXLAN port than the one in use");
	CHECK(t,
	      !(types & VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN) ||
		  answer.vxlan_supported >> VMMQ_NDIS_ENCAPSULATED_RSS_AT & 0xf,
	      "VXLAN is on, and no RSS for it");
}

void encapsulation_config(struct trial *t)
{
	vport_ready(t, 1);
	config_is(t, 0, 4789);
	encapsulation(t, 1, 3, 8472);
	config_is(t, 3, 8472);
	encapsulation(t, 1, 2, 0);
	config_is(t, 2, 8472);
	encapsulation(t, 2, 0, 0);
	config_is(t, 0, 8472);
}

/* inner_filter_ready: VPorts 1 and 2, and VPort 2 has a filter for a MAC inside, flag 2 of the filter; returns its id. */
static uint32_t inner_filter_ready(struct trial *t, unsigned mac)
{
	struct request *r;
	const char *before;
	vmmq_status status;

	vport_ready(t, 1);
	vport_ready(t, 2);
	before = state_take(t);
	r = filter_request(t, 2, mac_of(mac), UNTAGGED);
	request_put(r, offsetof(struct vmmq_ndis_filter_parameters, flags), VMMQ_NDIS_FILTER_ENCAPSULATION, 4);
	status = request_send(t, r);
	if (status == VMMQ_SUCCESS) {
		struct vmmq_ndis_filter_parameters answer;

		memcpy(&answer, r->byte, sizeof(answer));
		return answer.filter_id;
	}
	state_same(t, before, "a filter for inner headers");
	trial_expect(t, VMMQ_NOT_SUPPORTED, status, "a filter for inner headers");
	trial_skip(t, "the subject does not look at inner headers: it refuses such a filter, as it has to");
	return 0;
}

void encapsulation_filter(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(50)), other = vxlan_frame(mac_of(51)), plain = tcp_to(50, 3);

	inner_filter_ready(t, 50);
	CHECK(t, receive_one(t, &vxlan)->packet.vport == 1, "it matches before encapsulation is switched on");
	encapsulation(t, 1, 3, 0);
	CHECK(t, receive_one(t, &vxlan)->packet.vport == 2, "an inner MAC that a filter names is not matched");
	CHECK(t, receive_one(t, &other)->packet.vport == 1, "another inner MAC is matched");
	CHECK(t, receive_one(t, &plain)->packet.vport == 0, "a packet without a tunnel is matched by its own MAC");
	encapsulation(t, 2, 0, 0);
	CHECK(t, receive_one(t, &vxlan)->packet.vport == 1, "it matches after encapsulation is switched off");
}

void encapsulation_filter_vlan(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(50)), tagged = vxlan;

	memmove(tagged.byte + 16, tagged.byte + 12, tagged.len - 12);
	memcpy(tagged.byte + 12, (const uint8_t[]){ 0x81, 0, 0, 10 }, 4);
	tagged.len += 4;
	inner_filter_ready(t, 50);
	encapsulation(t, 1, 3, 0);
	CHECK(t, receive_one(t, &vxlan)->packet.vport == 2, "the outermost header has no tag, so the filter matches");
	CHECK(t, receive_one(t, &tagged)->packet.vport == 0, "a filter for untagged frames matches a tagged one");
}

void encapsulation_filter_query(struct trial *t)
{
	const struct vmmq_ndis_filter_parameters question = {
		.header = { 0x80, 2, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2 },
		.filter_id = inner_filter_ready(t, 50),
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_PARAMETERS, METHOD, NO_VPORT);
	struct vmmq_ndis_filter_parameters answer;

	request_put_bytes(r, 0, &question, sizeof(question));
	r->room = 4096;
	DONE(t, request_send(t, r));
	memcpy(&answer, r->byte, sizeof(answer));
	CHECK(t, answer.flags & VMMQ_NDIS_FILTER_ENCAPSULATION, "the filter's flag is not shown");
}
