/* SPDX-License-Identifier: BSD-2-Clause */
/* The race test's run: make everything, let it race for a while, stop the senders, let it drain, count. */
#include <inttypes.h>
#include <rte_mempool.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eal.h"
#include "engine/test_gates.h"
#include "report.h"

#define BUFFERS_MIN 4096u /* of one source; a power of two */
#define MEMORY_MB   256

static int processor_run(void *argument)
{
	struct consumer *consumer = argument;
	struct race *race = consumer->race;
	vmmq_status status = vmmq_processors_run(race->adapter, &race->processor[consumer - race->consumer], 1);

	atomic_fetch_sub_explicit(&race->others_left, 1, memory_order_release); /* T1 */
	return status == VMMQ_SUCCESS ? 0 : 1;
}

static bool adapter_make(struct race *race)
{
	const struct options *options = &race->options;
	struct vmmq_adapter_params params = {
		.name = "race",
		.nic_switch = {
			.processors = race->processor,
			.processor_count = options->processors,
			.max_vports = options->vports + 1,
			.max_queue_pairs_per_vport = options->processors,
			.default_vport_queue_pairs = options->processors,
		},
		.moderation = (enum vmmq_moderation)options->moderation,
		.inbox_size = options->inbox,
		.held_max = options->seed & 4 ? options->inbox : 0,
		.indicate = consumer_indicate,
		.drop = sender_note_drop,
		.context = race,
	};

	for (unsigned i = 0; i < options->processors; i++) {
		race->processor[i].v = (uint16_t)(8 * i + 3); /* not their places, so that a mix-up shows */
		race->place[race->processor[i].v] = (uint8_t)i;
		race->consumer[i].race = race;
		race->consumer[i].random = random_start(options->seed, 100 + i);
	}
	return vmmq_adapter_create(&params, &race->adapter, NULL) == VMMQ_SUCCESS;
}

static bool senders_make(struct race *race)
{
	for (unsigned i = 0; i < race->options.sources; i++) {
		struct sender *sender = &race->sender[i];
		char name[32];

		*sender = (struct sender){
			.race = race,
			.random = random_start(race->options.seed, 200 + i),
			.drops = i < race->options.drop_sources,
			.first_flow = i,
		};
		snprintf(name, sizeof(name), "race%u", i);
		sender->pool = pool_make(name, race->window);
		if (!sender->pool ||
		    vmmq_source_create(race->adapter, sender->drops ? VMMQ_SOURCE_DROP : VMMQ_SOURCE_WAIT,
				       &sender->source, NULL) != VMMQ_SUCCESS)
			return false;
	}
	return true;
}

static bool threads_start(struct race *race)
{
	const struct options *options = &race->options;
	bool started = true;

	race->senders_left = options->sources;
	race->others_left = options->processors + 1;
	for (unsigned i = 0; i < options->processors; i++)
		started &= !eal_run(i, processor_run, &race->consumer[i]);
	started &= !eal_run(options->processors, keeper_run, race);
	for (unsigned i = 0; i < options->sources; i++)
		started &= !eal_run(options->processors + 1 + i, sender_run, &race->sender[i]);
	return started;
}

/* await_threads: DPDK waits too, but where a thread sanitizer cannot see it. */
static void await_threads(atomic_uint *left)
{
	while (atomic_load_explicit(left, memory_order_acquire)) /* pairs with T1 */
		sched_yield();
}

/* settle stops everything in its order; false: packets are stuck. */
static bool settle(struct race *race)
{
	uint64_t deadline = now_ns() + 2ull * STUCK_NS;
	bool idle;

	if (race->options.gates == TEST_GATES_WHOLE_INBOX)
		atomic_store(&vmmq_test_gates, TEST_GATES_ON); /* they may wait for each other by now */
	atomic_store_explicit(&race->stop, true, memory_order_relaxed);
	await_threads(&race->senders_left);
	while (!(idle = vmmq_adapter_idle(race->adapter)) && now_ns() < deadline)
		sched_yield();
	for (unsigned i = 0; idle && i < race->options.sources; i++)
		vmmq_source_destroy(race->sender[i].source);
	vmmq_adapter_stop(race->adapter);
	atomic_store_explicit(&race->stop_keeper, true, memory_order_release);
	await_threads(&race->others_left);
	eal_wait();
	return idle;
}

/* run returns the exit status. */
static int run(struct race *race, struct control *control)
{
	uint64_t started = now_ns();
	struct report report;
	double seconds;
	bool idle;

	if (!threads_start(race)) {
		fprintf(stderr, "vmmq-race: cannot start the threads\n");
		return 1;
	}
	control_run(control, started + (uint64_t)(race->options.seconds * 1e9));
	seconds = (double)(now_ns() - started) / 1e9;
	idle = settle(race);
	report_fill(&report, race);
	if (!idle) {
		printf("stuck: packets or gates have been waiting in inboxes for too long\n");
		report.unbalanced++;
	}
	vmmq_adapter_destroy(race->adapter);
	race->adapter = NULL;
	report_buffers(&report, race);
	if (report.tally.wrong)
		printf("wrong: %s\n", report.tally.first_wrong);
	report_print(&report, control, seconds);
	return report_passed(&report, control) ? 0 : 1;
}

static uint32_t window_of(const struct options *options)
{
	uint32_t window = BUFFERS_MIN;

	while (window < 2 * options->processors * options->inbox)
		window *= 2;
	return window;
}

static bool prepare(struct race *race, struct control *control)
{
	struct options *options = &race->options;
	char error[256];

	if (options->moderation < 0)
		options->moderation = (int)(options->seed % 3);
	atomic_store(&vmmq_test_gates, options->gates);
	strangers_watch(options);
	race->window = window_of(options);
	if (eal_start(options->processors + options->sources + 1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "vmmq-race: %s\n", error);
		return false;
	}
	if (flows_make(race) && adapter_make(race) && control_begin(control, race) && senders_make(race))
		return true;
	fprintf(stderr, "vmmq-race: cannot make adapter, flows or pools\n");
	return false;
}

static void end(struct race *race)
{
	vmmq_adapter_destroy(race->adapter);
	for (unsigned i = 0; i < SOURCES_MAX; i++)
		rte_mempool_free(race->sender[i].pool);
	flows_free(race);
}

int main(int argc, char *argv[])
{
	struct race *race = aligned_alloc(64, sizeof(*race));
	struct control *control = calloc(1, sizeof(*control));
	int status = 2;

	if (!race || !control)
		return 1;
	memset((void *)race, 0, sizeof(*race));
	if (options_parse(argc, argv, &race->options))
		status = race->options.help ? 0 : prepare(race, control) ? run(race, control) : 1;
	end(race);
	free(control->effective_us);
	free(control);
	free(race);
	return status;
}
