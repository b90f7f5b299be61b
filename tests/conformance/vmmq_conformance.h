/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmmq-conformance needs of an implementation to test it: a NIC that is driven by binary NDIS requests, gets
 * frames, and says what it indicates where.  Needs nothing but this header; the layouts of requests are those of
 * <vmmq/ndis.h>.
 *
 * To test yours, make a shared object with a function
 *   const struct vmmq_conformance_subject *vmmq_conformance_subject(const char *argument);
 * and run `vmmq-conformance --subject ./mine.so[:argument]`.  argument is NULL without one; NULL from the function
 * means that the argument is not known.
 *
 * Everything happens on one thread: the suite calls the subject, the subject calls the host back from inside those
 * calls only.  A processor is a number: NDIS group * 64 + NDIS number.  Numbers that stand beside packets are host
 * order.
 */
#ifndef VMMQ_CONFORMANCE_H
#define VMMQ_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMMQ_CONFORMANCE_VERSION 2u

/* A packet that is indicated, on processor. */
struct vmmq_conformance_packet {
	uint16_t processor;
	uint32_t vport;
	uint32_t hash;
	uint32_t hash_type;     /* 0: no hash */
	uint32_t hash_function; /* 0: no hash */
	bool stripped;          /* the outermost tag was taken out of the frame: */
	uint16_t tci;           /* priority:3, DEI:1, VID:12 */
	uint16_t tpid;          /* its type, 0x8100 or 0x88a8; 0 where the implementation does not keep it */
	const uint8_t *frame;   /* valid during the call */
	size_t len;
};

/* A send that is complete, on processor. */
struct vmmq_conformance_completion {
	uint16_t processor;
	uint32_t vport;  /* whose parameters named the processor */
	uint32_t status; /* NDIS status */
};

/* Whom the subject tells.  indicate may make a synchronous request (a move) of the same NIC before it returns. */
struct vmmq_conformance_host {
	void *context;
	void (*indicate)(void *context, const struct vmmq_conformance_packet *packet);
	void (*complete)(void *context, const struct vmmq_conformance_completion *completion);
};

/*
 * The NIC to make: with its default switch unless without_switch is set.
 * processors: the RSS processor set, preferred first.  vports, queue_pairs and filters are limits over all VPorts,
 * the default one included; queue_pairs_per_vport bounds one.  symmetric: all nondefault VPorts have the same number
 * of queue pairs.
 */
struct vmmq_conformance_setup {
	const uint16_t *processors;
	size_t processor_count;
	uint32_t vports;
	uint32_t queue_pairs;
	uint32_t queue_pairs_per_vport;
	uint32_t default_vport_queue_pairs;
	uint32_t filters;
	bool symmetric;
	bool without_switch;
	bool strip_all_tags; /* it advertises hardware tag handling: every tag is taken out (spec 19.13) */
};

/*
 * A request.  method: 0 query, 1 set, 2 method.  flags: 1 when vport says which VPort it is about.  actor: the
 * processor that a synchronous request is issued on.  buffer may be NULL when len is 0.  bytes: out, as NDIS has it:
 * written, or needed with INVALID_LENGTH or BUFFER_TOO_SHORT.
 */
struct vmmq_conformance_request {
	uint32_t oid;
	uint32_t method;
	uint32_t flags;
	uint32_t vport;
	uint16_t actor;
	void *buffer;
	size_t len;
	size_t bytes;
};

/* A send.  Its hash is present if and only if hash_information has function bits. */
struct vmmq_conformance_send {
	uint32_t vport;
	uint32_t hash;
	uint32_t hash_information;
	const uint8_t *frame;
	size_t len;
};

/*
 * struct vmmq_conformance_subject: the implementation.
 * create returns a NIC, or NULL when it cannot make one; destroy is given what create returned.
 * request carries out a request as NDIS and the miniport together would, and waits for its end: requests that NDIS
 * answers from its cache (enumerations, queries) are answered too.  Returns the status.  It may run processors
 * meanwhile.
 * receive: a frame arrives.  It may be indicated at once or when a processor is polled.
 * poll: processor does some of what there is to do, and returns whether anything is left, here or elsewhere, or was
 * done.
 * send: may be NULL; its completion comes now or when a processor is polled.
 */
struct vmmq_conformance_subject {
	uint32_t version; /* VMMQ_CONFORMANCE_VERSION */
	const char *name;
	void *(*create)(const struct vmmq_conformance_setup *setup, const struct vmmq_conformance_host *host);
	void (*destroy)(void *nic);
	uint32_t (*request)(void *nic, struct vmmq_conformance_request *request);
	void (*receive)(void *nic, const uint8_t *frame, size_t len);
	bool (*poll)(void *nic, uint16_t processor);
	void (*send)(void *nic, const struct vmmq_conformance_send *send);
};

#define VMMQ_CONFORMANCE_SYMBOL "vmmq_conformance_subject"
typedef const struct vmmq_conformance_subject *vmmq_conformance_subject_fn(const char *argument);

#ifdef __cplusplus
}
#endif
#endif
