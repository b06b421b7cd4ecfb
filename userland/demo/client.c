/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client: each round it sends a number to the server, and compares the server's sum with its own, which it keeps in a page
 * that the pager gave it. It tells of the first rounds, then goes on in silence, and speaks up if something happens to it: the
 * server or the pager was started again, or it was interrupted. Then it begins a new account and goes on.
 */
#include "demo.h"
#include "print.h"

enum { ROUNDS_TOLD = 8, ROUNDS_AFTER = 3, ROUND_MILLISECONDS = 60 };

/* What a round leaves in its page, for the next one. The pager may be replaced at any time, even between two of the words. */
struct page {
	word_t round; /* that wrote it, counted from 1 */
	word_t sum, count;
	word_t seal; /* says that these belong together */
};

static word_t factor;
static word_t first_kept = 1; /* the first round whose page was not lost with a pager */
static word_t tell_in; /* rounds until it tells that all is well again; 0: nothing to tell */

/* The pages of the heap are used in turn. */
static volatile struct page *page_of(word_t round)
{
	return (volatile struct page *)(DEMO_HEAP + round % DEMO_HEAP_PAGES * PAGE_SIZE);
}

/* A new account. */
static void begin_again(const char *why, struct page *last)
{
	print("%s: I begin a new account\n", why);
	last->sum = last->count = 0;
	tell_in = ROUNDS_AFTER;
}

/* The server forgets the old account, e.g. of a client that ran before this one. */
static void forget(void)
{
	enum error error;

	do {
		struct message m = {.tag = 0};

		error = object_call(DEMO_SERVER, DEMO_FORGET, 0, &m);
	} while (error == ERROR_GONE || error == ERROR_ABORTED);
}

static word_t seal(const struct page *page)
{
	return page->round + page->sum + page->count + 1;
}

/* Whether a page still holds what its round left there. */
static bool holds(const struct page *page, word_t round)
{
	return page->round == round && page->seal == seal(page);
}

/*
 * What the round before left. All pages that must still be there are looked at: the memory may have gone when this program
 * was about to write the last one, which is whole then.
 */
static struct page remember(word_t round)
{
	struct page last = {.round = 0};

	for (word_t old = round - first_kept < DEMO_HEAP_PAGES ? first_kept : round - DEMO_HEAP_PAGES; old < round; old++) {
		volatile struct page *page = page_of(old);

		last = (struct page){.round = page->round, .sum = page->sum, .count = page->count, .seal = page->seal};
		if (!holds(&last, old)) {
			begin_again("my memory is gone with its pager", &last);
			forget();
			first_kept = round;
			break;
		}
	}
	return last;
}

/* Leaves it in the page, for the next round. */
static void keep(const struct page *this)
{
	volatile struct page *page = page_of(this->round);

	page->round = this->round;
	page->sum = this->sum;
	page->count = this->count;
	page->seal = seal(this);
}

/* The server's answer to a number. */
static void ask(word_t number, struct page *last, struct message *m)
{
	enum error error;

	for (;;) {
		*m = (struct message){.w = {number}};
		error = object_call(DEMO_SERVER, DEMO_ADD, 1, m);
		if (error == OK)
			return;
		begin_again(error == ERROR_GONE ? "the server died while it served me" : "I was interrupted", last);
		forget();
	}
}

/* One round; false: something is wrong. */
static bool play(word_t round)
{
	struct page last = remember(round), this;
	struct message m;

	ask(round * factor, &last, &m);
	if (m.w[1] == 1 && last.count != 0)
		begin_again("the server does not know me", &last);
	this = (struct page){.round = round, .sum = last.sum + round * factor, .count = last.count + 1};
	keep(&this);
	if (round <= ROUNDS_TOLD)
		print("round %lu of %u: the server says %lu, my memory says %lu\n", round, ROUNDS_TOLD, m.w[0], this.sum);
	else if (tell_in > 0 && --tell_in == 0)
		print("all is well again: the server says %lu, my memory says %lu\n", m.w[0], this.sum);
	return m.w[0] == this.sum && m.w[1] == this.count;
}

word_t program_main(const struct program_info *info)
{
	factor = (word_t)(info->arguments[0] - '0');
	print_to_endpoint(DEMO_LOG);
	forget();
	for (word_t round = 1;; round++) {
		struct message m = {.tag = 0};

		if (!play(round))
			return 1;
		if (round == ROUNDS_TOLD)
			(void)object_call(PROGRAM_PARENT, MONITOR_PLAYED, 0, &m);
		demo_sleep(info, ROUND_MILLISECONDS);
	}
}
