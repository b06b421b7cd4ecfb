/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock, and asking all cores for something (kernel/cores.c): three cores, as many operations as they like.
 *
 * Steps: take = lock_take(), give = lock_give(), answer = cores_answer(), sync = cores_sync(), the window = schedule_preempt(),
 * open = user level or hal_core_idle(): interrupts are open there, so a pending one becomes core_ipi(). `entry' stands for a
 * page-table entry, translated[c] for a translation of it in core c's TLB. Spinning is waiting for what ends the spinning;
 * rest = lock_rest() and the end of cores_sync(): who has waited long sleeps until an interrupt is pending (REST: anybody may at
 * any time have waited long; user level touches nothing and cores may idle then).
 *
 * Proved: no deadlock (between lock and request above all); one holder at a time; first come, first served, unless the next one
 * does not run (PATIENCE: anybody may lose patience at any time); when cores_sync()
 * returns, every other core has flushed, and has left the kernel code that it was in; who waits for the lock gets it and every
 * request is answered (LTL, with weak fairness, for two cores).
 *
 * Left out: what a request asks for besides the flush; that memory is only as ordered as the atomics say (README.md).
 * 640,000 states; PATIENCE: 980,000; REST: 1,240,000; what must happen: 4,000.
 *
 * BREAK_1: lock_take() does not answer. BREAK_2: the lock is looked at and taken in two steps. BREAK_3: a core answers before it has
 * flushed. BREAK_4: a core answers in the middle of an operation although it holds a reference. BREAK_5: who is about to sleep does
 * not look at the lock again. BREAK_6: lock_give() looks for sleepers first. BREAK_7: the last answer does not look who sleeps.
 *
 * variants: -DPATIENCE | -DREST
 */
#if defined(BREAK_5) || defined(BREAK_6) || defined(BREAK_7)
#define REST
#endif
#if defined(REST) || defined(BREAK_1) || defined(BREAK_2) || defined(BREAK_3) || defined(BREAK_4)
#define PATIENCE
#endif
#ifdef LIVENESS
#define N 2
#else
#define N 3
#endif
#define BIT(core) (1 << (core))
#define OTHERS(core) (((1 << N) - 1) & ~BIT(core))

/* That the core is interrupted at once when it can be matters to what must happen, not to what must not. */
#ifdef LIVENESS
#define QUIET !ipi[self]
#else
#define QUIET true
#endif

byte out;                 /* lock.arrived - lock.served */
byte before[N];           /* how often it is given away before it is this core's turn: its ticket - lock.served, or 0 */
bool held;                /* lock.held */
byte asleep;              /* lock.asleep */
byte unanswered;          /* request.unanswered */
bool asking[N];           /* request.asleep */
bool ipi[N];
bool entry;               /* can be translated */
bool translated[N];
bool referring[N];        /* looked it up without the lock, and still refers to it */
bool waits[N];            /* ghost: has a ticket, not yet the lock */
byte holders;             /* ghost */
hidden byte first;
chan order = [N] of {byte}; /* ghost: who took tickets */

inline interrupt_asking() {
	do
	:: other < N -> ipi[other] = ipi[other] || asking[other]; other++
	:: else -> other = 0; break
	od
}

inline interrupt(which) {
	do
	:: other < N -> ipi[other] = ipi[other] || (which & BIT(other)); other++
	:: else -> other = 0; break
	od
}

inline rest() {
	atomic { asleep = asleep | BIT(self) };
	if
#ifndef BREAK_5
	:: !held
#endif
	:: held -> ipi[self]
	fi;
	atomic { asleep = asleep & ~BIT(self) }
}

inline answer() {
	if
	:: unanswered & BIT(self) ->
#ifdef BREAK_3
		atomic { unanswered = unanswered & ~BIT(self) };
		translated[self] = false
#else
		translated[self] = false;
#ifdef REST
		atomic { unanswered = unanswered & ~BIT(self); last = !unanswered };
#else
		atomic { unanswered = unanswered & ~BIT(self) };
#endif
#if defined(REST) && !defined(BREAK_7)
		if
		:: last -> atomic { interrupt_asking(); last = false }
		:: else
		fi
#endif
#endif
	:: else
	fi
}

#ifdef PATIENCE
#define IMPATIENT true    /* it has looked at a free lock often enough, for whose turn it is does not run */
#else
#define IMPATIENT false
#endif

inline take() {
	atomic {
		before[self] = out;
		out++;
#ifndef PATIENCE
		order ! self;
#endif
		waits[self] = true
	};
	do
#ifdef BREAK_2
	:: !held && (before[self] == 0 || IMPATIENT) -> held = true; break
#else
	:: atomic { !held && (before[self] == 0 || IMPATIENT) -> held = true }; break
#endif
#ifndef BREAK_1
	:: unanswered & BIT(self) -> answer()
#endif
#ifdef REST
	:: held && !ipi[self] -> rest()
#endif
	od;
	atomic {
#ifndef PATIENCE
		order ? first;
		assert(first == self);
#endif
		waits[self] = false;
		before[self] = 0;
		holders++;
		assert(holders == 1)
	}
}

inline give() {
	atomic {
		holders--;
		out--;
		do
		:: other < N -> before[other] = (before[other] -> before[other] - 1 : 0); other++
		:: else -> other = 0; break
		od
	};
#ifdef BREAK_6
	sleepers = asleep;
	held = false;
#else
	held = false;
#ifdef REST
	sleepers = asleep;
#endif
#endif
#ifdef REST
	atomic { interrupt(sleepers); sleepers = 0 }
#endif
}

/* An entry is removed; so nobody translates through it, and nobody who could have looked at it still does. */
inline sync() {
	entry = false;
	unanswered = OTHERS(self);
	atomic {
		do
		:: other < N -> ipi[other] = (other != self -> true : ipi[other]); other++
		:: else -> other = 0; break
		od
	};
	do
	:: !unanswered -> break
#ifdef REST
	:: unanswered && !ipi[self] -> asking[self] = true;
		if
		:: !unanswered
		:: unanswered -> ipi[self]
		fi
#endif
	od;
	asking[self] = false;
	atomic {
		translated[self] = false;
		do
		:: other < N ->
			assert(!translated[other]);
			assert(other == self || !referring[other] || waits[other]);
			other++
		:: else -> other = 0; break
		od;
		entry = true /* and is filled again */
	}
}

active [N] proctype core() {
	byte self = _pid, other, sleepers;
	bool last;

open:	do
	:: ipi[self] -> ipi[self] = false; answer()
#ifdef REST
	:: QUIET -> /* hal_core_idle() */
end_idle:	ipi[self]
#else
	:: atomic { entry && QUIET -> translated[self] = true } /* user level touches the page */
	:: QUIET -> /* an operation that only looks something up */
		referring[self] = entry;
#ifdef BREAK_4
		answer();
#endif
		referring[self] = false
#endif
	:: QUIET -> /* one that looks something up and then takes the lock; what it found does not count any more */
#ifndef REST
		referring[self] = entry;
#endif
		take();
		referring[self] = false;
		if
		:: sync()
		:: skip
		fi;
		give();
		if
		:: QUIET -> goto open
		:: ipi[self] -> ipi[self] = false; answer(); take(); give() /* a window in the middle */
		fi
	od
}

#ifdef LIVENESS
ltl gets { [] (waits[0] -> <> !waits[0]) }
ltl answered { [] ((unanswered != 0) -> <> (unanswered == 0)) }
#endif
