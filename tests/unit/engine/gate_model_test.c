/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 128 stepped processors, 1,024 VPorts, random everything, and a slow obvious model beside it: each packet is indicated in its
 * flow's order, on the VPort and the processor that the model names.  Some processors stand still for long; all changes take
 * effect all the same, and what no change has concerned meanwhile is indicated in the next turn of its processor.
 * VMMQ_TEST_SEED=N repeats a run.
 */
#include "unit/engine/gate_rig.h"

#include "engine/oob.h"

#define PROCESSORS 128u
#define VPORTS     1025u /* the default one among them */
#define MACS       300u
#define FILTERS    400u
#define STEPS      6000u
#define VERSIONS   STEPS

struct model_filter {
	uint32_t id; /* 0: free */
	uint16_t mac;
	vmmq_vlan_rule vlan;
	uint16_t vport;
};

struct model_vport {
	bool exists;
	struct vmmq_rss_params rss;
};

struct place {
	uint16_t vport;
	uint16_t processor;
};

static struct rig rig;
static struct model_vport vports[VPORTS];
static struct model_filter filters[FILTERS];
static struct place (*places)[RIG_FLOWS]; /* by version: where each flow goes */
static uint64_t version;
static uint64_t steers_by[RIG_SOURCES]; /* version that a source is known to steer by at least */
static uint64_t on_vport[VPORTS];
static unsigned refused, waited, unfinished;
static bool stalled[PROCESSORS];
static struct lane_set concerned[VPORTS]; /* by changes since all was indicated: these lanes may be held */
static uint64_t held_turns, free_beside_held;

/* The model. */

static const struct model_filter *model_find(uint16_t mac, vmmq_vlan_rule vlan)
{
	for (unsigned i = 0; i < FILTERS; i++)
		if (filters[i].id && filters[i].mac == mac && filters[i].vlan == vlan)
			return &filters[i];
	return NULL;
}

static struct place model_place(const struct rig_flow *flow)
{
	const struct model_filter *filter = model_find(flow->mac, flow->vid);
	const struct vmmq_rss_params *rss;
	uint8_t tuple[12];
	struct place place = { 0 };
	size_t len;

	if (!filter)
		filter = model_find(flow->mac, VMMQ_VLAN_ANY);
	place.vport = filter ? filter->vport : 0;
	rss = &vports[place.vport].rss;
	len = rss->hash_types & VMMQ_HASH_UDP_IPV4 ? 12 : rss->hash_types & VMMQ_HASH_IPV4 ? 8 : 0;
	rig_tuple(flow, tuple);
	if (!rss->enabled)
		place.processor = rss->primary.v;
	else if (!len)
		place.processor = rss->default_processor.v;
	else
		place.processor = rss->table[vmmq_toeplitz_reference(rss->key, tuple, len) % rss->entry_count].v;
	return place;
}

static void check(struct rig *in, const struct vmmq_indication *indication, const struct rig_note *note)
{
	bool found = false;

	(void)in;
	for (uint64_t v = note->oldest; v <= note->newest && !found; v++)
		found = places[v][note->flow].vport == indication->vport.v &&
			places[v][note->flow].processor == indication->processor.v;
	assert_true(found);
	on_vport[indication->vport.v]++;
}

/* Changes: whatever the switch accepts, the model does too. */

static bool accepted(vmmq_status status)
{
	refused += status != VMMQ_SUCCESS;
	return status == VMMQ_SUCCESS;
}

static void concern(unsigned vport)
{
	concerned[vport] = lane_set_all();
}

/* concern_lanes: where nothing but targets has changed, their lanes are concerned, else all. */
static void concern_lanes(unsigned vport, const struct vmmq_rss_params *from, const struct vmmq_rss_params *to)
{
	if (!from->enabled || !to->enabled || from->entry_count != to->entry_count ||
	    from->hash_types != to->hash_types || memcmp(from->key, to->key, sizeof(to->key)) != 0) {
		concern(vport);
		return;
	}
	for (unsigned i = 0; i < to->entry_count; i++)
		if (from->table[i].v != to->table[i].v)
			lane_set_add(&concerned[vport], i);
	if (from->default_processor.v != to->default_processor.v)
		lane_set_add(&concerned[vport], LANE_DEFAULT);
}

/* concern_mac: packets of a MAC have gone, or may have, from any of its VPorts to any other. */
static void concern_mac(uint16_t mac)
{
	concern(0);
	for (unsigned i = 0; i < FILTERS; i++)
		if (filters[i].id && filters[i].mac == mac)
			concern(filters[i].vport);
}

/* draw prefers the first few, so that changes meet packets that are under way. */
static unsigned draw(unsigned count, unsigned few)
{
	return random_below(random_one_in(4) ? count : few);
}

static struct vmmq_processor draw_processor(void)
{
	return rig.processor[draw(PROCESSORS, 4)];
}

static void table_draw(struct vmmq_rss_params *rss)
{
	unsigned spread = random_one_in(2) ? 3 : PROCESSORS, first = draw(PROCESSORS, 4);

	rss->entry_count = (uint16_t)(1u << random_below(8));
	for (unsigned i = 0; i < rss->entry_count; i++)
		rss->table[i] = rig.processor[(first + random_below(spread)) % PROCESSORS];
}

static void change_rss(void)
{
	unsigned id = draw(VPORTS, 6);
	struct vmmq_rss_params rss = vports[id].rss;

	switch (random_below(12)) {
	case 0:
		rss.enabled = !rss.enabled;
		break;
	case 1:
		rss.hash_types = random_below(512) << 8;
		break;
	case 2:
		random_bytes(rss.key, sizeof(rss.key));
		break;
	case 3:
		rss.primary = draw_processor();
		break;
	case 4:
		rss.default_processor = draw_processor();
		break;
	case 5:
	case 8:
	case 9:
	case 10:
		rss.table[random_below(rss.entry_count + !rss.entry_count)] = draw_processor();
		break;
	default:
		table_draw(&rss);
		rss.enabled = true;
	}
	if (accepted(vmmq_rss_set(rig.nic_switch, rig_vport(id), &rss, NULL))) {
		concern_lanes(id, &vports[id].rss, &rss);
		vports[id].rss = rss;
	}
}

/* vport_toggle adds a VPort that is not there and deletes one that is. */
static void vport_toggle(unsigned id)
{
	struct vmmq_processor primary = draw_processor();

	concern(id);
	if (vports[id].exists) {
		if (accepted(vmmq_vport_delete(rig.nic_switch, rig_vport(id), NULL)))
			vports[id].exists = false;
		return;
	}
	if (!accepted(vmmq_vport_create(rig.nic_switch, rig_vport(id), "vm", 128, primary, NULL)))
		return;
	assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(id), NULL), VMMQ_SUCCESS);
	vports[id].exists = true;
	vmmq_rss_params_init(&vports[id].rss, primary);
}

static void filter_add(struct model_filter *filter)
{
	static const vmmq_vlan_rule rules[] = { VMMQ_VLAN_UNTAGGED_OR_ZERO, 10, 20, VMMQ_VLAN_ANY };
	uint8_t mac[VMMQ_MAC_LEN];

	filter->mac = (uint16_t)draw(MACS, 10);
	filter->vlan = rules[random_below(4)];
	filter->vport = (uint16_t)draw(VPORTS, 6);
	rig_mac(filter->mac, mac);
	if (!accepted(
		vmmq_filter_set(rig.nic_switch, rig_vport(filter->vport), mac, filter->vlan, &filter->id, NULL)))
		filter->id = 0;
	concern_mac(filter->mac);
}

static void change_filter(void)
{
	struct model_filter *filter = &filters[draw(FILTERS, 40)];
	unsigned to = draw(VPORTS, 6);

	if (filter->id)
		concern_mac(filter->mac);
	if (!filter->id) {
		filter_add(filter);
	} else if (random_one_in(3)) {
		if (accepted(vmmq_filter_clear(rig.nic_switch, filter->id, NULL)))
			filter->id = 0;
	} else if (accepted(
		       vmmq_filter_move(rig.nic_switch, filter->id, rig_vport(filter->vport), rig_vport(to), NULL))) {
		filter->vport = (uint16_t)to;
		concern((uint16_t)to);
	}
}

static void publish(bool to_sources)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(rig.nic_switch);

	version++;
	for (unsigned i = 0; i < RIG_FLOWS; i++)
		places[version][i] = model_place(&rig.flow[i]);
	if (!to_sources && view != rig.adapter->views.newest->view) {
		rig_publish(&rig);
		unfinished++;
		return;
	}
	/* No source is inside a burst. */
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, 100000, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < RIG_SOURCES; i++)
		steers_by[i] = version;
}

static void change(void)
{
	vmmq_nic_switch_begin(rig.nic_switch);
	for (unsigned i = 1 + random_below(4); i; i--) {
		switch (random_below(6)) {
		case 0:
			vport_toggle(draw(VPORTS, 6));
			break;
		case 1:
		case 2:
			change_filter();
			break;
		default:
			change_rss();
		}
	}
	assert_int_equal(vmmq_nic_switch_commit(rig.nic_switch, NULL), VMMQ_SUCCESS);
	publish(random_one_in(2));
}

static void send_some(void)
{
	unsigned source = random_below(RIG_SOURCES);

	vmmq_receive(rig.source[source], NULL, 0); /* takes no packet, but steps to newer views as far as it can */
	if (rig.source[source]->link == rig.adapter->views.newest)
		steers_by[source] = version;
	for (unsigned i = 1 + random_below(30); i; i--) {
		unsigned flow = random_below(RIG_FLOWS / RIG_SOURCES) * RIG_SOURCES + source;

		if (!rig_send(&rig, source, flow, steers_by[source], version)) {
			waited++;
			return;
		}
	}
}

/* check_left looks at what a turn has left in an inbox, of which it has taken so many packets. */
static void check_left(const struct inbox *inbox, uint64_t taken)
{
	const struct hold *hold = atomic_load(&inbox->hold);

	if (taken >= DPC_BATCH)
		return;
	assert_int_equal(inbox->next, inbox->put);
	for (uint32_t i = 0; i < inbox->held_count; i++) {
		const struct oob_field *field = oob_field(hold->held[i].packet);

		assert_true(lane_set_has(&concerned[field->vport], oob_lane(field)));
	}
	held_turns += inbox->held_count != 0;
	free_beside_held += inbox->held_count ? taken : 0;
}

static void turn(unsigned processor)
{
	uint64_t gone[RIG_SOURCES] = { 0 };
	const struct inbox *inbox[RIG_SOURCES];
	processor_slot slot = processor_find(rig.adapter, rig.processor[processor])->slot;

	if (stalled[processor])
		return;
	for (unsigned i = 0; i < RIG_SOURCES; i++) {
		inbox[i] = source_inbox_find(rig.source[i], slot);
		gone[i] = inbox[i] ? atomic_load(&inbox[i]->gone) : 0;
	}
	rig_poll(&rig, processor);
	for (unsigned i = 0; i < RIG_SOURCES; i++)
		if (inbox[i])
			check_left(inbox[i], atomic_load(&inbox[i]->gone) - gone[i]);
}

static void drain(void)
{
	memset(stalled, 0, sizeof(stalled));
	rig_drain(&rig);
	if (rig.source[0]->link == rig.adapter->views.newest && rig.source[1]->link == rig.adapter->views.newest &&
	    rig.source[2]->link == rig.adapter->views.newest)
		memset(concerned, 0, sizeof(concerned));
}

static void begin(void)
{
	static const uint16_t vids[] = { 0, 0, 10, 20, 30 };

	random_start();
	rig_make(&rig, PROCESSORS, VPORTS, 128);
	rig.check = check;
	vports[0].exists = true;
	vmmq_rss_params_init(&vports[0].rss, rig.processor[0]);
	for (unsigned i = 0; i < RIG_FLOWS; i++)
		rig.flow[i] = (struct rig_flow){
			.mac = (uint16_t)draw(MACS, 10),
			.vid = vids[random_below(5)],
			.port = (uint16_t)(5000 + i),
		};
	places = calloc(VERSIONS + 2, sizeof(*places));
	assert_non_null(places);
	for (unsigned i = 0; i < VPORTS; i++)
		vport_toggle(i);
	for (unsigned i = 0; i < FILTERS; i++)
		filter_add(&filters[i]);
	for (unsigned i = 0; i < 4 * VPORTS; i++)
		change_rss();
	publish(true);
}

static void count_vports(void)
{
	for (unsigned i = 0; i < VPORTS; i++) {
		struct vmmq_vport_counters counters = { 0 };

		vmmq_vport_counters_read(rig.adapter, rig_vport(i), NULL, &counters);
		assert_int_equal(counters.packets, on_vport[i]);
	}
	assert_int_equal(vmmq_received_read(rig.adapter), rig.sent);
}

static void engine_agrees_with_model(void **state)
{
	(void)state;
	begin();
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned kind = random_below(100);

		if (kind < 50)
			send_some();
		else if (kind < 75)
			change();
		else if (kind < 99)
			for (unsigned i = random_below(16); i; i--)
				turn(draw(PROCESSORS, 6));
		else if (random_one_in(2))
			drain();
		if (random_one_in(50))
			stalled[draw(PROCESSORS, 6)] ^= true;
	}
	drain();
	count_vports();
	print_message("%" PRIu64 " packets, %" PRIu64
		      " views, %u of them not at once; %u changes refused, %u bursts waited; %" PRIu64
		      " turns held something, and let %" PRIu64 " packets pass\n",
		      rig.sent, version, unfinished, refused, waited, held_turns, free_beside_held);
	assert_true(held_turns && free_beside_held);
	rig_end(&rig);
	free(places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engine_agrees_with_model),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
