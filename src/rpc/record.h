/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running switch as JSON records for people and programs (docs/rpc.md, Records).  Control thread.
 * All return a new reference, or NULL: memory.
 */
#ifndef VMMQ_RPC_RECORD_H
#define VMMQ_RPC_RECORD_H

#include <jansson.h>

#include "agent/agent.h"
#include "control/live.h"

struct record_source;

/*
 * record_source_create makes records possible of what is known over time only: shares of the last second, stalled
 * processors.  record_sample: call it every second.
 */
struct record_source *record_source_create(struct live *live);
void record_source_destroy(struct record_source *source);
void record_sample(struct record_source *source);
/* record_event keeps what an event tells about processors that have stalled. */
void record_event(struct record_source *source, const json_t *event);

/* record_source_fleet: of whom record_fleet() tells; NULL: of nobody. */
void record_source_fleet(struct record_source *source, const struct agent *agent);
/* record_fleet_config: NULL: there is no fleet. */
struct config_fleet *record_fleet_config(const struct record_source *source);
json_t *record_fleet(const struct record_source *source);

json_t *record_adapter(const struct record_source *source);
json_t *record_processors(const struct record_source *source);
/* record_port: wanted and found state of a port. */
json_t *record_port(const struct host_port *port);

enum record_detail { RECORD_PLAIN, RECORD_WITH_ENTRIES }; /* with "processors" and "entries" */
json_t *record_vport(const struct record_source *source, struct vmmq_vport_id id, enum record_detail detail);
/*
 * record_vports_begin tells of all VPorts, one after the other: record_vports_next() until it returns NULL, and record_vports_end(), which
 * takes NULL.  record_vports_whole: that NULL was their end, and not that memory is short.  No request is carried out meanwhile.
 */
struct record_vports *record_vports_begin(const struct record_source *source, enum record_detail detail);
json_t *record_vports_next(struct record_vports *vports);
bool record_vports_whole(const struct record_vports *vports);
void record_vports_end(struct record_vports *vports);
/* record_rss: with its key, or null in its place. */
enum record_key { RECORD_WITHOUT_KEY, RECORD_WITH_KEY };
json_t *record_rss(const struct record_source *source, struct vmmq_vport_id id, enum record_key key);
/* record_filters: of one VPort, or of all (-1). */
json_t *record_filters(const struct record_source *source, int32_t vport);
json_t *record_drops(const struct record_source *source);
/* record_balance: what dynamic VMMQ does; with the lanes of a VPort, and its moves only, or of all (-1). */
json_t *record_balance(const struct record_source *source, int32_t vport);
/* record_lane names a lane as rss.move does: {"entry": 21}, {"default": true} or {"primary": true}. */
json_t *record_lane(unsigned lane);
/* record_flows_of: which lane is looked at; record_flows: what was seen of it. */
struct live_flows_of;
struct live_flows;
json_t *record_flows_of(const struct live_flows_of *of);
json_t *record_flows(const struct live_flows *flows);
/* record_top has an empty list of VPorts at its end. */
json_t *record_top(const struct record_source *source);

/* record_switch is the NIC switch, inside a request or not. */
struct vmmq_nic_switch *record_switch(struct live *live);

/* record_text is a JSON string of text that may have been cut inside a character, or is not UTF-8. */
json_t *record_text(const char *text);
json_t *record_text_or_null(const char *text);
/* record_mac is "02:00:00:00:00:01". */
json_t *record_mac(const uint8_t mac[VMMQ_MAC_LEN]);

#endif
