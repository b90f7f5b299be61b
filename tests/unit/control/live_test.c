/* SPDX-License-Identifier: BSD-2-Clause */
/* The running switch: what it begins with, what it refuses, what is there after a restart. */
#include "unit/control/live_requests.h"

#include <sched.h>
#include <time.h>

#include "control/live_state.h"
#include "host/switch.h"

static void a_seed_becomes_the_running_switch(void **state)
{
	struct vmmq_config seed, running;
	struct live *live = rig_open(three, "");
	struct live_adapter_info info;
	struct live_extras extras;

	(void)state;
	rig_parse(three, &seed);
	assert_true(live_config(live, &running));
	config_same(&seed, &running);
	live_adapter_info(live, &info);
	assert_string_equal(info.name, "vmmq0");
	assert_int_equal(info.processor_count, 4);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 4 }, &extras));
	assert_int_equal(extras.flood_limit, 7);
	assert_false(live_extras(live, (struct vmmq_vport_id){ 2 }, &extras));
	assert_string_equal(live_notice(live), "");
	vmmq_config_fini(&seed);
	vmmq_config_fini(&running);
	rig_close(live);
}

static void state_survives(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct filter filter = { .vport = 4, .last = 7 }, later = { .vport = 4, .last = 8 };
	struct add add = new_vport(0, "new");
	struct set set = {
		.vport = { .id = { 1 }, .name = (char *)(uintptr_t) "www", .flood_limit = 0, .control_frames = true },
		.changed = LIVE_VPORT_NAME | LIVE_VPORT_FLOOD_LIMIT | LIVE_VPORT_CONTROL_FRAMES
	};
	struct live_extras extras;
	uint32_t by_ndis = 9, deleted;
	char *before, *after, *dump;

	(void)state;
	rig_must(live, add_vport, &add);
	assert_int_equal(add.id.v, 2);
	rig_must(live, set_vport, &set);
	rig_must(live, add_filter, &filter);
	rig_must(live, add_filter, &later);
	assert_int_equal(filter.id, 4);
	deleted = later.id;
	rig_must(live, delete_filter, &deleted);
	rig_must(live, delete_filter, &filter.id);
	rig_must(live, create_by_ndis, &by_ndis);
	before = rig_export(live);
	dump = rig_dump(rig_state);
	rig_close(live);

	live = rig_open(NULL, rig_state);
	after = rig_export(live);
	assert_string_equal(before, after);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 1 }, &extras));
	assert_true(extras.control_frames);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 4 }, &extras));
	assert_false(extras.control_frames);
	free(after);
	after = rig_dump(rig_state);
	assert_string_equal(dump, after);
	rig_must(live, add_filter, &filter);
	assert_int_equal(filter.id, deleted + 1); /* an id is never given twice */
	rig_close(live);
	free(before);
	free(after);
	free(dump);
}

static void ndis_parameters_survive(void **state)
{
	struct live *live = rig_open(three, rig_state);
	uint32_t by_ndis = 9;
	struct vmmq_vport_params params;

	(void)state;
	rig_must(live, create_by_ndis, &by_ndis);
	assert_int_equal(guest_find(live->host, (struct vmmq_vport_id){ 9 })->moderation,
			 VMMQ_INTERRUPT_MODERATION_LOW);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	assert_int_equal(guest_find(live->host, (struct vmmq_vport_id){ 9 })->moderation,
			 VMMQ_INTERRUPT_MODERATION_LOW);
	assert_int_equal(vmmq_vport_get_params(vmmq_adapter_switch(live_adapter(live)), 9, &params), VMMQ_SUCCESS);
	assert_int_equal(params.flags, 1);
	assert_string_equal(params.name, "");
	assert_int_equal(params.queue_pairs, 3);
	assert_int_equal(params.interrupt_moderation, VMMQ_INTERRUPT_MODERATION_LOW);
	assert_int_equal(params.state, VMMQ_VPORT_DEACTIVATED);
	assert_int_equal(params.affinity.mask, 0xe);
	rig_close(live);
}

static void a_seed_does_not_replace_a_state(void **state)
{
	static const char other[] = "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
				    "vports: [{id: 4, name: mail2}]\n";
	struct live *live = rig_open(three, rig_state);
	struct vmmq_config seed, running;

	(void)state;
	rig_close(live);
	live = rig_open(three, rig_state);
	assert_string_equal(live_notice(live), "");
	rig_close(live);
	rig_parse(other, &seed);
	live = rig_open_config(&seed, rig_state, false);
	assert_non_null(strstr(live_notice(live), "--reseed"));
	assert_true(live_config(live, &running));
	assert_int_equal(running.vport_count, 3);
	vmmq_config_fini(&running);
	rig_close(live);

	live = rig_open_config(&seed, rig_state, true);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	assert_true(live_config(live, &running));
	config_same(&running, &seed);
	vmmq_config_fini(&running);
	vmmq_config_fini(&seed);
	rig_close(live);
}

static void what_is_refused_leaves_no_trace(void **state)
{
	struct live *live = rig_open(three, rig_state);
	struct vmmq_why why;
	char *before = rig_export(live), *dump = rig_dump(rig_state), *after;
	struct filter filter = { .vport = 4, .last = 1 };

	(void)state;
	assert_int_equal(rig_run(live, change_and_fail, NULL, &why), VMMQ_NOT_ACCEPTED);
	assert_string_equal(why.path, "here");
	assert_int_equal(rig_run(live, delete_vport, &(struct vmmq_vport_id){ 1 }, &why), VMMQ_FAILURE);
	after = rig_export(live);
	assert_string_equal(before, after);
	free(after);
	after = rig_dump(rig_state);
	assert_string_equal(dump, after);
	free(after);
	rig_must(live, add_filter, &filter);
	assert_int_equal(filter.id, 4); /* the refused one's, which nobody has seen */
	free(before);
	free(dump);
	rig_close(live);
}

static void devices_are_checked(void **state)
{
	struct live *live = rig_open(three, "");
	struct set bad = { .vport = { .id = { 1 }, .backend = *DEVICE("net_nosuchdriver0") },
			   .changed = LIVE_VPORT_BACKEND };
	struct set null = { .vport = { .id = { 1 }, .backend = *DEVICE("net_null7,no-rx=1") },
			    .changed = LIVE_VPORT_BACKEND };
	struct live_extras extras;
	struct vmmq_why why;

	(void)state;
	assert_int_equal(rig_run(live, set_vport, &bad, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "backend.device");
	rig_must(live, set_vport, &null);
	null.vport.id.v = 4;
	assert_int_equal(rig_run(live, set_vport, &null, &why), VMMQ_INVALID_PARAMETER);
	assert_non_null(strstr(why.text, "net_null7 is used by VPort 1"));
	null.vport.id.v = 1;
	null.vport.backend = (struct port_spec){ 0 };
	rig_must(live, set_vport, &null);
	assert_true(live_extras(live, (struct vmmq_vport_id){ 1 }, &extras));
	assert_int_equal(extras.backend->kind, PORT_NONE);
	rig_close(live);
}

static void threads_are_pinned_where_cpus_are(void **state)
{
	static const char far[] = "adapter: {processors: [0, 1000], moderation: interrupt}\n";
	struct vmmq_config seed;
	struct live_params params = {
		.seed = &seed, .state = "", .host_buffers = 2047, .pin = true, .allow_devargs = true
	};
	char error[512];
	struct live *live;
	struct live_adapter_info info;
	cpu_set_t mine;

	(void)state;
	sched_getaffinity(0, sizeof(mine), &mine);
	rig_parse(far, &seed);
	live = live_open(&params, error, sizeof(error));
	assert_non_null(live);
	live_adapter_info(live, &info);
	assert_int_equal(info.cpus[0], CPU_ISSET(0, &mine) ? 0 : -1);
	assert_int_equal(info.cpus[1], -1);
	rig_close(live);
	params.pin = false;
	live = live_open(&params, error, sizeof(error));
	live_adapter_info(live, &info);
	assert_int_equal(info.cpus[0], -1);
	rig_close(live);
	vmmq_config_fini(&seed);
}

static void assert_thousands(struct live *live)
{
	struct vmmq_config running;

	assert_true(live_config(live, &running));
	assert_int_equal(running.vport_count, 1 + 4096);
	for (size_t i = 1; i < running.vport_count; i++)
		assert_int_equal(running.vports[i].filter_count, 2);
	vmmq_config_fini(&running);
}

/* The first start of thousands of VPorts, and the next one: all are there.  Printed: how long it takes. */
static void thousands_of_vports(void **state)
{
	struct live *live;
	char *yaml = NULL;
	size_t len;
	FILE *out = open_memstream(&yaml, &len);
	uint64_t start, middle;

	(void)state;
	fputs("adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\nvports:\n", out);
	for (unsigned i = 1; i <= 4096; i++)
		fprintf(out,
			"  - {id: %u, rss: {enabled: true, indirection_table: [0, 1, 2, 3]}, filters: [{mac: "
			"\"02:00:00:00:%02x:%02x\", vlan: 5}, {mac: \"02:00:00:00:%02x:%02x\"}]}\n",
			i, i >> 8, i & 255, i >> 8, i & 255);
	fclose(out);
	start = now_ns();
	live = rig_open(yaml, rig_state);
	middle = now_ns();
	assert_thousands(live);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	print_message("4096 VPorts: from a file %.2f s, stop and start %.2f s\n", (double)(middle - start) / 1e9,
		      (double)(now_ns() - middle) / 1e9);
	assert_thousands(live);
	rig_close(live);
	free(yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_seed_becomes_the_running_switch, rig_fresh),
		cmocka_unit_test_setup(state_survives, rig_fresh),
		cmocka_unit_test_setup(ndis_parameters_survive, rig_fresh),
		cmocka_unit_test_setup(a_seed_does_not_replace_a_state, rig_fresh),
		cmocka_unit_test_setup(what_is_refused_leaves_no_trace, rig_fresh),
		cmocka_unit_test_setup(devices_are_checked, rig_fresh),
		cmocka_unit_test_setup(threads_are_pinned_where_cpus_are, rig_fresh),
		cmocka_unit_test_setup(thousands_of_vports, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
