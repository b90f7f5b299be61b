/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq explain: where one packet goes, and why. */
#include <stdlib.h>
#include <string.h>

#include "vmmq/commands.h"
#include "vmmq/explain/explain_input.h"
#include "vmmq/explain/explain_packet.h"
#include "vmmq/input/configuration.h"

/* explain_is_dynamic: the packet's VPort is one whose entries vmmqd moves with the load. */
static bool explain_is_dynamic(const struct explanation *e)
{
	const struct config_vport *vport = e->verdict.drop ? NULL : vmmq_config_vport(e->config, e->verdict.vport);

	return vport && vport->dynamic;
}

static int explain_show(const struct command_line *line, struct vmmq_config *config, struct vmmq_nic_switch *sw,
			const struct explain_source *source)
{
	struct explanation explanation;
	char moved[800] = "";

	explain_packet(&explanation, config, sw, source);
	if (command_flag(line, "connect") && explain_is_dynamic(&explanation)) {
		if (explain_moved(line, config, sw, &explanation.verdict, moved, sizeof(moved)) != COMMAND_DONE)
			return COMMAND_REFUSED;
		explain_packet(&explanation, config, sw, source);
	}
	if (moved[0])
		explain_say(&explanation.notes, "15", "%s", moved);
	if (!command_flag(line, "json"))
		explain_text(stdout, &explanation);
	else if (explain_json(stdout, &explanation))
		return command_fail(line, "out of memory");
	return COMMAND_DONE;
}

static bool is_dash(const char *value)
{
	return value && strcmp(value, "-") == 0;
}

static int check_standard_input(const struct command_line *line)
{
	bool packet = is_dash(command_value(line, "packet")) || is_dash(command_value(line, "read"));

	if (packet && is_dash(command_value(line, "config")))
		return command_usage(line, "configuration and packet cannot both come from standard input");
	return COMMAND_DONE;
}

static int cmd_explain_run(const struct command_line *line)
{
	uint8_t *frame = malloc(EXPLAIN_FRAME_MAX);
	struct vmmq_config config = { 0 };
	struct vmmq_nic_switch *sw = NULL;
	struct explain_source source;
	int status = COMMAND_DONE;

	if (!frame)
		return command_fail(line, "out of memory");
	status = configuration_choice(line);
	if (status == COMMAND_DONE)
		status = check_standard_input(line);
	if (status == COMMAND_DONE)
		status = explain_input(line, frame, &source);
	if (status == COMMAND_DONE)
		status = configuration_choose(line, &config, &sw);
	if (status == COMMAND_DONE)
		status = explain_show(line, &config, sw, &source);
	vmmq_nic_switch_destroy(sw);
	vmmq_config_fini(&config);
	free(frame);
	return status;
}

static const struct command_option options[] = {
	{ 'c', "config", "FILE", false,
	  "configuration: VPorts, filters, RSS parameters (YAML); - is standard input" },
	{ 0, "connect", "PATH", false, "instead of --config: what the vmmqd with that control socket runs with" },
	{ 'p', "packet", "HEX", false,
	  "the frame as hex digits or as a hex dump (xxd, hexdump -C, tcpdump -xx, tshark -x, Wireshark); - reads it "
	  "from standard "
	  "input" },
	{ 'r', "read", "CAPTURE", false,
	  "a pcap or pcapng file, gzip or not, that has the packet; - is standard input" },
	{ 'n', "number", "N", false, "with --read: which packet, counted from 1" },
	{ 'f', "flow", "FLOW", false,
	  "a packet in words: \"[fragment] tcp|udp|icmp|sctp SOURCE > DESTINATION\", where tcp, udp and sctp have "
	  "ports; a fragment "
	  "without ports is a later one" },
	{ 'm', "mac", "MAC", false, "with --flow: the frame's destination" },
	{ 'v', "vlan", "VID", false, "with --flow: an 802.1Q tag, 0 to 4095" },
	{ 0, "json", NULL, false, "print one JSON object: the fields of a record, and the steps that led to them" },
};

const struct command cmd_explain = {
	.name = "explain",
	.summary = "show where one packet goes, and why",
	.operands = "",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Takes one packet the way that a configuration, or a running vmmqd's, gives it and shows every "
	    "step: the frame's fields, the receive filter that matched or why none did, the hash type and "
	    "the rule that chose it, the bytes that are hashed, the hash, the indirection table entry and "
	    "the processor. Section numbers are those of docs/spec.md.\n\n"
	    "The configuration is given by --config or --connect, the packet by one of --packet, --read "
	    "and --flow.",
	.examples = "vmmq explain --connect /run/vmmq/vmmq.sock --mac 02:00:00:00:00:01 \\\n"
		    "    --flow \"tcp 192.0.2.1:40000 > 10.0.1.2:80\"\n\n"
		    "vmmq explain -c four-vms.yaml -r four-vms.pcapng -n 7\n\n"
		    "vmmq explain -c four-vms.yaml --flow \"tcp 192.0.2.1:40000 > 10.0.1.2:80\" \\\n"
		    "    --mac 02:00:00:00:00:01\n\n"
		    "vmmq explain -c four-vms.yaml --flow \"udp [2001:db8::1]:53 > [2001:db8::2]:4000\" \\\n"
		    "    --mac 02:00:00:00:00:02 --vlan 10\n\n"
		    "xxd frame.bin | vmmq explain -c four-vms.yaml --packet -",
	.run = cmd_explain_run,
};
