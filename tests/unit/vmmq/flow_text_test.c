/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/flow_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t mac[6] = { 0x02, 0, 0, 0, 0, 0x01 };

/* The frames are scapy's, field by field those of the flow. */
static const struct {
	const char *text;
	int vlan; /* -1: no tag */
	const char *frame;
} flows[] = {
	{ "tcp 192.0.2.1:1024 > 192.0.2.2:80", -1,
	  "02000000000100005e005301080045000028000040004006b6ccc0000201c00002020400005000000000000000005010ffff278100"
	  "00" },
	{ "udp 192.0.2.1:0->192.0.2.2:65535", 10,
	  "02000000000100005e0053018100000a08004500001c000040004011b6cdc0000201c00002020000ffff00087bda" },
	{ "icmp 192.0.2.1 > 192.0.2.2", -1,
	  "02000000000100005e00530108004500001c000040004001b6ddc0000201c00002020800f7ff00000000" },
	{ "sctp 192.0.2.1:1 > 192.0.2.2:2", 0,
	  "02000000000100005e00530181000000080045000020000040004084b656c0000201c00002020001000200000000fd988051" },
	{ "tcp [2001:db8::1]:1024 > [2001:db8::2]:80", 4095,
	  "02000000000100005e00530181000fff86dd600000000014064020010db800000000000000000000000120010db800000000000000"
	  "00000000020400005000000000000000005010ffff50100000" },
	{ "udp [2001:db8::1]:53 > [2001:db8::2]:4000", -1,
	  "02000000000100005e00530186dd600000000008114020010db800000000000000000000000120010db80000000000000000000000"
	  "0200350fa000089494" },
	{ "icmp 2001:db8::1 > 2001:db8::2", -1,
	  "02000000000100005e00530186dd6000000000083a4020010db800000000000000000000000120010db80000000000000000000000"
	  "028000244800000000" },
	{ "fragment udp 192.0.2.1:53 > 192.0.2.2:4000", -1,
	  "02000000000100005e005301080045000024000120004011d6c4c0000201c000020200350fa0000000000000000000000000" },
	{ "fragment tcp 192.0.2.1 > 192.0.2.2", -1,
	  "02000000000100005e005301080045000024000100b94006f616c0000201c000020200000000000000000000000000000000" },
	{ "fragment udp [2001:db8::1]:53 > [2001:db8::2]:4000", -1,
	  "02000000000100005e00530186dd6000000000182c4020010db800000000000000000000000120010db80000000000000000000000"
	  "02110000010000000100350fa0000000000000000000000000" },
	{ "fragment sctp 2001:db8::1 > 2001:db8::2", -1,
	  "02000000000100005e00530186dd6000000000182c4020010db800000000000000000000000120010db80000000000000000000000"
	  "02840005c80000000100000000000000000000000000000000" },
};

static void frames_are_those_of_scapy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		char error[FLOW_ERROR_MAX], hex[2 * FLOW_FRAME_MAX + 1];
		uint8_t frame[FLOW_FRAME_MAX];
		struct flow flow;
		size_t len;

		assert_true(flow_parse(flows[i].text, &flow, error));
		len = flow_frame(&flow, mac, flows[i].vlan, frame);
		for (size_t b = 0; b < len; b++)
			snprintf(hex + 2 * b, 3, "%02x", frame[b]);
		assert_string_equal(hex, flows[i].frame);
	}
}

static void longest_frame_fits(void **state)
{
	char error[FLOW_ERROR_MAX];
	uint8_t frame[FLOW_FRAME_MAX];
	struct flow flow;

	(void)state;
	assert_true(flow_parse("tcp [::1]:1 > [::2]:2", &flow, error));
	assert_int_equal(flow_frame(&flow, mac, 1, frame), 14 + 4 + 40 + 20);
	assert_true(flow_parse("fragment tcp [::1]:1 > [::2]:2", &flow, error));
	assert_int_equal(flow_frame(&flow, mac, 1, frame), 14 + 4 + 40 + 8 + 16);
}

static void wrong_flows_are_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{ "", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "tcp", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "fragment", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "tcp 1.2.3.4:1 1.2.3.5:2", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "tcp 1.2.3.4:1 > 1.2.3.5:2 x", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "tcp 1.2.3.4:1 > > 1.2.3.5:2", "PROTOCOL SOURCE > DESTINATION is needed" },
		{ "TCP 1.2.3.4:1 > 1.2.3.5:2", "tcp, udp, icmp or sctp is needed" },
		{ "tcp 1.2.3.4 > 1.2.3.5", "tcp needs ports" },
		{ "sctp ::1 > ::2", "sctp needs ports" },
		{ "udp 1.2.3.4:1 > 1.2.3.5", "only one side has a port" },
		{ "fragment udp 1.2.3.4 > 1.2.3.5:1", "only one side has a port" },
		{ "icmp 1.2.3.4:1 > 1.2.3.5:2", "icmp has no ports" },
		{ "icmp 1.2.3.4 > ::1", "one address is IPv4, the other is IPv6" },
		{ "tcp 1.2.3.4:65536 > 1.2.3.5:2", "a number from 0 to 65535 is needed" },
		{ "tcp 1.2.3.4: > 1.2.3.5:2", "a number from 0 to 65535 is needed" },
		{ "tcp 1.2.3.4:-1 > 1.2.3.5:2", "a number from 0 to 65535 is needed" },
		{ "tcp 1.2.3.256:1 > 1.2.3.5:2", "an address is needed" },
		{ "tcp [::1:1 > [::2]:2", "an address is needed" },
		{ "tcp [::1]x > [::2]:2", "an address is needed" },
		{ "tcp [1.2.3.4]:1 > [::2]:2", "an address is needed" },
		{ "icmp fe80::1%eth0 > ::2", "an address is needed" },
		{ "icmp host > ::2", "an address is needed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char error[FLOW_ERROR_MAX] = "";
		struct flow flow;

		assert_false(flow_parse(wrong[i].text, &flow, error));
		if (!strstr(error, wrong[i].error))
			fail_msg("\"%s\": \"%s\"", wrong[i].text, error);
	}
}

static void endpoints_are_read(void **state)
{
	static const uint8_t v4[4] = { 1, 2, 3, 4 }, v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	char error[FLOW_ERROR_MAX];
	struct endpoint e;

	(void)state;
	assert_true(endpoint_parse("1.2.3.4", &e, error));
	assert_memory_equal(e.address, v4, 4);
	assert_false(e.ipv6 || e.has_port);
	assert_true(endpoint_parse("1.2.3.4:0", &e, error));
	assert_true(e.has_port && e.port == 0);
	assert_true(endpoint_parse("2001:db8::1", &e, error));
	assert_memory_equal(e.address, v6, 16);
	assert_true(e.ipv6 && !e.has_port);
	assert_true(endpoint_parse("[2001:db8::1]", &e, error));
	assert_true(e.ipv6 && !e.has_port);
	assert_true(endpoint_parse("[2001:db8::1]:65535", &e, error));
	assert_true(e.ipv6 && e.has_port && e.port == 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_those_of_scapy),
		cmocka_unit_test(longest_frame_fits),
		cmocka_unit_test(wrong_flows_are_refused),
		cmocka_unit_test(endpoints_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
