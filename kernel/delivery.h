/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of one message: words and items arrive together or not at all.
 * Check, reserve, commit; commit cannot fail. Nothing here changes anything before all checks passed.
 */
#ifndef KERNEL_DELIVERY_H
#define KERNEL_DELIVERY_H

#include "kernel/ipc.h"

struct delivery {
	struct thread *from; /* whose words and items */
	struct thread *to;
	word_t tag;          /* label, words, items, TAG_CALL */
	word_t badge;
	struct endpoint *through; /* NULL: an answer */
	enum phase blame;    /* phase of an error at the sender */
	word_t item;         /* of an error: which item */
	word_t detail;       /* of an error: w0 */
};

/* Delivers the sender's registers, buffer words and items as the receiver's result. On an error nothing was changed. */
enum error deliver_message(struct delivery *d, const word_t w[MESSAGE_REGISTERS]);

/* Maps the items of the answer to a page fault into the fault's window. */
enum error deliver_fault_items(struct delivery *d);

/* What answers most page faults: one item, a page of a Memory, for a place in the page tables where nothing is. False: it is something else, or
   wrong; nothing was changed. The lock is held. */
bool deliver_page(const struct thread *from, const struct thread *to);

/* The words behind those in registers, from one message buffer to another. Two at once, for which some processors have an instruction; eight at
   a time, since the loop costs as much as two. */
static inline void message_copy(struct buffer *restrict to, const struct buffer *restrict from, word_t words)
{
	const struct pair {
		_Alignas(2 * sizeof(word_t)) word_t word[2];
	} *source = (const void *)&from->word[MESSAGE_REGISTERS], *end = (const void *)&from->word[words & ~(word_t)7];
	struct pair *target = (void *)&to->word[MESSAGE_REGISTERS];

	for (; source < end; source += 4, target += 4)
		target[0] = source[0], target[1] = source[1], target[2] = source[2], target[3] = source[3];
	for (word_t i = words & ~(word_t)7; i < words; i++)
		to->word[i] = from->word[i];
}

#endif
