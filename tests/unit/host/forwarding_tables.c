/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the tables of docs/forwarding.md: each cell is a frame that was sent into a running host, and who got it, with which
 * tags, or by what name it was dropped.
 */
#include "unit/host/host_rig.h"

#define VPORTS   9u /* 0 to 8 */
#define UPLINK   9u
#define DEVICES  10u
#define TRUSTED  8u
#define TAGS_MAX 2u

/* Who stands for what.  VPorts 2 and 5 are there to receive. */
static const struct {
	const char *name;
	vmmq_vlan_rule vlan;
} kind[DEVICES] = {
	{ "VPort 0", 0 },
	{ "access 10", 10 },
	{ "access 10", 10 },
	{ "access 20", 20 },
	{ "untagged", VMMQ_VLAN_UNTAGGED_OR_ZERO },
	{ "untagged", VMMQ_VLAN_UNTAGGED_OR_ZERO },
	{ "trunk 10/20", 10 },
	{ "trunk any", VMMQ_VLAN_ANY },
	{ "trusted", VMMQ_VLAN_UNTAGGED_OR_ZERO },
	{ "uplink", 0 },
};

/* The order in which a cell names them: a name that stands for two VPorts is said for either. */
static const unsigned said[] = { 1, 2, 3, 4, 5, TRUSTED, 6, 7, 0, UPLINK };

struct tag {
	uint16_t type, tci;
};

/* A frame, but for its sender.  to: a name of rig_address(), or group. */
struct sent {
	const char *text;
	struct tag tag[TAGS_MAX];
	uint8_t to, from;
	const uint8_t *group;
	uint16_t type;
};

static struct fake *device(unsigned number)
{
	char name[16];

	snprintf(name, sizeof(name), "fake%u", number);
	return fake_device(name);
}

static void put_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static struct rte_mbuf *frame_make(const struct sent *sent, uint8_t from)
{
	uint8_t tags[4 * TAGS_MAX];
	struct rte_mbuf *packet;
	unsigned count = 0;
	uint8_t *frame;

	for (; count < TAGS_MAX && sent->tag[count].type; count++) {
		put_be16(tags + (size_t)4 * count, sent->tag[count].type);
		put_be16(tags + (size_t)4 * count + 2, sent->tag[count].tci);
	}
	packet =
	    rig_packet_tagged(sent->to, sent->from ? sent->from : from, tags, (uint16_t)(4 * count), FRAME_LEN, 1);
	frame = rte_pktmbuf_mtod(packet, uint8_t *);
	if (sent->group)
		memcpy(frame, sent->group, VMMQ_MAC_LEN);
	if (sent->type)
		put_be16(frame + 12 + (size_t)4 * count, sent->type);
	return packet;
}

/* tags_text writes a frame's tags, the outermost first. */
static void tags_text(const struct rte_mbuf *packet, char *text, size_t text_len)
{
	const uint8_t *at = rte_pktmbuf_mtod_offset(packet, const uint8_t *, 12);
	size_t len = 0;

	text[0] = '\0';
	for (uint16_t type; frame_type_tags(type = (uint16_t)(at[0] << 8 | at[1])); at += 4) {
		const char *kind_of_tag = type == 0x8100 ? "" : type == 0x88a8 ? "S" : "0x9100 ";
		unsigned vid = (at[2] << 8 | at[3]) & FRAME_VID_MASK;

		len += (size_t)snprintf(text + len, text_len - len, "%s%s%.0u%s", len ? "+" : "", kind_of_tag, vid,
					vid ? "" : "p");
	}
	if (!len)
		snprintf(text, text_len, "no tag");
}

/* drops_total sums a VPort's drops; *reason: one that it has more of than before says. */
static uint64_t drops_total(uint16_t vport, const struct host_counters *before, const char **reason)
{
	struct host_counters now = rig_counters(vport);
	uint64_t total = 0;

	for (unsigned i = 0; i < HOST_DROP_COUNT; i++) {
		total += now.drops[i] - before->drops[i];
		if (now.drops[i] != before->drops[i])
			*reason = host_drop_name((enum host_drop)i);
	}
	return total;
}

/* What came of a frame: the tags that it had at each device, "" where it did not come. */
struct outcome {
	char tags[DEVICES][32];
	const char *dropped; /* NULL: it was not */
};

/* outcome_of sends a frame; that it came to somebody twice, or was dropped and came to somebody, is a fault. */
static void outcome_of(const struct sent *sent, unsigned from, struct outcome *outcome)
{
	struct host_counters before[VPORTS];
	uint64_t dropped = 0, arrived = 0;

	memset(outcome, 0, sizeof(*outcome));
	for (uint16_t v = 0; v < VPORTS; v++)
		before[v] = rig_counters(v);
	fake_in(device(from), 0, frame_make(sent, from == UPLINK ? STRANGER : from ? (uint8_t)from : 0x50));
	rig_run();
	for (unsigned i = 0; i < DEVICES; i++) {
		struct rte_mbuf *packet = NULL;

		assert_in_range(fake_waiting(device(i)), 0, 1);
		for (uint16_t q = 0; q < FAKE_QUEUES && !packet; q++)
			packet = fake_out(device(i), q);
		if (packet)
			tags_text(packet, outcome->tags[i], sizeof(outcome->tags[i]));
		arrived += packet != NULL;
		rte_pktmbuf_free(packet);
	}
	for (uint16_t v = 0; v < VPORTS; v++)
		dropped += drops_total(v, &before[v], &outcome->dropped);
	assert_int_equal(outcome->tags[from][0], '\0');
	assert_int_equal(dropped, arrived ? 0 : 1);
}

/* outcome_has: device i is to be named with those that have the same tags, and was not yet. */
static bool outcome_has(const struct outcome *outcome, unsigned at, const char *tags)
{
	unsigned i = said[at];

	if (!outcome->tags[i][0] || strcmp(outcome->tags[i], tags))
		return false;
	for (unsigned k = 0; k < at; k++)
		if (!strcmp(kind[said[k]].name, kind[i].name) && outcome->tags[said[k]][0])
			return false;
	/* A trusted VPort is an untagged one that gets more; where it gets what others do it is not told of. */
	return i != TRUSTED || !(outcome->tags[4][0] || outcome->tags[5][0]);
}

/* cell_print: "no tag: access 10; 10: trunk any, uplink". */
static void cell_print(const struct outcome *outcome)
{
	const unsigned count = sizeof(said) / sizeof(said[0]);
	bool told[DEVICES] = { false };
	const char *between = "";

	if (outcome->dropped)
		printf(" `%s`", outcome->dropped);
	for (unsigned first = 0; first < count; first++) {
		const char *tags = outcome->tags[said[first]], *comma = " ";

		if (told[first] || !outcome_has(outcome, first, tags))
			continue;
		printf("%s %s:", between, tags);
		for (unsigned at = first; at < count; at++) {
			if (!outcome_has(outcome, at, tags))
				continue;
			printf("%s%s", comma, kind[said[at]].name);
			told[at] = true;
			comma = ", ";
		}
		between = ";";
	}
	printf(" |");
}

static void row_print(const struct sent *sent, const unsigned from[], unsigned columns)
{
	printf("| %s |", sent->text);
	for (unsigned i = 0; i < columns; i++) {
		struct outcome outcome;

		outcome_of(sent, from[i], &outcome);
		cell_print(&outcome);
	}
	printf("\n");
}

static void head_print(const char *name, const char *const column[], unsigned columns)
{
	printf("<!-- table: %s -->\n|", name);
	for (unsigned i = 0; i < columns; i++)
		printf(" %s |", column[i]);
	printf("\n|");
	for (unsigned i = 0; i < columns; i++)
		printf("---|");
	printf("\n");
}

#define SENDERS 4u
static const unsigned sender[SENDERS] = { 1, 4, 6, 0 };

/* By tags: all broadcast, so that everybody who may get it does. */
static void by_tags(void **state)
{
	static const char *const column[] = { "Tags, outermost first", "from access 10", "from untagged",
					      "from trunk 10/20", "from VPort 0" };
	static const struct sent frame[] = {
		{ "no tag", { { 0 } }, .to = BROADCAST },
		{ "p (802.1Q, VLAN 0: a priority tag)", { { 0x8100, 0xe000 } }, .to = BROADCAST },
		{ "10", { { 0x8100, 10 } }, .to = BROADCAST },
		{ "20", { { 0x8100, 20 } }, .to = BROADCAST },
		{ "30", { { 0x8100, 30 } }, .to = BROADCAST },
		{ "S10 (802.1ad)", { { 0x88a8, 10 } }, .to = BROADCAST },
		{ "S30", { { 0x88a8, 30 } }, .to = BROADCAST },
		{ "Sp", { { 0x88a8, 0xe000 } }, .to = BROADCAST },
		{ "p+20", { { 0x8100, 0xe000 }, { 0x8100, 20 } }, .to = BROADCAST },
		{ "p+S20", { { 0x8100, 0xe000 }, { 0x88a8, 20 } }, .to = BROADCAST },
		{ "10+20", { { 0x8100, 10 }, { 0x8100, 20 } }, .to = BROADCAST },
		{ "10+30", { { 0x8100, 10 }, { 0x8100, 30 } }, .to = BROADCAST },
		{ "30+10", { { 0x8100, 30 }, { 0x8100, 10 } }, .to = BROADCAST },
		{ "S10+20", { { 0x88a8, 10 }, { 0x8100, 20 } }, .to = BROADCAST },
		{ "0x9100 20 (a TPID from before 802.1ad; also 0x9200, 0x9300)",
		  { { 0x9100, 20 } },
		  .to = BROADCAST },
	};

	(void)state;
	head_print("tags", column, SENDERS + 1);
	for (unsigned i = 0; i < sizeof(frame) / sizeof(frame[0]); i++)
		row_print(&frame[i], sender, SENDERS);
	printf("<!-- end of table -->\n");
}

/* By addresses: each sender in the VLAN that it is at home in. */
static void by_addresses(void **state)
{
	static const char *const column[] = { "To", "from access 10", "from untagged", "from trunk 10/20, tag 10",
					      "from VPort 0, no tag" };
	static const uint8_t multicast[] = { 0x01, 0, 0x5e, 0, 0, 0xfb }, own[] = { 1, 4, 6, 0x50 };
	static const struct sent frame[] = {
		{ "the address of access 10", .to = 2 },
		{ "the address of access 20", .to = 3 },
		{ "the address of untagged", .to = 5 },
		{ "the address of trunk any", .to = 7 },
		{ "an address that no filter has", .to = STRANGER },
		{ "broadcast", .to = BROADCAST },
		{ "multicast that no filter has", .to = BROADCAST, .group = multicast },
		{ "its own address", .to = 0 },
		{ "anybody, source address of another VPort", .to = STRANGER, .from = 2 },
		{ "anybody, source address that no filter has", .to = STRANGER, .from = 0x33 },
		{ "anybody, MAC control (type 0x8808)", .to = STRANGER, .type = FRAME_TYPE_MAC_CONTROL },
	};

	(void)state;
	head_print("addresses", column, SENDERS + 1);
	for (unsigned i = 0; i < sizeof(frame) / sizeof(frame[0]); i++) {
		printf("| %s |", frame[i].text);
		for (unsigned k = 0; k < SENDERS; k++) {
			struct sent sent = frame[i];
			struct outcome outcome;

			if (!sent.to)
				sent.to = own[k];
			if (sender[k] == 6)
				sent.tag[0] = (struct tag){ 0x8100, 10 };
			outcome_of(&sent, sender[k], &outcome);
			cell_print(&outcome);
		}
		printf("\n");
	}
	printf("<!-- end of table -->\n");
}

/* Reserved group addresses.  All that are not trusted are treated alike. */
static void reserved(void **state)
{
	static const char *const column[] = { "To, type", "from a VPort", "from a trusted VPort", "from VPort 0",
					      "from the uplink" };
	static const unsigned from[] = { 1, TRUSTED, 0, UPLINK }, alike[] = { 4, 5, 7 };
	static const struct {
		uint8_t last;
		uint16_t type;
		const char *text;
	} frame[] = {
		{ 0x00, 0x0026, "01-80-C2-00-00-00, LLC: BPDU (STP, RSTP, MSTP)" },
		{ 0x01, FRAME_TYPE_MAC_CONTROL, "01-80-C2-00-00-01, 0x8808: PAUSE, PFC" },
		{ 0x02, 0x8809, "01-80-C2-00-00-02, 0x8809: LACP, OAM, ESMC" },
		{ 0x03, 0x888e, "01-80-C2-00-00-03, 0x888e: 802.1X" },
		{ 0x08, 0x0026, "01-80-C2-00-00-08, LLC: BPDU of a provider's bridges" },
		{ 0x0d, 0x88f5, "01-80-C2-00-00-0D, 0x88f5: MVRP of a provider's bridges" },
		{ 0x0e, 0x88cc, "01-80-C2-00-00-0E, 0x88cc: LLDP; 0x88f7: PTP" },
		{ 0x0f, 0x88b5, "01-80-C2-00-00-0F, and all others from -00 to -0F" },
	};

	(void)state;
	head_print("reserved", column, SENDERS + 1);
	for (unsigned i = 0; i < sizeof(frame) / sizeof(frame[0]); i++) {
		const uint8_t group[] = { 0x01, 0x80, 0xc2, 0, 0, frame[i].last };
		const struct sent sent = { frame[i].text, .to = BROADCAST, .group = group, .type = frame[i].type };

		row_print(&sent, from, SENDERS);
		for (unsigned k = 0; k < sizeof(alike) / sizeof(alike[0]); k++) {
			struct outcome outcome;

			outcome_of(&sent, alike[k], &outcome);
			assert_string_equal(outcome.dropped, host_drop_name(HOST_DROP_CONTROL_FRAME));
		}
	}
	printf("<!-- end of table -->\n");
}

static int set_up(void **state)
{
	(void)state;
	rig_make();
	for (uint16_t v = 1; v < VPORTS; v++)
		rig_vport(v, kind[v].vlan);
	rig_filter(6, 6, 20);
	rig_apply();
	host_set_backend(host, id(0), DEVICE("fake0"));
	host_set_policy(host, id(TRUSTED), &(struct host_policy){ .anti_spoofing = true, .control_frames = true });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rig_end();
	return 0;
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_tags),
		cmocka_unit_test(by_addresses),
		cmocka_unit_test(reserved),
	};

	return cmocka_run_group_tests_name("forwarding", tests, set_up, tear_down);
}

int main(void)
{
	return rig_main(run);
}
