/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups with marks: whatever was rolled back never was.  Random operations with marks, rollbacks to them, prepare and
 * abort run on one switch; those that were left when the group was committed are replayed on a twin.  Both must be the same.
 */
#include <stdbool.h>

#include "unit/core/nic_switch_dump.h"
#include "unit/core/test_random.h"

enum { OPERATIONS = 24, MARKS = 8 };

static const struct vmmq_processor processors[] = { { 0 }, { 7 }, { 3 }, { 64 } };

enum kind {
	CREATE,
	ACTIVATE,
	DELETE,
	RENAME,
	PAIRS,
	RSS,
	PARAMS,
	FILTER_SET,
	FILTER_SET_AS,
	FILTER_CLEAR,
	FILTER_MOVE,
	PROCESSORS,
	KINDS
};

/* An operation as data, so that it can be run twice. */
struct operation {
	enum kind kind;
	struct vmmq_vport_id vport, other;
	uint32_t number;
	uint8_t mac[VMMQ_MAC_LEN];
	vmmq_vlan_rule vlan;
	struct vmmq_processor processor;
	vmmq_status status; /* what came of it */
	uint32_t filter;    /* FILTER_SET: the id it got */
};

static struct vmmq_vport_id random_vport(void)
{
	static const uint16_t ids[] = { 0, 1, 2, 63, 64, 200 };

	return (struct vmmq_vport_id){ ids[random_below(6)] };
}

static struct operation random_operation(void)
{
	return (struct operation){
		.kind = (enum kind)random_below(KINDS),
		.vport = random_vport(),
		.other = random_vport(),
		.number = 1 + random_below(12),
		.mac = { 0x02, 0, 0, 0, 0, (uint8_t)random_below(5) },
		.vlan = random_one_in(2) ? VMMQ_VLAN_ANY : 0,
		.processor = processors[random_below(4)],
	};
}

static vmmq_status rss_set(struct vmmq_nic_switch *sw, const struct operation *o)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, o->processor);
	rss.enabled = o->number % 2;
	rss.entry_count = 2;
	rss.table[1] = processors[o->number % 4];
	return vmmq_rss_set(sw, o->vport, &rss, NULL);
}

static vmmq_status params_set(struct vmmq_nic_switch *sw, const struct operation *o)
{
	const struct vmmq_vport_params params = { .flags = VMMQ_VPORT_QUEUE_PAIRS_CHANGED | VMMQ_VPORT_STATE_CHANGED,
						  .vport_id = o->vport.v,
						  .queue_pairs = 1 + o->number % 4,
						  .state = VMMQ_VPORT_ACTIVATED };

	return vmmq_vport_set_params(sw, &params, NULL);
}

static vmmq_status run(struct vmmq_nic_switch *sw, struct operation *o)
{
	char name[16];

	snprintf(name, sizeof(name), "vm%u", o->number);
	switch (o->kind) {
	case CREATE:
		return vmmq_vport_create(sw, o->vport, name, 1 + o->number % 4, o->processor, NULL);
	case ACTIVATE:
		return vmmq_vport_activate(sw, o->vport, NULL);
	case DELETE:
		return vmmq_vport_delete(sw, o->vport, NULL);
	case RENAME:
		return vmmq_vport_rename(sw, o->vport, o->number == 1 ? "" : name, NULL);
	case PAIRS:
		return vmmq_vport_set_queue_pairs(sw, o->vport, 1 + o->number % 4, NULL);
	case RSS:
		return rss_set(sw, o);
	case PARAMS:
		return params_set(sw, o);
	case FILTER_SET:
		return vmmq_filter_set(sw, o->vport, o->mac, o->vlan, &o->filter, NULL);
	case FILTER_SET_AS:
		return vmmq_filter_set_as(sw, o->number, o->vport, o->mac, o->vlan, NULL);
	case FILTER_CLEAR:
		return vmmq_filter_clear(sw, o->number, NULL);
	case FILTER_MOVE:
		return vmmq_filter_move(sw, o->number, o->vport, o->other, NULL);
	default:
		return vmmq_nic_switch_set_processors(sw, processors, 1 + o->number % 4, NULL);
	}
}

/* --- what changes() has to name --------------------------------------------------------------------------------------- */

static bool is_told(const struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark, enum vmmq_changed what,
		    uint32_t id)
{
	struct vmmq_nic_switch_change change[3];
	size_t count = vmmq_nic_switch_changes(sw, mark, 0, NULL, 0);

	for (size_t skip = 0; skip < count; skip += 3) {
		size_t n = count - skip < 3 ? count - skip : 3;

		assert_int_equal(vmmq_nic_switch_changes(sw, mark, skip, change, 3), count);
		for (size_t i = 0; i < n; i++)
			if (change[i].what == what && (what == VMMQ_CHANGED_PROCESSORS || change[i].id == id))
				return true;
	}
	return false;
}

/* lines_told: every line of one dump that is not in the other is about something that is told to have changed. */
static void lines_told(const struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark, const char *lines,
		       const char *other)
{
	char *copy = strdup(lines), *rest = NULL;

	for (char *line = strtok_r(copy, "\n", &rest); line && line[0] != ' '; line = strtok_r(NULL, "\n", &rest)) {
		enum vmmq_changed what = line[0] == 'v'   ? VMMQ_CHANGED_VPORT
					 : line[0] == 'f' ? VMMQ_CHANGED_FILTER
							  : VMMQ_CHANGED_PROCESSORS;
		uint32_t id = (uint32_t)strtoul(strchr(line, ' '), NULL, 10);

		if (!strstr(other, line) && !is_told(sw, mark, what, id))
			fail_msg("nothing tells that this has changed: %s", line);
	}
	free(copy);
}

static void changes_told(const struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark, const char *before)
{
	char *now = nic_switch_dump(sw);

	lines_told(sw, mark, before, now);
	lines_told(sw, mark, now, before);
	free(now);
}

/* --- a group ---------------------------------------------------------------------------------------------------------- */

static void same(const struct vmmq_nic_switch *sw, const char *want)
{
	char *dump = nic_switch_dump(sw);

	assert_string_equal(dump, want);
	free(dump);
}

struct marked {
	vmmq_nic_switch_mark_t mark;
	unsigned operations; /* done before it */
	char *dump;
};

static struct marked marked_now(struct vmmq_nic_switch *sw, unsigned operations)
{
	return (struct marked){ vmmq_nic_switch_mark(sw), operations, nic_switch_dump(sw) };
}

/* group_fill runs operations, marks and rollbacks; returns how many operations are left, in done. */
static unsigned group_fill(struct vmmq_nic_switch *sw, struct operation done[OPERATIONS])
{
	struct marked marked[MARKS] = { marked_now(sw, 0) };
	unsigned count = 0, marks = 1;

	for (unsigned steps = random_below(40); steps && count < OPERATIONS; steps--) {
		if (marks < MARKS && random_one_in(5)) {
			marked[marks++] = marked_now(sw, count);
		} else if (random_one_in(8)) {
			unsigned to = random_below(marks);

			changes_told(sw, marked[to].mark, marked[to].dump);
			vmmq_nic_switch_rollback(sw, marked[to].mark);
			same(sw, marked[to].dump);
			count = marked[to].operations;
			while (marks > to + 1)
				free(marked[--marks].dump);
		} else {
			done[count] = random_operation();
			done[count].status = run(sw, &done[count]);
			count++;
		}
	}
	changes_told(sw, marked[0].mark, marked[0].dump);
	while (marks)
		free(marked[--marks].dump);
	return count;
}

static void replay(struct vmmq_nic_switch *twin, const struct operation done[], unsigned count)
{
	vmmq_nic_switch_begin(twin);
	for (unsigned i = 0; i < count; i++) {
		struct operation o = done[i];

		assert_int_equal(run(twin, &o), done[i].status);
		assert_int_equal(o.filter, done[i].filter);
	}
}

static bool any_done(const struct operation done[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (done[i].status == VMMQ_SUCCESS)
			return true;
	return false;
}

/* wait_aside has the prepared group wait, and sees that nobody could tell; returns whether it has been taken up again. */
static bool wait_aside(struct vmmq_nic_switch *sw, const char *before)
{
	char *prepared = nic_switch_dump(sw);
	bool again = random_one_in(2);

	vmmq_nic_switch_set_aside(sw);
	same(sw, before);
	if (again) {
		vmmq_nic_switch_take_up(sw);
		same(sw, prepared);
	}
	free(prepared);
	return again;
}

static void group(struct vmmq_nic_switch *sw, struct vmmq_nic_switch *twin)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(sw), *prepared = NULL;
	char *before = nic_switch_dump(sw), *after;
	struct operation done[OPERATIONS];
	vmmq_status status = VMMQ_SUCCESS;
	unsigned count;

	vmmq_nic_switch_begin(sw);
	count = group_fill(sw, done);
	if (random_one_in(2)) {
		status = vmmq_nic_switch_prepare(sw, NULL);
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
		prepared = status == VMMQ_SUCCESS ? vmmq_nic_switch_prepared_view(sw) : NULL;
	}
	if (random_one_in(3)) {
		if (prepared && random_one_in(2))
			wait_aside(sw, before);
		if (status == VMMQ_SUCCESS)
			vmmq_nic_switch_abort(sw);
		same(sw, before);
		free(before);
		return;
	}
	if (prepared && random_one_in(2) && !wait_aside(sw, before))
		vmmq_nic_switch_take_up(sw);
	if (status == VMMQ_SUCCESS)
		status = vmmq_nic_switch_commit(sw, NULL);
	if (prepared)
		assert_ptr_equal(vmmq_nic_switch_view(sw), prepared);
	replay(twin, done, count);
	assert_int_equal(vmmq_nic_switch_commit(twin, NULL), status);
	if (status != VMMQ_SUCCESS)
		same(sw, before);
	if (status != VMMQ_SUCCESS || !any_done(done, count))
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
	after = nic_switch_dump(twin);
	same(sw, after);
	free(after);
	free(before);
}

static void marks_and_rollbacks(void **state)
{
	(void)state;
	random_start();
	for (unsigned i = 0; i < 60; i++) {
		const struct vmmq_nic_switch_params params = { .processors = processors,
							       .processor_count = 4,
							       .max_queue_pairs = 40,
							       .max_filters = 8,
							       .symmetric = i % 3 == 0 };
		struct vmmq_nic_switch *sw, *twin;

		assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_nic_switch_create(&params, &twin, NULL), VMMQ_SUCCESS);
		for (unsigned groups = 0; groups < 30; groups++) {
			group(sw, twin);
			vmmq_nic_switch_retire(sw, vmmq_nic_switch_view(sw));
		}
		vmmq_nic_switch_destroy(sw);
		vmmq_nic_switch_destroy(twin);
	}
}

static const uint8_t mac[3][VMMQ_MAC_LEN] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 3 } };

static struct vmmq_nic_switch *new_switch(void)
{
	const struct vmmq_nic_switch_params params = { .processors = processors, .processor_count = 4 };
	struct vmmq_nic_switch *sw;

	assert_int_equal(vmmq_nic_switch_create(&params, &sw, NULL), VMMQ_SUCCESS);
	return sw;
}

static void filter_ids(void **state)
{
	const struct vmmq_vport_id vport = { 0 };
	struct vmmq_nic_switch *sw = new_switch();
	struct vmmq_why why;
	uint32_t id;

	(void)state;
	assert_int_equal(vmmq_filter_set_as(sw, 0, vport, mac[0], 0, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "id");
	assert_int_equal(vmmq_filter_set_as(sw, 7, vport, mac[0], 0, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set_as(sw, 7, vport, mac[1], 0, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "id");
	assert_int_equal(vmmq_filter_set_as(sw, 8, vport, mac[0], 0, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "mac");
	assert_int_equal(vmmq_filter_set_as(sw, 3, vport, mac[1], 0, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set(sw, vport, mac[2], 0, &id, NULL), VMMQ_SUCCESS);
	assert_int_equal(id, 8);
	assert_int_equal(vmmq_filter_clear(sw, 8, NULL), VMMQ_SUCCESS);
	vmmq_filter_reserve_ids(sw, 20);
	vmmq_filter_reserve_ids(sw, 10);
	assert_int_equal(vmmq_filter_set(sw, vport, mac[2], 0, &id, NULL), VMMQ_SUCCESS);
	assert_int_equal(id, 21);
	assert_int_equal(vmmq_filter_clear(sw, 21, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set_as(sw, UINT32_MAX, vport, mac[2], 0, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_filter_set(sw, vport, mac[2], VMMQ_VLAN_ANY, &id, &why), VMMQ_RESOURCES);
	assert_string_equal(why.path, "filters");
	vmmq_nic_switch_destroy(sw);
}

/* A cleared filter's id given to another one in the same group does not make the cleared one's key taken. */
static void id_again_in_group(void **state)
{
	const struct vmmq_vport_id vport = { 0 };
	struct vmmq_nic_switch *sw = new_switch();
	char *before;

	(void)state;
	assert_int_equal(vmmq_filter_set_as(sw, 5, vport, mac[0], 0, NULL), VMMQ_SUCCESS);
	before = nic_switch_dump(sw);
	for (unsigned round = 0; round < 2; round++) {
		vmmq_nic_switch_begin(sw);
		assert_int_equal(vmmq_filter_clear(sw, 5, NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_filter_set_as(sw, 5, vport, mac[1], 0, NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_filter_set_as(sw, 6, vport, mac[0], 0, NULL), VMMQ_SUCCESS);
		if (round) {
			assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
			break;
		}
		vmmq_nic_switch_abort(sw);
		same(sw, before);
	}
	assert_memory_equal(vmmq_filter_get(sw, 5)->mac, mac[1], VMMQ_MAC_LEN);
	assert_memory_equal(vmmq_filter_get(sw, 6)->mac, mac[0], VMMQ_MAC_LEN);
	free(before);
	vmmq_nic_switch_destroy(sw);
}

static void rename_vports(void **state)
{
	struct vmmq_nic_switch *sw = new_switch();
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);
	struct vmmq_vport_info info;
	char name[VMMQ_VPORT_NAME_MAX + 2];
	struct vmmq_why why;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(vmmq_vport_rename(sw, (struct vmmq_vport_id){ 0 }, name, &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "name");
	assert_int_equal(vmmq_vport_rename(sw, (struct vmmq_vport_id){ 0 }, "", &why), VMMQ_INVALID_PARAMETER);
	assert_string_equal(why.path, "name");
	assert_int_equal(vmmq_vport_rename(sw, (struct vmmq_vport_id){ 4 }, "x", &why), VMMQ_INVALID_PORT);
	name[sizeof(name) - 2] = '\0';
	assert_int_equal(vmmq_vport_rename(sw, (struct vmmq_vport_id){ 0 }, name, NULL), VMMQ_SUCCESS);
	assert_true(vmmq_vport_get(sw, (struct vmmq_vport_id){ 0 }, &info));
	assert_string_equal(info.name, name);
	assert_ptr_equal(vmmq_nic_switch_view(sw), view); /* packets see nothing of it */
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_and_rollbacks),
		cmocka_unit_test(filter_ids),
		cmocka_unit_test(id_again_in_group),
		cmocka_unit_test(rename_vports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
