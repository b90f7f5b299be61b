/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host network stack above the adapter, as a virtual switch: delivers what is indicated on a VPort to its backend,
 * replicates broadcast and multicast by VLAN, sends what VMs send to other VPorts or to the uplink, keeps VMs from
 * using addresses and VLANs that are not theirs.
 *
 * A packet from the uplink: poll of an uplink queue -> vmmq_receive() -> adapter -> indication on the VPort -> backend queue of
 * that processor.  Group-addressed frames match no filter, are indicated on VPort 0, and replicated from there.
 * A packet from a VM: poll of its queue -> source check, VLAN tag -> vmmq_give() (another VPort, or the uplink); a
 * group-addressed one is also replicated to the other VPorts of its VLAN.
 *
 * VLANs follow from the filters (spec 4.3).  A VPort all of whose filters have one VLAN id is an access port: its guest
 * sees and sends untagged frames.  One without a VLAN in its filters is an untagged port.  Any other (several VLANs, "any") is a trunk: tags
 * are put back on delivery, and the guest may send the tags that its filters admit.  VPort 0 without filters: a trunk.
 * A VPort belongs to a VLAN when one of its filters admits it; VPort 0 without filters belongs to all.
 * Source check (anti-spoofing): a frame may leave a VPort only when a filter of that very VPort matches (source MAC, its
 * VLAN); where the check is off, its VLAN must still be one of the VPort's.  A VPort without a filter sends nothing; VPort 0
 * without filters sends anything.
 *
 * Queues: queue k of a backend belongs to the k-th processor of its VPort: those that its RSS parameters steer to now, in
 * the order of the adapter's RSS processor set; with fewer queues than processors, to the (k mod queues)-th ones together.
 *
 * Threads: control, but for the functions that the adapter calls; and not between vmmq_adapter_edit_begin() and _end(), as
 * polls are moved and processors waited for.
 */
#ifndef VMMQ_HOST_HOST_H
#define VMMQ_HOST_HOST_H

#include <vmmq/adapter.h>

#include "ports/ethdev.h"
#include "ports/port_spec.h"

struct host;

/*
 * buffers: mbufs in the pool for received packets and copies [16384]; mtu: of the whole switch [1500].
 */
struct host_params {
	const char *name; /* of the adapter; names the pools */
	uint32_t buffers;
	uint16_t mtu;
};

/*
 * host_create makes a host without ports.  host_fill_adapter_params sets indicate, transmit, complete, context, pool and
 * transmit_pool in params; host_bind tells it the adapter made with them, before anything else.
 * host_destroy: after vmmq_adapter_stop() and the end of all processors, before vmmq_adapter_destroy(): closes all ports.
 */
vmmq_status host_create(const struct host_params *params, struct host **host, struct vmmq_why *why);
void host_fill_adapter_params(struct host *host, struct vmmq_adapter_params *params);
vmmq_status host_bind(struct host *host, struct vmmq_adapter *adapter, struct vmmq_why *why);
void host_destroy(struct host *host);

/*
 * host_stop_ports takes all polls away (no packet comes in any more) and completes what is outstanding, waiting at most
 * timeout_ns: for a clean stop, while the processors still run.  false: something was still outstanding.
 */
bool host_stop_ports(struct host *host, uint64_t timeout_ns);

/*
 * What is wanted of the ports: requested values, copied; specs have been checked with port_spec_check().  NULL, PORT_NONE: none.
 * rx_queues: of the uplink, whose spec says no queues.  They never fail: a device that cannot be opened now is tried again by host_tick(), and host_port_get() says why.
 * Taking away a backend waits until nothing of it is in use (its own traffic only stops).
 * Every kind may be uplink or backend.
 */
void host_set_uplink(struct host *host, const struct port_spec *spec, uint16_t rx_queues);
void host_set_backend(struct host *host, struct vmmq_vport_id vport, const struct port_spec *spec);

/*
 * anti_spoofing: the source check above.  flood_limit: group-addressed packets a second that may be replicated from this
 * VPort (0: no limit), with a burst of a tenth of that; beyond, they are dropped, charged to it as "storm".  VPort 0's also
 * limits those from the uplink.  control_frames: the VPort is trusted with frames to reserved group addresses: it may send
 * them, and is given those of others that are, and of the uplink; before this is called VPort 0 is, and no other.
 * moderation: of the interrupts by which its guest learns of packets (ethdev_moderate()).
 */
struct host_policy {
	bool anti_spoofing;
	uint32_t flood_limit;
	bool control_frames;
	enum vmmq_interrupt_moderation moderation;
};
void host_set_policy(struct host *host, struct vmmq_vport_id vport, const struct host_policy *policy);

/*
 * host_update makes forwarding follow the NIC switch: VLAN membership, source check, queues of processors.  After each
 * vmmq_adapter_apply(); cheap when only RSS parameters changed.  RESOURCES: memory; the old state goes on, try again.
 * host_forget_vport: the VPort was deleted and is quiescent: closes its backend, forgets its policy and counters.
 */
vmmq_status host_update(struct host *host);
/*
 * host_update_vport does that for one VPort, of which nothing but lanes was moved.
 * host_set_stalled: a processor does not turn, so who called it would wait for it: until it does again, polls of guests' queues stay
 * where they are instead of moving to or from it.  Then host_update().
 */
void host_update_vport(struct host *host, struct vmmq_vport_id vport);
void host_set_stalled(struct host *host, struct vmmq_processor processor, bool stalled);
void host_forget_vport(struct host *host, struct vmmq_vport_id vport);

/*
 * host_sample_begin has the next HOST_SAMPLES packets that are indicated for a lane of a VPort (an entry of its table,
 * VMMQ_LANE_DEFAULT or VMMQ_LANE_PRIMARY) looked at; false: memory.  Another one before it has ended ends it.  host_sample_end ends
 * it and fills sample[HOST_SAMPLES], if that is not NULL, with those that came; returns how many.
 */
#define HOST_SAMPLES      256u
#define HOST_SAMPLE_BYTES 128u
struct host_sample {
	uint32_t len;  /* of the frame */
	uint16_t held; /* bytes of it that are here, its first */
	uint8_t bytes[HOST_SAMPLE_BYTES];
};
bool host_sample_begin(struct host *host, struct vmmq_vport_id vport, unsigned lane);
unsigned host_sample_end(struct host *host, struct host_sample sample[]);

/*
 * host_tick looks after ports: opens those that are wanted and closed (not more often than each second), closes those
 * that are gone, follows queues that guests enable.  Call it every 100 ms and when ethdev_event_fd() is readable.  Each
 * change of a port's state is told to the listener.
 */
typedef void host_listener(void *context, bool uplink, struct vmmq_vport_id vport, const char *state,
			   const char *reason);
void host_listen(struct host *host, host_listener *listener, void *context);
void host_tick(struct host *host);

/*
 * A port as requested and as it is.  state: an ethdev_state's name, "none" (nothing is wanted), or "failed" (cannot be opened).
 * reason: a sentence, cut at HOST_REASON_MAX bytes, for every state but "none": why, and what would help; with "up" what it does not do as asked, mostly "".
 * spec: PORT_NONE when none is wanted; the host's, until it changes.  info: zero unless open.  counters: over all devices that the port has had.
 */
#define HOST_REASON_MAX 256 /* with the NUL */
struct host_port {
	const struct port_spec *spec;
	const char *state;
	char reason[HOST_REASON_MAX];
	bool open;
	struct ethdev_info info;
	struct ethdev_counters counters;
};
void host_uplink_get(struct host *host, struct host_port *port);

/*
 * host_hash_mismatch_take returns a queue of the uplink whose device was found to hash in another way than it says, so that its
 * hashes are not taken any more (vmmq_source_device_hash()): each once; -1: no more.  host_hash_mismatches: how many it has told of.
 */
int32_t host_hash_mismatch_take(struct host *host);
uint64_t host_hash_mismatches(const struct host *host);
void host_backend_get(struct host *host, struct vmmq_vport_id vport, struct host_port *port);

/*
 * Why the host drops a packet.
 *   X(name, JSON name, meaning)
 */
/* clang-format off */
#define HOST_DROPS(X) \
	X(NO_BACKEND, "no_backend", "its VPort has no backend, or it is down: nobody is there to take it") \
	X(BACKEND_FULL, "backend_full", "the backend's queue was full, and what waits for it too: the guest does not read fast enough") \
	X(UPLINK_DOWN, "uplink_down", "there is no uplink, or it is down") \
	X(SPOOFED, "spoofed", "a VM sent it with a source address that no filter of its VPort has") \
	X(VLAN, "vlan", "a VM sent it, or it came to VPort 0, in a VLAN that the VPort does not belong to") \
	X(TAGGED, "tagged", "a VM sent it with a tag, and its VPort is not a trunk, or is one of some VLANs and the tag names none") \
	X(CONTROL_FRAME, "control_frame", "it is for a reserved group address (BPDU, LACP, LLDP and so on), and nobody there is trusted with control_frames; " \
	  "or it is a PAUSE frame") \
	X(HAIRPIN, "hairpin", "a VM sent it to an address of its own VPort") \
	X(STORM, "storm", "more group-addressed packets than the VPort's flood_limit, or than copies can be made of") \
	X(MTU, "mtu", "it is longer than the switch's MTU allows") \
	X(TOO_BIG, "too_big", "it is longer than what the guest's receive buffers, or the uplink's device, take") \
	X(HOST_NO_BUFFER, "copy_no_buffer", "there was no buffer for a copy") \
	X(MALFORMED, "malformed", "a VM sent a frame without a whole Ethernet header")
/* clang-format on */
enum host_drop {
#define X(name, text, meaning) HOST_DROP_##name,
	HOST_DROPS(X)
#undef X
	    HOST_DROP_COUNT
};
const char *host_drop_name(enum host_drop drop);
const char *host_drop_meaning(enum host_drop drop);

/*
 * Counters of one VPort (VPort 0: also what came from the uplink and has no VPort), over all processors.  Any thread, any time.
 * to_guest: delivered to its backend; from_guest: taken from it; replicas: copies of group-addressed packets made for it;
 * flooded: of VPort 0, group-addressed packets from the uplink that were replicated; waiting: now, for its backend.
 * Where nothing is in a flood queue: packets indicated + replicas = to_guest + flooded + waiting + drops of packets to it.
 */
struct host_counters {
	uint64_t to_guest_packets, to_guest_bytes;
	uint64_t from_guest_packets, from_guest_bytes;
	uint64_t replicas, flooded;
	uint64_t waiting;
	uint64_t drops[HOST_DROP_COUNT];
};
void host_counters_read(const struct host *host, struct vmmq_vport_id vport, struct host_counters *counters);

/* host_gone_drops_add adds what VPorts had dropped that were forgotten.  Control thread. */
void host_gone_drops_add(const struct host *host, uint64_t sum[HOST_DROP_COUNT]);

#endif
