/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/explain/explain_input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/capture_read.h"
#include "vmmq/input/cut_frame.h"
#include "vmmq/input/flow_text.h"
#include "vmmq/input/hex_text.h"

#define HEX_TEXT_MAX (EXPLAIN_FRAME_MAX * 6ul) /* a dump has up to five characters a byte */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int parse_hex(const struct command_line *line, const char *text, uint8_t *frame, struct explain_source *source)
{
	char error[HEX_ERROR_MAX];
	long len = hex_text_parse(text, frame, EXPLAIN_FRAME_MAX, error);

	if (len < 0)
		return command_usage(line, "--packet: %s", error);
	if (len == 0)
		return command_usage(line, "--packet: no bytes; hex digits or a hex dump are needed");
	source->len = source->wire_len = source->whole_len = (size_t)len;
	snprintf(source->origin, sizeof(source->origin), "given as hex");
	return COMMAND_DONE;
}

static int read_hex(const struct command_line *line, uint8_t *frame, struct explain_source *source)
{
	char *text = malloc(HEX_TEXT_MAX + 1);
	size_t len = text ? fread(text, 1, HEX_TEXT_MAX, stdin) : 0;
	int status;

	if (!text)
		return command_fail(line, "out of memory");
	text[len] = '\0';
	if (ferror(stdin))
		status = command_fail(line, "standard input: %s", strerror(errno));
	else if (strlen(text) != len)
		status =
		    command_usage(line, "--packet: standard input is not text; hex digits or a hex dump are needed");
	else
		status = parse_hex(line, text, frame, source);
	free(text);
	return status;
}

static int capture_not_ethernet(const struct command_line *line, const char *path, uint64_t number)
{
	return command_fail(line, "%s: packet %" PRIu64 " is not Ethernet: VPorts are found by Ethernet addresses",
			    path, number);
}

/* capture_find leaves the packet of that number in *packet. */
static int capture_find(const struct command_line *line, const char *path, struct capture_read *reader,
			uint64_t number, struct capture_packet *packet)
{
	do {
		switch (capture_read_next(reader, packet)) {
		case CAPTURE_PACKET:
			break;
		case CAPTURE_END:
			return capture_read_number(reader) < number
				   ? command_fail(line,
						  "%s: there is no packet %" PRIu64 "; the capture has %" PRIu64,
						  path, number, capture_read_number(reader))
				   : capture_not_ethernet(line, path, number);
		default:
			return command_fail(line, "%s", capture_read_error(reader));
		}
	} while (packet->number < number);
	return packet->number == number ? COMMAND_DONE : capture_not_ethernet(line, path, number);
}

static int read_capture(const struct command_line *line, uint8_t *frame, struct explain_source *source)
{
	const char *path = command_value(line, "read");
	struct capture_read *reader;
	struct capture_packet packet;
	char error[512];
	uint64_t number;
	int status;

	if (!command_flag(line, "number"))
		return command_usage(line, "--read needs --number, the packet's place in the capture");
	if (!command_number(line, "number", 1, UINT64_MAX, 1, &number))
		return COMMAND_USAGE;
	reader = capture_read_open(path, error, sizeof(error));
	if (!reader)
		return command_fail(line, "%s", error);
	status = capture_find(line, path, reader, number, &packet);
	if (status == COMMAND_DONE) {
		memcpy(frame, packet.data, packet.len);
		source->len = packet.len;
		source->wire_len = packet.wire_len;
		source->whole_len = cut_frame_len(frame, packet.len, packet.wire_len);
		memset(frame + packet.len, 0, source->whole_len - packet.len);
		source->number = number;
		snprintf(source->origin, sizeof(source->origin), "packet %" PRIu64 " of %s", number, base_name(path));
	}
	capture_read_close(reader);
	return status;
}

static int parse_mac(const struct command_line *line, uint8_t mac[VMMQ_MAC_LEN])
{
	const char *text = command_value(line, "mac");
	char error[HEX_ERROR_MAX];

	if (!text)
		return command_usage(line, "--flow needs --mac, the frame's destination");
	if (hex_text_parse(text, mac, VMMQ_MAC_LEN, error) != VMMQ_MAC_LEN)
		return command_usage(line, "--mac: found \"%s\"; six bytes are needed, 02:00:00:00:00:01", text);
	return COMMAND_DONE;
}

static int make_flow(const struct command_line *line, uint8_t *frame, struct explain_source *source)
{
	const char *text = command_value(line, "flow");
	bool tagged = command_flag(line, "vlan");
	char error[FLOW_ERROR_MAX];
	uint8_t mac[VMMQ_MAC_LEN];
	struct flow flow;
	uint64_t vlan;
	int status;

	if (!flow_parse(text, &flow, error))
		return command_usage(line, "--flow: %s", error);
	status = parse_mac(line, mac);
	if (status != COMMAND_DONE)
		return status;
	if (!command_number(line, "vlan", 0, 4095, 0, &vlan))
		return COMMAND_USAGE;
	source->len = source->wire_len = source->whole_len = flow_frame(&flow, mac, tagged ? (int)vlan : -1, frame);
	snprintf(source->origin, sizeof(source->origin), "made from %.200s", text);
	return COMMAND_DONE;
}

int explain_input(const struct command_line *line, uint8_t *frame, struct explain_source *source)
{
	const char *packet = command_value(line, "packet");
	bool capture = command_flag(line, "read"), flow = command_flag(line, "flow");

	memset(source, 0, sizeof(*source));
	source->frame = frame;
	if ((packet != NULL) + capture + flow != 1)
		return command_usage(line, "one of --packet, --read and --flow is needed");
	if (!flow && (command_flag(line, "mac") || command_flag(line, "vlan")))
		return command_usage(line, "--mac and --vlan go with --flow");
	if (!capture && command_flag(line, "number"))
		return command_usage(line, "--number goes with --read");
	if (capture)
		return read_capture(line, frame, source);
	if (flow)
		return make_flow(line, frame, source);
	return strcmp(packet, "-") == 0 ? read_hex(line, frame, source) : parse_hex(line, packet, frame, source);
}
