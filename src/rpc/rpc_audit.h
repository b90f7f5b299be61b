/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who has changed what, and who was not allowed to: a line each, for the log (docs/vmmqd.md, Log).  ASCII, keys are never in it.
 * Control thread.
 */
#ifndef VMMQ_RPC_RPC_AUDIT_H
#define VMMQ_RPC_RPC_AUDIT_H

#include "rpc/rpc_round.h"

#define RPC_AUDIT_MAX 1536 /* bytes of a line, with the NUL: what does not fit is left out */

/* rpc_audit_change tells of a job that has been carried out or refused, unless it only asked. */
void rpc_audit_change(struct rpc *rpc, const struct rpc_job *job);

/*
 * rpc_audit_refused tells of what a role does not allow: a method, or (NULL) to be connected at all.  Five at once and one a second after
 * that; the next line says how many were left out.
 */
void rpc_audit_refused(struct rpc *rpc, const struct rpc_client *client, const char *method);

/* rpc_audit_params writes params that fit as JSON, "…" for what is secret, long or does not fit. */
void rpc_audit_params(const struct params *params, const json_t *value, char *text, size_t size);

#endif
