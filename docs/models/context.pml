/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contexts are lent and withdrawn across two cores (kernel/context.c). Context C belongs to core 0, where its owner calls the
 * middle thread, which has context D of core 1 of its own (or none: PLAIN). The middle goes to core 1 and back, calls a last
 * thread, which has no context at all, and answers. Meanwhile the owner's call may be aborted and D may be unbound.
 *
 * Steps: lend, give_back, withdraw, stripping, borrow, own = context_lend() and so on; call = ipc_link_call() and answer =
 * reply_take() with context_return(); unbind = thread_unbind() and context_unbound(), as capability_remove() calls it on D's core;
 * dispatch = context_dispatchable() and rare_conditions() of schedule.c. All lies on one core where it can; what another core sees of
 * it is a step of its own.
 *
 * Proved: nobody runs on a context that somebody else may run on, too, nor on one that was unbound from it; contexts come back:
 * when nothing can happen any more none is away and C is its owner's; a thread that serves a caller with a context runs; who is
 * dispatched on the core of the context that it runs on is its user (nobody asks).
 *
 * Left out: budgets; contexts that move to another core. 370,000 states; PLAIN: 15,000.
 *
 * BREAK_1: own takes a context of another core without the lock. BREAK_2: a context that is away is not waited for at a call.
 * BREAK_3: withdraw does not wait until the user, which is elsewhere, has given the context up. BREAK_4: a caller that gets a
 * context of another core while it waits stays where it is.
 *
 * variants: -DPLAIN
 */
#define OWNER 0
#define MIDDLE 1
#define LAST 2
#define C 0
#define D 1
#define NONE 255
#ifndef CALLS
#define CALLS 2
#endif

mtype = {READY, RECEIVING, CALLING, DONE, NOTHING, GO, BACK, BORROW, ANSWER, RECEIVE};

/* a mail: 0..2 threads, 10 and 11 contexts */
chan box[2] = [5] of {byte};
byte lock = NONE;

mtype state[3] = READY;
mtype pending[3] = NOTHING;
byte core[3];
bool in_mail[3];
byte runs_on[3] = NONE;
byte lent[3] = NONE, below[3] = NONE; /* what it lent, and who lent that before */
byte caller[3] = NONE;    /* its Reply; of OWNER: nothing */
bool waits[3];            /* reply_place */
bool bound;               /* D to MIDDLE */

byte user[2] = NONE, lender[2] = NONE, stripped[2] = NONE;
bool away[2];
byte at[2];               /* where its mail was sent to */
byte calls;
bool aborts, unbinds;     /* what will happen, at any time */

inline take_lock() {
	atomic { lock == NONE || lock == self -> lock = self }
}

#define HERE(t) (core[t] == self && !in_mail[t])
#define IS_HOME(x) ((x) == self) /* C is of core 0, D of core 1 */

/* mine: the context that the thread has and did not lend */
inline own(whose) {
	mine = NONE;
	if
	:: whose == OWNER -> mine = (user[C] == OWNER -> C : NONE)
	:: whose == MIDDLE && bound ->
#ifndef BREAK_1
		if
		:: !IS_HOME(D) -> take_lock()
		:: else -> skip
		fi;
#endif
		mine = (bound && user[D] == MIDDLE -> D : NONE)
	:: else -> skip
	fi
}

/* run_on() with context_follow() */
inline run_on(runs, x) {
	atomic {
		runs_on[runs] = x;
		if
		:: x != NONE ->
			user[x] = runs;
#ifndef BREAK_4
			if
			:: waits[runs] && !IS_HOME(x) -> core[runs] = x
			:: else -> skip
			fi
#endif
		:: else -> skip
		fi
	}
}

inline withdraw(y) {
	atomic { who = user[y]; user[y] = NONE };
	if
	:: who == NONE -> skip
	:: who != NONE && runs_on[who] != y -> skip
	:: else ->
		there = core[who];
		if
		:: there == self && !in_mail[who] -> own(who); run_on(who, mine)
		:: else ->
#ifndef BREAK_3
			atomic { assert(!away[y]); away[y] = true; stripped[y] = who };
			atomic { at[y] = there; box[there] ! 10 + y }
#endif
		fi
	fi;
	atomic { who = NONE; there = 0; mine = NONE }
}

inline stripping(y) {
	who = stripped[y];
	if
	:: who != NONE && !HERE(who) -> atomic { at[y] = core[who]; box[at[y]] ! 10 + y }
	:: else ->
		stripped[y] = NONE;
		if
		:: who != NONE && runs_on[who] == y -> own(who); run_on(who, mine)
		:: else -> skip
		fi;
		if
		:: IS_HOME(y) -> away[y] = false
		:: else -> atomic { at[y] = y; box[y] ! 10 + y }
		fi
	fi;
	atomic { who = NONE; mine = NONE }
}

inline lend(gives, takes) {
	atomic {
		which = runs_on[gives];
		if
		:: which == NONE || away[which] -> skip
		:: else ->
			assert(IS_HOME(which));
			runs_on[gives] = NONE;
			lent[gives] = which;
			below[gives] = lender[which];
			lender[which] = gives;
			runs_on[takes] = which;
			user[which] = takes
		fi;
		which = 0
	}
}

/* context_return() */
inline returns(back) {
	if
	:: lent[back] != NONE ->
		atomic {
			which = lent[back];
			do
			:: lender[which] != back -> assert(lender[which] != NONE); who = lender[which]; lender[which] = below[who]; below[who] = NONE; lent[who] = NONE
			:: else -> lender[which] = below[back]; below[back] = NONE; lent[back] = NONE; break
			od;
			who = NONE
		};
		withdraw(which);
		run_on(back, which);
		which = 0
	:: lent[back] == NONE && runs_on[back] == NONE -> own(back); run_on(back, mine); mine = NONE
	:: else -> skip
	fi
}

inline give_back(server) {
	if
	:: runs_on[server] == C && server != OWNER && self == 0 -> withdraw(C)
	:: server == LAST && runs_on[server] == D && self == 1 -> withdraw(D)
	:: else -> skip
	fi
}

inline travel(goes, goal, what) {
	atomic { pending[goes] = what; in_mail[goes] = true };
	atomic { core[goes] = goal; box[goal] ! goes }
}

/* ipc_link_call(): at an Endpoint of this core, where the server waits */
inline call(asks, serves) {
	atomic { state[asks] = CALLING; waits[asks] = true; caller[serves] = asks; state[serves] = READY };
	which = runs_on[asks];
	if
#ifdef BREAK_2
	:: which == NONE || IS_HOME(which) -> lend(asks, serves)
#else
	:: which == NONE || (IS_HOME(which) && !away[which]) -> lend(asks, serves)
#endif
	:: else ->
		if
		:: runs_on[serves] == NONE -> pending[serves] = BORROW
		:: else -> skip
		fi;
		take_lock();
		core[asks] = which
	fi;
	which = 0
}

inline answer(server) {
	asked = caller[server];
	if
	:: asked != NONE && !HERE(asked) -> travel(server, core[asked], ANSWER)
	:: asked != NONE && HERE(asked) ->
		atomic { waits[asked] = false; caller[server] = NONE };
		returns(asked);
		state[asked] = READY;
		pending[server] = RECEIVE
	:: else -> pending[server] = RECEIVE
	fi;
	asked = NONE
}

inline borrow(server) {
	asked = caller[server];
	if
	:: asked != NONE && !HERE(asked) -> travel(server, core[asked], BORROW)
	:: asked != NONE && HERE(asked) && runs_on[asked] != NONE && away[runs_on[asked]] -> travel(server, at[runs_on[asked]], BORROW)
	:: asked != NONE && HERE(asked) && (runs_on[asked] == NONE || !away[runs_on[asked]]) -> lend(asked, server)
	:: else ->
		if
		:: runs_on[server] == NONE -> own(server); run_on(server, mine); mine = NONE
		:: else -> skip
		fi
	fi;
	asked = NONE
}

/* All receive on core 0; what was lent is given back on its own core before. */
inline receive(server) {
	if
	:: runs_on[server] == C || runs_on[server] == NONE || (server == MIDDLE && runs_on[server] == D) ->
		if
		:: self != 0 -> travel(server, 0, RECEIVE)
		:: else -> give_back(server); state[server] = RECEIVING
		fi
	:: else ->
		if
		:: self != 1 -> travel(server, 1, RECEIVE)
		:: else -> give_back(server); travel(server, 0, RECEIVE)
		fi
	fi
}

#define DISPATCHABLE(t) (pending[t] != NOTHING || (runs_on[t] != NONE && (runs_on[t] != self || !away[runs_on[t]])))
#define RUNS(t) (HERE(t) && state[t] == READY && DISPATCHABLE(t))

inline user_level(t) {
	assert(user[runs_on[t]] == t);
	assert(runs_on[(t + 1) % 3] != runs_on[t] && runs_on[(t + 2) % 3] != runs_on[t]);
	assert(runs_on[t] == C || bound || t != MIDDLE || stripped[D] == t);
	if
	:: t == OWNER && calls < CALLS && state[MIDDLE] == RECEIVING && core[MIDDLE] == 0 -> calls++; call(OWNER, MIDDLE)
	:: t == OWNER && (calls == CALLS || state[MIDDLE] != RECEIVING || core[MIDDLE] != 0) -> state[OWNER] = DONE
	:: t == MIDDLE && self == 0 -> travel(MIDDLE, 1, GO)
	:: t == MIDDLE && self == 1 -> travel(MIDDLE, 0, BACK)
	:: t == MIDDLE -> answer(MIDDLE)
	:: t == LAST -> answer(LAST)
	fi
}

inline dispatch(t) {
	atomic { job = pending[t]; pending[t] = NOTHING };
	if
	:: job == BORROW -> borrow(t)
	:: job == ANSWER -> answer(t)
	:: job == RECEIVE -> receive(t)
	:: job == GO -> /* a message to something of core 1, then it goes to its context's core; or its handle means something else now */
		if
		:: skip
		:: travel(MIDDLE, 0, BACK)
		fi
	:: job == BACK ->
		if
		:: state[LAST] == RECEIVING && core[LAST] == 0 -> call(MIDDLE, LAST)
		:: else -> skip
		fi
	:: job == NOTHING && runs_on[t] != self -> travel(t, runs_on[t], NOTHING)
	:: job == NOTHING && runs_on[t] == self && user[runs_on[t]] != t -> assert(false) /* only while it is away, and then nobody is dispatched with it */
	:: job == NOTHING && runs_on[t] == self && user[runs_on[t]] == t -> user_level(t)
	fi;
	job = NOTHING
}

proctype kernel(byte self) {
	byte mine = NONE, who = NONE, asked = NONE, there, which, mail;
	mtype job = NOTHING;

end:	do
	:: lock != self && nempty(box[self]) ->
		box[self] ? mail;
		if
		:: mail < 10 -> in_mail[mail] = false
		:: mail == 10 -> stripping(C)
		:: mail == 11 -> stripping(D)
		fi;
		atomic { mail = 0; lock = (lock == self -> NONE : lock) }
	:: RUNS(OWNER) -> dispatch(OWNER); lock = (lock == self -> NONE : lock)
	:: RUNS(MIDDLE) -> dispatch(MIDDLE); lock = (lock == self -> NONE : lock)
	:: RUNS(LAST) -> dispatch(LAST); lock = (lock == self -> NONE : lock)
	:: self == 0 && aborts && state[OWNER] == CALLING -> /* thread_wake_error() under the lock */
		take_lock();
		aborts = false;
		if
		:: waits[OWNER] ->
			atomic { waits[OWNER] = false; caller[MIDDLE] = NONE };
			returns(OWNER);
			state[OWNER] = READY
		:: else -> skip
		fi;
		lock = NONE
	:: self == 1 && unbinds && !away[D] ->
		take_lock();
		unbinds = false;
		bound = false;
		atomic {
			do
			:: lender[D] != NONE -> who = lender[D]; lender[D] = below[who]; below[who] = NONE; lent[who] = NONE
			:: else -> break
			od;
			who = NONE
		};
		withdraw(D);
		lock = NONE
	od
}

proctype quiet() {
	timeout ->
	assert(!away[C] && !away[D] && !in_mail[OWNER] && !in_mail[MIDDLE] && !in_mail[LAST]);
	assert(bound || (runs_on[MIDDLE] != D && runs_on[LAST] != D && user[D] == NONE));
	assert(caller[LAST] == NONE || runs_on[LAST] != NONE || runs_on[MIDDLE] == NONE);
	assert(state[OWNER] != DONE || (runs_on[OWNER] == C && user[C] == OWNER))
}

init {
	atomic {
		runs_on[OWNER] = C; user[C] = OWNER;
		state[MIDDLE] = RECEIVING;
		state[LAST] = RECEIVING;
#ifndef PLAIN
		bound = true; runs_on[MIDDLE] = D; user[D] = MIDDLE;
		if
		:: unbinds = false
		:: unbinds = true
		fi;
#endif
		if
		:: aborts = true
		:: aborts = false
		fi;
		run kernel(0); run kernel(1); run quiet()
	}
}
