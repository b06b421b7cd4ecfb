/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handle slots are looked up without a lock: one core looks up and uses what it found, another fills, empties and refills the
 * slot, and destroys the object.
 *
 * Steps of the reader: view = capability_view(); then it uses what it saw (a signal, or the look at an Endpoint's home in
 * send_endpoint(), ipc.c), or takes the lock and looks again (send()), which may answer a request meanwhile (lock_take(),
 * cores_answer()). Steps of the writer, which has the lock: fill = fill() and publish(), clear = empty() of capability.c;
 * memo = find() and known() of fast.c: what was seen is remembered with the counter and used in later system calls, as long as that is the
 * same. destroy = capability_remove() of an original, then operation_reset() of untyped.c with its cores_sync(), then the memory is
 * used again. Object 1 has the capabilities 1 and 3 (two sets of rights and badge), object 2 has capability 2; what the slot's
 * `details' hold is the number of the capability.
 *
 * Proved: a look-up yields object and details of one capability, or nothing; what is remembered is that still or was it until a moment
 * ago; nobody uses an object whose memory was given out
 * again; the reader always comes to an end (no deadlock).
 *
 * Left out: the counter is taken modulo 16, the slot is refilled at most 4 times during one look-up; stores and loads happen in
 * the order of the source, which the atomics there see to (README.md). 108,000 states.
 *
 * BREAK_1: the object word is published before the details are there. BREAK_2: the look-up compares only the object word before
 * and after. BREAK_3: memory is used again without asking the other cores. BREAK_4: what was seen before lock_take() is used
 * after it. BREAK_5: the counter is moved after the slot was filled again. BREAK_6: what is remembered gets the counter as it is then.
 * BREAK_7: what is remembered is used whatever the counter is.
 */
#define CHANGES 4

byte object, details;      /* the slot */
byte emptied;              /* capability_emptied */
bool locked;               /* the lock of cores.c: what else there is to it is in lock.pml */
bool unanswered;           /* the reader's bit of request.unanswered */
bool gone[3];              /* ghost: the object's memory is something else now */

#define OBJECT_OF(capability) ((capability) == 2 -> 2 : 1)

active proctype reader() {
	byte seen, seen_object, seen_details;
	byte memo, memo_object;

end_user: do
	:: unanswered -> unanswered = false /* user level */
	:: memo_object != 0 -> /* a system call with what is remembered */
#ifndef BREAK_7
		if
		:: atomic { memo == emptied -> assert(object == memo_object || object == 0) };
#endif
			assert(!gone[memo_object]) /* use */
#ifndef BREAK_7
		:: else -> atomic { memo = 0; memo_object = 0 }
		fi
#endif
	:: skip; /* a system call */
again:		seen = emptied;
		seen_object = object;
		seen_details = details;
#ifdef BREAK_2
		if
		:: seen_object != object -> goto again
		:: else -> skip
		fi;
#else
		if
		:: seen != emptied -> goto again
		:: else -> skip
		fi;
#endif
		if
		:: seen_object == 0 -> skip
		:: else ->
			assert(seen_details != 0 && OBJECT_OF(seen_details) == seen_object);
			if
			:: assert(!gone[seen_object]) /* use */
			:: /* it is remembered */
#ifdef BREAK_6
				memo = emptied;
#else
				memo = seen;
#endif
				memo_object = seen_object
			:: /* the lock: the other core may have it, give away what was seen, and ask for an answer first */
				do
				:: atomic { !locked -> locked = true; break }
				:: unanswered -> unanswered = false
				od;
#ifndef BREAK_4
				seen_object = object; /* looked up again: now the slot cannot change */
#endif
				if
				:: seen_object != 0 -> assert(!gone[seen_object])
				:: else -> skip
				fi;
				locked = false
			fi
		fi;
		atomic { seen = 0; seen_object = 0; seen_details = 0 }
	od
}

inline fill(capability) {
#ifdef BREAK_1
	object = OBJECT_OF(capability);
	details = capability
#else
	details = capability;
#ifdef BREAK_5
	emptied = (emptied + 1) % 16;
#endif
	object = OBJECT_OF(capability)
#endif
}

inline clear() {
	object = 0;
#ifndef BREAK_5
	emptied = (emptied + 1) % 16;
#endif
	details = 0
}

active proctype writer() {
	byte n, now;

	do
	:: n < CHANGES ->
		if
		:: !gone[1] -> now = 1
		:: !gone[1] -> now = 3
		:: !gone[2] -> now = 2
		:: gone[1] && gone[2] -> break
		fi;
		atomic { !locked -> locked = true };
		fill(now);
		clear();
		if
		:: skip
		:: /* it was the last capability of its object, whose memory is used for something else */
#ifndef BREAK_3
			unanswered = true;
			!unanswered;
#endif
			gone[OBJECT_OF(now)] = true
		fi;
		locked = false;
		n++
	:: else -> break
	od
}
