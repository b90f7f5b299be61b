/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets come back from the processors in any order and leave in the capture's: each has a place in a window by its
 * sequence number, and the main thread writes from the window's front.  So the files depend on capture and
 * configuration alone, and memory does not grow.
 */
#include <rte_mbuf.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire_format.h"
#include "ports/output_file.h"
#include "ports/pcapng_write.h"
#include "vmmq/replay/replay.h"

#define DROP_BIT ((uintptr_t)1)

/* An indicated packet, or a dropped one's reason and number. */
struct place {
	_Atomic uintptr_t state; /* O1: 0 empty; an mbuf; or reason << 1 | DROP_BIT */
	uint64_t number;
};

struct replay_output {
	struct output_file *records;
	struct output_file *pcapng_file;
	struct pcapng_write *pcapng;
	uint32_t *interface_of; /* by VPort id */
	struct place *place;
	uint64_t mask;
	uint64_t next; /* sequence number that is written next */
};

static bool open_pcapng(struct replay_output *output, const char *path, const struct vmmq_config *config, char *error,
			size_t error_len)
{
	uint16_t highest = config->vports[config->vport_count - 1].id.v;

	output->pcapng_file = output_file_open(path, error, error_len);
	if (!output->pcapng_file)
		return false;
	output->pcapng = pcapng_write_create(output->pcapng_file, NULL);
	output->interface_of = calloc(highest + 1u, sizeof(*output->interface_of));
	if (!output->pcapng || !output->interface_of) {
		snprintf(error, error_len, "out of memory");
		return false;
	}
	for (size_t i = 0; i < config->vport_count; i++) {
		char description[32];

		snprintf(description, sizeof(description), "VPort %u", (unsigned)config->vports[i].id.v);
		output->interface_of[config->vports[i].id.v] =
		    pcapng_write_interface(output->pcapng, config->vports[i].name, description);
	}
	return true;
}

static void close_all(struct replay_output *output)
{
	if (output->pcapng)
		pcapng_write_destroy(output->pcapng);
	free(output->interface_of);
	free(output->place);
	free(output);
}

struct replay_output *replay_output_create(const struct replay_options *options, const struct vmmq_config *config,
					   unsigned window, char *error, size_t error_len)
{
	struct replay_output *output = calloc(1, sizeof(*output));
	char partial[8];

	if (!output) {
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	output->mask = window - 1;
	output->place = calloc(window, sizeof(*output->place));
	if (!output->place)
		snprintf(error, error_len, "out of memory");
	else if ((!options->records_path ||
		  (output->records = output_file_open(options->records_path, error, error_len))) &&
		 (!options->pcapng_path || open_pcapng(output, options->pcapng_path, config, error, error_len)))
		return output;
	if (output->records)
		output_file_abandon(output->records, partial, sizeof(partial));
	if (output->pcapng_file)
		output_file_abandon(output->pcapng_file, partial, sizeof(partial));
	close_all(output);
	return NULL;
}

bool replay_output_wanted(const struct replay_output *output)
{
	return output->records || output->pcapng;
}

void replay_output_put(struct replay_output *output, struct rte_mbuf *packet)
{
	struct place *place = &output->place[replay_packet(packet)->sequence & output->mask];

	atomic_store_explicit(&place->state, (uintptr_t)packet, memory_order_release); /* O1 */
}

void replay_output_put_drop(struct replay_output *output, uint64_t sequence, uint64_t number, enum vmmq_drop reason)
{
	struct place *place = &output->place[sequence & output->mask];

	place->number = number;
	atomic_store_explicit(&place->state, (uintptr_t)reason << 1 | DROP_BIT, memory_order_release); /* O1 */
}

bool replay_output_room(const struct replay_output *output, uint64_t sequence)
{
	return !replay_output_wanted(output) || sequence - output->next <= output->mask;
}

static void write_drop_record(struct output_file *records, uint64_t number, enum vmmq_drop reason)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "{\"packet\":%llu,\"drop\":\"%s\"}\n", (unsigned long long)number,
			   vmmq_drop_name(reason));

	output_file_write(records, line, (size_t)len);
}

static void write_record(struct output_file *records, const struct replay_packet *packet, const struct vmmq_oob *oob)
{
	char line[256], vlan[8] = "null", hash[96] = "\"hash_type\":null,\"hash\":null,\"entry\":null";
	int len;

	if (oob->stripped)
		snprintf(vlan, sizeof(vlan), "%u", oob->tci & 0x0fffu);
	if (oob->hash_type)
		snprintf(hash, sizeof(hash), "\"hash_type\":\"%s\",\"hash\":\"0x%08x\",\"entry\":%u%s",
			 vmmq_hash_type_name(oob->hash_type), oob->hash, (unsigned)oob->entry,
			 oob->inner ? ",\"inner\":true" : "");
	len = snprintf(line, sizeof(line),
		       "{\"packet\":%llu,\"vport\":%u,\"vlan\":%s,%s,\"processor\":%u,\"via\":\"%s\"}\n",
		       (unsigned long long)packet->number, (unsigned)oob->vport.v, vlan, hash,
		       (unsigned)packet->processor.v, vmmq_via_name(oob->via));
	output_file_write(records, line, (size_t)len);
}

#define SEGMENTS_MAX 256

/* write_pcapng writes the frame as it was indicated, a stripped tag put in words: it is not in the frame any more. */
static void write_pcapng(struct replay_output *output, struct rte_mbuf *mbuf, const struct vmmq_oob *oob)
{
	const struct replay_packet *packet = replay_packet(mbuf);
	struct pcapng_segment segment[SEGMENTS_MAX];
	unsigned count = 0;
	char comment[128];
	int at;

	rte_pktmbuf_trim(mbuf, packet->made); /* a packet of one segment, where there is anything to trim */
	for (struct rte_mbuf *m = mbuf; m && count < SEGMENTS_MAX; m = m->next)
		segment[count++] =
		    (struct pcapng_segment){ rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m) };
	at = oob->hash_type ? snprintf(comment, sizeof(comment), "%s%s hash 0x%08x entry %u via table",
				       oob->inner ? "inner " : "", vmmq_hash_type_name(oob->hash_type), oob->hash,
				       (unsigned)oob->entry)
			    : snprintf(comment, sizeof(comment), "no hash, via %s", vmmq_via_name(oob->via));
	if (oob->stripped)
		snprintf(comment + at, sizeof(comment) - (size_t)at, ", %svlan %u stripped",
			 oob->tpid == ETHERTYPE_DOT1AD ? "802.1ad " : "", oob->tci & 0x0fffu);
	pcapng_write_packet(output->pcapng,
			    &(struct pcapng_packet){
				.interface_id = output->interface_of[oob->vport.v],
				.time_ns = packet->time_ns,
				.len = rte_pktmbuf_pkt_len(mbuf),
				.wire_len = packet->wire_len - (oob->stripped ? 4 : 0),
				.queue = packet->processor.v,
				.hashed = oob->hash_type,
				.hash = oob->hash,
				.comment = comment,
			    },
			    segment, count);
}

void replay_output_packet(struct replay_output *output, struct rte_mbuf *mbuf)
{
	struct vmmq_oob oob;

	vmmq_oob_get(mbuf, &oob);
	if (output->records)
		write_record(output->records, replay_packet(mbuf), &oob);
	if (output->pcapng)
		write_pcapng(output, mbuf, &oob);
}

void replay_output_completion(struct replay_output *output, struct rte_mbuf *packet,
			      const struct vmmq_send_complete *complete, struct vmmq_processor completed_on)
{
	char line[192], hash[16] = "null", entry[8] = "null";
	int len;

	if (!output->records)
		return;
	if (complete->hash_function)
		snprintf(hash, sizeof(hash), "\"0x%08x\"", complete->hash);
	if (complete->entry != VMMQ_NO_ENTRY)
		snprintf(entry, sizeof(entry), "%u", (unsigned)complete->entry);
	len = snprintf(line, sizeof(line),
		       "{\"packet\":%llu,\"vport\":%u,\"hash\":%s,\"entry\":%s,\"complete_on\":%u,\"via\":\"%s\"}\n",
		       (unsigned long long)replay_packet(packet)->number, (unsigned)complete->vport.v, hash, entry,
		       (unsigned)completed_on.v, vmmq_via_name(complete->via));
	output_file_write(output->records, line, (size_t)len);
}

unsigned replay_output_drain(struct replay_output *output, struct vmmq_adapter *adapter)
{
	unsigned n = 0;

	for (;; n++) {
		struct place *place = &output->place[output->next & output->mask];
		uintptr_t state = atomic_load_explicit(&place->state, memory_order_acquire); /* pairs with O1 */
		struct rte_mbuf *mbuf = (struct rte_mbuf *)state;

		if (!state)
			return n;
		if (state & DROP_BIT) {
			if (output->records)
				write_drop_record(output->records, place->number, (enum vmmq_drop)(state >> 1));
		} else {
			replay_output_packet(output, mbuf);
			vmmq_return_packets(adapter, &mbuf, 1);
		}
		atomic_store_explicit(&place->state, 0, memory_order_relaxed);
		output->next++;
	}
}

bool replay_output_failed(const struct replay_output *output)
{
	return (output->records && output_file_failed(output->records)) ||
	       (output->pcapng_file && output_file_failed(output->pcapng_file));
}

/* end_file finishes or abandons one file and adds what there is to say to error. */
static bool end_file(struct output_file *file, bool complete, char *error, size_t error_len)
{
	size_t at = strlen(error);
	char message[320] = "", partial[256] = "";

	if (!file)
		return true;
	if (complete && output_file_finish(file, message, sizeof(message)) == 0)
		return true;
	if (!complete) {
		output_file_abandon(file, partial, sizeof(partial));
		if (*partial)
			snprintf(message, sizeof(message), "what was written is in %s", partial);
	}
	if (*message)
		snprintf(error + at, error_len - at, "%s%s", at ? "; " : "", message);
	return !complete;
}

bool replay_output_end(struct replay_output *output, bool complete, char *error, size_t error_len)
{
	bool done;

	/* A failed write explains itself when its file is finished. */
	complete = complete || replay_output_failed(output);
	done = end_file(output->records, complete, error, error_len);
	done = end_file(output->pcapng_file, complete, error, error_len) && done;
	close_all(output);
	return done;
}
