/* SPDX-License-Identifier: BSD-2-Clause */
/* Notification: signals, waits, deadlines, bindings; Interrupts, Ports, Firmware and System. */
#include "unit.h"

#include <string.h>

#include "kernel/interrupt.h"
#include "kernel/notification.h"

static struct answer wait_for(struct thread *t, handle_t notification, word_t flags)
{
	return user_ipc(t, HANDLE_NONE, notification, flags, WORDS(0));
}

static void signals(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), badged = user_derive(n, RIGHT_SIGNAL | SPACE_BADGE, 6), waits = user_derive(n, RIGHT_WAIT, 0);

	CHECK_EQUAL(wait_for(user.root, n, TAG_NOWAIT_RECEIVE).status, status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 9);
	ANSWERS(OK, badged, NOTIFICATION_SIGNAL, 0xffffffff);
	wait_for(user.root, waits, 0);
	CHECK(last.status == status_make(OK, PHASE_RECEIVE, 0) && last.badge == 15 && tag_label(last.tag) == LABEL_NOTIFICATION);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_SIGNAL, (word_t)1 << 32);
	ANSWERS(ERROR_NO_RIGHTS, waits, NOTIFICATION_SIGNAL, 1);
	CHECK_EQUAL(wait_for(user.root, badged, TAG_NOWAIT_RECEIVE).status, status_make(ERROR_NO_RIGHTS, PHASE_RECEIVE, 0));
	CHECK_EQUAL(wait_for(user.root, BOOT_THREAD, 0).status, status_make(ERROR_WRONG_KIND, PHASE_RECEIVE, 0));
	CHECK_EQUAL(wait_for(user.root, 4000, 0).status, status_make(ERROR_BAD_HANDLE, PHASE_RECEIVE, 0));
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 0); /* nothing */
	CHECK_EQUAL(wait_for(user.root, n, TAG_NOWAIT_RECEIVE).status, status_make(ERROR_WOULD_BLOCK, PHASE_RECEIVE, 0));
}

static void waiting(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0);
	struct user_thread a = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE), b;

	wait_for(a.t, n, 0);
	b = user_start(BOOT_SPACE, 201, HANDLE_NONE, HANDLE_NONE);
	wait_for(b.t, n, 0);
	CHECK(runs(user.root));
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 5);
	CHECK(runs(b.t) && user_result(b.t).badge == 5); /* the higher one takes all */
	wait_for(b.t, n, 0);
	CHECK(runs(user.root) && a.t->state == THREAD_RECEIVING);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n);
	CHECK(runs(b.t));
	CHECK_EQUAL(user_result(b.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
	user_call(b.handle, THREAD_STOP, WORDS(0));
	CHECK(runs(a.t));
	CHECK_EQUAL(user_result(a.t).status, status_make(ERROR_GONE, PHASE_RECEIVE, 0));
}

static void deadlines(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), badged = user_derive(n, RIGHT_ARM | SPACE_BADGE, 2);

	ANSWERS(OK, badged, NOTIFICATION_ARM, 3, hosted.clock + 50, 0);
	wait_for(user.root, n, 0);
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_pass(49);
	CHECK_EQUAL(hosted_core()->end, END_IDLE);
	hosted_pass(1);
	CHECK(runs(user.root) && user_result(user.root).badge == 2);
	ANSWERS(OK, n, NOTIFICATION_ARM, 1, 0, 0); /* in the past: at once */
	hosted_pass(2);
	CHECK_EQUAL(wait_for(user.root, n, TAG_NOWAIT_RECEIVE).badge, 1);
	ANSWERS(OK, n, NOTIFICATION_ARM, 1, 0, 1);
	ANSWERS(OK, n, NOTIFICATION_ARM, 1, 0, 2); /* replaces it */
	ANSWERS(OK, n, NOTIFICATION_DISARM, 0);
	CHECK_EQUAL(last.w[0], 1);
	ANSWERS(OK, n, NOTIFICATION_DISARM, 0);
	CHECK_EQUAL(last.w[0], 0);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_ARM, (word_t)1 << 32);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_ARM, 1, (word_t)1 << 32);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_ARM, 1, 1, (word_t)1 << 32);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_ARM, 1, 1, 0, 2);
	ANSWERS(OK, n, NOTIFICATION_ARM, 1, 77, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, n); /* armed */
}

/* Bound: the thread's receives see the bits too; its waits for other Notifications do not. */
static void binding(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), other = user_make(KIND_NOTIFICATION, 0), endpoint = user_make(KIND_ENDPOINT, 0);
	struct user_thread u = user_start(BOOT_SPACE, 200, HANDLE_NONE, HANDLE_NONE);
	handle_t weak = user_derive(n, RIGHT_SIGNAL, 0), badged = user_derive(n, RIGHTS_ALL | SPACE_BADGE, 1);

	CHECK(runs(u.t));
	ANSWERS(ERROR_NO_RIGHTS, weak, NOTIFICATION_BIND, u.handle);
	ANSWERS(ERROR_WRONG_KIND, n, NOTIFICATION_BIND, n);
	ANSWERS(ERROR_NO_RIGHTS, badged, NOTIFICATION_BIND, u.handle);
	ANSWERS(ERROR_NO_RIGHTS, badged, NOTIFICATION_UNBIND, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, n, NOTIFICATION_UNBIND, 0);
	ANSWERS(OK, n, NOTIFICATION_BIND, u.handle);
	ANSWERS(ERROR_BUSY, n, NOTIFICATION_BIND, BOOT_THREAD);
	ANSWERS(ERROR_BUSY, other, NOTIFICATION_BIND, u.handle);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 4);
	CHECK_EQUAL(wait_for(u.t, endpoint, 0).badge, 4);
	wait_for(u.t, endpoint, 0);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 2);
	CHECK(runs(u.t) && user_result(u.t).badge == 2);
	wait_for(u.t, other, 0);
	ANSWERS(OK, n, NOTIFICATION_SIGNAL, 2);
	CHECK(runs(user.root)); /* left alone */
	ANSWERS(OK, other, NOTIFICATION_SIGNAL, 1);
	CHECK(runs(u.t) && user_result(u.t).badge == 1);
	ANSWERS(OK, n, NOTIFICATION_UNBIND, 0);
	CHECK(!u.t->binding[BIND_NOTIFICATION].object);
}

/* A deadline with BREAK ends the bound thread's wait; if it comes too early, the next one. */
static void breaking(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), endpoint = user_make(KIND_ENDPOINT, 0);

	ANSWERS(OK, n, NOTIFICATION_BIND, BOOT_THREAD);
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	user_ipc(user.root, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0));
	hosted_pass(10);
	CHECK(runs(user.root));
	CHECK_EQUAL(user_result(user.root).status, status_make(ERROR_DEADLINE, PHASE_SEND, 0));
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	hosted_pass(20);
	CHECK_EQUAL(user_ipc(user.root, endpoint, HANDLE_NONE, TAG_CALL, WORDS(0)).status, status_make(ERROR_DEADLINE, PHASE_SEND, 0));
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	hosted_pass(20);
	CHECK_EQUAL(wait_for(user.root, endpoint, 0).status, status_make(ERROR_DEADLINE, PHASE_RECEIVE, 0));
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	hosted_pass(20);
	CHECK_EQUAL(wait_for(user.root, n, 0).status, status_make(ERROR_DEADLINE, PHASE_RECEIVE, 0));
	ANSWERS(OK, n, NOTIFICATION_ARM, 0, hosted.clock + 10, 0, ARM_BREAK);
	ANSWERS(OK, n, NOTIFICATION_UNBIND, 0);
	hosted_pass(20); /* for nobody */
}

static void interrupts(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), irq = user_slots(1), badged = user_derive(n, RIGHTS_ALL | SPACE_BADGE, 3), part;
	struct interrupt *i;

	user.next = irq;
	user_slots(1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 0, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 4, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, (word_t)1 << 32, 1, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 9, 1, 5);
	ANSWERS(ERROR_WRONG_KIND, BOOT_SYSTEM, SYSTEM_INTERRUPT, n, 1, 1, 5);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 5);
	CHECK(last.w[0] == irq && capability_kind(user_capability(irq)) == KIND_INTERRUPT);
	user.next = badged + 1;
	i = user_object(irq);
	user_slots(1);
	ANSWERS(ERROR_BUSY, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 5);
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_ACKNOWLEDGE, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_UNBIND, 0);
	ANSWERS(ERROR_WRONG_KIND, irq, INTERRUPT_BIND, BOOT_THREAD, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_BIND, n, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_BIND, n, (word_t)1 << 32);
	ANSWERS(ERROR_NO_RIGHTS, irq, INTERRUPT_BIND, badged, 4);
	ANSWERS(OK, irq, INTERRUPT_BIND, badged, 2);
	ANSWERS(ERROR_BUSY, irq, INTERRUPT_BIND, n, 1);
	hosted_raise(5);
	hosted_pass(0);
	CHECK_EQUAL(wait_for(user.root, n, 0).badge, 2);
	hosted_raise(5); /* masked */
	hosted_pass(0);
	CHECK_EQUAL(wait_for(user.root, n, TAG_NOWAIT_RECEIVE).badge, 0);
	ANSWERS(OK, irq, INTERRUPT_ACKNOWLEDGE, 0);
	hosted_pass(0);
	CHECK_EQUAL(wait_for(user.root, n, 0).badge, 2);
	ANSWERS(OK, irq, INTERRUPT_UNBIND, 0);
	ANSWERS(OK, irq, INTERRUPT_BIND, n, 1);
	ANSWERS(OK, BOOT_SPACE, SPACE_REVOKE, n);
	CHECK(!i->binding.object);
	hosted_raise(5);
	hosted_pass(0); /* unbound: nobody is hurt */
	part = user_make(KIND_UNTYPED, 64);
	user_slots(1);
	ANSWERS(ERROR_NO_MEMORY, BOOT_SYSTEM, SYSTEM_INTERRUPT, part, 1, 1, 6);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, irq);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INTERRUPT, user.untyped, 1, 1, 5); /* free again */
}

/* Messages of devices cannot be masked here: one that comes again is remembered once. */
static void message_interrupts(void)
{
	handle_t n = user_make(KIND_NOTIFICATION, 0), irq = user_slots(1);
	unsigned number;

	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, user.untyped, 1, 8, HAL_CORES_MAX);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, user.untyped, 9, 8, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, user.untyped, 1, (word_t)1 << 32, 0);
	ANSWERS(ERROR_BAD_HANDLE, BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, 4000, 1, 8, 0);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_MESSAGE_INTERRUPT, user.untyped, 1, 8, 0);
	CHECK(last.w[0] == irq && last.w[1] == 0xfee00000 && last.w[2] == 1 && last.w[3] == 8);
	number = ((struct interrupt *)user_object(irq))->irq;
	hosted_raise(number); /* not bound yet */
	hosted_pass(0);
	ANSWERS(OK, irq, INTERRUPT_BIND, n, 1);
	hosted_raise(number);
	hosted_pass(0);
	CHECK_EQUAL(wait_for(user.root, n, 0).badge, 1);
	hosted_raise(number);
	hosted_pass(0);
	hosted_raise(number);
	hosted_pass(0);
	CHECK_EQUAL(wait_for(user.root, n, TAG_NOWAIT_RECEIVE).badge, 0);
	ANSWERS(OK, irq, INTERRUPT_ACKNOWLEDGE, 0);
	CHECK_EQUAL(wait_for(user.root, n, 0).badge, 1);
	ANSWERS(OK, irq, INTERRUPT_ACKNOWLEDGE, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, irq, INTERRUPT_ACKNOWLEDGE, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, irq);
}

static void ports(void)
{
	handle_t ports = user_slots(1);

	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_PORTS, 0x10000, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_PORTS, 0xfff0, 17);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_PORTS, 0, 0);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_PORTS, 0xfff0, 16);
	ANSWERS(ERROR_WINDOW, BOOT_SYSTEM, SYSTEM_PORTS, 0, 16);
	ANSWERS(OK, ports, PORT_WRITE, 0xfff4, 4, 0x12345678);
	ANSWERS(OK, ports, PORT_READ, 0xfff4, 4);
	CHECK_EQUAL(last.w[0], 0x12345678);
	ANSWERS(ERROR_BAD_ARGUMENT, ports, PORT_READ, 0xfff4, 3);
	ANSWERS(ERROR_BAD_ARGUMENT, ports, PORT_READ, 0xffef, 1);
	ANSWERS(ERROR_BAD_ARGUMENT, ports, PORT_READ, 0xfffd, 4);
	ANSWERS(ERROR_BAD_ARGUMENT, ports, PORT_READ, 0x10000, 1);
	ANSWERS(ERROR_NO_RIGHTS, user_derive(ports, RIGHT_PORT_READ, 0), PORT_WRITE, 0xfff4, 1, 0);
	ANSWERS(OK, BOOT_SPACE, SPACE_DELETE, ports);
}

static void firmware(void)
{
	handle_t firmware = user_slots(1);
	struct answer a;

	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_FIRMWARE, 5, 4);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_FIRMWARE, 0, (word_t)1 << 32);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_FIRMWARE, 0, UINT32_MAX);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_FIRMWARE, 100, 109);
	ANSWERS(ERROR_WINDOW, BOOT_SYSTEM, SYSTEM_FIRMWARE, 100, 109);
	ANSWERS(ERROR_NO_RIGHTS, firmware, FIRMWARE_CALL, 99);
	ANSWERS(ERROR_NO_RIGHTS, firmware, FIRMWARE_CALL, 110);
	a = user_ipc(user.root, firmware, HANDLE_NONE, tag_make(FIRMWARE_CALL, 8, 0), WORDS(100, 1, 1, 1, 1, 1, 7, 8));
	CHECK(a.status == OK && a.w[0] == 120 && tag_words(a.tag) == 8 && a.w[7] == 8);
	ANSWERS(OK, firmware, FIRMWARE_CALL, 109);
}

static void system_messages(void)
{
	hosted_console_clear();
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_LOG, 11, 0x6f77206f6c6c6548, 0x0a6c72);
	CHECK(!strcmp(hosted.console, "Hello worl\n") || !strncmp(hosted.console, "Hello wo", 8));
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_LOG, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_LOG, 57);
	ANSWERS(ERROR_NO_RIGHTS, user_derive(BOOT_SYSTEM, RIGHT_POWER, 0), SYSTEM_LOG, 1);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_SIZE, KIND_MEMORY, PAGE_SIZE);
	CHECK(last.w[0] == PAGE_SIZE && last.w[1] == PAGE_SIZE);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_SIZE, KIND_SPACE, 64);
	CHECK(last.w[0] > hal_pt()->root_size && last.w[1] == hal_pt()->root_size);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_SIZE, KIND_INTERRUPT, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_SIZE, KIND_REPLY, 0);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_SIZE, KIND_COUNT, 0);
	ANSWERS(OK, BOOT_SYSTEM, SYSTEM_INFO, 0);
	CHECK(last.w[0] == HOSTED_FREQUENCY && last.w[1] == hal_pt()->user_top && last.w[2] == 1);
	ANSWERS(ERROR_BAD_ARGUMENT, BOOT_SYSTEM, SYSTEM_POWER, 3);
	user_call(BOOT_SYSTEM, SYSTEM_POWER, WORDS(POWER_REBOOT));
	CHECK(hosted_core()->end == END_STOPPED && hosted.how == POWER_REBOOT);
}

static const struct test tests[] = {
	{"signals", signals},
	{"waiting", waiting},
	{"deadlines", deadlines},
	{"binding", binding},
	{"deadlines that break", breaking},
	{"interrupts", interrupts},
	{"interrupts by messages", message_interrupts},
	{"ports", ports},
	{"firmware", firmware},
	{"System", system_messages},
	{NULL, NULL},
};

const struct group notification_group = {"notification", START_ROOT, tests};
