/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * racing_guests SEED MEMORY:KICK_RX:KICK_TX...: guests that send to each other as fast as they can, each frame the next one of its flow.
 * Their rings are there and known to vmmqd (frontend.py, whose layout this is); of each a descriptor of the memory, and of its kicks.
 *
 * Flows are skewed: of those from a guest to another one the i-th has 1/i of the frames, and which is the i-th is drawn anew all the time.
 * A guest is sent no more than it has room for, so that nothing is dropped, and what is missing in the end was lost.
 * Ends when standard input ends and everything has arrived, or at SIGTERM whatever has; prints one line of JSON.
 */
#include <endian.h>
#include <inttypes.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define RING       256u
#define BUFFER     2048u
#define HEADER     12u
#define RING_SPAN  16384u
#define AVAIL      (RING * 16u)
#define USED       (RING * 16u + 4096u)
#define GUESTS_MAX 8u
#define FLOWS      64u /* from a guest to another one */
#define BURST      16u
#define ROOM       128u /* frames that are under way to a guest at most: of RING buffers that it has */
#define SHIFT      (1u << 15)
#define STAMP      42u /* behind Ethernet, IPv4 and UDP */
#define SHORTEST   64u
#define LONGEST    1514u

struct ring {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint8_t *buffer;
	int kick;
	uint16_t seen; /* used index */
};

/* What stands behind a frame's headers. */
struct stamp {
	uint32_t from, flow;
	uint64_t number;
};

struct guest {
	struct ring rx, tx;
	uint64_t sent[GUESTS_MAX][FLOWS], came[GUESTS_MAX][FLOWS]; /* by the other one, and flow */
	uint32_t under_way;                                        /* to this one */
};

static struct guest guest[GUESTS_MAX];
static unsigned guests;
static uint32_t rank[FLOWS], weight[FLOWS]; /* flow by place, and the sum of the weights up to it */
static uint64_t frames, wrong, reordered, duplicated, state;
static volatile sig_atomic_t told_to_end;

static uint32_t random_below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((state >> 32) * n >> 32);
}

static void on_term(int number)
{
	told_to_end = number;
}

static void ring_at(struct ring *ring, uint8_t *memory, unsigned number, int kick)
{
	uint8_t *at = memory + number * RING_SPAN;

	*ring = (struct ring){
		.desc = (void *)at,
		.avail = (void *)(at + AVAIL),
		.used = (void *)(at + USED),
		.buffer = memory + 2 * RING_SPAN + (size_t)number * RING * BUFFER,
		.kick = kick,
	};
	ring->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
}

static bool guest_open(const char *argument)
{
	struct guest *g = &guest[guests++];
	int memory, kick_rx, kick_tx;
	struct stat about;
	uint8_t *at;

	if (sscanf(argument, "%d:%d:%d", &memory, &kick_rx, &kick_tx) != 3 || fstat(memory, &about))
		return false;
	at = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (at == MAP_FAILED)
		return false;
	ring_at(&g->rx, at, 0, kick_rx);
	ring_at(&g->tx, at, 1, kick_tx);
	return true;
}

/* ring_offer makes avail's new index visible, and wakes the device where it wants to be. */
static void ring_offer(struct ring *ring, uint16_t index)
{
	__atomic_store_n(&ring->avail->idx, index, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&ring->used->flags, __ATOMIC_SEQ_CST) & VRING_USED_F_NO_NOTIFY))
		eventfd_write(ring->kick, 1);
}

static void flows_shift(void)
{
	for (unsigned i = FLOWS; i > 1; i--) {
		unsigned j = random_below(i);
		uint32_t other = rank[j];

		rank[j] = rank[i - 1];
		rank[i - 1] = other;
	}
}

static void flows_start(void)
{
	for (unsigned i = 0; i < FLOWS; i++) {
		rank[i] = i;
		weight[i] = (i ? weight[i - 1] : 0) + (1u << 20) / (i + 1);
	}
	flows_shift();
}

static unsigned flow_draw(void)
{
	uint32_t at = random_below(weight[FLOWS - 1]);
	unsigned place = 0;

	while (weight[place] <= at)
		place++;
	return rank[place];
}

static uint32_t frame_write(uint8_t *at, unsigned from, unsigned to, unsigned flow, uint64_t number)
{
	uint16_t len = number % 16 ? SHORTEST : LONGEST, ip_len = htobe16(len - 14), udp_len = htobe16(len - 34);
	const uint16_t port = htobe16((uint16_t)(1024 + from * FLOWS + flow));
	const struct stamp stamp = { from, flow, number };

	memcpy(at, (uint8_t[]){ 2, 0, 0, 0, 7, (uint8_t)to, 2, 0, 0, 0, 7, (uint8_t)from, 8, 0 }, 14);
	memcpy(at + 14, (uint8_t[20]){ 0x45,          0,  0, 0, 0,          0, 0, 0, 64, 17, 0, 0, 10, 0, 7,
				       (uint8_t)from, 10, 0, 8, (uint8_t)to },
	       20);
	memcpy(at + 16, &ip_len, 2);
	memcpy(at + 34, (uint8_t[8]){ 0, 0, 0, 9 }, 8);
	memcpy(at + 34, &port, 2);
	memcpy(at + 38, &udp_len, 2);
	memcpy(at + STAMP, &stamp, sizeof(stamp));
	return len;
}

/* guest_sends sends a burst to one of the others, as far as that has room; returns how many frames. */
static unsigned guest_sends(unsigned from, unsigned to)
{
	struct ring *tx = &guest[from].tx;
	uint16_t index = tx->avail->idx, used = __atomic_load_n(&tx->used->idx, __ATOMIC_ACQUIRE);
	unsigned room = RING - (uint16_t)(index - used), count = 0;

	for (; count < BURST && count < room && guest[to].under_way < ROOM; count++, index++) {
		unsigned flow = flow_draw(), slot = index % RING;
		uint8_t *buffer = tx->buffer + slot * BUFFER;

		memset(buffer, 0, HEADER);
		tx->desc[slot] = (struct vring_desc){
			.addr = 2 * RING_SPAN + (RING + slot) * BUFFER, /* of the memory */
			.len = HEADER + frame_write(buffer + HEADER, from, to, flow, guest[from].sent[to][flow]++),
		};
		tx->avail->ring[slot] = (uint16_t)slot;
		guest[to].under_way++;
		if (frames++ % SHIFT == 0)
			flows_shift();
	}
	if (count)
		ring_offer(tx, index);
	return count;
}

static void frame_judge(unsigned to, const uint8_t *at, uint32_t len)
{
	struct guest *g = &guest[to];
	struct stamp stamp;
	uint64_t *next;

	memcpy(&stamp, at + STAMP, sizeof(stamp));
	if (len < SHORTEST || at[5] != to || stamp.from >= guests || stamp.flow >= FLOWS ||
	    stamp.number >= guest[stamp.from].sent[to][stamp.flow] ||
	    len != (stamp.number % 16 ? SHORTEST : LONGEST)) {
		wrong++;
		return;
	}
	g->under_way--;
	next = &g->came[stamp.from][stamp.flow];
	reordered += stamp.number > *next;
	duplicated += stamp.number < *next;
	if (stamp.number >= *next)
		*next = stamp.number + 1;
}

/* guest_receives takes what has come and offers the buffers again; returns how many frames. */
static unsigned guest_receives(unsigned to)
{
	struct ring *rx = &guest[to].rx;
	uint16_t used = __atomic_load_n(&rx->used->idx, __ATOMIC_ACQUIRE), index = rx->avail->idx;
	unsigned count = 0;

	for (; rx->seen != used; rx->seen++, index++, count++) {
		const struct vring_used_elem *element = &rx->used->ring[rx->seen % RING];
		unsigned slot = element->id % RING;

		frame_judge(to, rx->buffer + slot * BUFFER + HEADER, element->len - HEADER);
		rx->avail->ring[index % RING] = (uint16_t)slot;
	}
	if (count)
		ring_offer(rx, index);
	return count;
}

static uint64_t frames_under_way(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < guests; i++)
		sum += guest[i].under_way;
	return sum;
}

static bool input_ended(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	return poll(&input, 1, 0) > 0;
}

/* race goes on until it is told to stop sending, and then until everything has arrived. */
static void race(void)
{
	bool sends = true;

	for (unsigned round = 0; !told_to_end && (sends || frames_under_way()); round++) {
		unsigned done = 0;

		for (unsigned i = 0; i < guests; i++) {
			done += guest_receives(i);
			if (sends)
				done += guest_sends(i, (i + 1 + random_below(guests - 1)) % guests);
		}
		if (!done)
			sched_yield();
		if (round % 256 == 0)
			sends = sends && !input_ended();
	}
}

int main(int argc, char *argv[])
{
	if (argc < 4 || argc - 2 > (int)GUESTS_MAX) {
		fprintf(stderr, "usage: racing_guests SEED MEMORY:KICK_RX:KICK_TX MEMORY:KICK_RX:KICK_TX...\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 10);
	signal(SIGTERM, on_term);
	for (int i = 2; i < argc; i++) {
		if (guest_open(argv[i]))
			continue;
		fprintf(stderr, "racing_guests: %s: no memory and kicks of a guest\n", argv[i]);
		return 1;
	}
	flows_start();
	race();
	printf("{\"frames\": %" PRIu64 ", \"missing\": %" PRIu64 ", \"reordered\": %" PRIu64
	       ", \"duplicated\": %" PRIu64 ", \"wrong\": %" PRIu64 "}\n",
	       frames, frames_under_way(), reordered, duplicated, wrong);
	return 0;
}
