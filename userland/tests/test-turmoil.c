/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients call servers that call one another, on all cores and across them, without a pause. Meanwhile threads, contexts and
 * Endpoints are destroyed, stopped, aborted, moved, unbound and bound again where they are. Whatever happens: an answer that comes is the right
 * one, every caller is answered or told, whatever was destroyed gives its memory back, and in the end all calls go through.
 */
#include "placing.h"
#include "print.h"
#include "timing.h"

enum {
	CLIENTS = 4,
	SERVERS = 4,
	PRIORITY = 90, /* below this program's own */
	HOME = 128 * 1024,
	STEPS = 240,
	REST = 300,    /* microseconds between two steps */
	CALLS_LAST = 20,
	LABEL = 7,
};

/* A thread, and what it is made of. */
struct player {
	struct worker worker;
	handle_t home;
};

static struct client {
	struct player player;
	volatile word_t calls, answered, told, wrong;
} client[CLIENTS];

static struct server {
	struct player player;
	bool passive;
	handle_t home, endpoint; /* `endpoint` is made of `home` */
} server[SERVERS];

static unsigned kept, refused;
static struct builder *b;

/* ---- what they do ---- */

static void run_client(word_t number)
{
	struct client *c = &client[number];

	for (;;) {
		word_t value = c->calls++ * 16;
		struct message m = {.w = {value}};
		enum error error = object_call(server[c->calls % SERVERS].endpoint, LABEL, 1, &m);

		if (error != OK)
			c->told++;
		else if (m.w[0] > value && m.w[0] <= value + SERVERS)
			c->answered++;
		else
			c->wrong++;
	}
}

/* Adds one and has the next server add more, now and then. What a predecessor owed is answered first. */
static void run_server(word_t number)
{
	struct server *s = &server[number];
	struct message m = {.tag = tag_make(ERROR_ABORTED, 0, 0)};
	word_t turn = 0;

	(void)message_answer(&m);
	for (;;) {
		enum error error = message_receive(s->endpoint, &m, 0);

		while (error == OK && tag_label(m.tag) == LABEL) {
			struct message next = {.w = {m.w[0] + 1}};

			if (number + 1 < SERVERS && ++turn % 3 == 0)
				error = object_call(server[number + 1].endpoint, LABEL, 1, &next);
			m = (struct message){.tag = tag_make(error, 1, 0), .w = {next.w[0]}};
			error = message_answer_receive(s->endpoint, &m);
		}
		if (error != OK) {
			m.tag = tag_make(ERROR_ABORTED, 0, 0);
			(void)message_answer(&m); /* else it could not receive */
			yield();
		}
	}
}

/* ---- making and destroying ---- */

static void create(struct player *p, void (*entry)(word_t), word_t number, unsigned core)
{
	handle_t outer = b->untyped;

	b->untyped = p->home;
	require(worker_create(b, entry, number, PRIORITY, &p->worker));
	b->untyped = outer;
	place(&p->worker, core);
	require(worker_begin(&p->worker));
}

/* One by one, or all at once by revoking the memory. */
static void destroy(struct player *p)
{
	if (random_below(2) != 0)
		require(space_revoke(PROGRAM_SPACE, p->home));
	worker_destroy(b, &p->worker);
	kept += untyped_reset(p->home) != OK;
}

static void renew_client(unsigned i)
{
	destroy(&client[i].player);
	create(&client[i].player, run_client, i, random_below(CLIENTS));
}

static void renew_server(unsigned i, bool passive)
{
	struct server *s = &server[i];

	destroy(&s->player);
	create(&s->player, run_server, i, random_below(CLIENTS));
	s->passive = passive;
	if (passive)
		worker_make_passive(b, &s->player.worker);
}

static void renew_endpoint(unsigned i)
{
	struct server *s = &server[i];

	if (random_below(2) != 0)
		require(space_revoke(PROGRAM_SPACE, s->home));
	else
		require(space_delete(PROGRAM_SPACE, s->endpoint));
	kept += untyped_reset(s->home) != OK;
	require(untyped_create(s->home, KIND_ENDPOINT, core_of(random_below(CLIENTS)), 1, 0, s->endpoint));
}

/* ---- what happens to them ---- */

/* A server that stands because its caller, whose context it had, is gone begins anew; one that does not is only disturbed. */
static void restart_server(const struct server *s)
{
	require(thread_stop(s->player.worker.thread));
	require(worker_begin(&s->player.worker));
}

/* Its context is taken away and given back, or that of another core. */
static void rebind(const struct worker *w)
{
	struct thread_binding binding = {.what = CONFIGURE_CONTEXT, .context = HANDLE_NONE};

	require(thread_stop(w->thread));
	require(thread_configure(w->thread, &binding));
	binding.context = w->context;
	require(thread_configure(w->thread, &binding));
	require(thread_configure(w->thread, &binding));
	require(thread_resume(w->thread));
}

static void move(const struct worker *w)
{
	enum error error = place_context(w->context, random_below(CLIENTS));

	refused += error == ERROR_BUSY;
	if (error != ERROR_BUSY)
		require(error);
}

static void disturb(void)
{
	unsigned i = random_below(SERVERS);
	struct worker *c = &client[i].player.worker, *s = &server[i].player.worker;

	switch (random_below(10)) {
	case 0:
		renew_client(i);
		break;
	case 1:
	case 2:
		renew_server(i, random_below(2) != 0);
		break;
	case 3:
		renew_endpoint(i);
		break;
	case 4:
		require(thread_abort(c->thread));
		break;
	case 5:
		require(thread_abort(s->thread));
		break;
	case 6:
		require(thread_stop(c->thread));
		require(thread_resume(c->thread));
		break;
	case 7:
		move(c);
		break;
	case 8:
		if (s->context != HANDLE_NONE)
			move(s);
		break;
	default:
		rebind(c);
	}
	for (unsigned n = 0; n < SERVERS; n++)
		if (server[n].passive)
			restart_server(&server[n]);
}

/* ---- the play ---- */

static void begin(void)
{
	for (unsigned i = 0; i < SERVERS; i++) {
		require(build_object(b, KIND_UNTYPED, PAGE_SIZE, &server[i].home));
		server[i].endpoint = builder_take_slots(b, 1);
		require(untyped_create(server[i].home, KIND_ENDPOINT, core_of(i), 1, 0, server[i].endpoint));
	}
	for (unsigned i = 0; i < SERVERS; i++) {
		require(build_object(b, KIND_UNTYPED, HOME, &server[i].player.home));
		create(&server[i].player, run_server, i, i + 1);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		require(build_object(b, KIND_UNTYPED, HOME, &client[i].player.home));
		create(&client[i].player, run_client, i, i);
	}
}

static void end(void)
{
	for (unsigned i = CLIENTS; i-- > 0;) {
		destroy(&client[i].player);
		builder_release(b, client[i].player.home);
	}
	for (unsigned i = SERVERS; i-- > 0;) {
		destroy(&server[i].player);
		builder_release(b, server[i].player.home);
		builder_release(b, server[i].endpoint);
		builder_release(b, server[i].home);
	}
}

/* Does each client get so many more answers? */
static bool all_answered(word_t more)
{
	uint64_t hang = arch_counter() + microseconds(60000000);
	word_t enough[CLIENTS];

	for (unsigned i = 0; i < CLIENTS; i++)
		enough[i] = client[i].answered + more;
	for (unsigned i = 0; i < CLIENTS; i++)
		while (client[i].answered < enough[i]) {
			if (arch_counter() > hang)
				return false;
			wait_until(arch_counter() + microseconds(REST));
		}
	return true;
}

void test_run(struct builder *builder)
{
	word_t steps = test_amount(STEPS), calls = 0, answered = 0, told = 0, wrong = 0;

	b = builder;
	timing_open(b);
	begin();
	check(all_answered(CALLS_LAST), "clients on all cores call servers on all cores, which call one another");
	for (word_t step = 0; step < steps; step++) {
		disturb();
		wait_until(arch_counter() + microseconds(REST));
	}
	for (unsigned i = 0; i < SERVERS; i++)
		renew_server(i, false);
	check(all_answered(CALLS_LAST), "whatever was destroyed, stopped, moved or unbound meanwhile, in the end all calls go through");
	for (unsigned i = 0; i < CLIENTS; i++) {
		calls += client[i].calls;
		answered += client[i].answered;
		told += client[i].told;
		wrong += client[i].wrong;
	}
	print("# %u cores, %lu steps: %lu calls, %lu answered, %lu told of an end, %u moves refused\n", cores_count(), steps, calls, answered, told,
		refused);
	check(told > 0, "some callers were told that their server, their call or their Endpoint ended");
	check_equal(wrong, 0, "every answer that came was the right one");
	end();
	check_equal(kept, 0, "whatever was destroyed, wherever it was, gave back its memory at once");
	timing_close(b);
}
