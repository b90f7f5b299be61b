/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every value of the configuration, with its range.  What the YAML file, the control socket and the command line accept of it,
 * what they say when it is wrong, rpc.discover's JSON Schema, the options' help and docs/configuration.md all follow this table:
 * a range stands here and nowhere else.  One row is one field, in the order in which a file's mapping lists its keys:
 *   X(id, in, key, kind, min, max, initial, option, more...)
 * id: FIELD_id (schema/field.h), with FIELD_id_MIN, FIELD_id_MAX and FIELD_id_INITIAL as constants.
 * in: the mapping that it is a key of.  NOWHERE: an entry of a list, or what only requests have.
 * kind: SCHEMA_kind.  min, max: a number's; characters of a text; entries of a list.
 * initial: what a number, a truth value or, by its place, a word is unless it is given.
 * option: the command line's (schema/option.h); the range is put behind the help of a NUMBER_OPTION, before that of a RANGE_OPTION.
 * more: further members of struct schema_field.
 *
 * A new row is known to file, requests, rpc.discover, options and help at once.  What it needs besides is the code that takes its
 * value: config/config_vport.c and the like from a file (config_read_number() checks it there; until then schema_limits_test
 * fails), rpc/method_vport.c from a request, config/config_export.c to write it back.
 * tests/unit/docs_tables_test.py --write puts it into docs/configuration.md.
 */
#ifndef VMMQ_SCHEMA_FIELD_TABLE_H
#define VMMQ_SCHEMA_FIELD_TABLE_H

#include <vmmq/filter.h>
#include <vmmq/nic_switch.h>
#include <vmmq/oid.h>
#include <vmmq/rss.h>

#define SCHEMA_UNBOUNDED    UINT32_MAX /* entries: as many as fit into a file or request */
#define SCHEMA_VPORT_ID_MAX 65535      /* of one that is there, and of one that is added */

/* clang-format off */
#define SCHEMA_FILE(X) \
	X(FILE, NOWHERE, "", MAPPING, 0, 0, 0, NO_OPTION, \
	  .needed = "a mapping (adapter, vports, fleet)") \
	X(ADAPTER, FILE, "adapter", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_REQUIRED, \
	  .needed = "a mapping (processors and so on)") \
	X(VPORTS, FILE, "vports", LIST, 0, SCHEMA_UNBOUNDED, 0, NO_OPTION, SCHEMA_ENTRY(VPORT), \
	  .needed = "a list of VPorts") \
	X(FLEET, FILE, "fleet", MAPPING, 0, 0, 0, NO_OPTION, \
	  .needed = "a mapping (remotes, host and so on)") \
	X(VPORT, NOWHERE, "", MAPPING, 0, 0, 0, NO_OPTION, \
	  .needed = "a mapping (id, filters, rss and so on)")

#define SCHEMA_FLEET(X) \
	X(REMOTES, FLEET, "remotes", LIST, 1, 16, 0, NO_OPTION, .uses = SCHEMA_REQUIRED, SCHEMA_ENTRY(REMOTE), .distinct = true, \
	  .needed = "a list of {min} to {max} servers", .form = "list of {min} to {max} servers, none twice", \
	  .meaning = "the servers of the store: `unix:PATH`, `tcp:ADDRESS:PORT` or `ssl:ADDRESS:PORT`, addresses in numbers. All members of a cluster, so that " \
	             "its leader is among them, which is written to") \
	X(RELAYS, FLEET, "relays", LIST, 0, 8, 0, NO_OPTION, SCHEMA_ENTRY(REMOTE), .distinct = true, \
	  .needed = "a list of up to {max} servers", .form = "list of up to {max} servers, none twice", \
	  .meaning = "relays of the store, one of which is followed, any of them, while one is good, so that the cluster has less to do; else one of `remotes` is", \
	  .standard = "none") \
	X(FLEET_HOST, FLEET, "host", TEXT, 1, 64, 0, NO_OPTION, .uses = SCHEMA_REQUIRED, \
	  .meaning = "what this host, and no other vmmqd, is called in the store; its certificate bears that name") \
	X(CERTIFICATE, FLEET, "certificate", TEXT, 1, 4095, 0, NO_OPTION, \
	  .meaning = "file (PEM) of this host's certificate. Needed, as the next two, where a server is `ssl:`", .standard = "none") \
	X(PRIVATE_KEY, FLEET, "private_key", TEXT, 1, 4095, 0, NO_OPTION, .meaning = "file (PEM) of its private key", .standard = "none") \
	X(CA_CERTIFICATE, FLEET, "ca_certificate", TEXT, 1, 4095, 0, NO_OPTION, \
	  .meaning = "file (PEM) of the certificate of the fleet's CA: whoever has one of that CA's is believed", .standard = "none") \
	X(FLEET_SOCKETS, FLEET, "sockets", TEXT, 1, 90, 0, NO_OPTION, \
	  .meaning = "directory, at or below vmmqd's `--socket-directory`, of the vhost-user sockets of the fleet's VPorts: that of `web1` is `web1.sock`", \
	  .standard = "none: they have no backend") \
	X(FLEET_MODE, FLEET, "mode", WORD, 0, 0, 0, NO_OPTION, SCHEMA_WORDS(schema_modes), .needed = "server or client", \
	  .meaning = "who makes these sockets: `server`: vmmqd does; `client`: the VMM does")

#define SCHEMA_ADAPTER(X) \
	X(ADAPTER_NAME, ADAPTER, "name", TEXT, 1, VMMQ_VPORT_NAME_MAX, 0, NO_OPTION, \
	  .meaning = "what the adapter is called in output", .standard = "`vmmq0`") \
	X(PROCESSORS, ADAPTER, "processors", LIST, 1, SCHEMA_UNBOUNDED, 0, NO_OPTION, .uses = SCHEMA_REQUIRED, SCHEMA_ENTRY(PROCESSOR), \
	  .needed = "a list of one or more processors", .form = "list of processors, at least one, none twice", \
	  .meaning = "the RSS processor set, preferred first. Every processor named anywhere else in the file must be in it") \
	X(MODERATION, ADAPTER, "moderation", WORD, 0, 0, 2, NO_OPTION, SCHEMA_WORDS(schema_moderations), \
	  .needed = "poll, interrupt or adaptive", \
	  .meaning = "how a processor waits for packets: always looking; asleep until it is interrupted; looking while there is traffic " \
	             "and asleep otherwise") \
	X(MTU, ADAPTER, "mtu", NUMBER, 68, 9600, 1500, NO_OPTION, .unit = "bytes", \
	  .meaning = "the longest layer 3 packet that the switch carries, set on all its ports where that is possible. `vmmq replay` does " \
	             "not use it") \
	X(ADAPTER_ENCAPSULATION, ADAPTER, "encapsulation", LIST, 0, VMMQ_TUNNEL_COUNT, 0, NO_OPTION, SCHEMA_ENTRY(TUNNEL), .distinct = true, \
	  .needed = "a list of tunnels", .form = "list, none twice", \
	  .meaning = "what `rss.encapsulation` is for VPorts that do not say: tunnels in which the inner headers are hashed", .standard = "empty") \
	X(ADAPTER_VXLAN_PORT, ADAPTER, "vxlan_port", NUMBER, 1, 65535, VMMQ_PORT_VXLAN, NO_OPTION, \
	  .meaning = "what `rss.vxlan_port` is for VPorts that do not say") \
	X(BALANCE, ADAPTER, "balance", MAPPING, 0, 0, 0, NO_OPTION, \
	  .needed = "a mapping (tick, target and so on)", \
	  .meaning = "how the load of VPorts with `scaling: dynamic` is moved, below. `vmmq replay` does not use it", \
	  .standard = "as below") \
	X(UPLINK, ADAPTER, "uplink", MAPPING, 0, 0, 0, NO_OPTION, .also = FIELD_PORT, .alternatives = schema_ports, \
	  .needed = "a mapping (af_xdp, pci and so on, rx_queues)", .typed = SCHEMA_PORT_TYPED, \
	  .meaning = "the network device: one of the ports below. `vmmq replay` does not need one: its packets come from a capture", \
	  .standard = "none")

#define SCHEMA_BALANCE(X) \
	X(BALANCE_TICK, BALANCE, "tick", NUMBER, 1, 1000, 10, \
	  NUMBER_OPTION("tick", "MS", "milliseconds between two looks at the load"), .uses = SCHEMA_SET, .unit = "ms", \
	  .help = "milliseconds between two looks at the load", \
	  .meaning = "time between two looks at the load, each of which may move some") \
	X(BALANCE_TARGET, BALANCE, "target", NUMBER, 10, 100, 70, \
	  NUMBER_OPTION("target", "PERCENT", "mean load above which another processor is taken into use"), .uses = SCHEMA_SET, \
	  .unit = "%", .help = "mean load above which another processor is taken into use", \
	  .meaning = "mean load of the processors in use above which another one is taken into use; they are let sleep when those left " \
	             "would have less than 5/7 of it") \
	X(BALANCE_TOLERANCE, BALANCE, "tolerance", NUMBER, 1, 100, 7, \
	  NUMBER_OPTION("tolerance", "PERCENT", "load above the mean at which a processor is relieved"), .uses = SCHEMA_SET, .unit = "%", \
	  .help = "load above the mean at which a processor is relieved", \
	  .meaning = "a processor is relieved when it has so much more than the mean of those in use") \
	X(BALANCE_BUDGET, BALANCE, "budget", NUMBER, 1, 4096, 512, \
	  NUMBER_OPTION("budget", "N", "moves in one tick at most"), .uses = SCHEMA_SET, .unit = "moves", \
	  .help = "moves in one tick at most", .meaning = "moves in one tick at most") \
	X(BALANCE_COALESCE, BALANCE, "coalesce", BOOLEAN, 0, 1, 1, \
	  FLAG_OPTION("no-coalesce", "low load stays where it is"), .uses = SCHEMA_SET, \
	  .help = "low load is put on few processors, so that the others sleep", \
	  .meaning = "low load is put on few processors, so that the others sleep")

#define SCHEMA_UPLINK(X) \
	X(RX_QUEUES, UPLINK, "rx_queues", NUMBER, 1, 128, 1, \
	  NUMBER_OPTION("rx-queues", "N", "receive queues opened on it"), .uses = SCHEMA_SET | SCHEMA_ADD, \
	  .help = "receive queues opened on it", \
	  .meaning = "receive queues opened on it; an uplink's port has no `queues` besides")

#define SCHEMA_VPORT(X) \
	X(VPORT_ID, VPORT, "id", NUMBER, 0, SCHEMA_VPORT_ID_MAX, 0, NO_OPTION, .uses = SCHEMA_REQUIRED, .note = "none twice", \
	  .meaning = "the VPort's id. 0 is the default VPort: it gets what no filter matches. It exists without being listed; list it to " \
	             "configure it") \
	X(VPORT_NAME, VPORT, "name", TEXT, 1, VMMQ_VPORT_NAME_MAX, 0, \
	  OPTION("name", "NAME", "what the VPort is called, once on this switch"), .uses = SCHEMA_ADD, .note = "none twice", \
	  .help = "none twice", .unless = "\"vport\" and the id", \
	  .meaning = "what the VPort is called in output and on the command line", .standard = "`vport` and the id; `default` for VPort 0") \
	X(QUEUE_PAIRS, VPORT, "queue_pairs", NUMBER, 1, 128, 16, \
	  NUMBER_OPTION("queue-pairs", "N", "bound on the distinct processors it is spread over"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "bound on the distinct processors it is spread over", \
	  .meaning = "bound on the distinct processors the VPort is spread over, its default processor counted") \
	X(SCALING, VPORT, "scaling", WORD, 0, 0, 0, \
	  OPTION("scaling", "static|dynamic", "whether its table entries move with the load, by themselves; dynamic suits most VPorts"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, SCHEMA_WORDS(schema_scalings), .needed = "static or dynamic", \
	  .help = "whether its table entries move with the load, by themselves", .unless = "static", \
	  .meaning = "`dynamic`: its table entries move with the load, by themselves, on up to `queue_pairs` processors (docs/balance.md); " \
	             "its table is where they begin. `static`: they stay", .standard = "`static`") \
	X(MIN_QUEUE_PAIRS, VPORT, "min_queue_pairs", NUMBER, 1, 128, 1, \
	  NUMBER_OPTION("min-queue-pairs", "N", "processors that a dynamic VPort is left when load is low"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "processors that a dynamic VPort is left when load is low; at most queue_pairs", \
	  .meaning = "with `scaling: dynamic`, distinct processors that it is left at least when load is low; at most `queue_pairs`") \
	X(PRIMARY_PROCESSOR, VPORT, "primary_processor", PROCESSOR, FIELD_PROCESSOR_MIN, FIELD_PROCESSOR_MAX, 0, \
	  OPTION("primary-processor", "P", "gets all of its packets while RSS is off"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "gets everything while RSS is off", .unless = "the first of the set", \
	  .meaning = "gets all of the VPort's packets while RSS is off", .standard = "the first of `adapter.processors`") \
	X(FILTERS, VPORT, "filters", LIST, 0, SCHEMA_UNBOUNDED, 0, NO_OPTION, .uses = SCHEMA_ADD, SCHEMA_ENTRY(FILTER), \
	  .needed = "a list of filters", .typed = "a list like MAC,MAC/10,MAC/any of MACs, with VLAN ids of {vlan},", \
	  .help = "what it receives", .unless = "nothing", .form = "list", \
	  .meaning = "what the VPort receives, below. A VPort without filters receives nothing (VPort 0: whatever is left)", \
	  .standard = "empty") \
	X(RSS, VPORT, "rss", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD, \
	  .needed = "a mapping (enabled, indirection_table and so on)", .help = "how its packets are spread", .unless = "not", \
	  .meaning = "how its packets are spread, below", .standard = "RSS off") \
	X(BACKEND, VPORT, "backend", MAPPING, 0, 0, 0, \
	  OPTION("backend", "PORT", "where its packets are delivered: KIND:PLACE,KEY=VALUE,..., such as vhost_user:web.sock,queues=4. There are " \
	         "vhost_user:SOCKET (mode, queues, owner, group, permissions, or a feature such as packed=off), tap:INTERFACE (queues), " \
	         "af_packet:INTERFACE, af_xdp:INTERFACE (queues), pci:ADDRESS, memif:SOCKET (id, role), device:DEVARGS"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, .null = SCHEMA_SET, .also = FIELD_PORT, .alternatives = schema_ports, \
	  .needed = "a mapping (vhost_user, tap and so on)", .typed = SCHEMA_PORT_TYPED, \
	  .help = "where its packets are delivered", .unless = "nowhere", .if_null = "nowhere", \
	  .meaning = "where its packets are delivered: one of the ports below. `vmmq replay` does not need one", .standard = "none") \
	X(ANTI_SPOOFING, VPORT, "anti_spoofing", BOOLEAN, 0, 1, 1, \
	  FLAG_OPTION("no-anti-spoofing", "it may send with any source address"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "it may send with source addresses of its filters only", \
	  .meaning = "a frame may leave the VPort only when one of its filters has the frame's source MAC and VLAN. Off, only its VLAN must " \
	             "be one of the VPort's", .standard = "`true`; VPort 0: `false`") \
	X(CONTROL_FRAMES, VPORT, "control_frames", BOOLEAN, 0, 1, 0, \
	  FLAG_OPTION("control-frames", "it is trusted with frames to reserved group addresses (LLDP, LACP, BPDU)"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, .help = "it may send and is given frames to reserved group addresses (LLDP, LACP, BPDU)", \
	  .meaning = "it is trusted with frames to the reserved group addresses 01-80-C2-00-00-00 to -0F (BPDU, LACP, 802.1X, LLDP and so on): it may " \
	             "send them to the uplink and to others that are trusted, and is given theirs. Off, they are dropped (`control_frame`). " \
	             "PAUSE goes nowhere (docs/forwarding.md)", .standard = "`false`; VPort 0: `true`") \
	X(FLOOD_LIMIT, VPORT, "flood_limit", NUMBER, 0, 10000000, 1000, \
	  NUMBER_OPTION("flood-limit", "N", "group-addressed packets a second that are replicated for it (0: no limit)"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, .unit = "packets a second", \
	  .help = "group-addressed packets a second that are replicated for it; 0: no limit", \
	  .meaning = "broadcast and multicast packets a second that the switch replicates for this VPort; what is beyond is dropped " \
	             "(`storm`). 0: no limit. VPort 0's also limits what comes from the uplink")

/* The ports that an uplink or a backend can be: exactly one kind.  The first key of a kind is its place. */
#define SCHEMA_PORTS(X) \
	X(PORT, NOWHERE, "", MAPPING, 0, 0, 0, NO_OPTION, .needed = "a mapping (vhost_user, tap and so on)") \
	X(VHOST_USER, PORT, "vhost_user", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (socket, mode and so on)", .help = "a guest, or a front end, on a vhost-user socket", \
	  .meaning = "a virtual machine: a vhost-user socket", .standard = "none") \
	X(SOCKET, VHOST_USER, "socket", TEXT, 1, 107, 0, NO_OPTION, .uses = SCHEMA_REQUIRED | SCHEMA_ADD | SCHEMA_SET, \
	  .help = SCHEMA_SOCKET_HELP, .meaning = "path of the socket, below vmmqd's `--socket-directory` (`/run/vmmq`): `web.sock`, or the " \
	             "whole path") \
	X(MODE, VHOST_USER, "mode", WORD, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, SCHEMA_WORDS(schema_modes), \
	  .needed = "server or client", .help = "who listens: server: vmmqd does", .unless = "server", \
	  .meaning = "`server`: vmmqd makes the socket and the VMM connects to it; `client`: the VMM makes it, and vmmqd connects, again " \
	             "and again") \
	X(VHOST_QUEUES, VHOST_USER, "queues", NUMBER, 1, 128, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "bound on the queue pairs that the guest may use", .unless = "the VPort's queue_pairs", \
	  .meaning = "bound on the queue pairs that the guest may use", .standard = "the VPort's `queue_pairs`") \
	X(OWNER, VHOST_USER, "owner", TEXT, 1, 32, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "user that the socket is given to", .unless = "vmmqd's", \
	  .meaning = "user that the socket is given to, such as `libvirt-qemu`; `server` only", .standard = "the one that vmmqd runs as") \
	X(GROUP, VHOST_USER, "group", TEXT, 1, 32, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "group that the socket is given to", .unless = "kvm for root, else vmmqd's", \
	  .meaning = "group that the socket is given to, such as `libvirt-qemu`; `server` only", \
	  .standard = "for root `kvm`, where there is such a group; else that of its directory where that is setgid (`/run/vmmq`: `kvm`), or the one that vmmqd runs as") \
	X(PERMISSIONS, VHOST_USER, "permissions", PERMISSIONS, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "the socket's permissions", .unless = "0660", \
	  .meaning = "the socket's permissions, whatever vmmqd's umask; `server` only", .standard = "`0660`") \
	X(SEALED, VHOST_USER, "sealed", BOOLEAN, 0, 1, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "take only memory that nobody can make shorter", .unless = "any", \
	  .meaning = "whether only memory is taken that nobody can make shorter (QEMU: `memory-backend-memfd,share=on,seal=on`). Other memory " \
	             "that is cut off while it is in use costs its guest the connection, and nobody else anything", .standard = "`false`") \
	X(POSTCOPY, VHOST_USER, "postcopy", BOOLEAN, 0, 1, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "offer migration by postcopy", .unless = "not offered", \
	  .meaning = "whether migration by postcopy is offered. A processor waits for a page that has not come yet, and with it all whom it " \
	             "serves, so only for a VMM that is trusted", .standard = "`false`") \
	X(FEATURES, VHOST_USER, "features", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (packed: off, mq: off and so on)", .help = "virtio features that are not offered, as false", \
	  .unless = "all that there are", \
	  .meaning = "virtio features that are not offered, as QEMU calls them: `{packed: off, mq: off}`. There are `csum`, `guest_csum`, " \
	             "`guest_tso4`, `guest_tso6`, `host_tso4`, `host_tso6`, `mrg_rxbuf`, `ctrl_vq`, `guest_announce`, `mq`, " \
	             "`indirect_desc`, `event_idx`, `packed`, `in_order`, `guest_uso4`, `guest_uso6`, `host_uso`, `hash`", .standard = "all that vmmqd has are offered") \
	X(FEATURE_CSUM, FEATURES, "csum", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_CSUM, FEATURES, "guest_csum", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_TSO4, FEATURES, "guest_tso4", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_TSO6, FEATURES, "guest_tso6", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_HOST_TSO4, FEATURES, "host_tso4", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_HOST_TSO6, FEATURES, "host_tso6", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_MRG_RXBUF, FEATURES, "mrg_rxbuf", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_CTRL_VQ, FEATURES, "ctrl_vq", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_ANNOUNCE, FEATURES, "guest_announce", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_MQ, FEATURES, "mq", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_INDIRECT_DESC, FEATURES, "indirect_desc", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_EVENT_IDX, FEATURES, "event_idx", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_PACKED, FEATURES, "packed", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_IN_ORDER, FEATURES, "in_order", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_USO4, FEATURES, "guest_uso4", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_GUEST_USO6, FEATURES, "guest_uso6", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_HOST_USO, FEATURES, "host_uso", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(FEATURE_HASH, FEATURES, "hash", BOOLEAN, 0, 1, 1, NO_OPTION, SCHEMA_FEATURE) \
	X(TAP, PORT, "tap", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (interface, queues)", .help = "a TAP interface of the kernel, which is made", \
	  .meaning = "a TAP interface, which vmmqd makes", .standard = "none") \
	X(TAP_INTERFACE, TAP, "interface", TEXT, 1, 15, 0, NO_OPTION, SCHEMA_INTERFACE) \
	X(TAP_QUEUES, TAP, "queues", NUMBER, 1, 16, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "queue pairs", .unless = "the VPort's queue_pairs", .meaning = "queue pairs", .standard = "the VPort's `queue_pairs`") \
	X(AF_PACKET, PORT, "af_packet", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (interface, queues)", .help = "a kernel interface by packet sockets", \
	  .meaning = "a kernel interface, by packet sockets", .standard = "none") \
	X(AF_PACKET_INTERFACE, AF_PACKET, "interface", TEXT, 1, 15, 0, NO_OPTION, SCHEMA_INTERFACE) \
	X(AF_PACKET_QUEUES, AF_PACKET, "queues", NUMBER, 1, 16, 1, NO_OPTION, SCHEMA_QUEUES) \
	X(AF_XDP, PORT, "af_xdp", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (interface, queues)", .help = "a kernel interface by XDP sockets", \
	  .meaning = "a kernel interface, by XDP sockets", .standard = "none") \
	X(AF_XDP_INTERFACE, AF_XDP, "interface", TEXT, 1, 15, 0, NO_OPTION, SCHEMA_INTERFACE) \
	X(AF_XDP_QUEUES, AF_XDP, "queues", NUMBER, 1, 128, 1, NO_OPTION, SCHEMA_QUEUES) \
	X(PCI, PORT, "pci", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (address)", .help = "a device on PCI that DPDK drives", \
	  .meaning = "a device on PCI that DPDK drives", .standard = "none") \
	X(PCI_ADDRESS, PCI, "address", PCI, 0, 0, 0, NO_OPTION, .uses = SCHEMA_REQUIRED | SCHEMA_ADD | SCHEMA_SET, \
	  .help = "its address, like 0000:03:00.0", .meaning = "its address, `0000:03:00.0` or `03:00.0`") \
	X(MEMIF, PORT, "memif", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "a mapping (socket, id, role)", .help = "another process by shared memory", \
	  .meaning = "another process, by shared memory; it must be trusted", .standard = "none") \
	X(MEMIF_SOCKET, MEMIF, "socket", TEXT, 1, 107, 0, NO_OPTION, .uses = SCHEMA_REQUIRED | SCHEMA_ADD | SCHEMA_SET, \
	  .help = SCHEMA_SOCKET_HELP, .meaning = "path of the socket, as that of `vhost_user`") \
	X(MEMIF_ID, MEMIF, "id", NUMBER, 0, 2147483647, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "which of the interfaces on that socket", .meaning = "which of the interfaces on that socket") \
	X(MEMIF_ROLE, MEMIF, "role", WORD, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, SCHEMA_WORDS(schema_modes), \
	  .needed = "server or client", .help = "who listens: server: vmmqd does", .unless = "server", \
	  .meaning = "`server`: vmmqd makes the socket; `client`: the other one does") \
	X(DEVICE, PORT, "device", TEXT, 1, 1024, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .needed = "the text of a DPDK device, {min} to {max} characters without control characters,", \
	  .help = "any DPDK device with its arguments, by a vmmqd with --allow-devargs only", \
	  .meaning = "any DPDK device with its arguments, such as `net_pcap0,iface=eth0`, by a vmmqd that was started with " \
	             "`--allow-devargs` only", .standard = "none")
#define SCHEMA_INTERFACE .uses = SCHEMA_REQUIRED | SCHEMA_ADD | SCHEMA_SET, .help = "name of the kernel interface", \
	.meaning = "name of the kernel interface"
#define SCHEMA_QUEUES .uses = SCHEMA_ADD | SCHEMA_SET, .help = "queue pairs", .meaning = "queue pairs"
#define SCHEMA_FEATURE .uses = SCHEMA_ADD | SCHEMA_SET, .help = "false: not offered", .meaning = "`off`: not offered"
#define SCHEMA_SOCKET_HELP "path of the socket, absolute or below vmmqd's --socket-directory"
#define SCHEMA_PORT_TYPED "KIND:PLACE, with KEY=VALUE behind commas, where KIND is vhost_user, tap, af_packet, af_xdp, pci, memif or device,"

#define SCHEMA_FILTER(X) \
	X(FILTER, NOWHERE, "", MAPPING, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD, \
	  .needed = "a mapping (mac, vlan, encapsulated, vni)", \
	  .typed = "a MAC like 02:00:00:00:00:01, or MAC/VLAN with an id of {vlan} or any, or one of these with @VNI or @any,") \
	X(MAC, FILTER, "mac", MAC, 0, 0, 0, NO_OPTION, .uses = SCHEMA_REQUIRED | SCHEMA_ADD, .help = "destination address", \
	  .meaning = "destination address; broadcast and multicast addresses are legal and compared like any other") \
	X(VLAN, FILTER, "vlan", VLAN, VMMQ_VLAN_ID_MIN, VMMQ_VLAN_ID_MAX, 0, \
	  OPTION("vlan", "VID|any", "frames of that VLAN, or of all; without it, untagged ones"), .uses = SCHEMA_ADD, .null = SCHEMA_ADD, \
	  .help = "a VLAN id, or \"any\"; absent or null: untagged frames and VID 0", \
	  .meaning = "which tags the MAC is matched with", .standard = "untagged") \
	X(ENCAPSULATED, FILTER, "encapsulated", BOOLEAN, 0, 1, 0, \
	  FLAG_OPTION("encapsulated", "what is sent to the MAC inside a tunnel that the VPort looks into"), .uses = SCHEMA_ADD, \
	  .help = "true: the MAC is one inside a tunnel that the VPort looks into", \
	  .meaning = "the MAC is the destination inside a tunnel of the VPort's `rss.encapsulation` (RSS on or off) that carries Ethernet; such a " \
	             "filter goes before all others. `vlan` is about the outermost tag as ever") \
	X(VNI, FILTER, "vni", NUMBER, 1, 16777215, 0, \
	  NUMBER_OPTION("vni", "VNI", "with --encapsulated: of that network only"), .uses = SCHEMA_ADD, .null = SCHEMA_ADD, \
	  .help = "with encapsulated: the only network, by its VNI or VSID; absent or null: every one", \
	  .meaning = "with `encapsulated`: the only network (VNI of VXLAN, VXLAN-GPE and Geneve, VSID of NVGRE) whose packets match", .standard = "every network")

#define SCHEMA_RSS(X) SCHEMA_RSS_SWITCHES(X) SCHEMA_RSS_HASH(X) SCHEMA_RSS_TUNNELS(X) SCHEMA_RSS_TABLE(X)
#define SCHEMA_RSS_SWITCHES(X) \
	X(RSS_ENABLED, RSS, "enabled", BOOLEAN, 0, 1, 0, NO_OPTION, .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "spread by hash", \
	  .meaning = "spread by hash. While it is off, the other fields are checked and kept, but every packet goes to `primary_processor`") \
	X(RECEIVE_HASH, RSS, "receive_hash", BOOLEAN, 0, 1, 0, NO_OPTION, \
	  .meaning = "hash, and report the hash beside the packet, but spread nothing: every packet goes to `primary_processor`. Not " \
	             "together with `enabled`") \
	X(HASH_FUNCTION, RSS, "hash_function", WORD, 0, 0, 0, NO_OPTION, .uses = SCHEMA_ADD, SCHEMA_WORDS(schema_hash_functions), \
	  .needed = "toeplitz", .help = "there is only this one", .meaning = "there is only this one")
#define SCHEMA_RSS_HASH(X) \
	X(HASH_TYPES, RSS, "hash_types", LIST, 1, VMMQ_HASH_TYPE_COUNT, 0, \
	  OPTION("types", "TYPE,TYPE,...", "hash types, such as ipv4,tcp_ipv4,udp_ipv4"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, SCHEMA_ENTRY(HASH_TYPE), .distinct = true, \
	  .needed = "a list of one or more hash types", \
	  .typed = "hash types with commas between them, of ipv4, tcp_ipv4, udp_ipv4, ipv6, tcp_ipv6, udp_ipv6, ipv6_ex, tcp_ipv6_ex, " \
	           "udp_ipv6_ex", \
	  .help = "what may be hashed", .unless = "the six without _ex", .form = "list, at least one, none twice", \
	  .meaning = "what may be hashed: `ipv4`, `tcp_ipv4`, `udp_ipv4`, `ipv6`, `tcp_ipv6`, `udp_ipv6`, `ipv6_ex`, `tcp_ipv6_ex`, " \
	             "`udp_ipv6_ex`. The `_ex` types use the Home Address option and the type 2 routing header in place of the addresses of " \
	             "the IPv6 header", .standard = "the six without `_ex`") \
	X(HASH_KEY, RSS, "key", KEY, 0, 2 * VMMQ_KEY_LEN, 0, \
	  OPTION("key", "HEX|random", "hash secret key, 80 hex digits; random draws one"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "hash secret key", .unless = "the verification key", \
	  .meaning = "the 40-byte hash secret key. Large and small digits are the same; bytes may have `:` between them, as `ethtool -x` " \
	             "prints them. `random` draws another key each time the file is read", \
	  .standard = "the key of the published verification vectors, `6d5a56da…01fa`")
#define SCHEMA_RSS_TUNNELS(X) \
	X(ENCAPSULATION, RSS, "encapsulation", LIST, 0, VMMQ_TUNNEL_COUNT, 0, \
	  OPTION("encapsulation", "TUNNEL,TUNNEL,...", "tunnels in which the inner headers are hashed, such as vxlan,nvgre,geneve"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, .null = SCHEMA_SET, SCHEMA_ENTRY(TUNNEL), .distinct = true, \
	  .needed = "a list of tunnels", \
	  .typed = "tunnels with commas between them, of vxlan, nvgre, geneve, vxlan_gpe, gre, gre_udp, ipip,", \
	  .help = "tunnels in which the inner headers are hashed", .unless = "VPort 0's", .if_null = "none", .form = "list, none twice", \
	  .meaning = "tunnels in which the inner headers are hashed: `vxlan`, `nvgre`, `geneve`, `vxlan_gpe`, `gre`, `gre_udp`, `ipip` (spec.md, 16)", \
	  .standard = "`adapter.encapsulation`") \
	X(VXLAN_PORT, RSS, "vxlan_port", NUMBER, 1, 65535, VMMQ_PORT_VXLAN, \
	  NUMBER_OPTION("vxlan-port", "PORT", "UDP port by which VXLAN is known"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "UDP port by which VXLAN is known", .unless = "VPort 0's", \
	  .meaning = "UDP port by which VXLAN is known, of none of the other tunnels in `encapsulation`", .standard = "`adapter.vxlan_port`")
#define SCHEMA_RSS_TABLE(X) \
	X(INDIRECTION_TABLE, RSS, "indirection_table", LIST, 1, VMMQ_TABLE_ENTRIES_MAX, 0, \
	  OPTION("table", "P,P,...", "indirection table: processors, a power of two of them; the low bits of the hash select one"), \
	  .uses = SCHEMA_ADD | SCHEMA_SET, SCHEMA_ENTRY(PROCESSOR), .power_of_two = true, \
	  .needed = "a list of {min} to {max} processors, a power of two of them,", \
	  .typed = "a list like 0,1,2,3, of 1, 2, 4, ... {max} processors,", \
	  .help = "processors by the low bits of the hash", .unless = "the primary processor", \
	  .form = "list of {min} to {max} processors of the set, a power of two of them", \
	  .meaning = "the low bits of the hash select the entry, the entry is the processor", .standard = "one entry, the primary processor") \
	X(DEFAULT_PROCESSOR, RSS, "default_processor", PROCESSOR, FIELD_PROCESSOR_MIN, FIELD_PROCESSOR_MAX, 0, \
	  OPTION("default", "P", "default processor: gets what cannot be hashed"), .uses = SCHEMA_ADD | SCHEMA_SET, \
	  .help = "gets what cannot be hashed", .unless = "the primary processor", \
	  .meaning = "gets the packets that cannot be hashed while RSS is on", .standard = "the primary processor")

/* Entries of lists. */
#define SCHEMA_ENTRIES(X) \
	X(PROCESSOR, NOWHERE, "", PROCESSOR, 0, 65535, 0, NO_OPTION, .needed = NULL) \
	X(HASH_TYPE, NOWHERE, "", WORD, 0, 0, 0, NO_OPTION, SCHEMA_WORDS(schema_hash_types)) \
	X(TUNNEL, NOWHERE, "", WORD, 0, 0, 0, NO_OPTION, SCHEMA_WORDS(schema_tunnels)) \
	X(REMOTE, NOWHERE, "", TEXT, 1, 127, 0, NO_OPTION, .needed = "unix:PATH, tcp:ADDRESS:PORT or ssl:ADDRESS:PORT")

/* What only requests have, on the socket and on the command line. */
#define SCHEMA_REQUEST(X) SCHEMA_NEW_VPORT(X) SCHEMA_NAMED(X)
#define SCHEMA_NEW_VPORT(X) \
	X(NEW_VPORT_ID, NOWHERE, "id", NUMBER, 1, SCHEMA_VPORT_ID_MAX, 0, \
	  RANGE_OPTION("id", "N", "(default: the lowest that is free)"), .needed = NULL)
#define SCHEMA_NAMED(X) \
	X(VPORT_NAMED, NOWHERE, "vport", VPORT, FIELD_VPORT_ID_MIN, FIELD_VPORT_ID_MAX, 0, NO_OPTION, .needed = NULL) \
	X(FILTER_ID, NOWHERE, "filter", NUMBER, 1, UINT32_MAX, 0, NO_OPTION, \
	  .typed = "a filter's id, as 'vmmq show filters' prints it,") \
	X(TABLE_ENTRY, NOWHERE, "entry", NUMBER, 0, VMMQ_TABLE_ENTRIES_MAX - 1, 0, NO_OPTION, .needed = NULL) \
	X(MOVES, NOWHERE, "moves", LIST, 1, VMMQ_OID_MOVES_MAX, 0, NO_OPTION, \
	  .typed = "a move like ENTRY=PROCESSOR (an entry is {entry}), default=PROCESSOR or primary=PROCESSOR")
/* clang-format on */

#define SCHEMA_FIELDS(X)                                                                                             \
	SCHEMA_ENTRIES(X)                                                                                            \
	SCHEMA_FILE(X)                                                                                               \
	SCHEMA_FLEET(X)                                                                                              \
	SCHEMA_ADAPTER(X)                                                                                            \
	SCHEMA_BALANCE(X)                                                                                            \
	SCHEMA_UPLINK(X)                                                                                             \
	SCHEMA_VPORT(X)                                                                                              \
	SCHEMA_PORTS(X)                                                                                              \
	SCHEMA_FILTER(X)                                                                                             \
	SCHEMA_RSS(X)                                                                                                \
	SCHEMA_REQUEST(X)

#endif
