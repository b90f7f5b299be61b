/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts that are the fleet's: made, changed and removed by its requests, kept from everybody else's, and known again after a start. */
#include "unit/control/live_requests.h"

#include "control/live_fleet.h"

static const char config_text[] = "adapter: {processors: [0, 1], moderation: interrupt}\n"
				  "vports:\n"
				  "  - {id: 1, name: by_hand, filters: [{mac: \"02:00:00:00:00:01\"}]}\n";

static struct live *governed_open(bool governed)
{
	struct vmmq_config seed;
	struct live_params params = { .seed = &seed, .state = rig_state, .host_buffers = 4096, .governed = governed };
	char error[512];

	rig_parse(config_text, &seed);
	rig_left = live_open(&params, error, sizeof(error));
	if (!rig_left)
		fail_msg("%s", error);
	vmmq_config_fini(&seed);
	return rig_left;
}

static void governed_close(void)
{
	live_close(rig_left);
	rig_left = NULL;
}

/* done runs one request and returns its status. */
static vmmq_status done(live_request_fn *run, void *argument, bool of_fleet, struct vmmq_why *why)
{
	struct live_request request = { .run = run, .argument = argument, .of_fleet = of_fleet };
	struct live_request *all[] = { &request };

	live_execute(rig_left, all, 1);
	*why = request.why;
	return request.status;
}

static vmmq_status run_put(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_fleet_put(live, argument, why);
}

static vmmq_status run_activate(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_fleet_activate(live, argument, why);
}

static vmmq_status run_remove(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_fleet_remove(live, argument, why);
}

static struct config_filter filters[] = { { .mac = { 2, 0, 0, 0, 0, 9 }, .vlan = 5 },
					  { .mac = { 2, 0, 0, 0, 0, 10 }, .vlan = 5 } };

static struct config_vport web(void)
{
	struct config_vport vport = { .name = (char *)(uintptr_t) "web",
				      .queue_pairs = 4,
				      .min_queue_pairs = 1,
				      .anti_spoofing = true,
				      .flood_limit = 1000,
				      .owner = OWNER_FLEET_OWN_KEY,
				      .filters = filters,
				      .filter_count = 1 };

	vmmq_rss_params_init(&vport.rss, (struct vmmq_processor){ 1 });
	memset(vport.rss.key, 0x5a, VMMQ_KEY_LEN);
	return vport;
}

static char web_name[] = "web";

static void made_held_then_activated_and_changed(void **state)
{
	struct config_vport vport = web();
	struct vmmq_vport_info info;
	struct vmmq_vport_id id;
	struct vmmq_why why;
	bool active;

	(void)state;
	governed_open(true);
	assert_false(live_fleet_is(rig_left, &vport));
	assert_int_equal(done(run_put, &vport, true, &why), VMMQ_SUCCESS);
	assert_true(live_fleet_find(rig_left, "web", &id, &active));
	assert_false(active);
	assert_int_equal(id.v, LIVE_FLEET_FIRST_ID);
	assert_true(live_fleet_is(rig_left, &vport));
	assert_int_equal(done(run_activate, web_name, true, &why), VMMQ_SUCCESS);

	/* Changed, it stays active, and keeps the key that it was made with. */
	vport.filter_count = 2;
	vport.queue_pairs = 2;
	memset(vport.rss.key, 0x11, VMMQ_KEY_LEN);
	assert_false(live_fleet_is(rig_left, &vport));
	assert_int_equal(done(run_put, &vport, true, &why), VMMQ_SUCCESS);
	assert_true(live_fleet_is(rig_left, &vport));
	assert_true(live_fleet_find(rig_left, "web", &id, &active) && active);
	assert_true(vmmq_vport_get(vmmq_adapter_switch(live_adapter(rig_left)), id, &info));
	assert_int_equal(info.rss->key[0], 0x5a);
	assert_int_equal(info.filter_count, 2);
	governed_close();

	/* It is what it was after a start, and goes when the fleet says so. */
	governed_open(true);
	assert_true(live_fleet_is(rig_left, &vport));
	assert_true(live_fleet_find(rig_left, "web", &id, &active) && active);
	assert_int_equal(done(run_remove, web_name, true, &why), VMMQ_SUCCESS);
	assert_false(live_fleet_find(rig_left, "web", NULL, NULL));
	assert_int_equal(live_fleet_next(rig_left, -1), -1);
	governed_close();
}

static void refused_by_hand(const char *what, vmmq_status status, const struct vmmq_why *why)
{
	if (status != VMMQ_INVALID_PARAMETER || !strstr(why->text, "(web) is the fleet's"))
		fail_msg("%s: %s: %s", what, vmmq_status_name(status), why->text);
}

static void kept_from_everybody_else(void **state)
{
	struct config_vport vport = web();
	struct filter filter = { .vport = LIVE_FLEET_FIRST_ID, .last = 77 };
	struct set set = { .vport = { .id = { LIVE_FLEET_FIRST_ID }, .flood_limit = 3 },
			   .changed = LIVE_VPORT_FLOOD_LIMIT };
	struct vmmq_vport_id id = { LIVE_FLEET_FIRST_ID };
	struct vmmq_config file;
	struct vmmq_why why;
	json_t *differences;

	(void)state;
	governed_open(true);
	assert_int_equal(done(run_put, &vport, true, &why), VMMQ_SUCCESS);
	refused_by_hand("delete", done(delete_vport_whole, &id, false, &why), &why);
	refused_by_hand("set", done(set_vport, &set, false, &why), &why);
	refused_by_hand("filter", done(add_filter, &filter, false, &why), &why);
	assert_true(live_fleet_is(rig_left, &vport));

	/* A file is about the others: it neither names the fleet's nor deletes them. */
	rig_parse(config_text, &file);
	differences = live_difference(rig_left, &file);
	assert_int_equal(json_array_size(differences), 0);
	json_decref(differences);
	vmmq_config_fini(&file);
	governed_close();

	/* Without a fleet they are like others. */
	governed_open(false);
	assert_int_equal(done(delete_vport_whole, &id, false, &why), VMMQ_SUCCESS);
	governed_close();
}

static void made_by_hand_is_not_taken(void **state)
{
	struct config_vport vport = web();
	struct vmmq_why why;

	(void)state;
	governed_open(true);
	vport.name = (char *)(uintptr_t) "by_hand";
	assert_int_equal(done(run_put, &vport, true, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.text, "VPort 1 of this host has that name, and was made by hand");
	vport = web();
	filters[0].mac[5] = 1;
	filters[0].vlan = VMMQ_VLAN_UNTAGGED_OR_ZERO;
	assert_int_not_equal(done(run_put, &vport, true, &why), VMMQ_SUCCESS);
	assert_false(live_fleet_find(rig_left, "web", NULL, NULL));
	governed_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(made_held_then_activated_and_changed, rig_fresh),
		cmocka_unit_test_setup(kept_from_everybody_else, rig_fresh),
		cmocka_unit_test_setup(made_by_hand_is_not_taken, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
