/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests as bytes: sending, and what all of them have in common. */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request *request_new(struct trial *t, uint32_t oid, enum method method, int64_t vport)
{
	struct request *r = trial_alloc(t, sizeof(*r));

	r->oid = oid;
	r->method = method;
	r->vport = vport;
	r->actor = t->setup.processors[0];
	return r;
}

static void grow(struct request *r, size_t end)
{
	if (r->len < end)
		r->len = end;
	if (r->room < end)
		r->room = end;
}

void request_put(struct request *r, size_t at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		r->byte[at + i] = (uint8_t)(value >> 8 * i);
	grow(r, at + len);
}

void request_put_bytes(struct request *r, size_t at, const void *bytes, size_t len)
{
	memcpy(r->byte + at, bytes, len);
	grow(r, at + len);
}

static vmmq_status send(struct trial *t, struct request *r, size_t len)
{
	struct vmmq_conformance_request request = {
		.oid = r->oid,
		.method = r->method,
		.flags = r->vport == NO_VPORT ? 0 : VMMQ_NDIS_VPORT_ID_VALID,
		.vport = r->vport == NO_VPORT ? 0x5a5a : (uint32_t)r->vport,
		.actor = r->actor,
		.len = len,
		.bytes = 0,
	};
	vmmq_status status;

	request.buffer = malloc(len ? len : 1);
	CHECK(t, request.buffer, "out of memory");
	memcpy(request.buffer, r->byte, len);
	status = t->subject->request(t->nic, &request);
	memcpy(r->byte, request.buffer, len);
	free(request.buffer);
	r->bytes = request.bytes;
	CHECK(t, status != VMMQ_PENDING, "OID 0x%08x ended with PENDING", r->oid);
	return status;
}

vmmq_status request_send(struct trial *t, struct request *r)
{
	return send(t, r, r->room);
}

void request_short(struct trial *t, const struct request *r, size_t needed)
{
	const char *before = state_take(t);
	struct request *copy = trial_alloc(t, sizeof(*copy));

	for (size_t len = 0; len < needed; len++) {
		vmmq_status status;

		*copy = *r;
		status = send(t, copy, len);
		CHECK(t, status == VMMQ_INVALID_LENGTH || status == VMMQ_BUFFER_TOO_SHORT,
		      "%zu of %zu bytes of OID 0x%08x: %s", len, needed, r->oid, status_name(status));
		CHECK(t, copy->bytes > len && copy->bytes <= needed,
		      "%zu of %zu bytes of OID 0x%08x: it says that %zu are needed", len, needed, r->oid,
		      copy->bytes);
	}
	state_same(t, before, "requests that are cut off");
}

void need(struct trial *t, uint32_t oid, enum method method, vmmq_status status)
{
	if (status == VMMQ_NOT_SUPPORTED)
		trial_skip(t, "the subject does not have OID 0x%08x, method %d", oid, (int)method);
}

void refused_as(struct trial *t, vmmq_status got, const char *what, const vmmq_status *allowed)
{
	char text[128] = "";

	for (const vmmq_status *want = allowed; *want; want++) {
		size_t len = strlen(text);

		if (got == *want)
			return;
		snprintf(text + len, sizeof(text) - len, "%s%s", len ? " or " : "", status_name(*want));
	}
	trial_fail(t, "%s: expected %s, got %s", what, text, status_name(got));
}
