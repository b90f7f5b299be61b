/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run: read a burst of the capture -> mbufs -> vmmq_receive() -> (processors) -> output in order.  The main thread is
 * the source and the writer; it waits where an inbox is full, so nothing is dropped and the result depends on capture
 * and configuration alone.
 */
#include <rte_mbuf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/terminal.h"
#include "config/build_switch.h"
#include "engine/eal.h"
#include "ports/capture_read.h"
#include "vmmq/replay/replay.h"

#define BURST               32
#define POOL_SIZE           16384u /* mbufs; a power of two, and the output window: each packet in flight has one */
#define MEMORY_MB           128
#define THREADS_DEFAULT_MAX 32u
#define PROGRESS_NS         200000000u

/* A thread's share of the processors. */
struct worker {
	struct vmmq_adapter *adapter;
	struct vmmq_processor *processor;
	unsigned count;
};

/* replay_on_indicate is the consumer, on the processor's thread. */
static void replay_on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct replay_run *run = context;

	if (run->transmit) {
		replay_transmit_indicated(run, indication);
		return;
	}
	if (!replay_output_wanted(run->output)) {
		vmmq_return_packets(run->adapter, indication->packet, indication->count);
		return;
	}
	for (unsigned i = 0; i < indication->count; i++) {
		replay_packet(indication->packet[i])->processor = indication->processor;
		replay_output_put(run->output, indication->packet[i]);
	}
}

static void replay_on_drop(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct replay_run *run = context;
	const struct replay_packet *about = replay_packet(packet);

	(void)vport;
	if (replay_output_wanted(run->output))
		replay_output_put_drop(run->output, about->sequence, about->number, reason);
}

static int run_worker(void *argument)
{
	struct worker *worker = argument;

	return vmmq_processors_run(worker->adapter, worker->processor, worker->count) == VMMQ_SUCCESS ? 0 : -1;
}

static void replay_progress(struct replay_run *run, bool last)
{
	uint64_t now = now_ns();
	double seconds = (double)(now - run->started) / 1e9;
	double share = capture_read_progress(run->capture);
	char percent[16] = "";

	if (!terminal_is_interactive(stderr) || (!last && now < run->progress_at))
		return;
	run->progress_at = now + PROGRESS_NS;
	if (last) {
		fprintf(stderr, "\r\033[K");
		return;
	}
	if (share >= 0)
		snprintf(percent, sizeof(percent), "%3.0f %%  ", 100 * (run->pass + share) / run->options->repeat);
	fprintf(stderr, "\r\033[K%s%llu packets  %.2f Mpps", percent, (unsigned long long)run->counts->packets,
		(double)run->counts->packets / seconds / 1e6);
	fflush(stderr);
}

/* pump lets the rest of the machine get on: writes what has come back, or gives up the CPU. */
void replay_pump(struct replay_run *run)
{
	if (!replay_output_drain(run->output, run->adapter))
		sched_yield();
	replay_progress(run, false);
}

static struct rte_mbuf *packet_make(struct replay_run *run, const struct capture_packet *packet)
{
	struct replay_counts *counts = &run->result->capture;
	struct rte_mbuf *mbuf;

	while (!replay_output_room(run->output, counts->packets) ||
	       !(mbuf = replay_packet_make(run->pool, packet, counts->packets)))
		replay_pump(run);
	replay_count(counts, packet);
	return mbuf;
}

static void receive_all(struct replay_run *run, struct rte_mbuf *mbuf[], unsigned count)
{
	unsigned done = 0;

	while (done < count) {
		done += vmmq_receive(run->source, mbuf + done, count - done);
		replay_pump(run);
	}
}

/* receive_pass feeds the whole capture once. */
static enum capture_status receive_pass(struct replay_run *run)
{
	struct rte_mbuf *burst[BURST];
	enum capture_status status = CAPTURE_PACKET;

	while (status == CAPTURE_PACKET && !replay_output_failed(run->output)) {
		unsigned n = 0;

		while (n < BURST) {
			struct capture_packet packet;

			status = capture_read_next(run->capture, &packet);
			if (status != CAPTURE_PACKET)
				break;
			burst[n++] = packet_make(run, &packet);
			if (packet.len > REPLAY_DATA_ROOM)
				break; /* long packets go by themselves, so that a burst of them cannot hold all mbufs */
		}
		receive_all(run, burst, n);
	}
	return status;
}

static bool capture_open(struct replay_run *run, const char *path, struct capture_read **capture)
{
	*capture = capture_read_open(path, run->result->error, sizeof(run->result->error));
	return *capture;
}

bool replay_passes(struct replay_run *run, const char *path, enum capture_status (*pass)(struct replay_run *run))
{
	for (run->pass = 0; run->pass < run->options->repeat; run->pass++) {
		enum capture_status status;

		if (run->pass) {
			capture_read_close(run->capture);
			if (!capture_open(run, path, &run->capture))
				return false;
		}
		status = pass(run);
		replay_count_skipped(run->counts, run->capture);
		if (status == CAPTURE_ERROR)
			snprintf(run->result->error, sizeof(run->result->error), "%s",
				 capture_read_error(run->capture));
		if (status != CAPTURE_END)
			return false;
	}
	return true;
}

/* replay_settle waits until everything received is indicated and written. */
static void replay_settle(struct replay_run *run)
{
	while (!vmmq_adapter_idle(run->adapter))
		replay_pump(run);
	while (replay_output_drain(run->output, run->adapter))
		;
}

static unsigned thread_count(const struct replay_options *options, const struct vmmq_config *config)
{
	unsigned wanted = options->threads ? options->threads : THREADS_DEFAULT_MAX;

	return config->processor_count < wanted ? (unsigned)config->processor_count : wanted;
}

/* start_workers deals the processors out to the threads, round robin. */
static bool start_workers(struct replay_run *run, const struct vmmq_config *config, struct worker *worker,
			  struct vmmq_processor *dealt, unsigned threads)
{
	unsigned at = 0;

	for (unsigned t = 0; t < threads; t++) {
		worker[t] = (struct worker){ .adapter = run->adapter, .processor = dealt + at };
		for (size_t i = t; i < config->processor_count; i += threads)
			dealt[at++] = config->processors[i];
		worker[t].count = (unsigned)(dealt + at - worker[t].processor);
		if (eal_run(t, run_worker, &worker[t]))
			return false;
	}
	return true;
}

static bool replay_receive(struct replay_run *run)
{
	bool complete;

	run->started = now_ns();
	run->counts = &run->result->capture;
	complete = replay_passes(run, run->options->capture_path, receive_pass);
	replay_settle(run);
	run->result->duration_ns = now_ns() - run->started;
	if (run->capture)
		replay_progress(run, true);
	return complete;
}

static bool replay_transmit_capture(struct replay_run *run, const struct vmmq_config *config)
{
	bool complete;

	if (run->capture)
		capture_read_close(run->capture);
	run->capture = run->sent_capture;
	run->sent_capture = NULL;
	run->started = now_ns();
	complete = replay_transmit_run(run, config);
	run->result->sent.duration_ns = now_ns() - run->started;
	if (run->capture)
		replay_progress(run, true);
	return complete;
}

static bool replay_both(struct replay_run *run, const struct vmmq_config *config)
{
	unsigned threads = run->result->threads;
	struct worker *worker = calloc(threads, sizeof(*worker));
	struct vmmq_processor *dealt = calloc(config->processor_count, sizeof(*dealt));
	bool complete = false;

	if (worker && dealt && start_workers(run, config, worker, dealt, threads)) {
		complete = !run->options->capture_path || replay_receive(run);
		complete = complete && (!run->options->transmit_path || replay_transmit_capture(run, config));
	} else {
		snprintf(run->result->error, sizeof(run->result->error), "cannot start %u threads", threads);
	}
	vmmq_adapter_stop(run->adapter);
	eal_wait();
	free(worker);
	free(dealt);
	return complete;
}

/* adapter_make returns the adapter, configured, with its one source. */
static bool adapter_make(struct replay_run *run, const struct vmmq_config *config)
{
	struct vmmq_adapter_params params = {
		.name = config->adapter_name,
		.nic_switch = switch_params_from_config(config),
		.moderation = (enum vmmq_moderation)config->moderation,
		.indicate = replay_on_indicate,
		.drop = replay_on_drop,
		.context = run,
	};
	struct vmmq_why why = { 0 };
	vmmq_status status;

	if (run->options->transmit_path && !replay_transmit_prepare(run, &params)) {
		snprintf(run->result->error, sizeof(run->result->error), "out of memory");
		return false;
	}
	params.nic_switch.toeplitz = run->options->toeplitz;
	params.nic_switch.strip_all_tags = run->options->strip_all_tags;
	status = vmmq_adapter_create(&params, &run->adapter, &why);
	if (status == VMMQ_SUCCESS)
		status = switch_fill_from_config(vmmq_adapter_switch(run->adapter), config, &why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_adapter_apply(run->adapter, false, UINT64_MAX, NULL);
	if (status == VMMQ_SUCCESS)
		status = vmmq_source_create(run->adapter, VMMQ_SOURCE_WAIT, &run->source, &why);
	if (status != VMMQ_SUCCESS)
		snprintf(run->result->error, sizeof(run->result->error), "%s: %s%s%s (%s)", run->options->config_path,
			 why.path, *why.path ? ": " : "", why.text, vmmq_status_name(status));
	return status == VMMQ_SUCCESS;
}

static bool replay_prepare(struct replay_run *run, const struct vmmq_config *config)
{
	struct replay_result *result = run->result;

	result->threads = thread_count(run->options, config);
	if ((run->options->capture_path && !capture_open(run, run->options->capture_path, &run->capture)) ||
	    (run->options->transmit_path && !capture_open(run, run->options->transmit_path, &run->sent_capture)) ||
	    eal_start(result->threads, MEMORY_MB, result->error, sizeof(result->error)))
		return false;
	run->pool = replay_pool_make("replay", POOL_SIZE - 1, sizeof(struct replay_packet), REPLAY_DATA_ROOM);
	if (!run->pool) {
		snprintf(result->error, sizeof(result->error), "no memory for %u packets", POOL_SIZE);
		return false;
	}
	run->output = replay_output_create(run->options, config, POOL_SIZE, result->error, sizeof(result->error));
	return run->output && adapter_make(run, config);
}

/* explain_cut says which packets were steered without all of their headers; false: there are none. */
static bool explain_cut(const char *path, const struct replay_counts *counts, struct replay_result *result)
{
	if (!counts->cut)
		return false;
	snprintf(result->error, sizeof(result->error),
		 "%s: the snap length cut the headers of %llu packets, the first is packet %llu: they are steered as "
		 "they stand, without what is missing; capture with a snap length of 512 bytes or more",
		 path, (unsigned long long)counts->cut, (unsigned long long)counts->first_cut);
	return true;
}

int replay_run(const struct replay_options *options, const struct vmmq_config *config, struct vmmq_adapter **adapter,
	       struct replay_result *result)
{
	struct replay_run run = { .options = options, .result = result };
	bool ran = replay_prepare(&run, config), cut = false;

	if (ran)
		result->complete = replay_both(&run, config);
	if (run.output)
		result->complete =
		    replay_output_end(run.output, result->complete, result->error, sizeof(result->error)) &&
		    result->complete;
	if (run.capture)
		capture_read_close(run.capture);
	if (run.sent_capture)
		capture_read_close(run.sent_capture);
	if (result->complete)
		cut = explain_cut(options->capture_path, &result->capture, result) ||
		      explain_cut(options->transmit_path, &result->sent.capture, result);
	*adapter = ran ? run.adapter : NULL;
	if (!ran)
		vmmq_adapter_destroy(run.adapter);
	return result->complete && !cut ? COMMAND_DONE : COMMAND_REFUSED;
}

void replay_end(struct vmmq_adapter *adapter)
{
	vmmq_adapter_destroy(adapter);
	eal_stop();
}
