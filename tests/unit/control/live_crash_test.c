/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that is killed at any moment: every change that it acknowledged is in the state, and no change is there
 * in part.
 * This program runs itself as the victim.  Change n leaves traces all over the state, so that what is there tells n,
 * and whether all of n is there.
 */
#include "unit/control/live_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "control/state_db.h"

#define KILLS       40u
#define LIFE_MAX_US 40000u
#define BATCH_MAX   4u

static const char one[] =
    "adapter: {processors: [0, 1], moderation: interrupt}\n"
    "vports: [{id: 1, flood_limit: 0, queue_pairs: 1, filters: [{mac: \"02:00:00:00:00:00\"}]}]\n";

static void mac_of(uint32_t number, uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[]){ 2, 0, 0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number },
	       VMMQ_MAC_LEN);
}

/* VPort 2 is there after odd numbers. */
static vmmq_status toggle(struct live *live, uint32_t number, struct vmmq_why *why)
{
	struct config_vport vport = { .id = { 2 }, .queue_pairs = 1, .flood_limit = number };
	struct vmmq_vport_id id;

	if (number % 2 == 0)
		return live_vport_delete(live, vport.id, true, why);
	vmmq_rss_params_init(&vport.rss, (struct vmmq_processor){ 1 });
	return live_vport_add(live, &vport, &id, why);
}

static vmmq_status change(struct live *live, void *argument, struct vmmq_why *why)
{
	uint32_t number = *(const uint32_t *)argument, id = vmmq_filter_next(live_switch(live), 0)->id;
	struct config_vport vport = { .id = { 1 }, .flood_limit = number, .queue_pairs = 1 + number % 100 };
	vmmq_status status = live_vport_set(live, &vport, LIVE_VPORT_FLOOD_LIMIT | LIVE_VPORT_QUEUE_PAIRS, why);
	uint8_t mac[VMMQ_MAC_LEN];

	mac_of(number, mac);
	if (status == VMMQ_SUCCESS)
		status = vmmq_filter_clear(live_switch(live), id, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_filter_set(live_switch(live), vport.id, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &id, why);
	return status == VMMQ_SUCCESS ? toggle(live, number, why) : status;
}

/* victim goes on where the state is, and writes the number of each change behind it to standard output. */
static int victim(const char *path)
{
	struct live_params params = { .state = path, .host_buffers = 1023, .allow_devargs = true };
	struct vmmq_config seed, running;
	char error[512];
	struct live *live;
	uint32_t number;

	rig_parse(one, &seed);
	params.seed = &seed;
	if (eal_start(2, 64, error, sizeof(error)) || !(live = live_open(&params, error, sizeof(error)))) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	if (!live_config(live, &running))
		return 1;
	number = running.vports[1].flood_limit;
	srandom((unsigned)getpid());
	for (;;) {
		uint32_t numbers[BATCH_MAX], count = 1 + (uint32_t)random() % BATCH_MAX;
		struct live_request requests[BATCH_MAX], *batch[BATCH_MAX];

		for (uint32_t i = 0; i < count; i++) {
			numbers[i] = ++number;
			requests[i] = (struct live_request){ .run = change, .argument = &numbers[i] };
			batch[i] = &requests[i];
		}
		live_execute(live, batch, count);
		for (uint32_t i = 0; i < count; i++)
			if (requests[i].status != VMMQ_SUCCESS) {
				fprintf(stderr, "%s: %s\n", requests[i].why.path, requests[i].why.text);
				return 1;
			}
		if (write(STDOUT_FILENO, &number, sizeof(number)) != sizeof(number))
			return 1;
	}
}

/* kill_one runs a victim for a while, kills it, and returns the last number it acknowledged, or before. */
static uint32_t kill_one(uint32_t before, bool from_first_answer)
{
	struct timespec life = { .tv_nsec = (long)random_below(LIFE_MAX_US) * 1000 };
	uint32_t acknowledged = before;
	int ends[2], result;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/proc/self/exe", "victim", rig_state, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (from_first_answer) {
		struct pollfd answer = { .fd = ends[0], .events = POLLIN };

		assert_int_equal(poll(&answer, 1, HANG_MS), 1);
	} else {
		life.tv_nsec *= 5; /* the start takes longer */
	}
	nanosleep(&life, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_true(WIFSIGNALED(result));
	while (read(ends[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged))
		;
	close(ends[0]);
	return acknowledged;
}

/* number_in_state returns the number of the change that the state is at; all of it must be there. */
static uint32_t number_in_state(uint32_t last_filter_id)
{
	char error[512];
	struct state_db *db = state_db_open(rig_state, error, sizeof(error));
	const struct config_vport *vport;
	struct state state;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t number;

	if (!db)
		fail_msg("%s", error);
	if (state_db_is_new(db)) {
		state_db_close(db);
		return 0;
	}
	if (!state_db_load(db, &state))
		fail_msg("%s", state_db_error(db));
	vport = &state.config.vports[1];
	number = vport->flood_limit;
	mac_of(number, mac);
	assert_int_equal(vport->queue_pairs, 1 + number % 100);
	assert_int_equal(vport->filter_count, 1);
	assert_memory_equal(vport->filters[0].mac, mac, VMMQ_MAC_LEN);
	assert_int_equal(state.config.vport_count, 2 + number % 2);
	if (number % 2)
		assert_int_equal(state.config.vports[2].flood_limit, number);
	assert_int_equal(state.last_filter_id, vport->filters[0].id);
	assert_true(state.last_filter_id >= last_filter_id);
	state_fini(&state);
	state_db_close(db);
	return number;
}

static void nothing_acknowledged_is_lost(void **state)
{
	uint32_t number = 0, unacknowledged = 0;

	(void)state;
	for (unsigned i = 0; i < KILLS; i++) {
		uint32_t acknowledged = kill_one(number, i % 4 != 0);

		number = number_in_state(1);
		if (number < acknowledged || number > acknowledged + BATCH_MAX)
			fail_msg("change %u was acknowledged, and the state is at %u", acknowledged, number);
		unacknowledged += number != acknowledged;
	}
	print_message("%u kills, %u changes; %u times the last ones were there and not acknowledged yet\n", KILLS,
		      number, unacknowledged);
	assert_true(number > KILLS);
}

/* The victim's own lock is gone with it, whatever the file says. */
static int start(void **state)
{
	(void)state;
	snprintf(rig_folder, sizeof(rig_folder), "/tmp/vmmq-live-XXXXXX");
	if (!mkdtemp(rig_folder) ||
	    setenv("TMPDIR", rig_folder, 1)) /* what the victims leave of DPDK's start is there */
		return -1;
	snprintf(rig_state, sizeof(rig_state), "%s/state.db", rig_folder);
	random_start();
	return 0;
}

static int end(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", rig_folder);
	return system(command);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_acknowledged_is_lost) };

	if (argc == 2 && strcmp(argv[0], "victim") == 0)
		return victim(argv[1]);
	return cmocka_run_group_tests(tests, start, end);
}
