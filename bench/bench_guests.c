/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-guests: what a packet from one guest to another takes of a processor's turn, from ring to ring, by our rings and by the vhost
 * library's burst functions (vmmqd --copy), beside a loop that moves it from ring to ring and does nothing else: no check, no VPort,
 * no hash, no count.  Frames of 64 KiB are TCP's, still to be cut; the library hands over none such.  All on one thread, whose caches have the guests' memory too: so it says what the work is, and not what it costs to
 * have another CPU's guest write the rings, which is the same for everybody.
 * With two processors each polls one guest, and all frames go to the guest that the other one delivers to.  On one CPU they take turns: that is the work of both.  Where there is another
 * CPU it has the second processor: then it is the time that passes, with what the guests do in it.
 */
#include "bench_guests.h"

#include <pthread.h>
#include <rte_memcpy.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmmq/adapter.h>

#include "base/clock.h"
#include "bench.h"
#include "engine/eal.h"
#include "host/host.h"
#include "ports/port_spec.h"

#define MEMORY_MB 512
#define ROUNDS    201u
#define TURNS     64u
#define WAIT_NS   (20 * SECOND_NS)
#define WAYS      4u

#define TCP_OFFSET_AT (14 + 20 + 12) /* where a TCP header says how long it is; frame_make() leaves it 0 */

/* Two guests, and what is between them. */
struct between {
	const char *name, *title;
	bool by_library;
	unsigned processors;
	pthread_t second;
	_Atomic bool second_runs; /* the second processor has a thread of its own */
	struct host *host;        /* NULL: nothing of ours */
	struct vmmq_adapter *adapter;
	struct guest_side guest[2];
};

static char folder[] = "/tmp/vmmq-bench-XXXXXX";
static const struct vmmq_processor processors[] = { { 0 }, { 1 } };

static bool vport_add(struct between *between, uint16_t vport, const char *place)
{
	const struct vmmq_processor processor = processors[vport % between->processors];
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(between->adapter);
	struct port_spec spec = { .kind = PORT_VHOST_USER, .queues = 1 };
	struct vmmq_vport_id id = { vport };
	struct vmmq_rss_params rss;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	vmmq_rss_params_init(&rss, processor);
	rss.enabled = true;
	rss.entry_count = 1;
	frame_mac(vport, mac);
	snprintf(spec.place, sizeof(spec.place), "%s", place);
	if (vmmq_vport_create(sw, id, "vm", 1, processor, NULL) != VMMQ_SUCCESS ||
	    vmmq_vport_activate(sw, id, NULL) != VMMQ_SUCCESS || vmmq_rss_set(sw, id, &rss, NULL) != VMMQ_SUCCESS ||
	    vmmq_filter_set(sw, id, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL) != VMMQ_SUCCESS ||
	    vmmq_adapter_apply(between->adapter, false, SECOND_NS, NULL) != VMMQ_SUCCESS ||
	    host_update(between->host) != VMMQ_SUCCESS)
		return false;
	host_set_policy(between->host, id, &(struct host_policy){ .anti_spoofing = true });
	host_set_backend(between->host, id, &spec);
	return true;
}

/* between_polls gives each processor of this thread its turn, and the first one another: what the second has for it. */
static void between_polls(struct between *between)
{
	vmmq_processor_poll(between->adapter, processors[0]);
	if (between->processors == 1 || between->second_runs)
		return;
	vmmq_processor_poll(between->adapter, processors[1]);
	vmmq_processor_poll(between->adapter, processors[0]);
}

/* The CPUs that this program may use: the first two. */
static int cpu[2];
static int cpus;

static void cpus_find(void)
{
	cpu_set_t all;

	sched_getaffinity(0, sizeof(all), &all);
	for (int i = 0; i < CPU_SETSIZE && cpus < 2; i++)
		if (CPU_ISSET(i, &all))
			cpu[cpus++] = i;
}

static void cpu_stay(int at)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(at, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
}

static void *second_run(void *context)
{
	struct between *between = context;

	cpu_stay(cpu[1]);
	while (between->second_runs)
		vmmq_processor_poll(between->adapter, processors[1]);
	return NULL;
}

static void second_start(struct between *between)
{
	if (between->processors < 2 || cpus < 2)
		return;
	between->second_runs = true;
	if (pthread_create(&between->second, NULL, second_run, between))
		between->second_runs = false;
}

static void second_stop(struct between *between)
{
	if (!between->second_runs)
		return;
	between->second_runs = false;
	pthread_join(between->second, NULL);
}

/* vport_comes_up waits until the guest's queues are in use. */
static bool vport_comes_up(struct between *between, uint16_t vport)
{
	const uint64_t started = now_ns();
	struct host_port port;

	do {
		host_tick(between->host);
		between_polls(between);
		usleep(1000);
		host_backend_get(between->host, (struct vmmq_vport_id){ vport }, &port);
	} while (strcmp(port.state, "up") != 0 && now_ns() - started < WAIT_NS);
	if (strcmp(port.state, "up") == 0)
		return true;
	fprintf(stderr, "bench-guests: VPort %u is %s: %s\n", (unsigned)vport, port.state, port.reason);
	return false;
}

static bool between_make(struct between *between)
{
	const struct host_params host_params = { .name = between->name, .buffers = 8192 };
	struct vmmq_adapter_params params = {
		.name = between->name,
		.nic_switch = { .processors = processors, .processor_count = between->processors, .max_vports = 8 },
		.moderation = VMMQ_MODERATION_POLL,
	};
	char place[96];

	if (host_create(&host_params, &between->host, NULL) != VMMQ_SUCCESS)
		return false;
	host_fill_adapter_params(between->host, &params);
	if (vmmq_adapter_create(&params, &between->adapter, NULL) != VMMQ_SUCCESS ||
	    host_bind(between->host, between->adapter, NULL) != VMMQ_SUCCESS)
		return false;
	ethdev_vhost_by_library(between->by_library);
	for (uint16_t vport = 1; vport <= 2; vport++) {
		snprintf(place, sizeof(place), "%s/%s%u", folder, between->name, (unsigned)vport);
		if (!vport_add(between, vport, place) ||
		    !guest_connect(&between->guest[vport - 1], place, !between->by_library) ||
		    !vport_comes_up(between, vport))
			return false;
	}
	return true;
}

static void between_destroy(struct between *between)
{
	for (unsigned i = 0; i < 2; i++)
		guest_leave(&between->guest[i]);
	if (!between->host)
		return;
	vmmq_adapter_stop(between->adapter);
	host_destroy(between->host);
	vmmq_adapter_destroy(between->adapter);
}

/* What guests send each other.  segment: bytes, of TCP's that others are to cut; 0: nothing is. */
struct traffic {
	const char *title;
	uint32_t len;
	uint16_t segment;
	unsigned burst;
	bool one_flow; /* each way */
};

/* between_writes gives each guest frames of many flows for the other. */
static void between_writes(struct between *between, const struct traffic *traffic)
{
	static uint8_t frame[65536];
	uint64_t random = traffic->len;

	for (unsigned g = 0; g < 2; g++) {
		const unsigned frames = guest_sizes(&between->guest[g], traffic->len);

		for (unsigned n = 0; n < frames; n++) {
			if (!n || !traffic->one_flow)
				frame_make(frame, traffic->segment ? FRAME_TCP4 : FRAME_UDP4, (uint16_t)(2 - g),
					   &random);
			frame_mac((uint16_t)(1 + g), frame + 6);
			if (traffic->segment)
				frame[TCP_OFFSET_AT] = 5 << 4;
			guest_writes(&between->guest[g], n, frame, traffic->len, traffic->segment);
		}
	}
}

/* bare_moves moves what is there from one guest's ring into the other's, buffer by buffer. */
static void bare_moves(struct guest_side *from, struct guest_side *to)
{
	struct guest_ring *t = &from->transmits, *r = &to->receives;
	uint16_t sent = t->used->idx, got = r->used->idx, n = (uint16_t)(t->avail->idx - sent);

	for (uint16_t i = 0; i < n; i++, sent++) {
		const uint16_t head = t->avail->ring[sent % GUEST_RING];

		for (uint16_t at = head; at < head + t->chained; at++, got++) {
			const uint16_t into = r->avail->ring[got % GUEST_RING];

			rte_memcpy(r->buffers + (size_t)into * GUEST_BUFFER, t->buffers + (size_t)at * GUEST_BUFFER,
				   t->desc[at].len);
			r->used->ring[got % GUEST_RING] = (struct vring_used_elem){ into, t->desc[at].len };
		}
		t->used->ring[sent % GUEST_RING] = (struct vring_used_elem){ head, 0 };
	}
	__atomic_store_n(&r->used->idx, got, __ATOMIC_RELEASE);
	__atomic_store_n(&t->used->idx, sent, __ATOMIC_RELEASE);
}

static void between_moves(struct between *between)
{
	if (between->host) {
		between_polls(between);
		return;
	}
	bare_moves(&between->guest[0], &between->guest[1]);
	bare_moves(&between->guest[1], &between->guest[0]);
}

static unsigned between_takes(struct between *between)
{
	return guest_takes(&between->guest[0]) + guest_takes(&between->guest[1]);
}

/* between_rest moves what a turn has not: a queue that was silent for a while is heard a moment after its guest has told of it. */
static unsigned between_rest(struct between *between, unsigned expected)
{
	const uint64_t started = now_ns();
	unsigned came = between_takes(between);

	while (came < expected && now_ns() - started < SECOND_NS) {
		between_moves(between);
		came += between_takes(between);
	}
	return came;
}

/* between_turns returns cycles a packet, both ways, of most turns that move all there is; *lost grows by what did not arrive. */
static double between_turns(struct between *between, const struct traffic *traffic, uint64_t *lost)
{
	const unsigned burst = 2 * traffic->burst;
	double cycles[TURNS];
	unsigned whole = 0;

	for (unsigned i = 0; i < TURNS; i++) {
		unsigned came;
		uint64_t took;

		guest_sends(&between->guest[0], traffic->burst);
		guest_sends(&between->guest[1], traffic->burst);
		took = rte_rdtsc();
		if (between->second_runs) {
			came = between_rest(between, burst);
			took = rte_rdtsc() - took;
		} else {
			between_moves(between);
			took = rte_rdtsc() - took;
			came = between_takes(between);
		}
		if (came == burst) {
			cycles[whole++] = (double)took / burst;
		} else {
			*lost += burst - came - between_rest(between, burst - came);
		}
	}
	return whole ? median_of(cycles, whole) : 0;
}

/* measure returns how many packets were lost. */
static uint64_t measure(struct between between[WAYS], const struct traffic *traffic, unsigned rounds)
{
	static double sample[WAYS][ROUNDS], ratio[WAYS][ROUNDS];
	uint64_t lost = 0;

	for (unsigned w = 0; w < WAYS; w++)
		between_writes(&between[w], traffic);
	for (unsigned r = 0; r <= rounds; r++) {
		const unsigned at = r ? r - 1 : 0; /* the first is to warm up */

		for (unsigned w = 0; w < WAYS; w++) {
			if (traffic->segment && between[w].by_library)
				continue;
			second_start(&between[w]);
			sample[w][at] = between_turns(&between[w], traffic, &lost);
			second_stop(&between[w]);
		}
		for (unsigned w = 0; w < WAYS; w++)
			ratio[w][at] = sample[w][at] / sample[0][at];
	}
	report_section(traffic->title, "");
	for (unsigned w = 0; w < WAYS; w++) {
		if (traffic->segment && between[w].by_library)
			continue;
		report_samples(between[w].title, "cycles/packet", sample[w], rounds);
		if (w)
			report_samples("  against the switch", "times", ratio[w], rounds);
	}
	return lost;
}

int main(int argc, char *argv[])
{
	struct between between[WAYS] = {
		{ .name = "ours", .title = "the switch", .processors = 1 },
		{ .name = "two", .title = "the switch, two processors", .processors = 2 },
		{ .name = "copy", .title = "the switch, --copy", .by_library = true, .processors = 1 },
		{ .title = "nothing but the copy" }
	};
	static const struct traffic some[] = {
		{ "Guest to guest, 64 bytes", 64, 0, 32, false },
		{ "Guest to guest, 64 bytes, one flow", 64, 0, 32, true },
		{ "Guest to guest, 64 bytes, one at a time", 64, 0, 1, true },
		{ "Guest to guest, 1,500 bytes", 1500, 0, 32, false },
		{ "Guest to guest, 65,000 bytes, to be cut by others", 65000, 1448, 4, false },
	};
	struct options options;
	char error[256];
	uint64_t lost = 0;

	if (!bench_options(argc, argv, &options))
		return 2;
	cpus_find();
	cpu_stay(cpu[0]);
	if (cpus > 1)
		between[1].title = "the switch, two processors on two CPUs";
	if (!mkdtemp(folder) || eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-guests: %s\n", error);
		return 1;
	}
	if (!between_make(&between[0]) || !between_make(&between[1]) || !between_make(&between[2]) ||
	    !guest_stay(&between[3].guest[0]) || !guest_stay(&between[3].guest[1]))
		return 1;
	report_begin("bench-guests", options.json);
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		lost += measure(between, &some[i], options.quick ? 2 : ROUNDS);
	for (unsigned w = 0; w < WAYS; w++)
		between_destroy(&between[w]);
	rmdir(folder);
	if (!lost)
		return report_end();
	fprintf(stderr, "bench-guests: %llu packets were lost\n", (unsigned long long)lost);
	return 1;
}
