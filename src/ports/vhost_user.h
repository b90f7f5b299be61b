/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vhost-user ports, inside: how a front end (a VMM) and DPDK's vhost library come together.
 *
 * The library would listen and speak with front ends itself, on one thread, with reads that block: one that stops in the middle
 * of a message would stop all others.  So the sockets are ours.  A thread of its own, the relay, accepts (or connects), reads whole
 * messages, refuses what could hurt others than its sender (vhost_message.h), and passes on the rest over a connection of
 * its own to the library, one message at a time.  While the library takes a message that changes something, no processor is inside
 * the port (ethdev_queues_stop()): the library's locks never keep a processor waiting.
 *
 *   front end <-- socket of the VPort --> relay <-- private socket --> library's thread -> callbacks
 *   guest's rings and memory, as the library has mapped them <-- processors
 *
 * The rings are ours while processors are in the port (src/virtio), and the library's while it takes a message.
 *
 * After each message a GET_FEATURES of the relay's own, the question, follows; its answer says that the message has been dealt with.
 *
 * Threads: the relay's holds a lock while it handles an event, control in vhost_relay_add() and _remove(): what is marked "relay" is
 * read and written under it.  Callbacks come on the library's thread, or, when a connection is closed, on the relay's; they take
 * no lock.
 */
#ifndef VMMQ_PORTS_VHOST_USER_H
#define VMMQ_PORTS_VHOST_USER_H

#include <pthread.h>
#include <rte_mbuf.h>
#include <sys/socket.h>

#include "base/counter.h"
#include "base/pace.h"
#include "ports/ethdev_port.h"
#include "ports/port_spec.h"
#include "ports/vhost_message.h"
#include "virtio/virtio_ring.h"

/* Of a burst; its pieces have room for one chain of whatever length. */
#define VHOST_BURST_MAX  32u
#define VHOST_PIECES_MAX (VIRTIO_CHAIN_MAX + 4 * VHOST_BURST_MAX)
#define VHOST_LEND_MIN   2048u /* bytes of a frame: shorter ones are copied twice sooner than lent */

struct vhost_away;
struct vhost_line;
struct vhost_port;
struct virtio_cursor;
struct virtio_net_hdr_v1;

/* What a packet has of the guest's memory.  packet: NULL: it has given it back, or is away.  chain: whose frame it is, by its place in the burst. */
struct vhost_loan {
	struct rte_mbuf_ext_shared_info shared;
	struct rte_mbuf *packet;
	struct vhost_lent *of;
	unsigned chain;
};

/*
 * A burst some of which is lent: its chains are given back together, when nothing is any more but what is away.  Those of which something is, and all behind them,
 * stand in line (vhost_away.c).  The counters are struct ethdev_counters'.
 */
struct vhost_lent {
	_Atomic uint64_t frames, kept, waited, sent;
	unsigned chains, loans, in_line;
	bool
	    stays; /* constant: nothing is sent away: memory whose pages come from afar (postcopy) would stop others, too */
	bool sent_away;                  /* some of the burst is away */
	struct vhost_line *_Atomic line; /* processor: w, once; NULL: nothing ever was away */
	struct virtio_chain chain[VHOST_BURST_MAX];
	struct vhost_loan loan[VHOST_BURST_MAX];
	struct vhost_away *away[VHOST_BURST_MAX]; /* by chain; NULL: nothing of it is */
};

/* A ring of the guest's, while it is held: ours, not the library's.  call_fd: interrupts the guest; -1: it has asked for none. */
struct vhost_ring {
	_Alignas(64) struct virtio_ring is;
	struct vhost_port *of;
	_Atomic int call_fd;      /* relay: w; processor: w, when it has made it wait: */
	_Atomic bool call_blocks; /* processor: w, relay: r */
	bool call_due; /* a call that can wait until the processor comes by again, when what it wrote has left it */
	int vid;       /* the library's numbers for it */
	uint16_t number, size;
	bool held, told;         /* relay.  told: that it is broken */
	bool fits;               /* relay: it is enabled, and its parts are where a ring's can be */
	_Atomic bool broken;     /* processor: w, relay: r */
	struct vhost_lent *lent; /* processor: rw, of one that the guest transmits by */
	_Atomic uint64_t lost;   /* frames in it that could not be taken (processor: rw) */

	/* vhost_moderate.c, of a ring that the guest receives by.  Who transmits: rw */
	struct {
		uint64_t called_ns; /* when the guest was interrupted last */
		uint32_t frames;    /* that it has not been told of since */
		uint8_t step;       /* adaptive's interval; what it is taken from: */
		uint64_t window_ns; /* when it began to count, */
		uint64_t window_frames;
		_Atomic bool
		    owed; /* an interrupt has been put off; relay: r, and w while no processor is in the port */
	} put_off;
};

/* What a descriptor that the relay watches belongs to.  events: of epoll(7).  Afterwards the watch may be gone. */
struct vhost_watch {
	void (*ready)(struct vhost_watch *watch, uint32_t events);
	int fd; /* -1: none */
};

/* A front end that is connected, and its connection to the library.  Relay, but for what says otherwise. */
struct vhost_link {
	struct vhost_port *of;
	struct vhost_watch front, library;
	struct vhost_message from_front, from_library;
	size_t front_have, library_have;
	bool waiting; /* the library has a message, and has not dealt with it */
	bool rests;   /* the front end sends too many messages: it waits */
	bool listens; /* postcopy has begun: SET_MEM_TABLE is answered with addresses, and that answer with another */
	bool question_held;  /* the library would take the question for that */
	bool front_is_asked; /* the library waits for it */
	bool refused;        /* the library has refused the message, and said so to the front end */
	bool told_queues;    /* how many there may be, and has not given its memory yet */
	uint64_t
	    own_features; /* of those that our rings have and the library does not know of: it has asked for these */
	bool asks_features; /* the front end does, so the first answer about them is to it */
	pid_t pid;          /* of the front end; 0: not known */
	struct pace messages;
	int kick[VHOST_RINGS_MAX]; /* ours, as the front end's may be closed at any moment; -1: none */
	char path[96];             /* what the library knows it by */

	int vid;                                    /* the library's number; written before its thread knows of it */
	_Atomic bool running;                       /* callbacks: w */
	_Atomic bool ring_enabled[VHOST_RINGS_MAX]; /* callbacks: w */
	_Atomic bool memory_lost;                   /* signal handler: w */
};

struct vhost_port {
	struct ethdev *port;
	struct vhost_port *next; /* relay: the list of them */
	bool client, sealed, postcopy;
	uint64_t features_off;
	struct vhost_watch listener; /* relay */
	struct vhost_link *link;     /* relay; NULL: nobody is connected */
	struct pace connections;
	int client_reason;                       /* relay: errno of its last attempt, which has been told; 0: none */
	bool listener_rests;                     /* relay: nobody is accepted just now */
	struct pace refusals;                    /* relay: of second front ends, as they are told of */
	uint16_t mtu;                            /* of the switch */
	_Atomic uint16_t rx_enabled, tx_enabled; /* queues of the guest's, from 0; relay: w */
	_Atomic int vid;                         /* processors, between ethdev_queue_enter() and _leave() */

	/* processors, between ethdev_queue_enter() and _leave(); relay, while none is in the port */
	struct vhost_ring
	    *ring; /* two for each queue pair: even: the guest receives by it; odd: it transmits by it */
	struct vhost_lent *lent; /* each queue pair's */
	struct virtio_memory memory;
	uint32_t header_len; /* of the header before each frame */
	uint32_t
	    short_max; /* bytes of a frame that fits any buffer, is not lent, and has a header of virtio 1.0 before it; 0: none has */
	bool hash_report;            /* the header tells of the VPort's hash */
	bool mergeable;              /* a frame may take more than one of the guest's buffers */
	uint32_t sends;              /* what its guest may leave to others, ETHDEV_PARTIAL and so on */
	_Atomic uint32_t takes;      /* and what others may leave to it; relay: w, any: r */
	_Atomic uint16_t moderation; /* enum vmmq_interrupt_moderation; control: w */
	_Atomic bool calls_now;      /* no call is put off; relay: w */
	bool by_library;             /* packets move by the library's burst functions */

	pthread_mutex_t reason_lock;
	char reason[256]; /* why it is not up, "" if nothing is known; or a remark */
};

/* vhost_relay.c.  vhost_relay_add: 0, or -1 with a sentence in error.  vhost_relay_remove: afterwards nothing of the port is watched. */
int vhost_relay_add(struct vhost_port *vhost, const struct port_spec *wanted, char *error, size_t error_len);
void vhost_relay_remove(struct vhost_port *vhost);
void vhost_relay_wake(void); /* from any thread, and from a signal handler */
bool vhost_relay_watch(struct vhost_watch *watch, uint32_t events);
void vhost_relay_change(struct vhost_watch *watch, uint32_t events);
void vhost_relay_unwatch(struct vhost_watch *watch); /* and closes it */
void vhost_port_say(struct vhost_port *vhost, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * vhost_socket.c: the VPort's own socket.  _open: 0, or -1 with a sentence in error.  _connect returns a connected socket,
 * or a negative errno: not now.  _peer: who is at the other end; zeroed where that is not known.
 */
int vhost_socket_open(struct vhost_port *vhost, const struct port_spec *wanted, char *error, size_t error_len);
int vhost_socket_connect(const struct vhost_port *vhost);
struct ucred vhost_socket_peer(int socket);

/* vhost_link.c.  _open takes the socket over.  _close: with why ("" for a front end that left). */
void vhost_link_open(struct vhost_port *vhost, int socket);
void vhost_link_close(struct vhost_link *link, const char *why);
bool vhost_link_is_over(
    const struct vhost_link *link); /* its front end has left, which the relay may not have come to yet */
void vhost_link_tick(struct vhost_link *link);

/*
 * vhost_library.c: a connection in DPDK's vhost library.  _join connects it and returns our end of the connection, -1: with a
 * sentence in error.  _leave: after it no callback comes any more.
 */
int vhost_library_join(struct vhost_link *link, char *error, size_t error_len);
void vhost_library_leave(struct vhost_link *link);

/*
 * vhost_memory.c: what guests share can be cut off while we use it (SIGBUS).  _guard and _guard_log note what the library has mapped for a
 * front end, its memory and its log of dirty pages; _forget forgets both, before they are unmapped.  _message: the library's thread deals with a
 * message of that link now.
 */
bool vhost_memory_init(void);
void vhost_memory_guard(struct vhost_link *link);
void vhost_memory_guard_log(struct vhost_link *link);
void vhost_memory_forget(struct vhost_link *link);
void vhost_memory_message(struct vhost_link *link);

/*
 * vhost_user.c: a port's life, and what it is now.  vhost_queues_follow lets processors into those queues that the guest has enabled.
 */
struct ethdev *vhost_user_open(const struct ethdev_params *params, char *error, size_t error_len);
void vhost_user_close(struct ethdev *port);
void vhost_user_info(struct ethdev *port, struct ethdev_info *info);
void vhost_queues_follow(struct vhost_link *link);

/*
 * vhost_rings.c.  Relay, while no processor is in the port: _give_back tells the library where rings stand that we hold, and _hold
 * takes those that the guest uses.  vhost_ring_is_broken tells the relay.
 */
void vhost_rings_give_back(struct vhost_link *link);
void vhost_rings_hold(struct vhost_link *link);
void vhost_rings_tell(struct vhost_link *link);        /* of those that have broken */
bool vhost_rings_block(const struct vhost_link *link); /* a call to one of them has had to wait */
void vhost_ring_is_broken(struct vhost_ring *ring);

/*
 * vhost_call.c: vhost_ring_call interrupts the guest if it wants that; true: it did.  vhost_calls_interrupt has those come back who wait in such a call for a
 * guest of that port, NULL: of any, on whatever thread; the link is closed then.
 */
bool vhost_call_init(void);
void vhost_calls_interrupt(const struct vhost_port *vhost);
bool vhost_ring_call(struct vhost_ring *ring);
static inline void vhost_ring_call_due(struct vhost_ring *ring)
{
	if (!ring->call_due)
		return;
	ring->call_due = false;
	vhost_ring_call(ring);
}

/*
 * vhost_moderate.c: vhost_moderate and vhost_call are ethdev_moderate() and ethdev_call().  vhost_ring_put_off: frames were put into the ring;
 * interrupts the guest now, or owes it.  vhost_calls_make (relay) has processors make what they owe, and put nothing off until vhost_rings_hold().
 */
void vhost_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation);
uint64_t vhost_call(struct ethdev *port, uint16_t queue);
void vhost_ring_put_off(struct vhost_ring *ring, unsigned frames);
void vhost_calls_make(struct vhost_port *vhost);

/* What the library does not know of, and we offer: USO. */
#define VHOST_OFFLOAD_OWN_FEATURES                                                                                   \
	(VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_USO4) | VIRTIO_FEATURE(VIRTIO_NET_F_GUEST_USO6) |                         \
	 VIRTIO_FEATURE(VIRTIO_NET_F_HOST_USO))

/* The packet's path, between ethdev_queue_enter() and _leave(): vhost_receive.c, vhost_transmit.c.  may_lend: long frames may be lent. */
unsigned vhost_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count, bool may_lend);
unsigned vhost_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
void vhost_notify(struct ethdev *port, uint16_t queue, bool wanted);

/*
 * vhost_buffers returns buffers for so many bytes, in a chain; NULL: there are not enough.  Where it takes many, half of the pool is not for
 * that, so that frames that fit into one always find some.
 */
struct rte_mbuf *vhost_buffers(struct rte_mempool *pool, uint32_t len);

/*
 * vhost_lend.c: vhost_lend lends the packet, which is of one segment, len bytes more of the burst's chain, from there on; false: it cannot be.  vhost_lent_keep makes
 * what is lent to a packet its own; false: no buffers.  vhost_lends: some of the last burst may still be lent; then vhost_lent_settle ends
 * that, and gives the burst back to the guest.  All on the thread that received it, in the turn in which it did; but vhost_lent_keep also where a packet is that was
 * away.
 * vhost_lent_hand makes what is lent to a packet its own, or lets it be away; false: no buffers.
 */
bool vhost_lend(struct vhost_ring *ring, unsigned chain, struct rte_mbuf *packet, struct virtio_cursor *from,
		uint32_t len);
bool vhost_lent_keep(struct rte_mbuf *packet);
bool vhost_lent_hand(struct rte_mbuf *packet);
bool vhost_lends(const struct ethdev *port, uint16_t queue);
void vhost_lent_settle(struct ethdev *port, uint16_t queue);

/* vhost_lent_by returns what is told when a packet has given back what is lent to it, if that function is; NULL: nothing is lent so. */
static inline void *vhost_lent_by(const struct rte_mbuf *packet, rte_mbuf_extbuf_free_callback_t returned)
{
	const struct rte_mbuf *lent = packet->next;
	bool is = lent && RTE_MBUF_HAS_EXTBUF(lent) && lent->shinfo->free_cb == returned;

	return is ? lent->shinfo->fcb_opaque : NULL;
}

/* vhost_bytes_add adds bytes to a packet of enough buffers, of which `to` is the one that is being filled; returns the one that is then. */
struct rte_mbuf *vhost_bytes_add(struct rte_mbuf *to, const uint8_t *from, uint32_t len);
/* vhost_packet_cut: a packet whose other segments are gone ends where its own bytes do, so that whoever gets it sees that it is not whole. */
void vhost_packet_cut(struct rte_mbuf *packet);

/*
 * vhost_away.c: vhost_away_begin lets a packet that is lent something be away; NULL: it cannot be.  vhost_away_take: it is here, on the processor that it was
 * sent to: true: and reads its sender's memory, until it is freed or has been made its own; false: what it has is its own, or another turn's that this is.
 * For who holds the ring: vhost_line_put gives chains back behind those that are in line, a burst's, of which lent->away says what is away;
 * vhost_line_has_room moves the line, and tells whether another burst may be taken.  vhost_line_end ends it, when no processor is in the port.
 * vhost_line_leave: the ring is no more.  vhost_line_waited, any thread: how many packets had to wait on the processor that they were sent to: vhost_away_waits.
 */
struct vhost_away *vhost_away_begin(struct vhost_lent *lent, struct rte_mbuf *packet);
bool vhost_away_take(struct rte_mbuf *packet);
void vhost_away_waits(const struct rte_mbuf *packet);
uint64_t vhost_line_waited(const struct vhost_lent *lent);
void vhost_line_put(struct vhost_ring *ring, const struct virtio_chain *chain, unsigned count);
bool vhost_line_has_room(struct vhost_ring *ring);
void vhost_line_end(struct vhost_ring *ring);
void vhost_line_leave(struct vhost_line *line);

/* vhost_chains_put gives a burst's chains back, or has them stand in line. */
static inline void vhost_chains_put(struct vhost_ring *ring, const struct virtio_chain *chain, unsigned count)
{
	if (ring->lent->in_line || ring->lent->sent_away) {
		vhost_line_put(ring, chain, count);
		return;
	}
	virtio_ring_put(&ring->is, chain, count);
	ring->call_due = true;
}

/* vhost_count counts what a queue has received or sent: n packets, which are there still. */
static inline void vhost_count(struct ethdev_queue *queue, struct rte_mbuf *const packet[], unsigned n)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += rte_pktmbuf_pkt_len(packet[i]);
	counter_add(&queue->packets, n);
	counter_add(&queue->bytes, bytes);
}

/* vhost_burst.c: the same by the library's functions, whose the rings are then; nothing is counted, and what is sent stays the caller's. */
unsigned vhost_burst_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
unsigned vhost_burst_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
void vhost_burst_notify(struct ethdev *port, uint16_t queue, bool wanted);

/* vhost_checksum.c completes a checksum that the guest has left to the device, as the library tells of it. */
void vhost_checksum_complete(struct rte_mbuf *packet);

/*
 * vhost_offload.c: what a guest may leave to others, and what others may leave to it, ETHDEV_PARTIAL and so on (ethdev_offload.h), by the features
 * that were agreed on.  vhost_offload_read notes in the packet what the header before it leaves to us; false: it says what cannot
 * be.  vhost_offload_write is the way back, for a guest that takes all of it.
 */
uint32_t vhost_offload_takes(uint64_t features);
uint32_t vhost_offload_sends(uint64_t features);
bool vhost_offload_read(const struct vhost_port *vhost, struct rte_mbuf *packet,
			const struct virtio_net_hdr_v1 *header);
void vhost_offload_write(const struct rte_mbuf *packet, struct virtio_net_hdr_v1 *header);

#endif
