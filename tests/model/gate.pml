/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate protocol of src/engine/ as a small model for spin: a source, its inboxes at three processors, gates, holds, trail.
 * README.md says what is modelled, which steps are atomic and why.  Names are those of the C code.
 *
 * Set by ./run:
 *   TABLE   where flows go: the processor of flow f under view v is two bits at 2 * (2 * v + f)
 *   VPORT   whose they are: the VPort of flow f under view v is one bit at 2 * v + f
 *   LANE    by which lane of it: one bit at 2 * v + f
 *   STEPS   views after the first one
 *   FLOW_A, FLOW_B, FLOW_S (packets of each flow), DPC_BATCH, SIZE, GATES
 *   STALL   processor O may stop for ever, at any moment
 * Flow S is a stranger: of VPort 2, always at N.  One of these breaks one thing on purpose:
 *   NO_GATES, NO_TRAIL, LOOK_TWICE, NEW_FIRST, HEAD_FIRST, HEAD_AT_TAKE, HEAD_ONLY, RAISE_EARLY, NO_AWAY, MERGE_ANY,
 *   TAIL_BEFORE_GATE, FRESH_BEFORE_TAIL, WHOLE_INBOX
 */
#define PROCESSORS 3
#define O 0
#define N 1
#define S 2 /* the stranger's flow, and its VPort */
#define TARGET(v, f) ((TABLE >> (2 * (2 * (v) + (f)))) & 3)
#define OWNER(v, f) ((VPORT >> (2 * (v) + (f))) & 1)
#define LANE_OF(v, f) ((LANE >> (2 * (v) + (f))) & 1)
#define NONE_IS_HELD 15

/* A slot: 0 or PACKET | VPort << 5 | lane << 4 | flow << 2 | number in its flow. */
#define PACKET 128
#define ITEM_VPORT(item) (((item) >> 5) & 3)
#define ITEM_LANE(item) (((item) >> 4) & 1)
#define ITEM_FLOW(item) (((item) >> 2) & 3)
#define ITEM_NUMBER(item) ((item) & 3)

/*
 * Waits: of each lane, for each inbox and each VPort's packets there, the position below which all must be indicated; 0: none.
 * lane_waits_add() keeps the larger one of two.
 */
#define WAITS 12
#define WAIT(l, p, u) ((l) * 6 + (p) * 2 + (u))
#define WAIT_INBOX(i) (((i) % 6) / 2)
#define WAIT_VPORT(i) ((i) % 2)

#define FRESH 1    /* put by the source, in inbox->fresh */
#define STANDING 2 /* taken by the processor, in inbox->gates */
typedef gate_t {
	byte state, position, mark, vport;
	byte wait[WAITS]
}

typedef inbox_t {
	byte slot[SIZE]; /* by position: enough for all, so there is no room to run out of */
	byte put;        /* source */
	byte tail;       /* I1 */
	byte next;       /* processor */
	byte head;       /* I2 */
	byte held;       /* bits by position */
	bool due;        /* hold->is_due */
	byte oldest[2];  /* H2 */
	byte in[2];      /* share[].in */
	byte out[2];     /* I4 */
	bool away;       /* GATES_AWAY */
	gate_t gate[GATES]
}
inbox_t box[PROCESSORS];
byte expected[3]; /* ghost: number of the flow's next packet at the consumer */
bool stopped;     /* ghost: O stands still for ever */

/* inbox_has_indicated() with a head that was read before: seen(p) */
#ifdef HEAD_ONLY
#define OVER(seen, p, u, at) ((seen) >= (at))
#else
#define OVER(seen, p, u, at) ((seen) >= (at) && box[p].oldest[u] >= (at))
#endif
#define OVER_NOW(p, u, at) OVER(box[p].head, p, u, at)
#define LEFT_BEHIND(p, u) (box[p].in[u] != box[p].out[u]) /* inbox_vport_waits() */

inline larger(cell, value)
{
	if
	:: (value) > cell -> cell = value
	:: else
	fi
}

/* mixed_step(): whatever flow f's old VPort has anywhere, all lanes of its new one wait for, wherever that goes. */
inline mixed_step(f, a, b)
{
	k = 0;
	do
	:: k < 2 ->
		if
		:: OWNER(adopted, k) == a && LEFT_BEHIND(TARGET(adopted, k), a) ->
			larger(wait[WAIT(0, TARGET(adopted, k), a)], box[TARGET(adopted, k)].put);
			wait[WAIT(1, TARGET(adopted, k), a)] = wait[WAIT(0, TARGET(adopted, k), a)]
		:: else
		fi;
		k++
	:: else -> break
	od;
	i = 0;
	do
	:: i < WAITS ->
		larger(wait[i % 6], trail[a * WAITS + i]);
		larger(wait[6 + i % 6], trail[a * WAITS + i]);
		i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < WAITS ->
		k = 0;
		do
		:: k < 2 ->
			if
			:: OWNER(adopted + 1, k) == b ->
				larger(plan[TARGET(adopted + 1, k) * WAITS + i], wait[i % WAITS]);
				plan_vport[TARGET(adopted + 1, k)] = b
			:: else
			fi;
			k++
		:: else -> break
		od;
		larger(followed[b * WAITS + i], wait[i]);
		i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < WAITS -> wait[i] = 0; i++
	:: else -> break
	od
}

/* pairs_step(): lane l of VPort a goes from one processor to another. */
inline pairs_step(l, a, from, to)
{
	plan_vport[to] = a;
	if
	:: LEFT_BEHIND(from, a) -> larger(plan[to * WAITS + WAIT(l, from, a)], box[from].put)
	:: else
	fi;
	i = 0;
	do
	:: i < 6 -> larger(plan[to * WAITS + l * 6 + i], trail[a * WAITS + l * 6 + i]); i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < 6 -> larger(followed[a * WAITS + l * 6 + i], plan[to * WAITS + l * 6 + i]); i++
	:: else -> break
	od
}

/* A change of key, type or size: some flow of VPort a has another lane in it. */
#define REKEYED(v, f, a) (OWNER(v, f) == (a) && OWNER((v) + 1, f) == (a) && LANE_OF(v, f) != LANE_OF((v) + 1, f))
#define IS_MIXED(v, f) (OWNER(v, f) != OWNER((v) + 1, f) || REKEYED(v, 0, OWNER(v, f)) || REKEYED(v, 1, OWNER(v, f)))

/* step_take() up to the gates: what each of them waits for, and the trail. */
inline step_plan()
{
	i = 0;
	do /* trail_look() */
	:: i < 2 * WAITS ->
		if
		:: OVER_NOW(WAIT_INBOX(i), WAIT_VPORT(i), trail[i]) -> trail[i] = 0
		:: else
		fi;
		i++
	:: else -> break
	od;
	f = 0;
	do
	:: f < 2 ->
		if
		:: IS_MIXED(adopted, f) -> mixed_step(f, OWNER(adopted, f), OWNER(adopted + 1, f))
		:: !IS_MIXED(adopted, f) && TARGET(adopted, f) != TARGET(adopted + 1, f) ->
			pairs_step(LANE_OF(adopted, f), OWNER(adopted, f), TARGET(adopted, f), TARGET(adopted + 1, f))
		:: else
		fi;
		f++
	:: else -> break
	od;
	i = 0;
	do
	:: i < 2 * WAITS ->
#ifndef NO_TRAIL
		larger(trail[i], followed[i]);
#endif
		followed[i] = 0;
		i++
	:: else -> break
	od;
	f = 0;
	do
	:: f < PROCESSORS ->
		i = 0;
		do
		:: i < WAITS ->
			planned = planned | ((plan[f * WAITS + i] != 0) << f);
			i++
		:: else -> break
		od;
		plan_position[f] = box[f].put;
		plan_mark[f] = box[f].in[plan_vport[f]];
		f++
	:: else -> break
	od;
	f = 0;
	i = 0;
	k = 0;
	adopted++
}

#ifdef MERGE_ANY
#define MARKS_MEET(a, b) true
#else
#define MARKS_MEET(a, b) ((a) == (b))
#endif

/* gate_find_same(): g becomes GATES where there is none. */
inline gate_find_same(p, of_state, of_vport, of_mark)
{
	g = 0;
	do
	:: g < GATES ->
		if
		:: box[p].gate[g].state == of_state && box[p].gate[g].vport == of_vport &&
		   MARKS_MEET(box[p].gate[g].mark, of_mark) -> break
		:: else -> g++
		fi
	:: else -> break
	od
}

/* inbox_gate_put(), its end: the gate is added to one that is the same, or is a new one. */
inline gate_store(p)
{
#ifndef NO_AWAY
	gate_find_same(p, FRESH, plan_vport[p], plan_mark[p]);
#endif
	if
	:: g < GATES -> skip
	:: else ->
		g = 0;
		do
		:: box[p].gate[g].state -> g++
		:: else -> break
		od;
		box[p].gate[g].state = FRESH;
		box[p].gate[g].position = plan_position[p];
		box[p].gate[g].mark = plan_mark[p];
		box[p].gate[g].vport = plan_vport[p]
	fi;
	i = 0;
	do
	:: i < WAITS ->
		if /* one that has been freed is lost */
		:: box[p].gate[g].state -> larger(box[p].gate[g].wait[i], plan[p * WAITS + i])
		:: else
		fi;
		plan[p * WAITS + i] = 0;
		i++
	:: else -> break
	od;
	planned = planned & ~(1 << p);
	plan_position[p] = 0;
	plan_mark[p] = 0;
	plan_vport[p] = 0;
	box[p].away = false;
	i = 0;
	g = 0
}

/* packet_hand_over() and inbox_publish() */
inline packet_put(p, v, l, f)
{
	box[p].slot[box[p].put] = PACKET | ((v) << 5) | ((l) << 4) | ((f) << 2) | sent[f];
	box[p].put++;
	box[p].tail = box[p].put;
	if
	:: (v) < 2 -> box[p].in[v]++
	:: else
	fi;
	sent[f]++
}

#ifdef TAIL_BEFORE_GATE
#define MAY_PUT true
#else
#define MAY_PUT (planned == 0)
#endif

/* vmmq_receive(), and control in its stead: it adopts each view as late as it likes. */
proctype source()
{
	byte trail[2 * WAITS], followed[2 * WAITS], plan[PROCESSORS * WAITS], wait[WAITS];
	byte plan_position[PROCESSORS], plan_mark[PROCESSORS], plan_vport[PROCESSORS];
	byte sent[3];
	byte adopted, planned, i, k, f, g, to;

end:	do
	:: d_step { MAY_PUT && sent[0] < FLOW_A ->
		packet_put(TARGET(adopted, 0), OWNER(adopted, 0), LANE_OF(adopted, 0), 0) }
	:: d_step { MAY_PUT && sent[1] < FLOW_B ->
		packet_put(TARGET(adopted, 1), OWNER(adopted, 1), LANE_OF(adopted, 1), 1) }
	:: d_step { MAY_PUT && sent[2] < FLOW_S -> packet_put(N, S, 0, 2) }
#ifdef NO_GATES
	:: d_step { adopted < STEPS -> adopted++ }
#else
	:: d_step { adopted < STEPS && planned == 0 -> step_plan() }
#endif
	:: atomic { planned & 1 -> to = 0; goto gate }
	:: atomic { (planned & 3) == 2 -> to = 1; goto gate }
	:: atomic { planned == 4 -> to = 2; goto gate }
	od;
gate:	atomic { /* G1: taken back */
#ifdef NO_AWAY
		gate_find_same(to, FRESH, plan_vport[to], plan_mark[to])
#else
		box[to].away = true
#endif
	}
	d_step { gate_store(to); to = 0 }
	goto end
}

/* inbox_take_fresh(), where the source is not at it */
inline take_fresh(p)
{
	k = 0;
	do
	:: k < GATES ->
		if
		:: box[p].gate[k].state == FRESH ->
			gate_find_same(p, STANDING, box[p].gate[k].vport, box[p].gate[k].mark);
			if
			:: g < GATES ->
				i = 0;
				do
				:: i < WAITS ->
					larger(box[p].gate[g].wait[i], box[p].gate[k].wait[i]);
					box[p].gate[k].wait[i] = 0;
					i++
				:: else -> break
				od;
				box[p].gate[k].state = 0;
				box[p].gate[k].position = 0;
				box[p].gate[k].mark = 0;
				box[p].gate[k].vport = 0
			:: else -> box[p].gate[k].state = STANDING
			fi
		:: else
		fi;
		k++
	:: else -> break
	od;
	i = 0;
	k = 0;
	g = 0
}

/* inbox_look_at_gates(): closed has a bit for each lane of each gate; what is over is forgotten. */
inline look_at_gates(p, forgets)
{
	closed = 0;
	k = 0;
	do
	:: k < GATES ->
		if
		:: box[p].gate[k].state == STANDING ->
			i = 0;
			do
			:: i < WAITS ->
				if
				:: box[p].gate[k].wait[i] == 0
				:: box[p].gate[k].wait[i] &&
				   OVER(seen[WAIT_INBOX(i)], WAIT_INBOX(i), WAIT_VPORT(i), box[p].gate[k].wait[i]) ->
					if
					:: forgets -> box[p].gate[k].wait[i] = 0
					:: else
					fi
				:: else -> closed = closed | (1 << (k * 2 + i / 6))
				fi;
				i++
			:: else -> break
			od;
			if
			:: forgets && ((closed >> (k * 2)) & 3) == 0 ->
				box[p].gate[k].state = 0;
				box[p].gate[k].position = 0;
				box[p].gate[k].mark = 0;
				box[p].gate[k].vport = 0
			:: else
			fi
		:: else
		fi;
		k++
	:: else -> break
	od;
	i = 0;
	k = 0
}

/* lane_is_closed() for the packet at position i */
#ifdef WHOLE_INBOX
#define GATE_HOLDS(p, g) (box[p].gate[g].state == STANDING && box[p].gate[g].position <= i && ((closed >> (2 * (g))) & 3))
#else
#define GATE_HOLDS(p, g) (box[p].gate[g].state == STANDING && box[p].gate[g].position <= i && \
	box[p].gate[g].vport == ITEM_VPORT(box[p].slot[i]) && ((closed >> (2 * (g) + ITEM_LANE(box[p].slot[i]))) & 1))
#endif
#if GATES == 2
#define IS_CLOSED(p) (GATE_HOLDS(p, 0) || GATE_HOLDS(p, 1))
#else
#define IS_CLOSED(p) (GATE_HOLDS(p, 0) || GATE_HOLDS(p, 1) || GATE_HOLDS(p, 2))
#endif

inline batch_add(p)
{
	batch[n] = box[p].slot[i];
	box[p].slot[i] = 0;
	n++
}

/* hold_release() */
inline release(p)
{
	box[p].due = false;
	i = 0;
	do
	:: i < SIZE ->
		if
		:: ((box[p].held >> i) & 1) && !IS_CLOSED(p) && n < DPC_BATCH ->
			released = released | (1 << ITEM_VPORT(box[p].slot[i]));
			batch_add(p);
			box[p].held = box[p].held & ~(1 << i)
		:: ((box[p].held >> i) & 1) && !IS_CLOSED(p) && n == DPC_BATCH -> box[p].due = true
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

inline oldest_lower(p, u)
{
	if
	:: u < 2 && box[p].oldest[u] == NONE_IS_HELD -> box[p].oldest[u] = i
	:: else
	fi
}

inline take_new(p)
{
	i = box[p].next;
	do
	:: !box[p].due && n < DPC_BATCH && i < tail ->
		if
		:: IS_CLOSED(p) ->
#ifndef NO_STRANGER_CHECK
			assert(ITEM_FLOW(box[p].slot[i]) != S); /* stranger */
#endif
			box[p].held = box[p].held | (1 << i);
#ifndef HEAD_FIRST
			oldest_lower(p, ITEM_VPORT(box[p].slot[i]))
#endif
		:: else -> batch_add(p)
		fi;
		i++
	:: else -> break
	od;
	box[p].next = i;
	i = 0;
#ifdef HEAD_AT_TAKE
	box[p].head = box[p].next;
#endif
	vport = ITEM_VPORT(batch[0])
}

/* indicate_batch(), one packet of it: the next one of the VPort that is being indicated, else the first that is left. */
inline indicate(p)
{
	k = 0;
	do
	:: k < n && ITEM_VPORT(batch[k]) != vport -> k++
	:: k < n && ITEM_VPORT(batch[k]) == vport -> break
	:: k == n -> k = 0; vport = ITEM_VPORT(batch[0])
	od;
	assert(ITEM_NUMBER(batch[k]) == expected[ITEM_FLOW(batch[k])]); /* order */
	expected[ITEM_FLOW(batch[k])]++;
	if
	:: vport < 2 -> box[p].out[vport]++
	:: else
	fi;
	n--;
	do
	:: k < n -> batch[k] = batch[k + 1]; k++
	:: k == n -> break
	od;
	batch[n] = 0;
	k = 0
}

/* hold_indicated() */
inline oldest_raise(p)
{
	k = 0;
	do
	:: k < 2 ->
		if
		:: (released >> k) & 1 ->
			box[p].oldest[k] = NONE_IS_HELD;
			i = 0;
			do
			:: i < SIZE ->
				if
				:: ((box[p].held >> i) & 1) && ITEM_VPORT(box[p].slot[i]) == k -> oldest_lower(p, k)
				:: else
				fi;
				i++
			:: else -> break
			od
		:: else
		fi;
		k++
	:: else -> break
	od;
	i = 0;
	k = 0;
	released = 0
}

/* Something is to be done: else a turn changes nothing, and is modelled as waiting. */
#define W_OVER(p, g, i) (box[p].gate[g].wait[i] && OVER_NOW(WAIT_INBOX(i), WAIT_VPORT(i), box[p].gate[g].wait[i]))
#define G_WORK(p, g) (box[p].gate[g].state && (box[p].gate[g].state == FRESH || \
	W_OVER(p, g, 0) || W_OVER(p, g, 1) || W_OVER(p, g, 2) || W_OVER(p, g, 3) || W_OVER(p, g, 4) || W_OVER(p, g, 5) || \
	W_OVER(p, g, 6) || W_OVER(p, g, 7) || W_OVER(p, g, 8) || W_OVER(p, g, 9) || W_OVER(p, g, 10) || W_OVER(p, g, 11)))
#if GATES == 2
#define GATES_WORK(p) (G_WORK(p, 0) || G_WORK(p, 1))
#else
#define GATES_WORK(p) (G_WORK(p, 0) || G_WORK(p, 1) || G_WORK(p, 2))
#endif
#define HAS_WORK(p) (!box[p].away && (box[p].next < box[p].tail || box[p].due || GATES_WORK(p)))

inline stop_here(p)
{
#ifdef STALL
	if
	:: p == O -> stopped = true; goto end_stopped
	:: true
	fi
#else
	skip
#endif
}

/* A processor's turns, of one inbox each: that of our source. */
proctype processor(byte p)
{
	byte seen[PROCESSORS];
	byte batch[DPC_BATCH];
	byte tail, closed, released, n, vport, i, k, g;

	/* inbox_take() and inbox_take_gated() */
end:	atomic { HAS_WORK(p) ->
#ifdef FRESH_BEFORE_TAIL
		d_step { take_fresh(p) }
	}
	d_step { tail = box[p].tail;
#else
		tail = box[p].tail; stop_here(p)
	}
	d_step { /* read tail, then take fresh; away: nothing this turn */
		if
		:: box[p].away -> tail = box[p].next; closed = 255
		:: else -> take_fresh(p)
		fi;
#endif
		seen[0] = box[0].head; seen[1] = box[1].head; seen[2] = box[2].head
	}
	if
	:: atomic { closed == 255 -> closed = 0; tail = 0; seen[0] = 0; seen[1] = 0; seen[2] = 0; goto end }
	:: else
	fi;
	atomic { /* heads first, then what is held */
		look_at_gates(p, true);
#ifndef NEW_FIRST
		release(p);
#endif
#ifdef LOOK_TWICE
	}
	d_step {
		seen[0] = box[0].head; seen[1] = box[1].head; seen[2] = box[2].head;
		look_at_gates(p, false);
#endif
		take_new(p);
#ifdef NEW_FIRST
		release(p);
		vport = ITEM_VPORT(batch[0]);
#endif
		seen[0] = 0; seen[1] = 0; seen[2] = 0;
		closed = 0; tail = 0
	}
	stop_here(p);
#ifdef RAISE_EARLY
	d_step { oldest_raise(p) }
#endif
	do
	:: n > 0 -> d_step { indicate(p) }
	:: else -> break
	od;
	/* inbox_indicated() */
	atomic { oldest_raise(p); vport = 0 }
	box[p].head = box[p].next;
#ifdef HEAD_FIRST
	d_step {
		released = 3;
		oldest_raise(p)
	}
#endif
	goto end;
end_stopped:
	false
}

/* When nothing can move any more, everything has arrived; while O stands still, all that never was there. */
proctype at_rest()
{
end:	atomic {
		timeout;
		assert(expected[2] == FLOW_S); /* stranger's */
		assert(stopped || expected[0] == FLOW_A); /* all of a */
		assert(stopped || expected[1] == FLOW_B); /* all of b */
#ifdef B_IS_FREE
		assert(expected[1] == FLOW_B) /* b has nothing at O */
#endif
	}
}

init {
	atomic {
		box[0].oldest[0] = NONE_IS_HELD; box[0].oldest[1] = NONE_IS_HELD;
		box[1].oldest[0] = NONE_IS_HELD; box[1].oldest[1] = NONE_IS_HELD;
		box[2].oldest[0] = NONE_IS_HELD; box[2].oldest[1] = NONE_IS_HELD;
		run source();
		run processor(0);
		run processor(1);
		run processor(2);
		run at_rest()
	}
}
