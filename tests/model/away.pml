/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that go to another processor with what a guest has lent to them (src/ports/vhost_away.c), as a small model for spin.  Names are those of the C
 * code.  A load and the store behind it are two actions; the exchanges of `state` are one.
 *
 * The guest writes over a buffer in the moment in which it has it back.  Whoever takes a packet must find it as it was sent, buffers go back once, and in order, and
 * nobody touches the line once it is freed.
 *
 * Set by ./run: FRAMES, SLOTS (AWAY_MAX).  One of these breaks one thing on purpose:
 *   PLAIN_REVOKE (looked at and stored, not exchanged), TAKEN_IS_OVER (buffers go back while they are read), COPY_LATE (own is made behind the exchange),
 *   FREE_EARLY (the place is free once the packet has its own), LEAVE_EARLY (the line is left before the last look at it)
 */
#define FREE  0
#define OUT   1
#define TAKEN 2
#define OWN   3
#define BACK  4

byte state[SLOTS];
byte piece[SLOTS];        /* whose buffer is lent */
bool own[SLOTS];          /* the copy is as it was sent */
bool memory[FRAMES + 1];  /* the buffer is as it was sent */
byte line[FRAMES];        /* places, in order */
byte given, returned;     /* frames, ever */
byte users = 1;
bool freed;
chan inbox = [FRAMES] of { byte, byte }; /* frame, place */

inline leave()
{
	atomic {
		assert(!freed);
		users--;
		freed = users == 0
	}
}

/* vhost_away_begin(), and the inbox */
inline hand(s)
{
	given++;
	memory[given] = true;
	piece[s] = given;
	own[s] = false;
	line[given - 1] = s;
	users++;
	state[s] = OUT;
	inbox!given, s
}

/* away_revoke() */
inline revoke(s)
{
#ifndef COPY_LATE
	own[s] = memory[piece[s]];
#endif
#ifdef PLAIN_REVOKE
	now = state[s];
	if
	:: now == OUT -> state[s] = OWN; now = OWN
	:: else
	fi;
#else
	atomic {
		if
		:: state[s] == OUT -> state[s] = OWN
		:: else
		fi;
		now = state[s]
	};
#endif
#ifdef COPY_LATE
	own[s] = memory[piece[s]]
#endif
}

/* line_is_over(), line_move() */
inline move(s)
{
	now = state[s];
	if
	:: now == OUT -> revoke(s)
	:: now == OUT /* not yet */
	:: else
	fi;
	if
	:: now == BACK -> state[s] = FREE
	:: else
	fi;
	if
#ifdef TAKEN_IS_OVER
	:: now != OUT ->
#else
	:: now == BACK || now == OWN || now == FREE ->
#endif
#ifdef FREE_EARLY
		state[s] = FREE;
#endif
		returned++;
		memory[returned] = false /* the guest writes over it */
	:: else
	fi;
	now = FREE
}

proctype source()
{
	byte now;

	do
	:: given < FRAMES && state[0] == FREE -> hand(0)
#if SLOTS > 1
	:: given < FRAMES && state[1] == FREE -> hand(1)
#endif
	:: returned < given -> assert(!freed); move(line[returned])
	:: given == FRAMES && returned == FRAMES -> break
	od;
	leave() /* the ring is no more */
}

proctype target()
{
	byte frame, s;
	bool got;

	do
	:: inbox?frame, s ->
		assert(!freed);
		if
		:: true -> /* vhost_away_take() */
			atomic {
				got = state[s] == OUT;
				if
				:: got -> state[s] = TAKEN
				:: else
				fi
			};
			if
			:: got ->
				assert(memory[frame]); /* it reads: at its beginning, */
				assert(memory[frame])  /* and at its end */
			:: else ->
				assert(state[s] == OWN);
				assert(own[s]) /* the copy */
			fi
		:: true /* dropped */
		fi;
#ifdef LEAVE_EARLY
		leave();
		assert(!freed);
#endif
		/* away_returned() */
		atomic {
			got = state[s] != OWN;
			if
			:: got -> state[s] = BACK
			:: else
			fi
		};
		if
		:: !got -> state[s] = FREE
		:: else
		fi;
#ifndef LEAVE_EARLY
		leave();
#endif
		got = false;
		if
		:: frame == FRAMES -> break
		:: else
		fi
	od
}

proctype at_rest()
{
	timeout;
	assert(returned == FRAMES && users == 0 && freed)
}

init {
	atomic {
		run source();
		run target();
		run at_rest()
	}
}
