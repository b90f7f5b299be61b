/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A DPDK Ethernet device as a port, by devargs: AF_XDP, AF_PACKET, TAP, pcap, null, memif, vhost-user, virtio-user, physical
 * NICs.  Ports are opened and closed while others run.
 * Threads: control for everything but ethdev_receive() and ethdev_arm() (one thread at a time per receive queue) and
 * ethdev_transmit() (one thread at a time per transmit queue).
 */
#ifndef VMMQ_PORTS_ETHDEV_H
#define VMMQ_PORTS_ETHDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmmq/request.h>
#include <vmmq/toeplitz.h>

struct rte_mbuf;
struct rte_mempool;
struct ethdev;
struct port_spec;

#define ETHDEV_QUEUES_MAX 128

/*
 * ethdev_devargs_check says whether devargs could name a device: a driver that this DPDK has, with arguments that can be
 * parsed, or a PCI address; without touching anything.  Returns false with a sentence in error (error_len bytes) that
 * names what is wrong and what would be right ("net_vhost0 needs iface=PATH").
 * ethdev_devargs_name writes the device's name, what must be unique in the process: "net_vhost1".
 * ethdev_devargs_value writes the value of one argument ("iface"); false: not given.
 */
bool ethdev_devargs_check(const char *devargs, char *error, size_t error_len);
void ethdev_devargs_name(const char *devargs, char *name, size_t name_len);
bool ethdev_devargs_value(const char *devargs, const char *key, char *value, size_t value_len);

/*
 * devargs: of a DPDK device; or vhost: a vhost-user port (port_spec.h), and then no devargs.  In server mode the socket is ours; in client
 * mode the front end's (a VMM's), to which we connect as soon as it is there, within a quarter of a second.
 * rx_queues, tx_queues: wanted, 1 to ETHDEV_QUEUES_MAX; the device may have fewer.
 * mtu: of layer 3, 68 to 9600; set on the device where it can be: a kernel interface that cannot have it is not opened.
 * pool: receive buffers, with ETHDEV_ROOM(mtu) bytes of room beside the headroom, and at least 2,048.  Frames of a guest's that are still to be
 * cut take several of them.
 * rx_exactly: its info gives a reason when it has fewer receive queues.
 */
struct ethdev_params {
	const char *devargs;
	const struct port_spec *vhost;
	uint16_t rx_queues;
	uint16_t tx_queues;
	uint16_t mtu;
	struct rte_mempool *pool;
	bool rx_exactly;
};

/*
 * ETHDEV_ROOM: a frame of that MTU with two tags, what AF_PACKET's ring has before it (66 bytes), and one byte more
 * by which a longer one shows.  In units of which 16 are whole pages, as the ring's blocks are.
 */
#define ETHDEV_ROOM(mtu) (((mtu) + 14u + 8u + 66u + 1u + 255u) / 256u * 256u)

/*
 * ethdev_open makes the device (hot-plug), configures, and starts it; promiscuous and all-multicast where it can be.  Never
 * set up with RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, nor with checksum or segmentation offloads: frames are complete, but for those that
 * ethdev_takes() allows.
 * A vhost-user socket that a dead process left behind is removed; one that a live one listens on is an error.
 * Returns NULL with a sentence in error that names the device and what would be right.
 * ethdev_close stops and removes it; nobody may be in a call on it.
 * What DPDK 22.11's drivers cannot: AF_XDP has receive buffers of its own (8,192 a queue), like params->pool's;
 * virtio-user and memif have no interrupts.  A memif client whose server has left stays without a peer until it is opened
 * anew; each close of the last memif port on a socket costs a descriptor for good, and a peer that leaves in the middle of
 * a burst takes away the memory under it: memif is for peers that are trusted not to.
 */
struct ethdev *ethdev_open(const struct ethdev_params *params, char *error, size_t error_len);
void ethdev_close(struct ethdev *port);

/* ethdev_privilege_cure: what a port that lacks a capability advises from now on; a constant.  Before there are ports. */
void ethdev_privilege_cure(const char *cure);

/*
 * ethdev_vhost_by_library: frames of vhost-user ports opened from now on move by the burst functions of DPDK's vhost library, as the reference,
 * instead of by rings of our own (src/virtio).
 */
void ethdev_vhost_by_library(bool by_library);

/*
 * ethdev_receive and ethdev_transmit: as rte_eth_rx_burst() and rte_eth_tx_burst().  A queue that the peer (a guest) has not
 * enabled, or a device that is gone, receives nothing and takes nothing.
 */
unsigned ethdev_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
unsigned ethdev_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
/* ethdev_lost returns how many of those that a queue took it has dropped, so far. */
uint64_t ethdev_lost(const struct ethdev *port, uint16_t queue);

/*
 * ethdev_moderate says how often a vhost-user guest may be interrupted for what it is sent, from now on: low: 20,000 times a second and queue, medium:
 * 8,000, high: 4,000, adaptive: by its traffic, up to medium's interval; others, and other kinds of port: for each burst.
 * ethdev_call makes an interrupt that was put off, if its time has come; as ethdev_transmit().  Returns when it is to be called again (now_ns()); 0:
 * nothing is put off.
 */
void ethdev_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation);
uint64_t ethdev_call(struct ethdev *port, uint16_t queue);

/*
 * ethdev_receive_lent may leave most of a long frame where its guest has it: what is lent so is there for this thread, and for the processor's
 * turn.  Its first ETHDEV_JUDGED bytes are copied always.  ethdev_lends tells whether the last call has lent anything; then ethdev_settle ends
 * it, and gives the guest its buffers back; before the next call, and nobody else can do with the queue meanwhile.
 * ethdev_keep makes what is lent to a packet its own, before another thread has it; false: no buffers.  A packet that is freed, or whose
 * bytes are copied, needs no more.  On the thread that received it.
 * ethdev_hand is ethdev_keep, but a packet that goes to another processor may go as it is: there ethdev_take comes before anything else is done with it, and before that
 * processor's turn ends it is freed, transmitted or ethdev_keep has made it its own, false as there.  ethdev_is_owed: the guest
 * is to have buffers back by ethdev_receive_lent, for what has gone so, though nothing comes from it.
 */
#define ETHDEV_JUDGED 384u /* bytes */
unsigned ethdev_receive_lent(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count);
bool ethdev_lends(const struct ethdev *port, uint16_t queue);
void ethdev_settle(struct ethdev *port, uint16_t queue);
bool ethdev_keep(struct rte_mbuf *packet);
bool ethdev_hand(struct rte_mbuf *packet);
void ethdev_take(struct rte_mbuf *packet);
bool ethdev_is_owed(struct ethdev *port, uint16_t queue);

/*
 * ethdev_takes returns what packets may leave to the device, or to the peer behind it, ETHDEV_PARTIAL and so on (ports/ethdev_offload.h); it changes
 * when the peer does.  What is left to one that does not take it: a checksum is completed, a frame that is to be cut is taken and lost (tx_errors).
 * Any thread.
 */
uint32_t ethdev_takes(const struct ethdev *port);

/*
 * ethdev_hash_set says which hash hash.rss of a packet is, VMMQ_HASH_*, 0: none: what a guest that wants to know is told of it.  To be
 * set before it is transmitted to one.
 */
#define ethdev_hash_set(packet, type) ((packet)->hash.fdir.hi = (type))

/*
 * How a sleeping processor learns of packets: ethdev_receive_fd is readable when the queue may have some; -1: this driver
 * (or this peer, now) has no such thing, and the queue must be polled.  It may change when ethdev_changed() says so.
 * ethdev_arm asks for the next interrupt, or for none; returns true when the queue must be looked at once more.
 */
int ethdev_receive_fd(const struct ethdev *port, uint16_t queue);
bool ethdev_arm(struct ethdev *port, uint16_t queue, bool armed);

enum ethdev_state {
	ETHDEV_UP,
	ETHDEV_DOWN,    /* no link: a cable, or the other end of a veth */
	ETHDEV_NO_PEER, /* vhost-user, memif: nobody is connected, or the guest has not started its driver */
	ETHDEV_GONE, /* the kernel interface or device behind it was removed: close it, and try to open it again later */
};
const char *ethdev_state_name(enum ethdev_state state); /* "up", "down", "no_peer", "gone" */

/*
 * What is known of a port now.  *_enabled: queues in use by the peer, from 0; all of them where a driver has no such notion.
 */
struct ethdev_info {
	char name[64];
	char driver[32];
	enum ethdev_state state;
	uint8_t mac[6];
	uint16_t mtu;
	uint32_t speed_mbps; /* 0: unknown */
	uint16_t rx_queues, tx_queues;
	uint16_t rx_enabled, tx_enabled;
	bool rx_interrupts;
	char interface[108]; /* kernel interface or socket, "" if none */
	char reason[256]; /* why it is so, or, though it is up, what it does not do as asked; "": nothing special */
	/*
	 * The device's own Toeplitz hash, in hash.rss of packets with RTE_MBUF_F_RX_RSS_HASH: VMMQ_HASH_* and its key, for
	 * vmmq_source_device_hash().  rss_types 0: it gives none, or not by exactly such types, or with no key of 40 bytes.
	 */
	uint32_t rss_types;
	uint8_t rss_key[VMMQ_KEY_LEN];
};
void ethdev_get_info(struct ethdev *port, struct ethdev_info *info);

/*
 * What the device itself counts, since it was opened.  rx_lent: frames that were lent (ethdev_receive_lent()); of them, kept since they were asked
 * for, and since they had to wait: they were still there when that was settled, or when another processor had had them for long.  The rest was copied once.  rx_lent_handed:
 * those that went to another processor as they were.
 */
struct ethdev_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t rx_missed, rx_no_buffer, rx_errors, tx_errors;
	uint64_t rx_lent, rx_lent_kept, rx_lent_waited, rx_lent_handed;
};
void ethdev_get_counters(struct ethdev *port, struct ethdev_counters *counters);

/*
 * ethdev_event_fd is readable when some port may have changed (link, peer, queues, removal), whichever; one for the process,
 * non-blocking eventfd, made at the first open (-1 before).  ethdev_changed tells and forgets whether that port did.  Kernel
 * interfaces that vanish are noticed by ethdev_changed() itself, so call it every now and then as well.
 */
int ethdev_event_fd(void);
bool ethdev_changed(struct ethdev *port);

#endif
