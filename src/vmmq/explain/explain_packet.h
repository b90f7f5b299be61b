/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a packet goes where it goes, as a value: what the core decided, step by step, with the words for it.  explain_text.c
 * shows it to people, explain_json.c to programs.
 */
#ifndef VMMQ_VMMQ_EXPLAIN_EXPLAIN_PACKET_H
#define VMMQ_VMMQ_EXPLAIN_EXPLAIN_PACKET_H

#include <stdio.h>
#include <vmmq/nic_switch.h>

#include "config/config_model.h"

/* What a part of the frame is to the reader. */
enum explain_layer {
	LAYER_ETHERNET,
	LAYER_TAG,
	LAYER_IP,
	LAYER_EXTENSION,
	LAYER_TRANSPORT,
	LAYER_TUNNEL,
	LAYER_IGNORED, /* bytes that nothing depends on */
	LAYER_BROKEN,  /* where the parser gave up */
};

/* A labelled range of the frame.  hashed: its bytes take part in the hash. */
struct explain_field {
	uint32_t offset, len;
	enum explain_layer layer;
	bool hashed;
	bool inner; /* inside a tunnel */
	const char *name;
	char value[96];
};

/* The most that can come, twice: 2 MACs, 8 tags, a type, 13 of IP, 8 extension headers in three parts, ports and the rest; and a tunnel. */
#define EXPLAIN_FIELDS_MAX 128

/* A statement with the section of the spec that it rests on ("" for none). */
struct explain_sentence {
	const char *section;
	char text[704];
};

#define EXPLAIN_SENTENCES_MAX 12
struct explain_sentences {
	unsigned count;
	struct explain_sentence item[EXPLAIN_SENTENCES_MAX];
};

/* Adds a sentence, if there is room; a text that is too long is cut. */
__attribute__((format(printf, 3, 4))) void explain_say(struct explain_sentences *sentences, const char *section,
						       const char *text, ...);

/* Where a packet comes from.  number: its place in the capture, from 1, or 0 when there is none. */
struct explain_source {
	const uint8_t *frame;
	size_t len, wire_len;
	size_t whole_len; /* with the end, zeros here, of a header that the capture cut behind the ports; else len */
	uint64_t number;
	char origin[320]; /* "packet 7 of four-vms.pcapng" */
};

struct explanation {
	const struct vmmq_config *config;
	const struct vmmq_nic_switch *sw;
	const struct explain_source *source;
	struct vmmq_headers headers;
	bool tunnelled; /* the VPort looks into this packet; tunnel is valid */
	struct vmmq_tunnel tunnel;
	struct vmmq_verdict verdict;
	struct vmmq_hash_choice choice;
	const struct vmmq_rss_params *rss; /* of the packet's VPort */
	uint8_t input[VMMQ_HASH_INPUT_MAX];
	size_t input_len;
	struct explain_field field[EXPLAIN_FIELDS_MAX];
	unsigned field_count;
	struct explain_sentences filter; /* what matched, or why nothing did */
	struct explain_sentences rule;   /* which hash type applies, or why none does */
	struct explain_sentences notes;  /* what else is worth knowing */
	char summary[448];               /* "IPv4, TCP: 192.0.2.1:1024 > 192.0.2.2:80" */
	char verdict_text[704];
};

/*
 * explain_packet fills *explanation, which borrows its arguments.  sw was made from config.  A dropped packet has
 * headers, fields and verdict only.
 */
void explain_packet(struct explanation *explanation, const struct vmmq_config *config,
		    const struct vmmq_nic_switch *sw, const struct explain_source *source);

/* explain_vport writes "VPort 2 (web)"; explain_mac writes "02:00:00:00:00:02"; explain_address an IP address. */
#define EXPLAIN_VPORT_MAX   320
#define EXPLAIN_MAC_MAX     18
#define EXPLAIN_ADDRESS_MAX 46
const char *explain_vport(const struct explanation *e, struct vmmq_vport_id id, char text[EXPLAIN_VPORT_MAX]);
const char *explain_mac(const uint8_t mac[VMMQ_MAC_LEN], char text[EXPLAIN_MAC_MAX]);
const char *explain_address(const uint8_t *address, size_t len, char text[EXPLAIN_ADDRESS_MAX]);

/* explain_choose is the choice that the packet's headers, inner or outer ones, would give these types. */
struct vmmq_hash_choice explain_choose(const struct explanation *e, uint32_t hash_types, bool rss_enabled);

/* explain_hashed returns the headers that were chosen from, inner or outer ones. */
const struct vmmq_headers *explain_hashed(const struct explanation *e);

/* explain_hash computes the hash that a choice gives to headers and frame, or to what is inside, with this VPort's key. */
uint32_t explain_hash(const struct explanation *e, const uint8_t *frame, const struct vmmq_headers *headers,
		      const struct vmmq_hash_choice *choice);

/*
 * explain_input_field finds the field that the i-th part of the hash input comes from: source, destination, source port,
 * destination port; NULL beyond the last part.
 */
const struct explain_field *explain_input_field(const struct explanation *e, unsigned i);

/* The steps, each in the file of its name. */
void explain_fields(struct explanation *e);
void explain_filter(struct explanation *e);
void explain_notes(struct explanation *e);

/* The two ways to show it. */
void explain_text(FILE *out, const struct explanation *e);
int explain_json(FILE *out, const struct explanation *e); /* 0, or -1 when memory is short */

#endif
