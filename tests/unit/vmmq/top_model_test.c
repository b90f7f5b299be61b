/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples to rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/top/top_model.h"

/* sample makes an answer of one VPort (id) with packets, all of them on processor, on which the table's only entry is. */
static json_t *sample(double uptime, int pid, int vport, json_int_t packets, int processor, json_int_t dropped)
{
	return json_pack(
	    "{s:f, s:{s:f, s:i, s:I, s:{s:I}}, s:[{s:i, s:I}], s:[{s:i, s:s, s:I, s:{s:I}, s:[i, i], s:[{s:i, "
	    "s:I}], s:[{s:i, s:i, s:I}]}]}",
	    "time", 1700000000.0 + uptime, "adapter", "uptime", uptime, "pid", pid, "indicated", packets, "uplink",
	    "rx_packets", packets * 2, "processors", "processor", 0, "dpcs", packets / 10, "vports", "vport", vport,
	    "name", "web", "packets", packets, "drops", "inbox_full", dropped, "processors_used", 0, 1, "processors",
	    "processor", processor, "packets", packets, "entries", "entry", 0, "processor", processor, "packets",
	    packets);
}

static void feed(struct top_model *model, json_t *answer)
{
	const char *why = "";

	assert_non_null(answer);
	assert_true(top_model_feed(model, answer, &why));
	json_decref(answer);
}

static void assert_near(double a, double b)
{
	if (fabs(a - b) > 1e-6 * (1 + fabs(b)))
		fail_msg("%f is not %f", a, b);
}

static void first_sample_has_no_rates(void **state)
{
	struct top_model model = { 0 };

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 5));
	assert_near(model.interval, 0);
	assert_false(model.now->vport[0].has_rates);
	assert_near(model.now->vport[0].count[TOP_VPORT_PACKETS].rate, 0);
	assert_near(model.now->drop[0].packets.rate, 0);
	assert_int_equal(model.now->drop[0].packets.total, 5);
	assert_int_equal(model.history_count, 0);
	top_model_fini(&model);
}

static void rates_are_by_uptime(void **state)
{
	struct top_model model = { 0 };
	const struct top_vport *vport;

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 5));
	feed(&model, sample(12.5, 1, 1, 3500, 0, 10));
	vport = top_model_vport(&model, 1);
	assert_near(model.interval, 2.5);
	assert_true(vport->has_rates);
	assert_near(vport->count[TOP_VPORT_PACKETS].rate, 1000);
	assert_near(vport->dropped.rate, 2);
	assert_near(model.now->drop[0].packets.rate, 2);
	assert_near(model.now->adapter.count[TOP_ADAPTER_INDICATED].rate, 1000);
	assert_near(model.now->adapter.uplink.count[TOP_PORT_RX_PACKETS].rate, 2000);
	assert_near(model.now->processor[0].count[TOP_PROCESSOR_DPCS].rate, 100);
	assert_near(vport->entry[0].packets.rate, 1000);
	assert_int_equal(vport->share_count, 2); /* the one with traffic, and the other that is steered to */
	assert_near(vport->share[0].packets.rate, 1000);
	assert_near(vport->imbalance, 2); /* all on one of two */
	assert_near(model.history[0], 1000);
	top_model_fini(&model);
}

static void a_restart_has_no_rates(void **state)
{
	struct top_model model = { 0 };

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 5));
	feed(&model, sample(11, 1, 1, 2000, 1, 5));
	feed(&model, sample(500, 2, 1, 90000, 0, 9)); /* another process, whatever its figures */
	assert_near(model.interval, 0);
	assert_false(model.now->vport[0].has_rates);
	assert_near(model.now->adapter.count[TOP_ADAPTER_INDICATED].rate, 0);
	assert_false(top_entry_moved(&model, &model.now->vport[0].entry[0]));
	feed(&model, sample(2, 2, 1, 95000, 0, 9)); /* the same pid, by chance, and less uptime */
	assert_near(model.interval, 0);
	feed(&model, sample(3, 2, 1, 95001, 0, 9));
	assert_near(model.now->vport[0].count[TOP_VPORT_PACKETS].rate, 1);
	top_model_fini(&model);
}

static void vports_come_and_go(void **state)
{
	struct top_model model = { 0 };

	(void)state;
	feed(&model, sample(10, 1, 7, 1000, 0, 5));
	feed(&model, sample(11, 1, 3, 50, 0, 2)); /* 7 went, 3 came */
	assert_null(top_model_vport(&model, 7));
	assert_false(top_model_vport(&model, 3)->has_rates);
	assert_near(model.now->drop[0].packets.rate, 0);
	feed(&model, sample(12, 1, 3, 40, 0, 0)); /* deleted and added again in between */
	assert_false(top_model_vport(&model, 3)->has_rates);
	assert_near(top_model_vport(&model, 3)->count[TOP_VPORT_PACKETS].rate, 0);
	feed(&model, sample(13, 1, 3, 140, 0, 0));
	assert_near(top_model_vport(&model, 3)->count[TOP_VPORT_PACKETS].rate, 100);
	top_model_fini(&model);
}

static void moves_are_marked_for_a_while(void **state)
{
	struct top_model model = { 0 };

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 0));
	feed(&model, sample(11, 1, 1, 1000, 1, 0));
	assert_true(top_entry_moved(&model, &model.now->vport[0].entry[0]));
	assert_int_equal(model.now->vport[0].entry[0].moved_from, 0);
	feed(&model, sample(15.9, 1, 1, 1000, 1, 0));
	assert_true(top_entry_moved(&model, &model.now->vport[0].entry[0]));
	feed(&model, sample(16, 1, 1, 1000, 1, 0));
	assert_false(top_entry_moved(&model, &model.now->vport[0].entry[0]));
	top_model_fini(&model);
}

static void moves_feed(struct top_model *model, int vport, int entry, int from, int to, double ago)
{
	json_t *answer = json_pack("{s:[{s:i, s:i, s:i, s:i, s:f, s:s}]}", "moves", "vport", vport, "entry", entry,
				   "from", from, "to", to, "ago", ago, "reason", "spread");

	assert_non_null(answer);
	top_model_moves(model, answer);
	json_decref(answer);
}

static void what_load_moved_says_why(void **state)
{
	struct top_model model = { 0 };
	const struct top_vport *vport;

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 0));
	moves_feed(&model, 1, 0, 3, 0, 4); /* before the first sample */
	vport = top_model_vport(&model, 1);
	assert_true(top_entry_moved(&model, &vport->entry[0]));
	assert_int_equal(vport->entry[0].moved_from, 3);
	assert_string_equal(top_move_reason(&model, vport, 0), "spread");

	feed(&model, sample(12, 1, 1, 2000, 1, 0)); /* by a request */
	moves_feed(&model, 1, 0, 3, 0, 6);
	vport = top_model_vport(&model, 1);
	assert_true(top_entry_moved(&model, &vport->entry[0]));
	assert_int_equal(vport->entry[0].moved_from, 0);
	assert_string_equal(top_move_reason(&model, vport, 0), "");

	feed(&model, sample(20, 1, 1, 3000, 1, 0));
	moves_feed(&model, 1, 0, 0, 1, 6); /* long ago */
	assert_false(top_entry_moved(&model, &top_model_vport(&model, 1)->entry[0]));
	moves_feed(&model, 1, 7, 0, 1, 1); /* no such entry, and no such VPort */
	moves_feed(&model, 9, 0, 0, 1, 1);
	top_model_moves(&model, NULL);
	assert_null(top_move_of(&model, 1, 0));
	top_model_fini(&model);
}

static void what_is_no_sample_is_refused(void **state)
{
	static const char *const wrong[] = { "[]", "{}", "null",
					     "{\"adapter\": 1, \"processors\": [], \"vports\": []}",
					     "{\"adapter\": {}, \"processors\": {}, \"vports\": []}" };
	struct top_model model = { 0 };
	const char *why = NULL;
	json_t *answer;

	(void)state;
	feed(&model, sample(10, 1, 1, 1000, 0, 0));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answer = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
		assert_false(top_model_feed(&model, answer, &why));
		assert_non_null(strstr(why, "top.show"));
		assert_int_equal(model.now->vport[0].count[TOP_VPORT_PACKETS].total, 1000);
		json_decref(answer);
	}
	/* members of wrong types count as absent */
	feed(&model, json_pack("{s:{s:s}, s:[i, {}], s:[s, {s:[i], s:s, s:{s:s}, s:i}]}", "adapter", "uptime", "x",
			       "processors", 3, "vports", "x", "entries", 1, "name", "x", "drops", "a", "b",
			       "processors_used", 3));
	top_model_fini(&model);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sample_has_no_rates),    cmocka_unit_test(rates_are_by_uptime),
		cmocka_unit_test(a_restart_has_no_rates),       cmocka_unit_test(vports_come_and_go),
		cmocka_unit_test(moves_are_marked_for_a_while), cmocka_unit_test(what_is_no_sample_is_refused),
		cmocka_unit_test(what_load_moved_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
