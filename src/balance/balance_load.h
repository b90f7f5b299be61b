/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From counters to loads: what each lane costs is estimated as its packets times what a packet costs on its processor.  One thread; no
 * clock, no allocation after balance_meter_create().
 */
#ifndef VMMQ_BALANCE_BALANCE_LOAD_H
#define VMMQ_BALANCE_BALANCE_LOAD_H

#include "balance/balance.h"

/*
 * Counters of a processor, from any start: nanoseconds that it has worked, those of them that were not for lanes, packets of lanes
 * that it has done, packets for them that there was no room for, and its turns, with or without work.  is_behind: it had work in this tick, and did none:
 * then it and its lanes have the loads that they had before.
 */
struct balance_work {
	uint64_t busy_ns;
	uint64_t other_ns;
	uint64_t packets;
	uint64_t refused;
	uint64_t turns;
	bool is_behind;
};

#define BALANCE_WANTED_MAX 2u

struct balance_meter;

/* balance_meter_create returns NULL when memory is short.  The caller's, for balance_meter_destroy(), which takes NULL. */
struct balance_meter *balance_meter_create(uint32_t lane_count, unsigned processor_count);
void balance_meter_destroy(struct balance_meter *meter);

/*
 * balance_meter_read turns counters, tick_ns (1 to 10^10) after the last reading, into what balance_tick() takes.  The first reading gives
 * no load.
 * lane_packets: packets that have come for the lane, done or waiting, or done alone; 32 bits that may wrap.  lane_processor: by lane.
 * A load may be above what the processor can do: what was refused counts as if it had been done, at the cost of what was done, and for lanes
 * as that is spread over them; as far as it is so now and was so in the last ticks on average, and up to BALANCE_WANTED_MAX times that.
 * A lane's counter that goes back, which is taken so when it is 2^31 or more ahead, counts nothing until the next reading.  Where a
 * processor's counters stand still, go back, or have more time than has passed, a packet costs what it cost last.
 */
void balance_meter_read(struct balance_meter *meter, uint64_t tick_ns, const uint32_t lane_packets[],
			const uint16_t lane_processor[], const struct balance_work work[], uint32_t load[],
			struct balance_seen seen[]);

/*
 * The same in parts, for who does not read all lanes in each tick: begin takes what the processors did, lanes what has come for count
 * lanes from first on, in ticks ticks (from 1) since they were last read, and fills their loads; of lanes that are left out the loads stay as they are.
 * end tells what was seen of processors.  balance_meter_start: lanes are counted from packets on, without a load: after a move, or at
 * the beginning.
 */
void balance_meter_begin(struct balance_meter *meter, uint64_t tick_ns, const struct balance_work work[]);
void balance_meter_lanes(struct balance_meter *meter, uint32_t first, uint32_t count, uint32_t ticks,
			 const uint32_t lane_packets[], const uint16_t lane_processor[], uint32_t load[]);
void balance_meter_end(const struct balance_meter *meter, struct balance_seen seen[]);
void balance_meter_start(struct balance_meter *meter, uint32_t lane, uint32_t packets);

#endif
