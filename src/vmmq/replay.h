/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmmq replay: a capture through the adapter.
 *   replay_run     the main thread reads the capture and is the adapter's one source; processors run on EAL threads
 *   replay_output  takes indicated and dropped packets back into capture order and writes records and pcapng
 *   replay_report  what the run came to, for people and for programs
 */
#ifndef VMMQ_REPLAY_H
#define VMMQ_REPLAY_H

#include <vmmq/adapter.h>

#include "control/model.h"

struct rte_mbuf;

struct replay_options {
	const char *config_path;
	const char *capture_path;
	const char *pcapng_path;  /* NULL: none */
	const char *records_path; /* NULL: none */
	unsigned threads;         /* 0: one per processor, up to what is sensible here */
	unsigned repeat;
	bool json;
	enum vmmq_toeplitz_impl toeplitz;
};

/* What travels with a packet in its mbuf's private area. */
struct replay_packet {
	uint64_t sequence; /* from 0, over all repetitions */
	uint64_t number;   /* from 1, in the capture */
	uint64_t time_ns;
	uint32_t wire_len;
	struct vmmq_processor processor; /* that indicated it; the consumer fills it */
};
struct replay_packet *replay_packet(struct rte_mbuf *packet);

struct replay_result {
	bool complete;      /* the capture was read to its end and all outputs are written */
	char error[640];    /* why not; or what is wrong with a complete run (snap length), or "" */
	uint64_t packets;   /* read from the capture, all repetitions */
	uint64_t bytes;
	uint64_t cut;       /* packets whose headers the snap length cut */
	uint64_t first_cut; /* the first of them, from 1 */
	uint64_t duration_ns;
	unsigned threads;
};

/*
 * replay_run runs the capture through an adapter made from config.  On return *adapter, not NULL unless nothing could be
 * started, has the counters and is the caller's, for replay_end().  Returns enum command_exit.
 */
int replay_run(const struct replay_options *options, const struct vmmq_config *config, struct vmmq_adapter **adapter,
	       struct replay_result *result);
void replay_end(struct vmmq_adapter *adapter);

/* replay_report prints the result on standard output. */
void replay_report(const struct replay_options *options, const struct vmmq_config *config,
		   const struct vmmq_adapter *adapter, const struct replay_result *result);

/* Output in capture order. */
struct replay_output;

/* replay_output_create opens the outputs that options name; NULL with a message in error.  window: packets in flight at most. */
struct replay_output *replay_output_create(const struct replay_options *options, const struct vmmq_config *config,
					   unsigned window, char *error, size_t error_len);
/* replay_output_wanted: there is something to write, so packets must come back through replay_output_put(). */
bool replay_output_wanted(const struct replay_output *output);
/* replay_output_put hands over an indicated packet (any thread), replay_output_put_drop a dropped one (main thread). */
void replay_output_put(struct replay_output *output, struct rte_mbuf *packet);
void replay_output_put_drop(struct replay_output *output, uint64_t sequence, uint64_t number, enum vmmq_drop reason);
/* replay_output_room tells whether sequence fits into the window now. */
bool replay_output_room(const struct replay_output *output, uint64_t sequence);
/* replay_output_drain writes what is next in order and gives packets back to the adapter.  Main thread.  Returns how many. */
unsigned replay_output_drain(struct replay_output *output, struct vmmq_adapter *adapter);
bool replay_output_failed(const struct replay_output *output);
/*
 * replay_output_end finishes the outputs, or abandons them when complete is false; frees.  Returns false with a message
 * when they could not be finished; *partial names what is left behind.
 */
bool replay_output_end(struct replay_output *output, bool complete, char *error, size_t error_len);

#endif
