/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Notification (kernel/notification.c): its home is core 0; cores 1 and 2 signal it; a thread, whose context is of core 1,
 * waits for it, or is bound to it and receives from an Endpoint of core 0 or sends to one of core 2 where nobody receives. Its
 * deadline passes, with BREAK or without. At any time it is destroyed.
 *
 * Steps: signal_here, signal_remote = notification_signal(), collect = notification_collect(), breaks = notification_break(),
 * expired = notification_expired(), destroy = removal of the binding (thread_unbind()), notification_teardown() and
 * teardown_step() of revoke.c; travel, arrived = schedule_travel(), schedule_arrived(); dispatch = what core_resume() and do_pending()
 * do with the thread: receive() and send_endpoint() of ipc.c. A mailbox is a channel (mailbox.pml shows that it is one). What
 * only the owner of thread or Notification looks at is one step; what other cores see are steps of their own.
 *
 * Proved: a waiter never sleeps while a bit is there or on its way (no lost wake-up); every signal is in exactly one delivery;
 * a deadline with BREAK ends one ipc wherever the thread is; no link is in two mailboxes; nobody puts a link of the Notification
 * into a mailbox after it is gone; destroying it ends.
 *
 * Left out: several waiters (queue.c is sequential, and unit-tested); what else the threads do. 4,000,000 states; PLAIN (a
 * waiter that is not bound): 230,000.
 *
 * BREAK_1: a signal looks at `remote' first and ORs then. BREAK_2: it is destroyed without asking the other cores. BREAK_3:
 * `breaking' is cleared before the mail is forwarded. BREAK_4: a thread blocks without looking for bits. BREAK_5: bound
 * receives do not look whether a deadline has passed.
 *
 * variants: -DPLAIN
 */
#define HOME 0
#define CONTEXT 1
#define ELSEWHERE 2
#define SIGNALS 3 /* core 1 sends one less than this, core 2 two less */
#define DEADLINES 2

mtype = {MAIL_THREAD, MAIL_SIGNAL, MAIL_BREAK, READY, WAITING, RECEIVING, SENDING, DONE, NOTHING, RECEIVE, SEND};

chan box[3] = [3] of {mtype};

/* the thread */
mtype state = READY, pending = NOTHING;
byte core = CONTEXT;
bool in_mail;
bool bound;      /* it is bound, rather than a plain waiter */
bool deadlined;  /* ghost: a deadline with BREAK passed and has not ended an ipc */

/* the Notification */
byte bits, remote;
bool closed, breaking, broken;
bool destroyed;  /* somebody will destroy it */
bool unbound, gone;
bool signal_sent, break_sent; /* ghost: the link is in a mailbox */

/* ghost: whose signals were not collected yet, and not delivered yet */
byte in_remote, in_bits;
bool inside[3];  /* the core is in the kernel with the Notification looked up, so it has not answered a request since */

inline deliver() {
	assert(bits && bits == in_bits);
	bits = 0;
	in_bits = 0
}

inline travel(to, what) {
	pending = what;
	in_mail = true;
	atomic { core = to; box[to] ! MAIL_THREAD }
}

/* taker() and the rest: the thread is here and waits, or it is not looked at */
inline take() {
	if
	:: state == WAITING || (core == HOME && !in_mail && state == RECEIVING && !unbound && bound) ->
		if
		:: bits -> deliver(); state = READY
		:: else -> skip
		fi
	:: else -> skip
	fi
}

inline signal_here(which) {
	atomic { in_bits = in_bits | (1 << which); bits = bits | (1 << which); take() }
}

inline collect() {
	atomic {
		assert(!gone);
		signal_sent = false;
		bits = bits | remote;
		in_bits = in_bits | (in_remote & remote);
		in_remote = in_remote & ~remote;
		remote = 0;
		take()
	}
}

inline signal_remote() {
	if
	:: !closed ->
#ifdef BREAK_1
		old = remote;
		atomic { in_remote = in_remote | (1 << self); remote = remote | (1 << self) };
#else
		atomic { old = remote; in_remote = in_remote | (1 << self); remote = remote | (1 << self) };
#endif
		if
		:: old == 0 -> atomic { assert(!gone && !signal_sent); signal_sent = true; box[HOME] ! MAIL_SIGNAL }
		:: else -> skip
		fi;
		old = 0
	:: else -> skip
	fi
}

inline breaks() {
	assert(!gone);
#ifdef BREAK_3
	breaking = false;
#endif
	if
	:: unbound -> atomic { deadlined = false; breaking = false }
	:: else ->
		there = core;
		if
		:: there == self && !in_mail ->
			if
			:: state == WAITING || state == RECEIVING || state == SENDING -> atomic { state = READY; deadlined = false }
			:: else -> broken = true
			fi;
			breaking = false
		:: else ->
			breaking = true;
			atomic { assert(!break_sent && !gone); break_sent = true; box[there] ! MAIL_BREAK }
		fi;
		there = 0
	fi
}

/* ipc_broken(), then blocking */
inline block(how) {
	if
	:: bound && broken && !unbound -> broken = false; deadlined = false
	:: else -> state = how
	fi
}

inline dispatch() {
	if
	:: pending == RECEIVE && self != HOME -> travel(HOME, RECEIVE)
	:: pending == RECEIVE && self == HOME ->
		atomic {
			pending = NOTHING;
			if
			:: gone -> state = DONE /* a bad handle */
#ifndef BREAK_4
			:: !gone && bits -> deliver()
#endif
			:: else ->
#ifdef BREAK_5
				state = RECEIVING
#else
				if
				:: bound -> block(RECEIVING)
				:: else -> state = (closed -> DONE : WAITING)
				fi
#endif
			fi
		}
	:: pending == SEND && self == ELSEWHERE -> atomic { pending = NOTHING; block(SENDING) }
	:: pending == NOTHING && self != CONTEXT -> travel(CONTEXT, NOTHING)
	:: pending == NOTHING && self == CONTEXT -> /* user level: its next system call */
		if
		:: travel(HOME, RECEIVE)
		:: bound && !unbound -> travel(ELSEWHERE, SEND)
		fi
	fi
}

proctype kernel(byte self) {
	byte old, there, signals, deadlines;
	mtype mail;

end:	do
	:: box[self] ? mail ->
		if
		:: mail == MAIL_THREAD -> in_mail = false
		:: mail == MAIL_SIGNAL -> collect()
		:: mail == MAIL_BREAK -> break_sent = false; breaks()
		fi;
		mail = 0
	:: atomic { core == self && !in_mail && state == READY -> inside[self] = true }; dispatch(); inside[self] = false
	:: atomic { self != HOME && signals + self < SIGNALS && !gone -> signals++; inside[self] = true }; signal_remote(); inside[self] = false
	:: atomic { self == HOME && !gone && !closed && deadlines < DEADLINES -> deadlines++ };
		if
		:: signal_here(0)
		:: !breaking && !unbound && bound -> deadlined = true; breaks()
		:: else -> skip
		fi
	:: self == HOME && destroyed && !gone && (!closed || (!breaking && !remote)) -> /* an operation on this core goes on with destroying it */
		unbound = true;
		if
		:: !closed ->
			closed = true;
#ifndef BREAK_2
			!inside[1] && !inside[2]; /* cores_sync() */
#endif
		:: else -> skip
		fi;
		if
		:: state == WAITING -> state = READY /* with ERROR_GONE */
		:: else -> skip
		fi;
		if
		:: !breaking && !remote -> gone = true; broken = false; deadlined = false
		:: else -> skip /* it waits behind that mail */
		fi
	od
}

/* When nothing can happen any more: what was signalled was delivered, if somebody waits for it. */
proctype quiet() {
	timeout -> assert(!remote && !breaking && !in_mail && !signal_sent && !break_sent);
	assert(gone || (!destroyed && !deadlined));
	assert(gone || state != READY);
	assert(gone || !(state == WAITING || (state == RECEIVING && !unbound)) || (!bits && !in_bits));
	assert(closed || !in_remote)
}

init {
	atomic {
#ifndef PLAIN
		bound = true;
#endif
		if
		:: destroyed = false
		:: destroyed = true
		fi;
		run kernel(0); run kernel(1); run kernel(2); run quiet()
	}
}
