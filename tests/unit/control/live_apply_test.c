/* SPDX-License-Identifier: BSD-2-Clause */
/* A running switch becomes equal to any configuration, or stays as it was; the difference is what is done. */
#include "unit/control/live_rig.h"

#define ROUNDS 120u

static vmmq_status apply(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_apply(live, argument, why);
}

/* widest makes all processors that there are run, in the order of the seed first. */
static void widest(struct vmmq_config *config)
{
	for (uint16_t p = 0; config->processor_count < RANDOM_PROCESSORS; p++) {
		bool there = false;

		for (size_t i = 0; i < config->processor_count; i++)
			there = there || config->processors[i].v == p;
		if (!there)
			config->processors[config->processor_count++].v = p;
	}
}

static size_t differences(struct live *live, const struct vmmq_config *wanted)
{
	json_t *list = live_difference(live, wanted);
	size_t count = json_array_size(list);

	assert_non_null(list);
	json_decref(list);
	return count;
}

/* stays applies what must be refused, and sees that nothing has changed. */
static void stays(struct live *live, struct vmmq_config *wanted, vmmq_status status, const char *path)
{
	char *before = rig_export(live), *dump = rig_dump(rig_state), *after;
	struct vmmq_why why;

	assert_int_equal(rig_run(live, apply, wanted, &why), status);
	if (strcmp(why.path, path) != 0)
		fail_msg("%s: %s", why.path, why.text);
	after = rig_export(live);
	assert_string_equal(before, after);
	free(after);
	after = rig_dump(rig_state);
	assert_string_equal(dump, after);
	free(after);
	free(before);
	free(dump);
}

/* spoil makes a good configuration one that a late step refuses. */
static void spoil(struct vmmq_config *config)
{
	struct config_vport *last = &config->vports[config->vport_count - 1];

	last->rss.enabled = true;
	last->rss.receive_hash = false;
	last->rss.default_processor.v = RANDOM_PROCESSORS + 1;
}

static void random_configurations_are_reached(void **state)
{
	static const struct config_random what = { 0 };
	struct vmmq_config seed;
	struct live *live;

	(void)state;
	config_random(&seed, &what);
	widest(&seed);
	live = rig_open_config(&seed, rig_state, false);
	vmmq_config_fini(&seed);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct vmmq_config wanted, running;

		config_random(&wanted, &what);
		rig_must(live, apply, &wanted);
		assert_true(live_config(live, &running));
		config_same(&running, &wanted);
		assert_int_equal(differences(live, &wanted), 0);
		vmmq_config_fini(&wanted);
		config_random(&wanted, &what);
		spoil(&wanted);
		if (differences(live, &wanted)) {
			char path[64];

			snprintf(path, sizeof(path), "vports[id %u].default_processor",
				 (unsigned)wanted.vports[wanted.vport_count - 1].id.v);
			stays(live, &wanted, VMMQ_INVALID_DATA, path);
		}
		vmmq_config_fini(&wanted);
		vmmq_config_fini(&running);
		if (i % 20 == 0) { /* and all of it is on the disk */
			char *before = rig_export(live), *after;

			rig_close(live);
			live = rig_open(NULL, rig_state);
			after = rig_export(live);
			assert_string_equal(before, after);
			free(before);
			free(after);
		}
	}
	rig_close(live);
}

static const char two[] =
    "adapter: {processors: [0, 1], moderation: interrupt}\n"
    "vports:\n"
    "  - {id: 3, name: web, filters: [{mac: \"02:00:00:00:00:01\"}], backend: {device: \"net_null1,no-rx=1\"},\n"
    "     rss: {enabled: true, indirection_table: [0, 1]}}\n"
    "  - {id: 4, name: mail, backend: {device: \"net_null2,no-rx=1\"}}\n";

static void the_difference_reads_well(void **state)
{
	static const char other[] =
	    "adapter: {processors: [1], mtu: 9000}\n"
	    "vports:\n"
	    "  - {id: 3, name: web, flood_limit: 5, control_frames: true, rss: {enabled: true, indirection_table: "
	    "[1, 1]}}\n"
	    "  - {id: 5, name: new, filters: [{mac: \"02:00:00:00:00:01\"}, {mac: \"02:00:00:00:00:02\", vlan: "
	    "7}]}\n";
	static const char *const texts[] = {
		"adapter: moderation interrupt -> adaptive: needs a restart of vmmqd with --reseed",
		"adapter: mtu 1500 -> 9000: needs a restart of vmmqd with --reseed",
		"VPort 5 (new) is added",
		"VPort 3 (web): filter 02:00:00:00:00:01 untagged moves to VPort 5 (new)",
		"VPort 4 (mail) is deleted",
		"VPort 0 (default): primary_processor 0 -> 1",
		"VPort 0 (default): rss.indirection_table [0] -> [1]",
		"VPort 0 (default): rss.default_processor 0 -> 1",
		"VPort 3 (web): primary_processor 0 -> 1",
		"VPort 3 (web): rss.indirection_table [0, 1] -> [1, 1]",
		"VPort 3 (web): rss.default_processor 0 -> 1",
		"VPort 3 (web): backend device net_null1,no-rx=1 -> none",
		"VPort 3 (web): control_frames false -> true",
		"VPort 3 (web): flood_limit 1000 -> 5",
		"VPort 5 (new): filter 02:00:00:00:00:02 vlan 7 is added",
		"adapter: processors [0, 1] -> [1]",
	};
	struct live *live = rig_open(two, rig_state);
	struct vmmq_config wanted;
	json_t *list;

	(void)state;
	rig_parse(other, &wanted);
	list = live_difference(live, &wanted);
	for (size_t i = 0; i < json_array_size(list) && i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(json_string_value(json_object_get(json_array_get(list, i), "text")), texts[i]);
	assert_int_equal(json_array_size(list), sizeof(texts) / sizeof(texts[0]));
	json_decref(list);
	stays(live, &wanted, VMMQ_INVALID_PARAMETER, "adapter.moderation");
	wanted.moderation = MODERATION_INTERRUPT;
	stays(live, &wanted, VMMQ_INVALID_PARAMETER, "adapter.mtu");
	wanted.mtu = 1500;
	rig_must(live, apply, &wanted);
	wanted.processors[0].v = 2;
	stays(live, &wanted, VMMQ_INVALID_PARAMETER, "adapter.processors");
	vmmq_config_fini(&wanted);
	rig_close(live);
}

/* A filter that changes its VPort keeps its id. */
static void filters_move(void **state)
{
	struct live *live = rig_open(two, rig_state);
	struct vmmq_config wanted, running;

	(void)state;
	assert_true(live_config(live, &wanted));
	wanted.vports[2].filters[0] = wanted.vports[1].filters[0];
	wanted.vports[2].filter_count = 1;
	wanted.vports[1].filter_count = 0;
	rig_must(live, apply, &wanted);
	assert_true(live_config(live, &running));
	assert_int_equal(running.vports[2].filters[0].id, 1);
	vmmq_config_fini(&running);
	vmmq_config_fini(&wanted);
	rig_close(live);
}

/* has_port sees that the host has a VPort's device, and has opened it. */
static void has_port(struct live *live, uint16_t vport, const char *device)
{
	struct host_port port;

	host_backend_get(live_host(live), (struct vmmq_vport_id){ vport }, &port);
	if (!port_spec_equal(port.spec, DEVICE(device)) || !port.open)
		fail_msg("VPort %u: %s: %s", (unsigned)vport, port_place_text(port.spec), port.reason);
}

static void two_vports_exchange_their_backends(void **state)
{
	struct live *live = rig_open(two, rig_state);
	struct vmmq_config wanted;
	struct live_extras extras;
	struct port_spec backend;

	(void)state;
	has_port(live, 3, "net_null1,no-rx=1");
	has_port(live, 4, "net_null2,no-rx=1");
	assert_true(live_config(live, &wanted));
	backend = wanted.vports[1].backend;
	wanted.vports[1].backend = wanted.vports[2].backend;
	wanted.vports[2].backend = backend;
	rig_must(live, apply, &wanted);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 3 }, &extras));
	assert_true(port_spec_equal(extras.backend, DEVICE("net_null2,no-rx=1")));
	has_port(live, 3, "net_null2,no-rx=1");
	has_port(live, 4, "net_null1,no-rx=1");
	port_spec_fini(&wanted.vports[1].backend);
	assert_true(port_spec_copy(&wanted.vports[1].backend, &wanted.vports[2].backend));
	stays(live, &wanted, VMMQ_INVALID_PARAMETER, "vports[id 3].backend.device");
	vmmq_config_fini(&wanted);
	rig_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(random_configurations_are_reached, rig_fresh),
		cmocka_unit_test_setup(the_difference_reads_well, rig_fresh),
		cmocka_unit_test_setup(filters_move, rig_fresh),
		cmocka_unit_test_setup(two_vports_exchange_their_backends, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
