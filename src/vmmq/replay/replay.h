/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmmq replay: a capture through the adapter.
 *   replay_run     the main thread reads the capture and is the adapter's one source; processors run on EAL threads
 *   replay_output  takes indicated and dropped packets back into capture order and writes records and pcapng
 *   replay_transmit  a capture that a VPort sends, batch by batch
 *   replay_packet  captured packets as mbufs
 *   replay_report  what the run came to, for people and for programs
 */
#ifndef VMMQ_VMMQ_REPLAY_REPLAY_H
#define VMMQ_VMMQ_REPLAY_REPLAY_H

#include <vmmq/adapter.h>

#include "config/config_model.h"
#include "ports/capture_read.h"

struct rte_mbuf;
struct rte_mempool;

struct replay_options {
	const char *config_path;
	const char *capture_path;  /* NULL: nothing is received */
	const char *transmit_path; /* NULL: nothing is sent */
	struct vmmq_vport_id transmit_vport;
	bool transmit_hash;       /* packets are sent with the hash of their connection's receive direction */
	const char *pcapng_path;  /* NULL: none */
	const char *records_path; /* NULL: none */
	unsigned threads;         /* 0: one per processor, up to what is sensible here */
	unsigned repeat;
	bool json;
	bool strip_all_tags; /* of the adapter that is made (vmmq/nic_switch.h) */
	enum vmmq_toeplitz_impl toeplitz;
};

/*
 * replay_files_differ: false with a sentence in error when an output would overwrite an input; replay_streams_differ: when two would
 * write to one stream.  They open nothing.  replay_writes_standard_output: one of the outputs is there, so that no report can be.
 */
bool replay_writes_standard_output(const struct replay_options *options);
bool replay_streams_differ(const struct replay_options *options, char *error, size_t error_len);
bool replay_files_differ(const struct replay_options *options, char *error, size_t error_len);

/* What travels with a packet in its mbuf's private area. */
struct replay_packet {
	uint64_t sequence; /* from 0, over all repetitions */
	uint64_t number;   /* from 1, in the capture */
	uint64_t time_ns;
	uint32_t wire_len;
	uint16_t made; /* bytes at its end that the capture does not have (vmmq/input/cut_frame.h) */
	struct vmmq_processor processor; /* that indicated it; the consumer fills it */
};
struct replay_packet *replay_packet(struct rte_mbuf *packet);

#define REPLAY_DATA_ROOM 2176 /* bytes in an mbuf; longer packets take several */

/* replay_pool_make makes a pool of mbufs for more threads than CPUs; NULL: memory. */
struct rte_mempool *replay_pool_make(const char *name, unsigned count, size_t private_len, uint16_t data_room);

/* replay_packet_make copies a captured packet into an mbuf, or a chain of them; NULL: the pool is empty. */
struct rte_mbuf *replay_packet_make(struct rte_mempool *pool, const struct capture_packet *packet, uint64_t sequence);

/* What was read of a capture, over all repetitions. */
struct replay_counts {
	uint64_t packets;
	uint64_t bytes;
	uint64_t cut;                                        /* packets whose headers the snap length cut */
	uint64_t first_cut;                                  /* the first of them, from 1 */
	struct capture_skipped skipped[CAPTURE_SKIPPED_MAX]; /* not Ethernet, by link type */
	unsigned skipped_count;
};
/* replay_count counts what was read; replay_count_skipped what the reader has passed over, when it is done. */
void replay_count(struct replay_counts *counts, const struct capture_packet *packet);
void replay_count_skipped(struct replay_counts *counts, const struct capture_read *capture);

#define REPLAY_STATUSES_MAX 8

/* What was sent.  Completions by processor are the adapter's counters. */
struct replay_sent {
	struct replay_counts capture;
	const struct config_vport *vport; /* whose table was used */
	bool known;                       /* the sending VPort is in the configuration */
	uint64_t hashed;                  /* packets sent with a hash */
	uint64_t uplink;                  /* taken by the uplink */
	uint64_t copies;                  /* to VPorts here */
	uint64_t via[VMMQ_VIA_COUNT];
	uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
	struct {
		vmmq_status status;
		uint64_t count; /* 0: the end */
	} status[REPLAY_STATUSES_MAX];
	uint64_t duration_ns;
};

struct replay_result {
	bool complete;   /* the captures were read to their ends and all outputs are written */
	char error[640]; /* why not; or what is wrong with a complete run (snap length), or "" */
	struct replay_counts capture;
	uint64_t duration_ns; /* of receiving */
	struct replay_sent sent;
	unsigned threads;
};

/*
 * replay_run runs the captures through an adapter made from config.  On return *adapter, not NULL unless nothing could be
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

/*
 * replay_output_packet writes an indicated packet now, replay_output_completion the record of a send: for who keeps the order
 * by himself, while nothing is in the window.  Main thread.
 */
void replay_output_packet(struct replay_output *output, struct rte_mbuf *packet);
void replay_output_completion(struct replay_output *output, struct rte_mbuf *packet,
			      const struct vmmq_send_complete *complete, struct vmmq_processor completed_on);

/* What the halves of a run share. */
struct replay_transmit;
struct replay_run {
	const struct replay_options *options;
	struct replay_result *result;
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	struct replay_output *output;
	struct rte_mempool *pool;
	struct capture_read *capture;      /* that is read now */
	struct capture_read *sent_capture; /* that is to be sent, until its turn comes */
	struct replay_counts *counts;      /* of the capture that is read now */
	struct replay_transmit *transmit;  /* NULL while receiving */
	unsigned pass;
	uint64_t started;
	uint64_t progress_at;
};

/* replay_passes reads a capture options->repeat times; false, with result->error set, when it or an output breaks. */
bool replay_passes(struct replay_run *run, const char *path, enum capture_status (*pass)(struct replay_run *run));
/* replay_pump lets the rest of the machine get on: writes what has come back, or gives up the CPU. */
void replay_pump(struct replay_run *run);

/* replay_transmit_prepare adds to params what sending needs; false: memory.  replay_transmit_run sends the capture. */
bool replay_transmit_prepare(struct replay_run *run, struct vmmq_adapter_params *params);
bool replay_transmit_run(struct replay_run *run, const struct vmmq_config *config);
/* replay_transmit_indicated takes what is indicated while a capture is sent: copies of its packets.  Any processor. */
void replay_transmit_indicated(struct replay_run *run, const struct vmmq_indication *indication);

#endif
