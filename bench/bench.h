/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the benchmarks share.  A figure is a median over rounds with its 10th and 90th percentile; those that are compared
 * are measured alternately in one run, and their ratio is formed round by round, so that a disturbance hits both.
 */
#ifndef VMMQ_BENCH_H
#define VMMQ_BENCH_H

#include <rte_cycles.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
	bool json;
	bool quick; /* a hundredth of the work: to see that everything runs */
};

/* bench_options parses --json and --quick; false with a usage line on standard error. */
bool bench_options(int argc, char *argv[], struct options *options);

/*
 * Reporting, in order: report_begin, then for each section report_section and its figures, then report_end, which prints
 * everything as tables, or as one JSON document, and returns the exit status.
 */
void report_begin(const char *program, bool json);
void report_section(const char *title, const char *note);
/* report_samples adds a figure: median, 10th and 90th percentile; it sorts sample. */
void report_samples(const char *name, const char *unit, double sample[], unsigned count);
void report_value(const char *name, const char *unit, double value);
/* report_goal says what the latest figure should be, and whether it is. */
void report_goal(const char *goal, bool reached);
int report_end(void);

/* percentile of sorted samples; p from 0 to 100. */
double percentile(const double sorted[], unsigned count, double p);
double median_of(double sample[], unsigned count);

/* A contender does one round's work on packets. */
struct contender {
	const char *name;
	void (*run)(void *context);
	void *context;
};
/*
 * bench_compete runs count contenders alternately, rounds times each, and reports cycles per packet and, of all but the
 * first, how many times the cycles of the first they take.
 */
#define CONTENDERS_MAX 8
#define ROUNDS_MAX     201
void bench_compete(const struct contender contender[], unsigned count, unsigned rounds, unsigned packets);

/* splitmix64 */
static inline uint64_t random_u64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_u64(state) >> 32) * n >> 32);
}

/* Frames: VPort v, from 0, has MAC 02:00:00:00:v:v, untagged and in VLAN FRAME_VLAN. */
#define FRAME_ROOM 128u
#define FRAME_VLAN 7u
enum frame_kind {
	FRAME_TCP4,
	FRAME_UDP4,
	FRAME_TCP6,
	FRAME_UDP6,
	FRAME_TAGGED,    /* TCP over IPv4 */
	FRAME_ICMP,      /* addresses only */
	FRAME_FRAGMENT,  /* addresses only */
	FRAME_EXTENSION, /* UDP behind an IPv6 hop-by-hop header */
	FRAME_ARP,       /* no hash */
	FRAME_BROADCAST, /* no filter: VPort 0 */
	FRAME_KINDS
};
void frame_mac(uint16_t vport, uint8_t mac[6]);
/* frame_make writes a frame with random addresses and ports; returns its length, at most FRAME_ROOM. */
uint32_t frame_make(uint8_t frame[FRAME_ROOM], enum frame_kind kind, uint16_t vport, uint64_t *random);
/* frame_mixed draws a kind: 85 % TCP and UDP over IPv4 and IPv6, 5 % tagged, and 2 % of each of the others. */
enum frame_kind frame_mixed(uint64_t *random);

#endif
