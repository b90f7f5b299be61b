/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which inboxes a processor looks into (src/engine/listed.h), and how it falls asleep (interrupt.h), as a small model for spin.
 * Names are those of the C code.  A store and the load behind it are two actions; each is sequentially consistent, as L1 to L4
 * and D1 to D4 are there.
 *
 * Set by ./run: INBOXES (one source each), PACKETS of each, KEPT (LISTED_KEPT).  One of these breaks one thing on purpose:
 *   NO_LAST_LOOK (L4), FLAG_BEFORE_TAIL (L2 before L1), PLAIN_FLAG (no exchange), LEAVE_LATE (the flag cleared behind the look),
 *   NO_STACK_LOOK (D4 looks at the list only), RING_FIRST (the source looks at "armed" before its push)
 */
#define EMPTY(i) (tail[i] == next[i])

byte tail[INBOXES]; /* I1, L1 */
byte next[INBOXES];
bool listed[INBOXES]; /* L2, L3 */
byte on[INBOXES];     /* ghost: how often it is on the stack, on the list, or about to be pushed */
byte stack;           /* L5: bits */
byte list;            /* processor->listed: bits */
byte listed_count;
bool armed, rung; /* D2, D3; the eventfd is readable */

/* inbox_list(): the exchange says who does it. */
inline inbox_list(i, won)
{
#ifdef PLAIN_FLAG
	won = !listed[i];
	listed[i] = true
#else
	atomic { won = !listed[i]; listed[i] = true }
#endif
}

inline ring()
{
	atomic {
		if
		:: armed -> armed = false; rung = true
		:: else
		fi
	}
}

/* inbox_show() and interrupt_ring() */
proctype source(byte i)
{
	byte sent;
	bool won, was;

	do
	:: sent < PACKETS ->
		sent++;
		won = false;
#ifdef FLAG_BEFORE_TAIL
		was = listed[i];
		tail[i]++;
#else
		tail[i]++;       /* L1 */
		was = listed[i]; /* L2 */
#endif
#ifdef RING_FIRST
		ring();
#endif
		if
		:: !was -> inbox_list(i, won)
		:: else
		fi;
		if
		:: won -> atomic {
				on[i]++;
				assert(on[i] == 1); /* once */
			}
			stack = stack | (1 << i)
		:: else
		fi;
#ifndef RING_FIRST
		ring();
#endif
		was = false
	:: else -> break
	od
}

#define ALL ((1 << INBOXES) - 1)
#define HAS_SOMETHING(i) (((list >> (i)) & 1) && !EMPTY(i))
#if INBOXES == 1
#define LIST_HAS_SOMETHING HAS_SOMETHING(0)
#else
#define LIST_HAS_SOMETHING (HAS_SOMETHING(0) || HAS_SOMETHING(1))
#endif

inline leave(i)
{
	atomic { list = list & ~(1 << i); listed_count--; on[i]-- }
}

/* processor_dpc() of one inbox: what there is of it, or inbox_leave() */
inline serve(i)
{
	if
	:: !EMPTY(i) -> next[i] = tail[i]
	:: EMPTY(i) && listed_count > KEPT ->
#ifdef LEAVE_LATE
		if
		:: EMPTY(i) -> leave(i); listed[i] = false
		:: else
		fi
#else
		/* Once the flag is cleared its source may list it: then it is on the stack, and off the list all the same. */
		atomic { listed[i] = false; leave(i) } /* L3 */
#ifndef NO_LAST_LOOK
		if
		:: !EMPTY(i) -> /* L4 */
			inbox_list(i, won);
			if
			:: won -> atomic {
					on[i]++;
					assert(on[i] == 1); /* once */
					list = list | (1 << i);
					listed_count++
				}
			:: else
			fi;
			won = false
		:: else
		fi
#endif
#endif
	:: else
	fi
}

/* A turn without anything to do is modelled as waiting; sleep_all(): arm, look once more, wait. */
proctype processor()
{
	bool won;

end:	do
	:: stack -> atomic {
			if
			:: stack & 1 -> listed_count++
			:: else
			fi;
			if
			:: stack & 2 -> listed_count++
			:: else
			fi;
			list = list | stack;
			stack = 0
		}
	:: list & 1 && (!EMPTY(0) || listed_count > KEPT) -> serve(0)
#if INBOXES > 1
	:: list & 2 && (!EMPTY(1) || listed_count > KEPT) -> serve(1)
#endif
	:: !stack && !LIST_HAS_SOMETHING -> /* it seemed so */
		armed = true; /* D3 */
		if
		:: LIST_HAS_SOMETHING -> armed = false; rung = false /* D4 */
		:: else ->
#ifndef NO_STACK_LOOK
			if
			:: stack -> armed = false; rung = false
			:: else ->
#endif
end_asleep:			atomic { rung -> rung = false; armed = false }
#ifndef NO_STACK_LOOK
			fi
#endif
		fi
	od
}

proctype at_rest()
{
	byte i;

end:	atomic {
		timeout;
		do
		:: i < INBOXES -> assert(tail[i] == PACKETS && next[i] == PACKETS); i++ /* left */
		:: else -> break
		od
	}
}

init {
	atomic {
		run source(0);
#if INBOXES > 1
		run source(1);
#endif
		run processor();
		run at_rest()
	}
}
