/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mailbox (kernel/cores.c): two sending cores with two links each, which they send again when they were handled; one reader.
 *
 * Steps: push = push(), send = mail_send(), pop = pop(), the reader = core_resume() of schedule.c with
 * mail_receive() and idle(); every load and store that another core can see is a step of its own. Where a thread runs,
 * only an interrupt brings the reader back into the kernel. A pass handles one mail instead of 32.
 *
 * Proved: nothing that was sent stays in the mailbox while the reader runs a thread or idles and no interrupt is on its way
 * (whenever nothing can happen any more, all was handled: `quiet'); a link is never in the mailbox twice; what one core sends
 * comes in its order; the reader never follows a link that is none.
 *
 * Left out: what the mails do (they have models of their own). 1,500,000 states.
 *
 * BREAK_1: what a pass leaves over is not announced. BREAK_2: the interrupt is sent before the link is there. BREAK_3: the
 * reader takes the only mail without putting the dummy behind it.
 */
#define SENDERS 2
#define LINKS 2            /* of each */
#define SENDS 4            /* by the first; the second sends one less */
#define DUMMY 0
#define NONE 255
#define PASS 1

byte link[5] = NONE;       /* mail.next; 0 is the dummy, 1..2 are of the first sender, 3..4 of the second */
byte last = DUMMY, first = DUMMY;
bool ipi;
bool inside[5];            /* ghost: was sent and not handled yet */
byte expected[SENDERS];    /* ghost: which link of a sender must come next */

/* previous: a local variable of who pushes */
inline push(mail) {
	link[mail] = NONE;
	atomic { previous = last; last = mail };
	link[previous] = mail
}

proctype sender(byte number) {
	byte mail = 1 + number * LINKS, previous, n;

	do
	:: n < SENDS - number -> atomic { !inside[mail] -> inside[mail] = true }; /* it is the sender's again when it was handled */
#ifdef BREAK_2
		ipi = true;
#endif
		push(mail);
#ifndef BREAK_2
		ipi = true;
#endif
		atomic { previous = 0; mail = 1 + number * LINKS + mail % LINKS; n++ }
	:: else -> break
	od
}

/* mail: what was taken, or NONE */
inline pop() {
	mail = NONE;
	follow = link[first];
	if
	:: first == DUMMY && follow == NONE -> goto popped
	:: first == DUMMY && follow != NONE -> first = follow; follow = link[first]
	:: else -> skip
	fi;
	if
	:: follow == NONE ->
		if
		:: first != last -> goto popped
		:: else -> skip
		fi;
#ifdef BREAK_3
		mail = first; first = DUMMY; last = DUMMY; link[DUMMY] = NONE; goto popped;
#endif
		push(DUMMY);
		follow = link[first];
		if
		:: follow == NONE -> goto popped
		:: else -> skip
		fi
	:: else -> skip
	fi;
	mail = first;
	first = follow;
popped:	skip
}

/* mail_receive(): one pass */
inline receive() {
	pop();
	if
	:: mail != NONE ->
		atomic {
			assert(mail != DUMMY && inside[mail]);
			assert((mail - 1) % LINKS == expected[(mail - 1) / LINKS]);
			expected[(mail - 1) / LINKS] = 1 - expected[(mail - 1) / LINKS];
			inside[mail] = false
		};
#ifndef BREAK_1
		if
		:: first != DUMMY || link[DUMMY] != NONE -> ipi = true
		:: else -> skip
		fi
#endif
	:: else -> skip
	fi
}

proctype reader() {
	byte mail, follow, previous;

	do
	:: receive();
end_user:	atomic { ipi -> ipi = false } /* a thread runs, or idle() waits */
	od
}

/* When nothing can happen any more, all that was sent was handled. */
proctype quiet() {
	timeout -> assert(!inside[1] && !inside[2] && !inside[3] && !inside[4])
}

init {
	atomic { run sender(0); run sender(1); run reader(); run quiet() }
}
