/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the host: who owns what, and who touches it. */
#ifndef VMMQ_HOST_SWITCH_H
#define VMMQ_HOST_SWITCH_H

#include <rte_mbuf.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/pace.h"
#include "host/cut.h"
#include "host/flood.h"
#include "host/forwarding.h"
#include "host/guest_polls.h"
#include "host/host.h"
#include "host/sampling.h"
#include "host/storm.h"

#define QUEUE_BURST      32u     /* packets taken from one queue in one turn */
#define NAP_NS           200000u /* between looks at a queue that has no interrupt */
#define NO_NAP_NEEDED_NS SECOND_NS
#define TELL_AT_ONCE     20u              /* changes of a port's state that its listener is told of, */
#define TELL_EACH_NS     (10 * SECOND_NS) /* and one in so long after that */
#define RETRY_NS         SECOND_NS        /* between attempts to open a port */
#define WAITING_MAX      1024u            /* packets for one queue of a backend */
#define REST_NS          200000u          /* a queue that has a new processor sends nothing for so long, */
#define REST_EVERY_NS    10000000u        /* so often, until all that it sent by the one before is indicated */
#define SOURCE_ROOM      8192u            /* packets that one processor's guests may have under way to another */
#define SOURCE_ROOM_ALL  131072u          /* and to all of them: with more processors each has less room, */
#define SOURCE_ROOM_MIN  2048u            /* down to this */

/* Counters of one VPort at one processor; written by that processor only. */
struct vport_counters {
	_Atomic uint64_t to_guest_packets, to_guest_bytes, from_guest_packets, from_guest_bytes, replicas;
	_Atomic uint64_t flooded;
	_Atomic uint64_t waiting; /* come to wait here, less those that left here: a sum over processors counts */
	_Atomic uint64_t drops[HOST_DROP_COUNT];
	uint32_t flooding; /* of its packets in this processor's flood queue; processor: rw */
};
#define COUNTERS_CHUNK 64u
struct counters_chunk {
	struct vport_counters vport[COUNTERS_CHUNK];
};

/* Queues of backends that a processor offers again what they have not taken.  That processor: rw. */
struct waiting {
	struct host_processor *on;
	struct transmit_queue *first; /* list */
	int timer;                    /* ends its sleep while the list is not empty */
	bool timer_set;
};

/* Queues of guests whose interrupt is put off, for this processor to make: calls.c.  It: rw. */
struct calls {
	struct transmit_queue *first; /* list */
	uint64_t due_ns;              /* the first of them is, while there are any */
};

/* What the host has for each processor, and once more for the control thread, which sends and counts when it stops ports. */
struct host_processor {
	struct host *host;
	struct vmmq_processor number;
	uint16_t index;             /* of the adapter's list */
	bool stalled;               /* control: rw; it is not called: polls stay where they are */
	struct vmmq_source *source; /* of what it polls from guests; control has none */

	/* processor: rw; control: reads.  Odd: between host_enter() and host_leave() */
	_Alignas(CACHE_LINE) _Atomic uint64_t turn; /* E1 */

	/* processor: rw; readers: acquire */
	_Alignas(CACHE_LINE) _Atomic(struct counters_chunk *) *counters; /* C1 */
	struct vport_counters uncounted;                                 /* where there was no memory for counters */
	struct flood flood;
	struct waiting waiting;
	struct calls calls;
	struct guest_polls polls;
};

/* A poll, and the processor that polls it now.  Control: rw; that processor: reads. */
struct assignment {
	struct vmmq_poll poll;
	uint16_t processor; /* index */
	bool polled;
	struct guest_queue *guest; /* polled with other guests' queues (guest_polls.h); NULL: by itself */
};

/* A device's transmit queue, for one thread at a time: what the holder of busy reads and writes. */
struct transmit_queue {
	_Alignas(CACHE_LINE) atomic_flag busy; /* L1 */
	bool roomy; /* the uplink's: it has taken the last burst whole, of those that it has taken any of */
	uint16_t number;
	uint32_t longest;        /* bytes of the longest frame that it is known to have taken */
	uint64_t stuck_since_ns; /* the device has taken nothing since; 0: it does take */

	/* A backend's: packets that it has not taken yet, in order, in a ring of WAITING_MAX. */
	struct guest *guest;
	struct rte_mbuf **waiting;
	uint32_t waiting_first, waiting_count;
	struct host_processor *offered_by; /* on whose list it is; NULL: nobody's */
	struct transmit_queue *next;       /* that processor: rw */

	uint32_t too_big;          /* bytes: frames so long are not taken (too_big.c); TOO_BIG_NONE: none is known */
	uint64_t too_big_trial_ns; /* one of that length may be offered again */
	uint64_t doubt_again_ns;   /* those behind the first may be offered before it again */

	struct host_processor *called_by;   /* on whose list of calls it is; NULL: nobody's */
	struct transmit_queue *next_called; /* that processor: rw */
};
#define TOO_BIG_NONE UINT32_MAX

/* A port as it is wanted, and as it is.  Control: rw. */
struct port {
	struct port_spec spec; /* NONE: none is wanted */
	unsigned number;       /* of its device's name; another one each time another spec is wanted */
	struct ethdev *dev;    /* NULL: closed */
	const char *state;
	char reason[HOST_REASON_MAX];
	const char *told_state; /* what the listener was told last */
	char told_reason[HOST_REASON_MAX];
	struct pace telling;
	uint64_t retry_ns;             /* not to be opened before */
	struct ethdev_info info;       /* written anew whenever something has changed: no processor's to read */
	uint16_t tx_queues;            /* of the open device, for as long as it is; processors: read */
	struct ethdev_counters closed; /* sum over the devices that it had before this one */
	struct transmit_queue *transmit;
	atomic_bool up; /* processors: read */
};

/*
 * What a queue has sent by the uplink's queue of the processor that it had before.  OPEN: given away, perhaps; CLOSING: what it sends from now on has records;
 * CLOSED: some of that has gone, so the device has finished with all when it has finished with what has records.
 */
enum uplink_fence { FENCE_OPEN, FENCE_CLOSING, FENCE_CLOSED };

/* The filter that an address has in a VLAN. */
struct known {
	bool valid;
	uint8_t mac[VMMQ_MAC_LEN];
	uint16_t vid;
	struct vmmq_filter_match match;
};

/* What is remembered of packets that a queue's guest has sent, for they mostly come from and go to where those before did; true as long as what it was judged by is the same. */
struct admitted {
	uint64_t version; /* of forwarding; 0: nothing is remembered */
	bool anti_spoofing, control_frames;
	struct known source, destination;
	struct {
		bool valid;
		uint8_t begins[FRAME_HEADER_LEN];
	} passed; /* the last frame that was sent as it came, to one receiver: whatever begins alike is, too */
};

/* A queue of packets from a guest.  A poll that finds nothing reads the first cache line only. */
struct guest_queue {
	struct guest *guest;
	struct ethdev *dev;
	uint16_t number;

	/* guest_polls.c: rw, but for quiet queues not looked at */
	bool quiet, watched; /* watched: known to the epoll set */
	int fd;
	unsigned place;      /* among the busy ones */
	uint64_t silent_tsc; /* since when it has had nothing; 0: it had something */
	struct guest_queue *lending_next;

	/* processor that polls it, or control while none does: rw */
	uint16_t uplink_queue; /* that it transmits by */
	enum uplink_fence uplink_fence;
	uint16_t joined; /* processor, by index, whose source its sender has joined; UINT16_MAX: not known */
	bool backlog;    /* the sender has packets that the uplink has not taken */
	unsigned pending_count;
	unsigned came_next, came_count; /* of those that came: the next one to admit, and how many there are */
	uint64_t refused_since_ns;      /* the uplink has not taken its first packet since; 0: it does */
	struct rte_mbuf *came[QUEUE_BURST];
	struct cut cut;                        /* the one before came_next, while it is being cut */
	struct rte_mbuf *pending[QUEUE_BURST]; /* admitted, but the sender has not taken them yet; in order */
	struct admitted admitted;
	struct vmmq_sender *sender;
	uint64_t rest_until_ns, rest_again_ns; /* while it is to join another processor's source */

	struct assignment assignment;
};

/* What is behind a VPort: policy and backend. */
struct guest {
	struct host *host;
	struct vmmq_vport_id vport;
	struct guest *next;
	atomic_bool anti_spoofing, control_frames; /* control: rw, processors: relaxed */
	atomic_bool moderated; /* its interrupts may be put off, or might be once: for good; likewise */
	enum vmmq_interrupt_moderation moderation; /* control: rw */
	struct storm storm;
	struct port port;

	/* While the port is open.  Control: rw; queue_of: processors read. */
	struct guest_queue *queue;
	_Atomic uint8_t *queue_of; /* transmit queue by processor index */
	uint16_t *processor;       /* those of its VPort, in order */
	unsigned processor_count;
	struct rte_mbuf **waiting_room; /* of all its transmit queues */
};

/* guest_is_trusted: with control frames, that is, those for a reserved group address. */
static inline bool guest_is_trusted(const struct guest *guest)
{
	return atomic_load_explicit(&guest->control_frames, memory_order_relaxed);
}

/* A queue of packets from the uplink. */
struct uplink_queue {
	struct uplink *uplink;
	uint16_t number;
	struct assignment assignment;
	struct vmmq_source *source;
	uint64_t mismatches_seen; /* control: rw */
};

struct uplink {
	struct host *host;
	struct port port;
	uint16_t rx_queues; /* wanted */
	struct uplink_queue *queue;
};

/* Senders and sources outlive the ports they serve: what they brought may still be on its way. */
struct spares {
	void **item;
	unsigned count, made;
};

struct host {
	uint16_t mtu;
	uint64_t stuck_ns;    /* an uplink that takes nothing for so long is as good as down */
	uint64_t deaf_ns;     /* so is a backend's queue, until it takes something */
	uint32_t waiting_max; /* packets, over all backends */
	struct rte_mempool *pool, *transmit_pool;
	struct vmmq_adapter *adapter;
	struct host_processor *processor; /* processor_count of them, and control's */
	uint16_t processor_count;
	uint16_t *index_of; /* by processor number */

	/* control: rw; processors: read between host_enter() and host_leave() */
	_Atomic(struct forwarding *) forwarding; /* E2 */
	_Atomic(struct uplink *) open_uplink;    /* E2; NULL while there is none */
	atomic_bool uplink_wanted;
	struct sampling sampling;

	_Alignas(CACHE_LINE) _Atomic uint32_t waiting; /* processors: rw, where backends do not take all */

	/* control: rw */
	_Alignas(CACHE_LINE) const
	    struct vmmq_filter_table *seen_filters; /* of the view that forwarding was made from; only compared */
	bool stale;                                 /* something found no memory: try again */
	bool stopped;                               /* no port is polled any more */
	bool *marked;                               /* processors, by index: scratch of queues.c */
	struct uplink uplink;
	uint64_t hash_mismatches;
	uint64_t gone_drops[HOST_DROP_COUNT]; /* of VPorts that were forgotten */
	struct storm uplink_storm; /* limits group-addressed packets from the uplink: VPort 0's flood_limit */
	struct guest *guests;      /* list, ascending by VPort id */
	struct guest **guest_of;   /* by VPort id */
	struct spares senders, sources;
	host_listener *listener;
	void *listener_context;
};

/*
 * host_enter and host_leave bracket a processor's use of forwarding, uplink, and guests; host_wait returns when no processor
 * uses what it found before the call.  Brackets do not nest.
 */
const struct forwarding *host_enter(struct host_processor *on);
void host_leave(struct host_processor *on);
void host_wait(struct host *host);

static inline struct host_processor *host_control(struct host *host)
{
	return &host->processor[host->processor_count];
}

static inline struct host_processor *host_processor(struct host *host, struct vmmq_processor number)
{
	return &host->processor[host->index_of[number.v]];
}

/* counters.c: guest_counters returns a VPort's counters at a processor, made at first use; that processor only. */
struct vport_counters *guest_counters(struct host_processor *on, struct vmmq_vport_id vport);
void guest_counters_forget(struct host *host, struct vmmq_vport_id vport);
bool guest_counters_init(struct host_processor *on);
void guest_counters_fini(struct host_processor *on);

/* host_drop frees the packet and counts it as dropped, charged to vport. */
void host_drop(struct host_processor *on, struct vmmq_vport_id vport, enum host_drop reason, struct rte_mbuf *packet);

/* host_fits tells whether the frame, or what it is cut into, is no longer than the MTU allows; up to two tags come on top. */
bool host_fits_tagged(const struct host *host, const struct rte_mbuf *packet);
static inline bool host_fits(const struct host *host, const struct rte_mbuf *packet)
{
	return rte_pktmbuf_pkt_len(packet) <= host->mtu + FRAME_HEADER_LEN || host_fits_tagged(host, packet);
}

/*
 * deliver.c: deliver_packets gives a VPort's packets, ready as its guest sees them, to its backend; what that does not take
 * waits, or is dropped.  deliver_offer offers a queue that the caller holds packets, and counts what it takes: that many.
 */
unsigned deliver_offer(struct vport_counters *counters, struct transmit_queue *queue, struct rte_mbuf *packet[],
		       unsigned count);
void deliver_packets(struct host_processor *on, struct guest *guest, struct rte_mbuf *packet[], unsigned count);
/*
 * deliver_prepare makes a packet as the VPort's guest sees it: tag put back or taken out, not too long.  NULL: it was dropped,
 * and counted.
 */
struct rte_mbuf *deliver_prepare(struct host_processor *on, const struct forwarding *forwarding,
				 struct vmmq_vport_id vport, struct rte_mbuf *packet);
vmmq_indicate_fn deliver_indication;

/*
 * too_big.c: frames that a queue will never take; the caller holds it.
 * too_big_is_doubted tells whether it may be for its length that the packet, first in line, has not been taken since since_ns (0:
 * it was not refused); patience_ns: after so long it may be, if as long ones were taken before.
 * too_big_next returns the next packet to offer when those up to refused were not taken: shorter than it is; count: none.
 * too_big_learn: a frame of len bytes was refused, and right after it a shorter one taken.
 * too_big_is_known tells whether a packet need not be offered; only to ask where too_big is not TOO_BIG_NONE.
 */
bool too_big_is_doubted(const struct transmit_queue *queue, const struct rte_mbuf *packet, uint64_t since_ns,
			uint64_t patience_ns);
unsigned too_big_next(struct rte_mbuf *const packet[], unsigned count, unsigned refused);
void too_big_learn(struct transmit_queue *queue, uint32_t len);
bool too_big_is_known(struct transmit_queue *queue, const struct rte_mbuf *packet);

/* too_big_note: the queue has taken a packet of len bytes. */
static inline void too_big_note(struct transmit_queue *queue, uint32_t len)
{
	queue->longest = len > queue->longest ? len : queue->longest;
	if (len >= queue->too_big)
		queue->too_big = TOO_BIG_NONE;
}

/*
 * waiting.c: waiting_put lets packets that the queue has not taken wait behind what waits already, as far as they may, and drops
 * the others; waiting_offer offers what waits; true: nothing does any more.  The caller holds the queue.
 */
void waiting_put(struct host_processor *on, struct transmit_queue *queue, struct rte_mbuf *packet[], unsigned count);
bool waiting_offer(struct host_processor *on, struct transmit_queue *queue);
/* The poll that offers it again.  context: a processor's struct waiting. */
vmmq_poll_fn waiting_poll;
bool waiting_arm(void *context, bool armed);
bool waiting_init(struct host_processor *on);
void waiting_fini(struct host_processor *on);
/* waiting_make makes the queues of a guest's open port ready for it; false: memory.  waiting_close drops what waits. */
bool waiting_make(struct guest *guest);
void waiting_close(struct guest *guest);

/*
 * calls.c: calls_note lists the queue if what it took has put an interrupt off; the caller holds it.  calls_poll makes those that are due.  calls_close:
 * nobody delivers to the guest any more, and nobody has its queues on a list afterwards.
 */
void calls_note(struct host_processor *on, struct transmit_queue *queue);
void calls_poll(struct host_processor *on);
void calls_close(struct guest *guest);
static inline void calls_note_moderated(struct host_processor *on, struct transmit_queue *queue)
{
	if (atomic_load_explicit(&queue->guest->moderated, memory_order_relaxed))
		calls_note(on, queue);
}

/* from_guest.c: the poll of a guest's queue, and what becomes of its sends. */
vmmq_poll_fn guest_queue_poll;
bool guest_queue_arm(void *context, bool armed);
vmmq_complete_fn guest_complete;
vmmq_keep_fn guest_packet_keep;
vmmq_keep_fn guest_packet_hand;
/* guest_queue_poll_lending: in a turn, at whose end guest_polls_end() follows. */
unsigned guest_queue_poll_lending(struct guest_queue *queue);
/* guest_queue_flush sends what is left over, on the control thread while no processor polls the queue; true: nothing is left. */
bool guest_queue_flush(struct guest_queue *queue);
/* guest_queue_discard drops what is left over.  Likewise. */
void guest_queue_discard(struct guest_queue *queue);

/* uplink.c */
vmmq_poll_fn uplink_queue_poll;
bool uplink_queue_arm(void *context, bool armed);
vmmq_transmit_fn uplink_transmit;
/*
 * uplink_is_settled: what a queue sends goes by its processor's queue of the uplink's, and can be given away.  After a move it goes by that of the processor before, with
 * records (vmmq_transfer()), until the device has finished with the first that had one: it sends in order, so it has finished with all before, too.
 * uplink_sending says on whose behalf this thread calls vmmq_give() or vmmq_transfer() from now on; NULL: nobody's.
 */
bool uplink_is_settled(const struct guest_queue *queue, const struct host_processor *on);
void uplink_sending(struct guest_queue *queue, struct host_processor *on, bool discard);
/* uplink_reap lets the device free what it has sent. */
void uplink_reap(struct uplink *uplink);

/* transmit_queue.c: transmit_lock waits for its turn; transmit_try_lock gives up soon. */
struct transmit_queue *transmit_queues_create(unsigned count);
void transmit_lock(struct transmit_queue *queue);
bool transmit_try_lock(struct transmit_queue *queue);
void transmit_unlock(struct transmit_queue *queue);

/* queues.c: which processor polls which queue.  guest: the queue that the assignment is of, NULL: it is the uplink's. */
bool queue_assign(struct host *host, struct assignment *assignment, struct guest_queue *guest, uint16_t processor,
		  int fd);
void queue_unassign(struct host *host, struct assignment *assignment);
/* guest_assign and uplink_assign make it follow RSS parameters and the device's queues; false: memory, try again. */
bool guest_assign(struct guest *guest);
bool uplink_assign(struct uplink *uplink);

/* port.c: one port's life.  port_open: false: the port says why, and when it may be tried again. */
bool port_open(struct host *host, struct port *port, uint16_t rx_queues, uint16_t tx_queues);
void port_close(struct port *port);
/* port_look reads the device's state; true: something has changed. */
bool port_look(struct port *port);
void port_state(struct port *port, const char *state, const char *reason);
void port_get(const struct port *port, struct host_port *out);

/*
 * guest.c: guest_find: NULL: nothing is known of that VPort.  guest_make finds it, or makes it with the default policy; NULL:
 * memory.  guest_open: true: the backend is open, and forwarding is to be made anew.  guest_close: nobody uses it any more.
 */
struct guest *guest_find(struct host *host, struct vmmq_vport_id vport);
struct guest *guest_make(struct host *host, struct vmmq_vport_id vport);
bool guest_open(struct guest *guest);
void guest_close(struct guest *guest);

/* uplink_port.c */
void uplink_open(struct uplink *uplink);
void uplink_close(struct uplink *uplink);

/* spares.c: spares_sender and spares_source take one, or make one; NULL: memory. */
struct vmmq_sender *spares_sender(struct host *host);
struct vmmq_source *spares_source(struct host *host);
void spares_put(struct spares *spares, void *item);
void spares_destroy(struct host *host);

/* stop.c: ports_unassign takes all polls away, for good. */
void ports_unassign(struct host *host);

/* update.c: forwarding_renew makes forwarding anew and publishes it; false: memory, the old one goes on. */
bool forwarding_renew(struct host *host);

#endif
