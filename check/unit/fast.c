/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of ipc changes nothing but speed: the same random life of a few threads, once with it and once without, leaves the same
 * kernel behind after each step.
 */
#include <string.h>

#include "unit.h"

#include "kernel/context.h"
#include "kernel/ipc.h"
#include "kernel/notification.h"
#include "kernel/schedule.h"

enum { SLOT_PREPARED = 2, THREADS = 9, NOTIFIERS = 7, ENDPOINTS = 2, NOTIFICATIONS = 4, BOUND = 2, STEPS = 4000, LIVES = 4, ALARM = 300, MEDDLES = 5 };

static struct user_thread u[THREADS];
static handle_t endpoint[ENDPOINTS], badged, deaf, notification[NOTIFICATIONS], signals_two, alarm, saved[THREADS];
static uint64_t before[STEPS];
static uint64_t sum;

static void add(const void *memory, size_t size)
{
	const uint8_t *byte = memory;

	while (size--)
		sum = (sum ^ *byte++) * 0x100000001b3;
}

/* What of the kernel and of user level's registers such a life can change. */
static uint64_t state(void)
{
	const struct core *core = core_number(0);
	const struct thread *running = hosted_core()->running ? thread_of(hosted_core()->running) : NULL;

	sum = 0xcbf29ce484222325;
	for (unsigned i = 0; i < THREADS; i++) {
		struct thread t = *u[i].t;

		memset(&t.sends, 0, sizeof(t.sends)); /* memos are the fast path's own */
		memset(&t.receives, 0, sizeof(t.receives));
		add(t.frame.reg, REGISTER_IPC_COUNT * sizeof(word_t));
		add((const char *)&t + sizeof(t.frame), sizeof(t) - sizeof(t.frame));
		add(u[i].buffer, sizeof(*u[i].buffer));
		add(user_object(u[i].context), sizeof(struct context));
	}
	for (unsigned i = 0; i < ENDPOINTS; i++)
		add(user_object(endpoint[i]), sizeof(struct endpoint));
	for (unsigned i = 0; i < NOTIFICATIONS; i++)
		add(user_object(notification[i]), sizeof(struct notification));
	for (unsigned i = 0; i < THREADS; i++)
		add(user_capability(saved[i]) ? &user_capability(saved[i])->object : NULL, user_capability(saved[i]) ? 8 : 0);
	add(&core->highest, sizeof(core->highest));
	add(&core->fpu_owner, sizeof(core->fpu_owner));
	add(&core->charged, sizeof(core->charged));
	add(&core->budget_end, sizeof(core->budget_end));
	add(&core->slice_end, sizeof(core->slice_end));
	add(core->ready_map, sizeof(core->ready_map));
	add(&running, sizeof(running));
	return sum;
}

/* The root component does something to a thread. */
static void meddle(void)
{
	static const word_t labels[] = {THREAD_STOP, THREAD_RESUME, THREAD_RESUME, THREAD_RESUME, THREAD_RESUME, THREAD_ABORT, THREAD_ABORT,
		THREAD_RECALL, THREAD_PRIORITY, THREAD_PRIORITY, THREAD_READ, THREAD_NO_TIME, NOTIFICATION_SIGNAL, NOTIFICATION_ARM, THREAD_CONFIGURE, SPACE_DELETE};
	word_t label = labels[random_below(sizeof labels / sizeof labels[0])];
	handle_t t = u[random_below(THREADS)].handle, n = notification[random_below(NOTIFICATIONS)];

	if (label == THREAD_PRIORITY)
		user_call(t, label, WORDS(50 + random_below(4), BOOT_CONTEXT));
	else if (label == THREAD_READ)
		user_call(t, label, WORDS(0, REGISTER_IP, 3));
	else if (label == THREAD_NO_TIME)
		user_call(t, label, WORDS(random_below(2)));
	else if (label == SPACE_DELETE)
		user_call(BOOT_SPACE, label, WORDS(saved[random_below(THREADS)]));
	else if (label == NOTIFICATION_SIGNAL && random_below(2))
		user_call(n, NOTIFICATION_SIGNAL, WORDS(1 + random_below(3)));
	else if (label == NOTIFICATION_SIGNAL || label == NOTIFICATION_ARM)
		user_call(n, NOTIFICATION_ARM, WORDS(1, hosted.clock + random_below(100), 0, random_below(2) ? ARM_BREAK : 0));
	else if (label == THREAD_CONFIGURE)
		user_call(u[0].context, CONTEXT_CONFIGURE, WORDS(0, 200 + random_below(200), 1000, 255));
	else
		user_call(t, label, WORDS(0));
}

/* The root component waits for its next alarm. */
static void rest(void)
{
	user_ipc(user.root, alarm, alarm, tag_make(NOTIFICATION_ARM, 4, 0), WORDS(1, hosted.clock + 1 + random_below(ALARM), 0, 0));
}

/* A signal, a wait, both, or neither. */
static void notify(struct thread *t)
{
	handle_t to = notification[random_below(NOTIFICATIONS)], from = notification[random_below(NOTIFICATIONS)];
	unsigned what = random_below(8), odd = random_below(20);
	const word_t *w = WORDS(odd == 0 ? (word_t)1 << 33 : random_below(5));

	if (odd == 1)
		to = signals_two;
	if (what < 3)
		user_ipc(t, to, HANDLE_NONE, tag_make(NOTIFICATION_SIGNAL, 1, 0), w);
	else if (what < 5)
		user_ipc(t, HANDLE_NONE, from, 0, w);
	else if (what < 7)
		user_ipc(t, to, odd == 2 ? signals_two : from, tag_make(NOTIFICATION_SIGNAL, 1, 0), w);
	else
		user_ipc(t, HANDLE_NONE, HANDLE_NONE, 0, w);
	if (runs(t)) /* what is in words that no message brought is not told */
		memset(&t->frame.reg[REGISTER_W0], 0, MESSAGE_REGISTERS * sizeof(word_t));
}

/* The thread that runs does something. */
static void act(struct thread *t)
{
	handle_t e = endpoint[random_below(16) == 0], to = random_below(8) ? e : random_below(2) ? badged : deaf;
	word_t words = random_below(4) ? random_below(MESSAGE_REGISTERS + 1) : random_below(MESSAGE_WORDS + 4);
	word_t tag = tag_make(random_below(3) * (random_below(20) ? 1 : LABEL_KERNEL), words, 0), own = 0;
	const word_t *w = WORDS(random_below(9), random_below(9), 3, 4, 5, 6);

	while (own < THREADS && u[own].t != t)
		own++;
	if (own >= NOTIFIERS) {
		notify(t);
		return;
	}
	switch (random_below(300)) {
	case 0:
		user_ipc(t, to, random_below(2) ? e : HANDLE_NONE, tag | (random_below(3) ? 0 : TAG_NOWAIT_SEND | TAG_NOWAIT_RECEIVE), w);
		break;
	case 1:
		user_ipc(t, HANDLE_REPLY, HANDLE_NONE, tag, w);
		break;
	case 2:
		user_ipc(t, HANDLE_NONE, random_below(3) ? e : notification[random_below(NOTIFICATIONS)], tag, w);
		break;
	case 3:
		user_ipc(t, u[own].handle, HANDLE_NONE, tag_make(THREAD_SAVE_REPLY, 1, 0), WORDS(saved[own]));
		break;
	case 4:
		user_ipc(t, saved[random_below(THREADS)], random_below(2) ? e : HANDLE_NONE, tag, w);
		break;
	case 5:
		hosted_page_fault(0x5000, RIGHT_READ);
		break;
	case 6:
		hosted_pass(random_below(300));
		break;
	case 7:
		user_ipc(t, HANDLE_NONE, HANDLE_NONE, 0, w);
		break;
	case 8:
		user_ipc(t, random_below(100) + 5000, HANDLE_NONE, tag | TAG_CALL, w);
		break;
	default:
		if (t->reply.object)
			user_ipc(t, HANDLE_REPLY, random_below(8) ? e : to, tag, w);
		else if (own % 2)
			user_ipc(t, HANDLE_NONE, e, 0, w);
		else
			user_ipc(t, to, HANDLE_NONE, tag | TAG_CALL, w);
	}
}

static bool step(unsigned number)
{
	struct thread *t;

	hosted.clock += random_below(5);
	while (!hosted_core()->running)
		if (!hosted_wait())
			return check_at(false, "the alarm always comes", __FILE__, __LINE__);
	t = thread_of(hosted_core()->running);

	for (unsigned i = 0; i < MEDDLES && t == user.root; i++)
		meddle();
	if (t == user.root) {
		for (unsigned i = 0; i < NOTIFICATIONS; i++)
			user_call(notification[i], NOTIFICATION_SIGNAL, WORDS(1 + random_below(3)));
		rest();
	} else {
		act(t);
	}
	if (hosted.general) {
		before[number] = state();
		return true;
	}
	return CHECK_EQUAL(state(), before[number]);
}

static void prepare(void)
{
	word_t first = user_slots(THREADS);

	for (unsigned i = 0; i < THREADS; i++)
		saved[i] = first + i;
	for (unsigned i = 0; i < ENDPOINTS; i++)
		endpoint[i] = user_make(KIND_ENDPOINT, 0);
	for (unsigned i = 0; i < NOTIFICATIONS; i++)
		notification[i] = user_make(KIND_NOTIFICATION, 0);
	alarm = user_make(KIND_NOTIFICATION, 0);
	signals_two = user_derive(notification[BOUND], RIGHTS_ALL | SPACE_BADGE, 2);
	badged = user_derive(endpoint[0], RIGHTS_ALL | SPACE_BADGE, 7);
	deaf = user_derive(endpoint[1], RIGHT_RECEIVE, 0);
	for (unsigned i = 0; i < THREADS; i++) {
		u[i] = user_start(BOOT_SPACE, (uint8_t)(50 + i / 2), endpoint[0], endpoint[1]);
		if (i == 2 || i == 5) {
			handle_t memory = user_make(KIND_UNTYPED, 64);

			ANSWERS(OK, u[i].handle, THREAD_STOP, 0);
			ANSWERS(OK, u[i].handle, THREAD_FPU, memory);
			ANSWERS(OK, u[i].handle, THREAD_RESUME, 0);
		}
	}
	ANSWERS(OK, notification[0], NOTIFICATION_BIND, u[3].handle);
	ANSWERS(OK, notification[1], NOTIFICATION_BIND, u[4].handle);
	ANSWERS(OK, u[0].context, CONTEXT_CONFIGURE, 0, 300, 1000, 255);
	ANSWERS(OK, u[6].handle, THREAD_STOP, 0);
	ANSWERS(OK, u[6].handle, THREAD_CONFIGURE, CONFIGURE_BUFFER); /* none */
	ANSWERS(OK, u[6].handle, THREAD_RESUME, 0);
	rest();
	hosted_save(SLOT_PREPARED);
}

static void same(void)
{
	prepare();
	for (unsigned life = 0; life < LIVES; life++) {
		for (unsigned way = 0; way < 2; way++) {
			hosted_restore(SLOT_PREPARED);
			hosted.general = way == 0;
			random_seed(life + 1);
			for (unsigned number = 0; number < STEPS; number++)
				if (!step(number))
					return;
		}
		CHECK(hosted.fast > 50); /* else this compares nothing */
	}
}

/* What is remembered of a Notification is never taken for an Endpoint, whatever the handle that user level names. */
static void other_bits(void)
{
	handle_t e = user_make(KIND_ENDPOINT, 0), n = user_make(KIND_NOTIFICATION, 0), never = user_make(KIND_NOTIFICATION, 0);
	struct user_thread server = user_start(BOOT_SPACE, 110, e, e), client = user_start(BOOT_SPACE, 100, e, e);

	user_ipc(user.root, HANDLE_NONE, never, 0, WORDS(0));
	user_ipc(server.t, HANDLE_NONE, e, 0, WORDS(0));
	user_ipc(client.t, e, HANDLE_NONE, TAG_CALL, WORDS(0));
	for (unsigned bit = 16; CHECK(runs(server.t)) && bit < 8 * sizeof(word_t); bit++) {
		handle_t other = n | (word_t)1 << bit;

		user_ipc(server.t, n, n, tag_make(NOTIFICATION_SIGNAL, 1, 0), WORDS(1));
		user_ipc(server.t, n, n, tag_make(NOTIFICATION_SIGNAL, 1, 0), WORDS(1));
		CHECK_EQUAL(last.badge, 1);
		CHECK_EQUAL(user_ipc(server.t, HANDLE_REPLY, other, 0, WORDS(0)).status, status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0));
		CHECK_EQUAL(user_ipc(server.t, other, HANDLE_NONE, TAG_CALL, WORDS(0)).status, status_make(ERROR_BAD_HANDLE, PHASE_SEND, 0));
	}
}

static const struct test tests[] = {
	{"with and without", same},
	{"handles with other bits", other_bits},
	{NULL, NULL},
};

const struct group fast_group = {"fast", START_ROOT, tests};
