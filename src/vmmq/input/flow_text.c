/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/flow_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

#define LATER_FRAGMENT_OFFSET 1480u /* where the second fragment begins on a link of 1500 bytes */
#define FRAGMENT_DATA         16u   /* bytes of a fragment's data; all but the last have a multiple of 8 */

static const struct protocol {
	const char *name;
	uint8_t number[2]; /* over IPv4, over IPv6 */
	uint8_t header_len;
	bool has_ports;
} protocols[] = {
	[FLOW_TCP] = { "tcp", { 6, 6 }, 20, true },
	[FLOW_UDP] = { "udp", { 17, 17 }, 8, true },
	[FLOW_ICMP] = { "icmp", { 1, 58 }, 8, false },
	[FLOW_SCTP] = { "sctp", { 132, 132 }, 12, true },
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

size_t endpoint_address_len(const struct endpoint *endpoint)
{
	return endpoint->ipv6 ? 16 : 4;
}

static bool port_parse(const char *text, struct endpoint *endpoint)
{
	uint64_t port = 0;
	bool fits = number_read_decimal(text, UINT16_MAX, &port);

	endpoint->has_port = true;
	endpoint->port = (uint16_t)port;
	return fits;
}

/*
 * flow_split cuts an endpoint's text into address and port; *port is NULL when there is none.  False: brackets
 * without end.
 */
static bool flow_split(char *text, char **address, char **port)
{
	char *colon = strchr(text, ':');

	*address = text;
	*port = NULL;
	if (text[0] == '[') {
		char *bracket = strchr(text, ']');

		if (!bracket || (bracket[1] && bracket[1] != ':'))
			return false;
		*address = text + 1;
		*port = bracket[1] ? bracket + 2 : NULL;
		*bracket = '\0';
	} else if (colon && !strchr(colon + 1, ':')) {
		*colon = '\0';
		*port = colon + 1;
	}
	return true;
}

bool endpoint_parse(const char *text, struct endpoint *endpoint, char error[FLOW_ERROR_MAX])
{
	char copy[96];
	char *address, *port;

	memset(endpoint, 0, sizeof(*endpoint));
	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) < sizeof(copy) && flow_split(copy, &address, &port)) {
		endpoint->ipv6 = copy[0] == '[' || strchr(address, ':');
		if (inet_pton(endpoint->ipv6 ? AF_INET6 : AF_INET, address, endpoint->address) == 1) {
			if (!port || port_parse(port, endpoint))
				return true;
			snprintf(error, FLOW_ERROR_MAX, "found port \"%.40s\"; a number from 0 to 65535 is needed",
				 port);
			return false;
		}
	}
	snprintf(error, FLOW_ERROR_MAX,
		 "found \"%.60s\"; an address is needed, with or without a port: 192.0.2.1:80 or [2001:db8::1]:80",
		 text);
	return false;
}

static bool protocol_parse(const char *word, struct flow *flow, char *error)
{
	for (size_t i = 0; word && i < PROTOCOL_COUNT; i++) {
		if (strcmp(word, protocols[i].name) == 0) {
			flow->protocol = (enum flow_protocol)i;
			return true;
		}
	}
	snprintf(error, FLOW_ERROR_MAX, "found \"%.40s\"; tcp, udp, icmp or sctp is needed", word ? word : "");
	return false;
}

static bool flow_check(const struct flow *flow, char *error)
{
	const struct protocol *protocol = &protocols[flow->protocol];
	const struct endpoint *a = &flow->source, *b = &flow->destination;

	if (a->ipv6 != b->ipv6)
		snprintf(error, FLOW_ERROR_MAX, "one address is IPv4, the other is IPv6");
	else if (!protocol->has_ports && (a->has_port || b->has_port))
		snprintf(error, FLOW_ERROR_MAX, "%s has no ports", protocol->name);
	else if (a->has_port != b->has_port)
		snprintf(error, FLOW_ERROR_MAX, "only one side has a port");
	else if (protocol->has_ports && !flow->fragment && !a->has_port)
		snprintf(error, FLOW_ERROR_MAX, "%s needs ports: 192.0.2.1:80 or [2001:db8::1]:80", protocol->name);
	else
		return true;
	return false;
}

/* flow_words cuts text into at most max words; "->" and ">" are words with or without spaces around them. */
static unsigned flow_words(const char *text, char *copy, size_t size, char *word[], unsigned max)
{
	unsigned count = 0;
	size_t at = 0;
	char *rest;

	for (; *text && at + 4 < size; text++) {
		if (text[0] == '-' && text[1] == '>')
			continue;
		if (*text == '>')
			copy[at++] = ' ';
		copy[at++] = *text;
		if (*text == '>')
			copy[at++] = ' ';
	}
	copy[at] = '\0';
	for (char *next = strtok_r(copy, " \t\n", &rest); next && count < max; next = strtok_r(NULL, " \t\n", &rest))
		word[count++] = next;
	return count;
}

bool flow_parse(const char *text, struct flow *flow, char error[FLOW_ERROR_MAX])
{
	char copy[256];
	char *word[7] = { NULL };
	unsigned count = flow_words(text, copy, sizeof(copy), word, 6);
	char **next = word;

	memset(flow, 0, sizeof(*flow));
	if (count && strcmp(*next, "fragment") == 0) {
		flow->fragment = true;
		next++;
		count--;
	}
	if (count != 4 || strcmp(next[2], ">") != 0) {
		snprintf(error, FLOW_ERROR_MAX,
			 "found \"%.60s\"; PROTOCOL SOURCE > DESTINATION is needed, like tcp 192.0.2.1:1024 > "
			 "192.0.2.2:80",
			 text);
		return false;
	}
	return protocol_parse(next[0], flow, error) && endpoint_parse(next[1], &flow->source, error) &&
	       endpoint_parse(next[3], &flow->destination, error) && flow_check(flow, error);
}

static uint8_t *flow_put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_ethernet(uint8_t *at, const struct flow *flow, const uint8_t mac[6], int tci)
{
	static const uint8_t source_mac[6] = { 0x00, 0x00, 0x5e, 0x00, 0x53, 0x01 }; /* for documentation: RFC 7042 */

	at = put_bytes(at, mac, 6);
	at = put_bytes(at, source_mac, 6);
	if (tci >= 0) {
		at = flow_put_be16(at, 0x8100);
		at = flow_put_be16(at, (unsigned)tci);
	}
	return flow_put_be16(at, flow->source.ipv6 ? 0x86dd : 0x0800);
}

/* sum_be16 adds up bytes as 16-bit numbers, the last of them padded with zero: half an Internet checksum. */
static uint32_t sum_be16(const uint8_t *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

static unsigned checksum_finish(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static uint8_t *put_ipv4(uint8_t *at, const struct flow *flow, size_t payload_len)
{
	const struct endpoint *a = &flow->source, *b = &flow->destination;
	uint8_t *header = at;
	unsigned fragment = 0x4000; /* do not fragment */

	if (flow->fragment)
		fragment = a->has_port ? 0x2000 : LATER_FRAGMENT_OFFSET / 8;
	at = flow_put_be16(at, 0x4500);
	at = flow_put_be16(at, (unsigned)(20 + payload_len));
	at = flow_put_be16(at, flow->fragment ? 1 : 0);
	at = flow_put_be16(at, fragment);
	at = flow_put_be16(at, 64u << 8 | protocols[flow->protocol].number[0]);
	at = flow_put_be16(at, 0);
	at = put_bytes(at, a->address, 4);
	at = put_bytes(at, b->address, 4);
	flow_put_be16(header + 10, checksum_finish(sum_be16(header, 20, 0)));
	return at;
}

static uint8_t *put_ipv6(uint8_t *at, const struct flow *flow, size_t payload_len)
{
	uint8_t number = protocols[flow->protocol].number[1];
	const struct endpoint *a = &flow->source;

	at = flow_put_be16(at, 0x6000);
	at = flow_put_be16(at, 0);
	at = flow_put_be16(at, (unsigned)(payload_len + (flow->fragment ? 8 : 0)));
	*at++ = flow->fragment ? 44 : number;
	*at++ = 64;
	at = put_bytes(at, a->address, 16);
	at = put_bytes(at, flow->destination.address, 16);
	if (flow->fragment) {
		*at++ = number;
		*at++ = 0;
		at = flow_put_be16(at, a->has_port ? 1 : LATER_FRAGMENT_OFFSET); /* 1: more fragments */
		at = flow_put_be16(at, 0);
		at = flow_put_be16(at, 1);
	}
	return at;
}

static uint32_t flow_crc32c(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

/* The sum over the pseudo header: addresses, protocol and length (RFC 9293, RFC 8200). */
static uint32_t pseudo_sum(const struct flow *flow, size_t len)
{
	size_t address_len = endpoint_address_len(&flow->source);
	uint32_t sum = sum_be16(flow->source.address, address_len, (uint32_t)len);

	return sum_be16(flow->destination.address, address_len,
			sum + protocols[flow->protocol].number[flow->source.ipv6]);
}

/* put_transport writes a zeroed header's ports, lengths and checksum. */
static uint8_t *put_transport(uint8_t *at, const struct flow *flow)
{
	size_t len = protocols[flow->protocol].header_len;
	unsigned sum;

	memset(at, 0, len);
	if (protocols[flow->protocol].has_ports)
		flow_put_be16(flow_put_be16(at, flow->source.port), flow->destination.port);
	switch (flow->protocol) {
	case FLOW_TCP:
		flow_put_be16(at + 12, 0x5010); /* 5 words, ACK */
		flow_put_be16(at + 14, 65535);
		flow_put_be16(at + 16, checksum_finish(sum_be16(at, len, pseudo_sum(flow, len))));
		break;
	case FLOW_UDP:
		flow_put_be16(at + 4, (unsigned)len);
		sum = checksum_finish(sum_be16(at, len, pseudo_sum(flow, len)));
		flow_put_be16(at + 6, sum ? sum : 0xffff);
		break;
	case FLOW_ICMP:
		at[0] = flow->source.ipv6 ? 128 : 8; /* echo request */
		flow_put_be16(at + 2,
			      checksum_finish(sum_be16(at, len, flow->source.ipv6 ? pseudo_sum(flow, len) : 0)));
		break;
	case FLOW_SCTP:
		for (uint32_t i = 0, crc = flow_crc32c(at, len); i < 4; i++)
			at[8 + i] = (uint8_t)(crc >> 8 * i);
		break;
	}
	return at + len;
}

/* put_fragment writes data that begins with the ports, if there are any. */
static uint8_t *put_fragment(uint8_t *at, const struct flow *flow)
{
	memset(at, 0, FRAGMENT_DATA);
	if (flow->source.has_port)
		flow_put_be16(flow_put_be16(at, flow->source.port), flow->destination.port);
	return at + FRAGMENT_DATA;
}

size_t flow_frame(const struct flow *flow, const uint8_t mac[6], int tci, uint8_t frame[FLOW_FRAME_MAX])
{
	size_t payload_len = flow->fragment ? FRAGMENT_DATA : protocols[flow->protocol].header_len;
	uint8_t *at = put_ethernet(frame, flow, mac, tci);

	at = flow->source.ipv6 ? put_ipv6(at, flow, payload_len) : put_ipv4(at, flow, payload_len);
	at = flow->fragment ? put_fragment(at, flow) : put_transport(at, flow);
	return (size_t)(at - frame);
}
