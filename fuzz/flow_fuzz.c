/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as a flow: the frame that it stands for is parsed as what the words say. */
#include <stdlib.h>
#include <string.h>
#include <vmmq/parse.h>

#include "fuzz.h"
#include "vmmq/input/flow_text.h"

static void frame_check(const struct flow *flow, int tci)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	const bool ipv6 = flow->source.ipv6;
	struct vmmq_headers headers;
	uint8_t frame[FLOW_FRAME_MAX];
	size_t len = flow_frame(flow, mac, tci, frame);

	fuzz_check(len <= sizeof(frame) && vmmq_parse(frame, len, &headers) != VMMQ_PARSE_RUNT);
	fuzz_check(headers.tagged == (tci >= 0) && flow->destination.ipv6 == ipv6);
}

void fuzz_flow(const uint8_t *data, size_t len)
{
	char *text = calloc(1, len + 1), error[FLOW_ERROR_MAX] = "";
	struct endpoint endpoint;
	struct flow flow;

	memcpy(text, data, len);
	if (flow_parse(text, &flow, error)) {
		frame_check(&flow, -1);
		frame_check(&flow, 0xffff);
	} else {
		fuzz_check(error[0]);
	}
	error[0] = '\0';
	fuzz_check(endpoint_parse(text, &endpoint, error) || error[0]);
	free(text);
}
