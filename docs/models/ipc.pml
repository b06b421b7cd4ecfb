/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls across three cores: a client whose context is of core 1 (with TWO another one whose context is of core 0) calls through
 * an Endpoint of core 0; a server, with a context of core 2 or (PASSIVE) with none, receives and answers; one operation of
 * another thread (with TWICE two) aborts or destroys client, server or Endpoint, at any time.
 *
 * Steps: kernel = core_resume(), choose() and mail_receive(); travel, make_ready = schedule_travel(), schedule_ready();
 * call = send_endpoint() and send_now(), receive = receive_endpoint() and accept(), answer = answer(), link_call = ipc_link_call()
 * of ipc.c, with context_follow(); borrow = context_borrow() of context.c; wake_error = thread_wake_error() with thread_detach(),
 * destroy = thread_destroy() with thread_home() and removal_waits() of revoke.c; operate = an invocation under the lock
 * (must_leave() of invoke.c). What only the owning core looks at is one step, what others see is not.
 *
 * Proved: every call ends with an answer or with an error, never with both, unless its client is destroyed or waits in the queue
 * of a living Endpoint that nobody serves any more; no deadlock; a thread is in one queue, in one mailbox or current on one core,
 * never in two of these; a core touches only threads that it owns; who is destroyed is never touched again, and no Reply is left.
 *
 * Left out: budgets and what is lent (context.pml), priorities (any ready thread may run next), items, contexts that move, the
 * fast path (fast.c: it does in one step, on one core, what these steps do there).
 * 800,000 states; TWO with CALLS=1: 2,500,000. TWICE with CALLS=1, by hand: 18,000,000 states and 3 GB.
 *
 * BREAK_1: a caller that now belongs to another core is still the current thread when the lock is given away: neither
 * context_follow() nor core_resume() sees to it. BREAK_2: answer() and context_borrow() look only at the caller's core, not
 * whether it is on its way there, and not again at the Reply: it was aborted and comes for its next call. BREAK_3: a server is
 * destroyed without telling the caller whose Reply it has. BREAK_4: whether a thread is on its way is looked at before its core.
 *
 * variants: -DPASSIVE | -DTWO -DCALLS=1
 * breaks with: -DPASSIVE
 */
#define HOME 0
#define SERVER 0
#define CLIENT 1
#define LOCAL 2           /* the client whose context is of the Endpoint's core */
#define THREADS 5         /* the last two run the operations */
#define NONE 255
#ifdef BREAK_2
#define ON_ITS_WAY false
#else
#define ON_ITS_WAY true
#endif
#ifndef CALLS
#define CALLS 2
#endif

mtype = {READY, SENDING, RECEIVING, CALLING, STOPPED, DONE, NOTHING, CALL, RECEIVE, ANSWER, BORROW, OPERATE, ANSWERED, FAILED,
	 ABORT_CLIENT, ABORT_SERVER, DESTROY_CLIENT, DESTROY_SERVER, DESTROY_ENDPOINT};

chan box[3] = [THREADS] of {byte};
byte lock = NONE;         /* who has it */

mtype state[THREADS] = READY;
mtype pending[THREADS] = NOTHING;
byte core[THREADS];
bool in_mail[THREADS];
bool ready[THREADS];      /* in the ready queue of its core */
bool waiting[THREADS];    /* in the Endpoint's queue */
bool dead[THREADS];
byte context[THREADS];    /* the core of the context that it runs on */
byte current[3] = NONE;

byte reply = NONE;        /* whose Reply the server has; ORPHAN: of somebody who waits no longer */
#define ORPHAN 254
bool replied[3];          /* reply_place: the client waits for the server's answer */
bool endpoint_gone;

mtype result[3] = NOTHING; /* ghost: what the client's call came to */
byte calls[3];
mtype operation[THREADS];

inline make_ready(woken) {
	assert(core[woken] == self && !in_mail[woken] && !waiting[woken] && !dead[woken]);
	assert(current[(self + 1) % 3] != woken && current[(self + 2) % 3] != woken);
	state[woken] = READY;
	ready[woken] = (current[self] != woken)
}

/* The thread leaves at the end of this pass: its new core and the mail are what others see. */
inline travel(goes, goal, purpose) {
	assert(core[goes] == self && !in_mail[goes] && !waiting[goes] && !dead[goes]);
	ready[goes] = false;
	if
	:: current[self] == goes -> current[self] = NONE
	:: else -> skip
	fi;
	state[goes] = READY;
	pending[goes] = purpose;
	target = goal;
	leaver = goes;
	in_mail[goes] = true
}

inline take_lock() {
	atomic { lock == NONE || lock == self -> lock = self }
}

/* The caller ends in the server's record; it is handed over to the core of its context at the end of this pass. */
inline link_call(asks) {
	assert(reply == NONE && !replied[asks] && core[asks] == self && core[SERVER] == self);
	state[asks] = CALLING;
	reply = asks;
	replied[asks] = true;
	if
	:: context[asks] == self -> skip
	:: else ->
#ifdef PASSIVE
		pending[SERVER] = BORROW;
#endif
		handed = asks
	fi
}

inline call(caller_now) {
	atomic {
		if
		:: endpoint_gone -> assert(result[caller_now] == NOTHING); result[caller_now] = FAILED /* a bad handle */
		:: !endpoint_gone && self != HOME -> travel(caller_now, HOME, CALL)
		:: !endpoint_gone && self == HOME && waiting[SERVER] -> waiting[SERVER] = false; link_call(caller_now); make_ready(SERVER)
		:: else -> waiting[caller_now] = true; state[caller_now] = SENDING
		fi
	}
}

inline receive() {
	atomic {
		reply = (reply == ORPHAN -> NONE : reply);
		if
		:: self != HOME -> travel(SERVER, HOME, RECEIVE)
		:: self == HOME && waiting[CLIENT] -> waiting[CLIENT] = false; link_call(CLIENT)
		:: self == HOME && waiting[LOCAL] -> waiting[LOCAL] = false; link_call(LOCAL)
		:: else ->
			if
			:: endpoint_gone -> state[SERVER] = DONE
			:: else -> waiting[SERVER] = true; state[SERVER] = RECEIVING
			fi
		fi
	}
}

/* The caller whose Reply the server has, and which is here (NONE: there is none any more); or the server goes where it is. */
inline find_caller(purpose_now) {
	caller = (reply == ORPHAN -> NONE : reply);
	if
	:: caller != NONE ->
		atomic {
			if
			:: core[caller] != self || (in_mail[caller] && ON_ITS_WAY) -> travel(SERVER, core[caller], purpose_now)
			:: else -> skip
			fi
		}
	:: else -> skip
	fi
}

inline answer() {
	find_caller(ANSWER);
	atomic {
		if
		:: target != NONE -> skip
		:: else ->
#ifndef BREAK_2 /* needed besides, if the caller was handed over to this core for another call: its context was moved */
			caller = (reply == ORPHAN -> NONE : reply);
#endif
			pending[SERVER] = RECEIVE;
			if
			:: caller == NONE -> reply = NONE
			:: else ->
				assert(state[caller] == CALLING && replied[caller] && reply == caller && result[caller] == NOTHING);
				result[caller] = ANSWERED;
				replied[caller] = false;
				reply = NONE;
				make_ready(caller)
			fi
		fi;
		caller = NONE
	}
}

inline borrow() {
	find_caller(BORROW);
	atomic {
		if
		:: target != NONE -> skip
		:: else ->
#ifndef BREAK_2
			caller = (reply == ORPHAN -> NONE : reply);
#endif
			if
			:: caller == NONE -> skip
			:: else -> assert(state[caller] == CALLING && reply == caller); context[SERVER] = context[caller]
			fi
		fi;
		caller = NONE
	}
}

/* A client or the server waits no longer. The lock is held. */
inline detach(leaves) {
	waiting[leaves] = false;
	if
	:: leaves != SERVER && replied[leaves] -> reply = ORPHAN; replied[leaves] = false
	:: else -> skip
	fi
}

inline wake_error(told) {
	atomic {
		if
		:: state[told] == SENDING || state[told] == RECEIVING || state[told] == CALLING ->
			if
			:: told != SERVER -> assert(result[told] == NOTHING); result[told] = FAILED
			:: else -> skip
			fi;
			detach(told);
			make_ready(told)
		:: else -> skip
		fi
	}
}

/* Where is t? Leaves for there unless it is here. */
inline find(seeker, sought) {
#ifdef BREAK_4
	mailed = in_mail[sought];
	there = core[sought];
#else
	there = core[sought];
	mailed = in_mail[sought];
#endif
	atomic {
		found = (there == self && !mailed);
		if
		:: found -> skip
		:: else -> travel(seeker, there, OPERATE)
		fi;
		there = 0;
		mailed = false
	}
}

inline abort(by, victim) {
	found = true;
	if
	:: dead[victim] || state[victim] == DONE -> skip
	:: else ->
		find(by, victim);
		if
		:: found -> wake_error(victim)
		:: else -> skip
		fi
	fi
}

inline destroy(by, victim) {
	found = true;
	if
	:: dead[victim] || state[victim] == STOPPED || state[victim] == DONE -> skip
	:: else ->
		find(by, victim);
		if
		:: found ->
			atomic {
				detach(victim);
				ready[victim] = false;
				state[victim] = STOPPED;
				pending[victim] = NOTHING;
				if
				:: current[self] == victim -> current[self] = NONE
				:: else -> skip
				fi
			}
		:: else -> skip
		fi
	fi;
#ifndef BREAK_3
	if
	:: found && victim == SERVER && reply != NONE && reply != ORPHAN ->
		caller = reply;
		find(by, caller);
		if
		:: found -> reply = NONE; replied[caller] = false; wake_error(caller)
		:: else -> skip
		fi;
		caller = NONE
	:: else -> skip
	fi;
#endif
	if
	:: found -> atomic { dead[victim] = true; result[victim % 3] = NOTHING }
	:: else -> skip
	fi
}

inline operate(operator) {
	take_lock();
	if
	:: operation[operator] == ABORT_CLIENT -> abort(operator, CLIENT)
	:: operation[operator] == ABORT_SERVER -> abort(operator, SERVER)
	:: operation[operator] == DESTROY_CLIENT -> destroy(operator, CLIENT)
	:: operation[operator] == DESTROY_SERVER -> destroy(operator, SERVER)
	:: operation[operator] == DESTROY_ENDPOINT && self != HOME -> atomic { travel(operator, HOME, OPERATE); found = false }
	:: operation[operator] == DESTROY_ENDPOINT && self == HOME ->
		endpoint_gone = true;
		found = true;
		if
		:: waiting[SERVER] -> wake_error(SERVER)
		:: else -> skip
		fi;
		if
		:: waiting[CLIENT] -> wake_error(CLIENT)
		:: else -> skip
		fi;
		if
		:: waiting[LOCAL] -> wake_error(LOCAL)
		:: else -> skip
		fi
	fi;
	if
	:: found -> state[operator] = DONE
	:: else -> skip
	fi;
	found = false
}

/* What a thread does when it is dispatched: what is pending, or it goes to the core of its context, or its next system call. */
inline dispatch(t) {
	if
	:: what == CALL -> call(t)
	:: what == RECEIVE -> receive()
	:: what == ANSWER -> answer()
	:: what == BORROW -> borrow()
	:: what == OPERATE -> operate(t)
	:: atomic { what == NOTHING && context[t] != self -> travel(t, context[t], NOTHING) }
	:: what == NOTHING && context[t] == self ->
		if
		:: t == SERVER && reply != NONE -> answer()
		:: t == SERVER && reply == NONE -> receive()
		:: t != SERVER && result[t] == NOTHING && calls[t] == 0 -> calls[t] = 1; call(t)
		:: t != SERVER && result[t] != NOTHING -> /* its call has come to an end */
			atomic {
				result[t] = NOTHING;
				if
				:: calls[t] < CALLS -> calls[t]++; pending[t] = CALL
				:: else -> state[t] = DONE
				fi
			}
		fi
	fi;
	what = NOTHING;
	/* what others see of a thread that leaves */
	if
	:: target != NONE -> atomic { core[leaver] = target; box[target] ! leaver; target = NONE; leaver = 0 }
	:: else -> skip
	fi;
	if
	:: handed != NONE -> /* context_follow() */
		held = (lock == self);
		take_lock();
		atomic {
#ifndef BREAK_1
			current[self] = (current[self] == handed -> NONE : current[self]);
#endif
			core[handed] = context[handed];
			handed = NONE;
			lock = (held -> self : NONE);
			held = false
		}
	:: else -> skip
	fi
}

proctype kernel(byte self) {
	byte t, caller = NONE, target = NONE, handed = NONE, leaver, there;
	bool found, mailed, held;
	mtype what;

	do
	:: /* core_resume() */
		atomic {
#ifndef BREAK_1
			if
			:: current[self] != NONE && state[current[self]] != READY -> current[self] = NONE
			:: else -> skip
			fi;
#endif
			lock = (lock == self -> NONE : lock)
		};
		atomic {
			if
			:: box[self] ? t -> /* mail_receive() */
				assert(state[t] == READY && !dead[t]);
				in_mail[t] = false;
				make_ready(t);
				t = 0
			:: empty(box[self]) -> skip
			fi
		};
		/* choose() */
		atomic {
			t = current[self];
			current[self] = NONE;
			if
			:: t != NONE && state[t] == READY -> make_ready(t)
			:: else -> skip
			fi;
			t = 0;
end_idle:		if
			:: ready[0] && core[0] == self -> t = 0
			:: ready[1] && core[1] == self -> t = 1
			:: ready[2] && core[2] == self -> t = 2
			:: ready[3] && core[3] == self -> t = 3
			:: ready[4] && core[4] == self -> t = 4
			:: nempty(box[self]) -> goto idle
			fi;
			assert(!dead[t] && state[t] == READY && !in_mail[t]);
			ready[t] = false;
			current[self] = t;
			what = pending[t];
			pending[t] = NOTHING
		};
		dispatch(t);
idle:		t = 0
	od
}

proctype quiet() {
	timeout ->
	assert(dead[CLIENT] || state[CLIENT] == DONE || (waiting[CLIENT] && dead[SERVER] && !endpoint_gone));
	assert(state[LOCAL] == DONE || (waiting[LOCAL] && dead[SERVER] && !endpoint_gone));
	assert(dead[SERVER] || state[SERVER] == DONE || (waiting[SERVER] && !endpoint_gone));
	assert(state[3] == DONE && state[4] == DONE && lock == NONE);
	assert(reply == NONE || (reply == ORPHAN && dead[SERVER]))
}

inline choose(operator) {
	if
	:: operation[operator] = ABORT_CLIENT
	:: operation[operator] = ABORT_SERVER
	:: operation[operator] = DESTROY_CLIENT
	:: operation[operator] = DESTROY_SERVER
	:: operation[operator] = DESTROY_ENDPOINT
	:: state[operator] = DONE
	fi;
	core[operator] = 2; context[operator] = 2;
	pending[operator] = OPERATE;
	ready[operator] = (state[operator] == READY)
}

init {
	atomic {
		core[SERVER] = 2; context[SERVER] = 2; ready[SERVER] = true;
		core[CLIENT] = 1; context[CLIENT] = 1; ready[CLIENT] = true;
		core[LOCAL] = 0; context[LOCAL] = 0;
#ifdef TWO
		ready[LOCAL] = true;
#else
		state[LOCAL] = DONE;
#endif
		choose(3);
#ifdef TWICE
		choose(4);
#else
		state[4] = DONE;
#endif
		run kernel(0); run kernel(1); run kernel(2); run quiet()
	}
}
