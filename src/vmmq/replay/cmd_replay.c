/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq replay: options in, run, report out. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "engine/eal.h"
#include "vmmq/commands.h"
#include "vmmq/input/configuration.h"
#include "vmmq/replay/replay.h"

static const struct command_option options[] = {
	{ 'c', "config", "FILE", true, "configuration: VPorts, filters, RSS parameters (YAML)" },
	{ 'r', "read", "CAPTURE", false,
	  "receive a pcap or pcapng file with Ethernet frames, gzip or not; \"-\" is standard input" },
	{ 0, "transmit", "ID:CAPTURE", false,
	  "VPort ID sends the packets of a capture; after what is received, when --read is given too" },
	{ 0, "transmit-hash", "flow|none", false,
	  "what hash they come with: flow, the default: of their connection's receive direction; or none" },
	{ 'w', "write", "FILE", false,
	  "write a pcapng with one interface per VPort, epb_queue = processor, epb_hash" },
	{ 0, "records", "FILE", false,
	  "write one JSON object a line for each packet, in the capture's order; \"-\" is standard output" },
	{ 0, "processors", "N", false,
	  "threads that run the processors (default: one per processor, up to 32); the result is the same" },
	{ 0, "repeat", "N", false, "run the capture N times" },
	{ 0, "implementation", "auto|bitwise|portable|clmul|vpclmul|gfni", false,
	  "how hashes are computed; the result is the same" },
	{ 0, "strip-all-tags", NULL, false,
	  "take the tag out of every frame, as a miniport that advertises hardware tag handling, and not only where "
	  "a filter "
	  "says so" },
	{ 0, "json", NULL, false, "print the summary as one JSON object" },
};

static bool replay_read_implementation(const struct command_line *line, enum vmmq_toeplitz_impl *impl)
{
	const char *name = command_value(line, "implementation");

	*impl = name ? vmmq_toeplitz_impl_parse(name) : VMMQ_TOEPLITZ_AUTO;
	if (*impl < VMMQ_TOEPLITZ_IMPL_COUNT)
		return true;
	command_usage(line, "--implementation %s: auto, bitwise, portable, clmul, vpclmul or gfni is needed", name);
	return false;
}

/* read_transmit takes "ID:CAPTURE" apart. */
static bool read_transmit(const struct command_line *line, struct replay_options *replay)
{
	const char *transmit = command_value(line, "transmit"), *hash = command_value(line, "transmit-hash");
	unsigned long id;
	char *end;

	replay->transmit_hash = !hash || strcmp(hash, "flow") == 0;
	if (hash && !replay->transmit_hash && strcmp(hash, "none") != 0) {
		command_usage(line, "--transmit-hash %s: flow or none is needed", hash);
		return false;
	}
	if (!transmit) {
		if (hash)
			command_usage(line, "--transmit-hash goes with --transmit");
		return !hash;
	}
	id = strtoul(transmit, &end, 10);
	if (transmit[0] < '0' || transmit[0] > '9' || *end != ':' || !end[1] || id > UINT16_MAX) {
		command_usage(line, "--transmit %s: a VPort id from 0 to 65535, a colon and a capture are needed",
			      transmit);
		return false;
	}
	replay->transmit_vport = (struct vmmq_vport_id){ (uint16_t)id };
	replay->transmit_path = end + 1;
	return true;
}

static bool is_standard_input(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* check_captures: there is something to do, and standard input is read once. */
static bool check_captures(const struct command_line *line, const struct replay_options *replay)
{
	bool receive = is_standard_input(replay->capture_path), transmit = is_standard_input(replay->transmit_path);

	if (!replay->capture_path && !replay->transmit_path) {
		command_usage(line, "--read CAPTURE or --transmit ID:CAPTURE is needed");
		return false;
	}
	if ((replay->repeat > 1 && (receive || transmit)) || (receive && transmit)) {
		command_usage(line, "%s: standard input can be read only once",
			      receive && transmit ? "--transmit" : "--repeat");
		return false;
	}
	return true;
}

static bool read_options(const struct command_line *line, struct replay_options *replay)
{
	char shared[3 * PATH_MAX];
	uint64_t threads, repeat;

	if (!command_number(line, "processors", 1, EAL_THREADS_MAX, 0, &threads) ||
	    !command_number(line, "repeat", 1, UINT32_MAX, 1, &repeat) ||
	    !replay_read_implementation(line, &replay->toeplitz) || !read_transmit(line, replay))
		return false;
	replay->config_path = command_value(line, "config");
	replay->capture_path = command_value(line, "read");
	replay->pcapng_path = command_value(line, "write");
	replay->records_path = command_value(line, "records");
	replay->threads = (unsigned)threads;
	replay->repeat = (unsigned)repeat;
	replay->json = command_flag(line, "json");
	replay->strip_all_tags = command_flag(line, "strip-all-tags");
	if (!check_captures(line, replay))
		return false;
	if (!replay_streams_differ(replay, shared, sizeof(shared))) {
		command_usage(line, "%s", shared);
		return false;
	}
	return true;
}

static bool read_config(const struct command_line *line, const char *path, struct vmmq_config *config)
{
	char refusal[CONFIGURATION_REFUSAL_MAX];
	struct config_error error;

	if (vmmq_config_load(path, config, &error) == 0)
		return true;
	configuration_refusal(path, &error, refusal);
	command_fail(line, "%s", refusal);
	return false;
}

static int cmd_replay_run(const struct command_line *line)
{
	struct replay_options replay = { 0 };
	struct replay_result result = { 0 };
	struct vmmq_config config;
	struct vmmq_adapter *adapter;
	char refusal[3 * PATH_MAX];
	int status;

	if (!read_options(line, &replay))
		return COMMAND_USAGE;
	if (!replay_files_differ(&replay, refusal, sizeof(refusal))) {
		command_fail(line, "%s", refusal);
		return COMMAND_REFUSED;
	}
	if (!read_config(line, replay.config_path, &config))
		return COMMAND_REFUSED;
	status = replay_run(&replay, &config, &adapter, &result);
	if (adapter) {
		if (!replay_writes_standard_output(&replay))
			replay_report(&replay, &config, adapter, &result);
		replay_end(adapter);
	}
	if (*result.error)
		command_fail(line, "%s", result.error);
	vmmq_config_fini(&config);
	return status;
}

const struct command cmd_replay = {
	.name = "replay",
	.summary = "steer a capture through the adapter and show where its packets go",
	.operands = "",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Runs every packet of a capture through VMMQ receive processing: destination MAC and VLAN to VPort, the "
	    "RSS hash "
	    "with that VPort's key and hash types, that VPort's indirection table, processor. Prints how each "
	    "VPort's packets "
	    "spread over processors. Processors are virtual: any numbers, more than this machine has CPUs.\n\n"
	    "The result is a function of capture and configuration alone, whatever the number of threads. Nothing is "
	    "dropped "
	    "for lack of room: the reader waits.\n\n"
	    "--transmit lets a VPort send the packets of a capture: what a filter of another VPort wants is switched "
	    "to that "
	    "VPort and received there, everything else goes to an uplink that has done with each buffer at once. The "
	    "table "
	    "of the sending VPort names the processor on which a send completes: by the hash that comes with the "
	    "packet, "
	    "without a hash the default processor, with RSS off the primary processor. An id that the configuration "
	    "does not "
	    "have counts as VPort 0. The hash \"flow\" is that of the connection's receive direction, source and "
	    "destination "
	    "exchanged, with the VPort's key and hash types, so that a connection's sends complete where its answers "
	    "are "
	    "received.\n\n"
	    "Output files are written as FILE.partial and get their name when they are complete. An output that is "
	    "an input "
	    "of the same run is refused, and so are two on one stream; the report is left out where an output is "
	    "standard output.",
	.examples = "vmmq replay -c examples/four-vms.yaml -r examples/four-vms.pcapng\n\n"
		    "vmmq replay -c vms.yaml -r in.pcap --records out.ndjson -w out.pcapng\n\n"
		    "vmmq replay -c vms.yaml --transmit 2:sent.pcap --records -",
	.run = cmd_replay_run,
};
