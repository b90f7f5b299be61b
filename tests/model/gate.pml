/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate protocol of src/engine/ as a small model for spin: sources, control, processors.  README.md says what is
 * modelled, which steps are atomic and why.  Names are those of the C code.
 *
 * Set by ./run:
 *   TABLE   where flows go: the processor of flow f under view v is two bits at 2 * (2 * v + f)
 *   VPORT   whose they are: the VPort of flow f under view v is one bit at 2 * v + f
 *   STEPS   views after the first one
 *   SOURCES, FLOW_A, FLOW_B (packets of the two flows of every source), BURST, DPC_BATCH, SIZE, GATE_RESERVE
 *   SLEEP   processors without work sleep
 *   COARSE  a turn of a source, a step along the chain, a packet at a processor: one action each
 * One of them, to break one thing on purpose:
 *   NO_GATES, GATE_AT_FIRST_PACKET, HEAD_AT_TAKE, EARLY_POSITION, NO_RING_FOR_GATE, NO_GATE_TO_SELF, STEP_WITHOUT_ROOM;
 *   NO_HEAD_CHECK, NO_PASSED_CHECK leave out an assertion, so that what follows from breaking it is seen
 */
#define PROCESSORS 3
#define FLOWS 2
#define LEN(f) ((f) == 0 -> FLOW_A : FLOW_B)
#define TARGET(v, f) ((TABLE >> (2 * (2 * (v) + (f)))) & 3)
#define OWNER(v, f) ((VPORT >> (2 * (v) + (f))) & 1)

/* A slot: 0, PACKET | VPort << 4 | flow << 3 | number in its flow, or GATE | step << 3 | mask of processors. */
#define PACKET 64
#define GATE 128
#define IS_GATE(item) ((item) >= GATE)
#define ITEM_STEP(item) (((item) >> 3) & 1)
#define ITEM_VPORT(item) (((item) >> 4) & 1)
#define ITEM_FLOW(item) (((item) >> 3) & 1)
#define ITEM_NUMBER(item) ((item) & 7)

typedef inbox_t {
	byte slot[SIZE];
	byte put;      /* holder of the source */
	byte tail;     /* I1 */
	byte next;     /* processor */
	byte head;     /* I2 */
	byte indicated /* ghost: items that are done with, gates included */
}
inbox_t inbox[SOURCES * PROCESSORS];
#define BOX(s, p) inbox[(s) * PROCESSORS + (p)]

byte published;        /* V1: the newest view */
byte adopted[SOURCES]; /* source->link */
bool busy[SOURCES];    /* S1 */
bool armed[PROCESSORS], rung[PROCESSORS]; /* D2, D3; the eventfd is readable */
byte position[SOURCES * STEPS * PROCESSORS];
#define POSITION(s, v, p) position[((s) * STEPS + (v)) * PROCESSORS + (p)] /* that the gates of step v wait for */
byte expected[SOURCES * FLOWS]; /* ghost: number of the flow's next packet at the consumer */
#ifdef EARLY_POSITION
byte noted[SOURCES * PROCESSORS];
#define NOTED(s, p) noted[(s) * PROCESSORS + (p)]
#else
#define NOTED(s, p) BOX(s, p).put
#endif
#ifdef GATE_AT_FIRST_PACKET
byte came_from[SOURCES * FLOWS]; /* processor + 1; 0: no gate is due */
#define CAME_FROM(s, f) came_from[(s) * FLOWS + (f)]
#endif

#define PASSED(s, p) (BOX(s, p).head == BOX(s, p).put)
#define GATE_ROOM(s, p) (BOX(s, p).put - BOX(s, p).head < SIZE)
#define ADMITS(s, p) (BOX(s, p).put - BOX(s, p).head < SIZE - GATE_RESERVE)
#define UNPUBLISHED(s, p) (BOX(s, p).tail != BOX(s, p).put)
#define EMPTY(s, p) (BOX(s, p).next == BOX(s, p).tail)
#define FIRST(s, p) BOX(s, p).slot[BOX(s, p).next % SIZE]

/* moves_between().  To the same processor a packet moves when its VPort changes: indicate_batch() regroups by VPort. */
#ifdef NO_GATE_TO_SELF
#define MOVES(v, f) (TARGET(v, f) != TARGET((v) + 1, f))
#else
#define MOVES(v, f) (TARGET(v, f) != TARGET((v) + 1, f) || OWNER(v, f) != OWNER((v) + 1, f))
#endif
#define NEEDS_GATE(s, v, f) (MOVES(v, f) && !PASSED(s, TARGET(v, f)))
#define FITS(s, v, f) (!NEEDS_GATE(s, v, f) || GATE_ROOM(s, TARGET((v) + 1, f)))
#if defined(NO_GATES) || defined(GATE_AT_FIRST_PACKET) || defined(STEP_WITHOUT_ROOM)
#define CAN_STEP(s) (adopted[s] < published)
#else
#define CAN_STEP(s) (adopted[s] < published && FITS(s, adopted[s], 0) && FITS(s, adopted[s], 1))
#endif

/* gate_open() */
#define REACHED(s, item, p) (!(((item) >> (p)) & 1) || BOX(s, p).head >= POSITION(s, ITEM_STEP(item), p))
#define GATE_OPEN(s, item) (REACHED(s, item, 0) && REACHED(s, item, 1) && REACHED(s, item, 2))
#define TAKEABLE(s, p) (!EMPTY(s, p) && (!IS_GATE(FIRST(s, p)) || GATE_OPEN(s, FIRST(s, p))))

#ifdef NO_HEAD_CHECK
#define CHECK_HEAD(s, p) skip
#else
#define CHECK_HEAD(s, p) assert(BOX(s, p).head <= BOX(s, p).indicated) /* head */
#endif

inline box_put(s, p, item)
{
	assert(BOX(s, p).slot[BOX(s, p).put % SIZE] == 0); /* slot */
	BOX(s, p).slot[BOX(s, p).put % SIZE] = item;
	BOX(s, p).put++
}

/* interrupt_ring() */
#ifdef SLEEP
inline ring(p)
{
	d_step {
		if
		:: armed[p] -> armed[p] = false; rung[p] = true
		:: else
		fi
	}
}
#else
#define ring(p) skip
#endif

/* gate_prepare() for the pair of processors that flow f moves between. */
inline gate_prepare(s, f)
{
	d_step {
		if
		:: !NEEDS_GATE(s, adopted[s], f)
		:: NEEDS_GATE(s, adopted[s], f) && !GATE_ROOM(s, TARGET(adopted[s] + 1, f)) ->
#ifndef STEP_WITHOUT_ROOM
			fits = false
#endif
		:: NEEDS_GATE(s, adopted[s], f) && GATE_ROOM(s, TARGET(adopted[s] + 1, f)) ->
			POSITION(s, adopted[s], TARGET(adopted[s], f)) = NOTED(s, TARGET(adopted[s], f));
			k = TARGET(adopted[s] + 1, f);
			plan[k] = plan[k] | (1 << TARGET(adopted[s], f));
			k = 0
		fi
	}
}

/* inbox_gate_put() and inbox_publish(): nobody sees the gate before. */
inline gate_put(s, to)
{
	d_step {
		box_put(s, to, GATE | (adopted[s] << 3) | plan[to]);
		BOX(s, to).tail = BOX(s, to).put;
		plan[to] = 0
	}
#ifndef NO_RING_FOR_GATE
	ring(to)
#endif
}

/* One turn of source_adopt(): gates_place(), all or none, and the step. */
inline step(s)
{
#ifdef GATE_AT_FIRST_PACKET
	d_step {
		if
		:: MOVES(adopted[s], 0) -> CAME_FROM(s, 0) = TARGET(adopted[s], 0) + 1
		:: else
		fi;
		if
		:: MOVES(adopted[s], 1) -> CAME_FROM(s, 1) = TARGET(adopted[s], 1) + 1
		:: else
		fi
	}
#endif
#if !defined(NO_GATES) && !defined(GATE_AT_FIRST_PACKET)
	gate_prepare(s, 0);
	gate_prepare(s, 1);
#endif
	do
	:: fits && plan[0] -> gate_put(s, 0)
	:: fits && !plan[0] && plan[1] -> gate_put(s, 1)
	:: fits && !plan[0] && !plan[1] && plan[2] -> gate_put(s, 2)
	:: fits && !plan[0] && !plan[1] && !plan[2] -> adopted[s]++; break
	:: !fits -> d_step { plan[0] = 0; plan[1] = 0; plan[2] = 0 }; break
	od
}

/* packet_hand_over() of one packet of flow f, that is admitted */
inline packet_hand_over(s, f)
{
	k = TARGET(adopted[s], f);
#ifdef GATE_AT_FIRST_PACKET
	if
	:: CAME_FROM(s, f) && !PASSED(s, CAME_FROM(s, f) - 1) ->
		POSITION(s, adopted[s] - 1, CAME_FROM(s, f) - 1) = BOX(s, CAME_FROM(s, f) - 1).put;
		box_put(s, k, GATE | ((adopted[s] - 1) << 3) | (1 << (CAME_FROM(s, f) - 1)))
	:: else
	fi;
	CAME_FROM(s, f) = 0;
#endif
	box_put(s, k, PACKET | (OWNER(adopted[s], f) << 4) | (f << 3) | sent[f]);
	sent[f]++;
	k = 0
}

#define LEFT(f) (sent[f] < LEN(f))
#define CAN_SEND(s, f) (LEFT(f) && ADMITS(s, TARGET(adopted[s], f)))
#define CAN_SEND_ANY(s) (CAN_SEND(s, 0) || CAN_SEND(s, 1))

/* source_receive_burst() without source_announce(): as many packets as are admitted, or fewer. */
inline burst(s)
{
#ifdef EARLY_POSITION
	NOTED(s, 0) = BOX(s, 0).put;
	NOTED(s, 1) = BOX(s, 1).put;
	NOTED(s, 2) = BOX(s, 2).put;
#endif
	do
	:: n < BURST && CAN_SEND(s, 0) -> packet_hand_over(s, 0); n++
	:: n < BURST && CAN_SEND(s, 1) -> packet_hand_over(s, 1); n++
	:: n > 0 || !CAN_SEND_ANY(s) -> break
	od;
	n = 0
}

/* source_announce() and source_release() */
inline source_announce(s)
{
	do
	:: UNPUBLISHED(s, 0) -> BOX(s, 0).tail = BOX(s, 0).put; ring(0)
	:: UNPUBLISHED(s, 1) -> BOX(s, 1).tail = BOX(s, 1).put; ring(1)
	:: UNPUBLISHED(s, 2) -> BOX(s, 2).tail = BOX(s, 2).put; ring(2)
	:: !UNPUBLISHED(s, 0) && !UNPUBLISHED(s, 1) && !UNPUBLISHED(s, 2) -> busy[s] = false; break
	od
}

/* vmmq_receive(), again and again, in WAIT mode.  That it comes back while its inboxes are full is modelled as waiting. */
proctype source(byte s)
{
	byte sent[FLOWS], plan[PROCESSORS];
	byte n, k;
	bool fits = true;

end:	do
#ifdef COARSE
	:: atomic { !CAN_STEP(s) && CAN_SEND_ANY(s) -> burst(s); source_announce(s) } /* control() does all the steps */
#else
	:: atomic { !busy[s] && (CAN_SEND_ANY(s) || ((LEFT(0) || LEFT(1)) && CAN_STEP(s))) -> busy[s] = true }
		do
		:: fits && adopted[s] < published -> step(s)
		:: !fits || adopted[s] == published -> fits = true; break
		od;
		atomic { burst(s) }
		source_announce(s)
#endif
	od
}

/*
 * vmmq_adapter_apply().  It may time out, so the next view may come before the last one is adopted.  At any moment it
 * takes steps in the stead of a source.
 */
proctype control()
{
	byte plan[PROCESSORS];
	byte k, s;
	bool fits = true;

end:	do
	:: published < STEPS -> published++
#ifdef COARSE
	:: atomic { CAN_STEP(0) -> s = 0; step(s) }
#if SOURCES > 1
	:: atomic { CAN_STEP(1) -> s = 1; step(s) }
#endif
#else
	:: atomic { !busy[0] && CAN_STEP(0) -> s = 0; busy[s] = true }; goto adopt
#if SOURCES > 1
	:: atomic { !busy[1] && CAN_STEP(1) -> s = 1; busy[s] = true }; goto adopt
#endif
#endif
	od;
adopt:	do
	:: fits && adopted[s] < published -> step(s)
	:: !fits || adopted[s] == published -> fits = true; break
	od;
	busy[s] = false;
	goto end
}

/* inbox_take(): through open gates, up to a closed one or count, or less: the tail may have been read earlier. */
inline inbox_take(s, p)
{
	do
	:: TAKEABLE(s, p) && !IS_GATE(FIRST(s, p)) && n < DPC_BATCH ->
		packet[n] = FIRST(s, p);
		FIRST(s, p) = 0;
		BOX(s, p).next++;
		n++
	:: TAKEABLE(s, p) && IS_GATE(FIRST(s, p)) ->
		FIRST(s, p) = 0;
		BOX(s, p).next++;
		BOX(s, p).indicated++;
		passed = true
	:: n > 0 || passed -> break
	od;
	passed = false;
	vport = ITEM_VPORT(packet[0])
#ifdef HEAD_AT_TAKE
	;
	BOX(s, p).head = BOX(s, p).next;
	CHECK_HEAD(s, p)
#endif
}

/* indicate_batch(), one packet of it: the next one of the VPort that is being indicated, else the first that is left. */
inline indicate(s, p)
{
	k = 0;
	do
	:: k < n && ITEM_VPORT(packet[k]) != vport -> k++
	:: k < n && ITEM_VPORT(packet[k]) == vport -> break
	:: k == n -> k = 0; vport = ITEM_VPORT(packet[0])
	od;
	assert(ITEM_NUMBER(packet[k]) == expected[s * FLOWS + ITEM_FLOW(packet[k])]); /* order */
	expected[s * FLOWS + ITEM_FLOW(packet[k])]++;
	BOX(s, p).indicated++;
	n--;
	do
	:: k < n -> packet[k] = packet[k + 1]; k++
	:: k == n -> break
	od;
	packet[n] = 0;
	k = 0
}

/* What drain() does after inbox_take(): indicate, packet by packet, then inbox_indicated(). */
inline drain(s, p)
{
	do
	:: n > 0 -> d_step { indicate(s, p) }
	:: n == 0 -> d_step { vport = 0; BOX(s, p).head = BOX(s, p).next; CHECK_HEAD(s, p) }; break
	od
}

/* A processor's loop.  Polling without finding anything to take is modelled as waiting. */
proctype processor(byte p)
{
	byte packet[DPC_BATCH];
	byte n, k, vport;
	bool passed;

end:	do
#ifdef COARSE
	:: atomic { TAKEABLE(0, p) -> inbox_take(0, p); drain(0, p) }
#if SOURCES > 1
	:: atomic { TAKEABLE(1, p) -> inbox_take(1, p); drain(1, p) }
#endif
#else
	:: atomic { TAKEABLE(0, p) -> inbox_take(0, p) }; drain(0, p)
#if SOURCES > 1
	:: atomic { TAKEABLE(1, p) -> inbox_take(1, p) }; drain(1, p)
#endif
#endif
#ifdef SLEEP /* sleep_all(): arm, look once more at every inbox, wait */
	:: atomic { EMPTY(0, p) && EMPTY(SOURCES - 1, p) -> armed[p] = true }
#ifndef COARSE
		if
		:: atomic { !EMPTY(0, p) -> armed[p] = false; goto end }
		:: EMPTY(0, p)
		fi;
#if SOURCES > 1
		if
		:: atomic { !EMPTY(1, p) -> armed[p] = false; goto end }
		:: EMPTY(1, p)
		fi;
#endif
#endif
end_asleep:	atomic { rung[p] -> rung[p] = false; armed[p] = false }
#endif
	od
}

/* When nothing can move any more, everything has arrived. */
proctype at_rest()
{
	byte s, p;

end:	atomic {
		timeout;
		do
		:: s < SOURCES ->
			assert(adopted[s] == STEPS); /* step */
			assert(expected[s * FLOWS] == FLOW_A && expected[s * FLOWS + 1] == FLOW_B); /* all */
#ifdef NO_PASSED_CHECK
			p = PROCESSORS;
#endif
			do
			:: p < PROCESSORS -> assert(PASSED(s, p)); p++ /* passed */
			:: p == PROCESSORS -> p = 0; break
			od;
			s++
		:: s == SOURCES -> break
		od
	}
}

init {
	atomic {
		run source(0);
#if SOURCES > 1
		run source(1);
#endif
		run processor(0);
		run processor(1);
		run processor(2);
		run control();
		run at_rest()
	}
}
