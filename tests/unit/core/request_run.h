/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run of random requests: every answer and the whole state are compared with the model after each one.
 * VMMQ_TEST_SEED=N repeats a run, VMMQ_TEST_REQUESTS=N sets its length.
 */
#ifndef VMMQ_UNIT_CORE_REQUEST_RUN_H
#define VMMQ_UNIT_CORE_REQUEST_RUN_H

#include "unit/core/request_state.h"

static inline void step(void)
{
	static void (*const request[])(void) = {
		do_create, do_create,     do_set,        do_set,          do_v1,          do_v1,
		do_v2,     do_v2,         do_v2,         do_move,         do_move,        do_move,
		do_hash,   do_filter_set, do_filter_set, do_filter_clear, do_filter_move, do_rare,
	};
	static struct model was;
	const struct vmmq_view *view = vmmq_nic_switch_view(nic);

	was = model;
	request[random_below(sizeof(request) / sizeof(request[0]))]();
	same_state();
	if (in_group || memcmp(&was, &model, sizeof(was)) == 0)
		assert_ptr_equal(vmmq_nic_switch_view(nic), view);
	if (!in_group)
		target->between();
}

/* A group of the switch: requests in it are seen by the next ones, and by packets when it is committed. */
static inline unsigned group(void)
{
	static struct model before;
	unsigned count = random_below(10);

	before = model;
	vmmq_nic_switch_begin(nic);
	in_group = true;
	for (unsigned i = 0; i < count; i++)
		step();
	in_group = false;
	if (random_one_in(3)) {
		vmmq_nic_switch_abort(nic);
		model = before;
	} else {
		vmmq_status want = VMMQ_SUCCESS;

		RULE(asymmetric(), INVALID_PARAMETER);
		if (!answers(COMMIT, want, vmmq_nic_switch_commit(nic, NULL)))
			model = before;
	}
	same_state();
	target->between();
	return count;
}

static inline void start(void)
{
	limits = (struct vmmq_nic_switch_params){
		.processors = hardware,
		.processor_count = HARDWARE,
		.max_vports = MAX_VPORTS,
		.max_queue_pairs = 12 + random_below(10),
		.max_queue_pairs_per_vport = 4 + random_below(3),
		.max_filters = FILTERS - random_below(4),
		.default_vport_queue_pairs = 1 + random_below(3),
		.symmetric = random_one_in(3),
	};
	binary = target->binary;
	memset(&model, 0, sizeof(model));
	for (unsigned i = 0; i < HARDWARE; i++)
		model.in_set[hardware[i].v] = true;
	model.next_filter_id = 1;
	model.vport[0] = (struct model_vport){ .exists = true,
					       .activated = true,
					       .name = "default",
					       .pairs = limits.default_vport_queue_pairs,
					       .types = 0xd700,
					       .entries = 1,
					       .affinity = { 0, 1 } };
	memcpy(model.vport[0].key, vmmq_verification_key, VMMQ_KEY_LEN);
	nic = target->start();
}

static inline void expect_met(enum request request, size_t count, const vmmq_status status[])
{
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (unsigned j = 0; j < 16; j++)
			found |= met[request][j].count && met[request][j].status == status[i];
		if (!found)
			fail_msg("no %s was answered with %s", names[request], vmmq_status_name(status[i]));
	}
}

/* Every answer that a request can give was given: otherwise the run shows less than it claims. */
static inline void expect_all_met(void)
{
#define MET(request, ...)                                                                                            \
	do {                                                                                                         \
		const vmmq_status status[] = { VMMQ_SUCCESS, __VA_ARGS__ };                                          \
		expect_met(request, sizeof(status) / sizeof(status[0]), status);                                     \
	} while (0)
	MET(CREATE, VMMQ_INVALID_PARAMETER, VMMQ_NOT_SUPPORTED, VMMQ_INVALID_DATA, VMMQ_RESOURCES);
	MET(SET, VMMQ_INVALID_PARAMETER, VMMQ_NOT_SUPPORTED, VMMQ_INVALID_DATA, VMMQ_NO_QUEUES, VMMQ_RESOURCES);
	MET(V1, VMMQ_INVALID_LENGTH, VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER, VMMQ_INVALID_OID, VMMQ_INVALID_DATA,
	    VMMQ_NO_QUEUES);
	MET(V2, VMMQ_INVALID_LENGTH, VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER, VMMQ_INVALID_OID, VMMQ_INVALID_DATA,
	    VMMQ_NO_QUEUES, VMMQ_RESOURCES);
	MET(HASH, VMMQ_INVALID_LENGTH, VMMQ_INVALID_PORT, VMMQ_INVALID_PARAMETER, VMMQ_INVALID_OID);
	MET(MOVE, VMMQ_INVALID_PARAMETER, VMMQ_INVALID_PORT, VMMQ_INVALID_PORT_STATE, VMMQ_NOT_ACCEPTED,
	    VMMQ_INVALID_DATA, VMMQ_NO_QUEUES);
	MET(DELETE, VMMQ_INVALID_PARAMETER, VMMQ_FAILURE);
	MET(FILTER_SET, VMMQ_INVALID_PARAMETER, VMMQ_RESOURCES);
	MET(FILTER_CLEAR, VMMQ_FILE_NOT_FOUND);
	MET(FILTER_MOVE, VMMQ_INVALID_PARAMETER);
	MET(SET_PROCESSORS, VMMQ_INVALID_DATA);
	if (target->groups)
		MET(COMMIT, VMMQ_INVALID_PARAMETER);
#undef MET
}

static inline void report(void)
{
	for (unsigned request = 0; request < REQUESTS; request++) {
		print_message("%s:", names[request]);
		for (unsigned i = 0; met[request][i].count; i++)
			print_message(" %s %u", vmmq_status_name(met[request][i].status), met[request][i].count);
		print_message("\n");
	}
}

#ifdef __SANITIZE_ADDRESS__
#define REQUESTS_SHARE 4 /* of those that are made without it, which takes a fifth of the time */
#else
#define REQUESTS_SHARE 1
#endif

/* request_run is a whole test; enough: so many requests have given every answer. */
static inline void request_run(const struct request_target *of, unsigned long enough)
{
	const char *wanted = getenv("VMMQ_TEST_REQUESTS");
	unsigned long total = wanted ? strtoul(wanted, NULL, 0) : of->requests / REQUESTS_SHARE, count = 0;

	target = of;
	random_start();
	while (count < total) {
		unsigned long end = count + target->switches < total ? count + target->switches : total;

		start();
		while (count < end) {
			if (target->groups && random_one_in(8)) {
				count += group();
			} else {
				step();
				count++;
			}
		}
		target->stop();
	}
	report();
	if (total >= enough)
		expect_all_met();
}

#endif
