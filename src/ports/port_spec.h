/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an uplink or a backend is to be: a kind, its place, and what that kind can be told.  A value: file, control socket,
 * command line and state database make one, src/host opens a port of it.  No DPDK but in port_spec_check().  Any thread.
 */
#ifndef VMMQ_PORTS_PORT_SPEC_H
#define VMMQ_PORTS_PORT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PORT_PLACE_MAX        108         /* bytes with the NUL: a socket's address has no more room */
#define PORT_USER_MAX         33          /* of a user's or group's name, with the NUL */
#define PORT_TEXT_MAX         1280        /* size for what port_spec_text() and port_spec_devargs() write */
#define PORT_SOCKET_DIRECTORY "/run/vmmq" /* where root's vmmqd has sockets, unless it is told */
#define PORT_PERMISSIONS      0660        /* of a socket, unless it is told */
#define PORT_GROUP                                                                                                   \
	"kvm" /* a vhost_user socket of root's is given to it, unless told and where there is such a group */

/*
 * Kinds of ports.
 *   X(name, text, what its place is)
 */
/* clang-format off */
#define PORT_KINDS(X) \
	X(VHOST_USER, "vhost_user", PORT_AT_SOCKET) \
	X(TAP, "tap", PORT_AT_INTERFACE) \
	X(AF_PACKET, "af_packet", PORT_AT_INTERFACE) \
	X(AF_XDP, "af_xdp", PORT_AT_INTERFACE) \
	X(PCI, "pci", PORT_AT_ADDRESS) \
	X(MEMIF, "memif", PORT_AT_SOCKET) \
	X(DEVICE, "device", PORT_AT_DEVICE)
/* clang-format on */
enum port_kind {
	PORT_NONE,
#define X(name, text, place) PORT_##name,
	PORT_KINDS(X)
#undef X
	    PORT_KIND_COUNT
};

enum port_place {
	PORT_AT_NOTHING,
	PORT_AT_SOCKET,    /* a path */
	PORT_AT_INTERFACE, /* a kernel interface's name */
	PORT_AT_ADDRESS,   /* on PCI */
	PORT_AT_DEVICE,    /* DPDK devargs */
};

/* In the order of the words in the schema. */
enum port_mode {
	PORT_SERVER, /* we listen, the VMM connects */
	PORT_CLIENT,
};

/*
 * Features of a virtio network device that may be kept from a guest, by their bits in the virtio specification (5.1.3, 6), called as
 * QEMU calls them.
 *   X(name, bit)
 */
/* clang-format off */
#define PORT_FEATURES(X) \
	X(csum, 0) X(guest_csum, 1) X(guest_tso4, 7) X(guest_tso6, 8) X(host_tso4, 11) X(host_tso6, 12) X(mrg_rxbuf, 15) \
	X(ctrl_vq, 17) X(guest_announce, 21) X(mq, 22) X(indirect_desc, 28) X(event_idx, 29) X(packed, 34) X(in_order, 35) \
	X(guest_uso4, 54) X(guest_uso6, 55) X(host_uso, 56) X(hash, 57)
/* clang-format on */

/*
 * struct port_spec: zeroed it is PORT_NONE, no port.  place: of all kinds but DEVICE.  A socket's path is absolute once
 * port_spec_resolve() has seen it.  queues: 0: as many as its VPort has queue pairs (tap, vhost_user), or one (af_packet, af_xdp).
 * mode: of vhost_user and memif.  permissions, owner ("": ours), group ("": PORT_GROUP or ours), features_off: of a vhost_user
 * socket that we make.
 */
struct port_spec {
	enum port_kind kind;
	char place[PORT_PLACE_MAX];
	uint16_t queues;
	enum port_mode mode;
	uint16_t permissions; /* 0: PORT_PERMISSIONS */
	char owner[PORT_USER_MAX], group[PORT_USER_MAX];
	uint64_t features_off; /* not offered */
	bool sealed;           /* vhost_user: only memory that nobody can make shorter is taken */
	bool postcopy;         /* vhost_user: offered */
	uint32_t id;           /* memif */
	char *device;          /* PORT_DEVICE: devargs, owned */
};

/*
 * port_spec_copy makes *copy, which is overwritten, another one of the same; false: memory, and it is PORT_NONE.
 * port_spec_fini frees what it owns and makes it PORT_NONE.
 */
bool port_spec_copy(struct port_spec *copy, const struct port_spec *spec);
void port_spec_fini(struct port_spec *spec);
bool port_spec_equal(const struct port_spec *a, const struct port_spec *b);

const char *port_kind_text(enum port_kind kind); /* "vhost_user"; "none" */
enum port_place port_kind_place(enum port_kind kind);
uint64_t port_feature_bit(const char *name);               /* its mask; 0: there is none of that name */
const char *port_place_text(const struct port_spec *spec); /* place, or devargs */

/* port_spec_set_address makes a PCI address (base/pci_address.h) the place, as it is written in full: 0000:03:00.0. */
void port_spec_set_address(struct port_spec *spec, const char *address);

/* port_spec_text writes one line for people: "vhost_user /run/vmmq/web.sock, server, 4 queues"; "none". */
void port_spec_text(const struct port_spec *spec, char *text, size_t size);

/* port_spec_file_text writes it as a file has it, in one line: vhost_user: {socket: "/run/vmmq/web.sock", queues: 4}. */
void port_spec_file_text(const struct port_spec *spec, char *text, size_t size);

/* port_spec_queues returns how many queue pairs to open where the VPort has so many. */
uint16_t port_spec_queues(const struct port_spec *spec, uint32_t queue_pairs);

/*
 * port_spec_shared tells whether two ports cannot be open together, and by what: a kernel interface, an address, a socket (memif: and
 * its id), a device's name.  what: "the socket /run/vmmq/web.sock".
 */
#define PORT_SHARED_MAX 192
bool port_spec_shared(const struct port_spec *a, const struct port_spec *b, char what[PORT_SHARED_MAX]);
/* port_spec_texts writes what a port leads to, and returns how many texts: ports that share have one of them in common. */
#define PORT_TEXTS 2
size_t port_spec_texts(const struct port_spec *spec, char text[PORT_TEXTS][PORT_SHARED_MAX]);

/*
 * port_spec_form says whether the text of a place has its kind's form, without looking at the system.  false with a sentence in
 * error: what is wrong, and what would be right.
 * port_spec_check says also whether the system has what it needs: the socket's directory, its owner and group, the driver of a
 * PORT_DEVICE.  Control thread.
 */
bool port_spec_form(const struct port_spec *spec, char *error, size_t error_len);
bool port_spec_check(const struct port_spec *spec, char *error, size_t error_len);

/*
 * port_spec_devargs writes DPDK devargs (of all kinds but vhost_user, which is none of DPDK's devices) of text_len bytes for queues queue pairs; number: another one for each port of the process,
 * of which the device's name is made.  PORT_DEVICE: its own, whatever the number.
 * port_spec_from_devargs makes the typed port that devargs of another time meant; false, and *spec is PORT_NONE: something
 * of them has no place in it.
 */
void port_spec_devargs(const struct port_spec *spec, unsigned number, uint16_t queues, char *text, size_t text_len);
bool port_spec_from_devargs(struct port_spec *spec, const char *devargs);

/*
 * Sockets (vhost_user, memif) live below one directory.  port_spec_resolve makes a relative path absolute, below directory, and
 * takes "." and ".." out of it; other kinds, and what would be too long, stay as they are.
 * port_socket_below tells whether the socket is below directory, links followed as far as the directories exist.  false with a
 * sentence.
 * port_socket_ready tells whether a socket could be made there by this process now; port_socket_adopt gives one that was made its
 * owner, group and permissions.  false with a sentence that names the place.
 */
void port_spec_resolve(struct port_spec *spec, const char *directory);
bool port_socket_below(const struct port_spec *spec, const char *directory, char *error, size_t error_len);
bool port_socket_ready(const struct port_spec *spec, char *error, size_t error_len);
bool port_socket_adopt(const struct port_spec *spec, char *error, size_t error_len);

/* port_user_find looks up a user, or with group a group; false: there is none of that name. */
bool port_user_find(const char *name, bool group, uid_t *id);

#endif
