/* SPDX-License-Identifier: BSD-2-Clause */
/* The typed wrappers of cobnut.h: each fills in words, CALLs, and takes the results out of the answer. */
#include "cobnut.h"

enum error object_call(handle_t object, word_t label, word_t words, struct message *m)
{
	enum error error;

	m->tag = tag_make(label, words, 0);
	error = message_call(object, m);
	return error != OK ? error : (enum error)tag_label(m->tag);
}

/* object_call() with the handle window open at `slot` for `count` capabilities. */
static enum error call_for_handles(handle_t object, word_t label, word_t words, struct message *m, handle_t slot,
				   word_t count)
{
	struct buffer *buffer = buffer_self();
	handle_t first = buffer->handle_first;
	word_t before = buffer->handle_count;
	enum error error;

	window_handles(buffer, slot, count);
	error = object_call(object, label, words, m);
	window_handles(buffer, first, before);
	return error;
}

/* ---- Untyped ---- */

enum error untyped_create(handle_t untyped, enum kind kind, word_t parameter, word_t count, word_t attribute, handle_t slot)
{
	struct message m = {.w = {(word_t)kind, parameter, count, attribute}};

	return call_for_handles(untyped, UNTYPED_CREATE, 4, &m, slot, count);
}

enum error untyped_reset(handle_t untyped)
{
	struct message m = {.tag = 0};

	return object_call(untyped, UNTYPED_RESET, 0, &m);
}

enum error untyped_query(handle_t untyped, struct untyped_state *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(untyped, UNTYPED_QUERY, 0, &m);

	if (error == OK)
		*out = (struct untyped_state){.size = m.w[0], .free = m.w[1], .device = m.w[2] != 0};
	return error;
}

/* ---- Memory ---- */

enum error memory_derive(handle_t memory, word_t offset, word_t length, word_t rights, handle_t slot)
{
	struct message m = {.w = {offset, length, rights}};

	return call_for_handles(memory, MEMORY_DERIVE, 3, &m, slot, 1);
}

enum error memory_map(handle_t memory, handle_t space, uintptr_t address, word_t access)
{
	struct message m = {.w = {space, address, access}};

	return object_call(memory, MEMORY_MAP, 3, &m);
}

enum error memory_unmap(handle_t memory)
{
	struct message m = {.tag = 0};

	return object_call(memory, MEMORY_UNMAP, 0, &m);
}

enum error memory_revoke(handle_t memory, word_t offset, word_t length)
{
	struct message m = {.w = {offset, length}};

	return object_call(memory, MEMORY_REVOKE, 2, &m);
}

enum error memory_code(handle_t memory, word_t offset, word_t length)
{
	struct message m = {.w = {offset, length}};

	return object_call(memory, MEMORY_CODE, 2, &m);
}

enum error memory_physical(handle_t memory, word_t *address)
{
	struct message m = {.tag = 0};
	enum error error = object_call(memory, MEMORY_PHYSICAL, 0, &m);

	if (error == OK)
		*address = m.w[0];
	return error;
}

enum error memory_query(handle_t memory, struct memory_state *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(memory, MEMORY_QUERY, 0, &m);

	if (error == OK)
		*out = (struct memory_state){
			.size = m.w[0],
			.rights = m.w[1],
			.attribute = m.w[2],
			.device = m.w[3] != 0,
			.mapped = m.w[4] != 0,
			.address = m.w[4] != 0 ? m.w[4] - 1 : 0,
		};
	return error;
}

/* ---- Space ---- */

enum error space_derive(handle_t space, handle_t handle, handle_t slot, word_t rights)
{
	struct message m = {.w = {handle, slot, rights, 0}};

	return object_call(space, SPACE_DERIVE, 4, &m);
}

enum error space_derive_badged(handle_t space, handle_t handle, handle_t slot, word_t rights, word_t badge)
{
	struct message m = {.w = {handle, slot, rights | SPACE_BADGE, badge}};

	return object_call(space, SPACE_DERIVE, 4, &m);
}

enum error space_move(handle_t space, handle_t handle, handle_t slot)
{
	struct message m = {.w = {handle, slot}};

	return object_call(space, SPACE_MOVE, 2, &m);
}

enum error space_delete(handle_t space, handle_t slot)
{
	struct message m = {.w = {slot}};

	return object_call(space, SPACE_DELETE, 1, &m);
}

enum error space_revoke(handle_t space, handle_t slot)
{
	struct message m = {.w = {slot}};

	return object_call(space, SPACE_REVOKE, 1, &m);
}

enum error space_map(handle_t space, handle_t memory, uintptr_t address, word_t access, word_t offset, word_t length,
		     word_t *mapped)
{
	struct message m = {.w = {memory, address, access, offset, length}};
	enum error error = object_call(space, SPACE_MAP, 5, &m);

	if (error == OK && mapped != NULL)
		*mapped = m.w[0];
	return error;
}

enum error space_unmap(handle_t space, uintptr_t address, size_t length)
{
	struct message m = {.w = {address, length}};

	return object_call(space, SPACE_UNMAP, 2, &m);
}

enum error space_feed(handle_t space, handle_t untyped)
{
	struct message m = {.w = {untyped}};

	return object_call(space, SPACE_FEED, 1, &m);
}

enum error space_query(handle_t space, struct space_state *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(space, SPACE_QUERY, 0, &m);

	if (error == OK)
		*out = (struct space_state){.pool = m.w[0], .pool_free = m.w[1], .slots = m.w[2], .top = m.w[3]};
	return error;
}

enum error space_slot(handle_t space, handle_t slot, struct slot_state *out)
{
	struct message m = {.w = {slot}};
	enum error error = object_call(space, SPACE_SLOT, 1, &m);

	if (error == OK)
		*out = (struct slot_state){
			.kind = (enum kind)m.w[0],
			.rights = m.w[1],
			.badge = m.w[2],
			.derived_from = m.w[3] != 0,
			.original = m.w[4] != 0,
		};
	return error;
}

/* ---- Thread ---- */

enum error thread_configure(handle_t thread, const struct thread_binding *binding)
{
	struct message m = {
		.w = {binding->what, binding->space, binding->pager, binding->handler, binding->context, binding->buffer},
	};

	message_set_word(&m, 6, binding->buffer_offset);
	return object_call(thread, THREAD_CONFIGURE, 7, &m);
}

enum error thread_start(handle_t thread, uintptr_t ip, uintptr_t sp, word_t argument)
{
	struct message m = {.w = {ip, sp, argument}};

	return object_call(thread, THREAD_START, 3, &m);
}

/* A message to a thread that is a label alone. */
static enum error thread_order(handle_t thread, enum label_thread label)
{
	struct message m = {.tag = 0};

	return object_call(thread, (word_t)label, 0, &m);
}

enum error thread_resume(handle_t thread)
{
	return thread_order(thread, THREAD_RESUME);
}

enum error thread_stop(handle_t thread)
{
	return thread_order(thread, THREAD_STOP);
}

enum error thread_abort(handle_t thread)
{
	return thread_order(thread, THREAD_ABORT);
}

enum error thread_recall(handle_t thread)
{
	return thread_order(thread, THREAD_RECALL);
}

enum error thread_read(handle_t thread, word_t group, word_t first, word_t count, word_t *values)
{
	struct message m = {.w = {group, first, count}};
	enum error error = object_call(thread, THREAD_READ, 3, &m);

	if (error == OK)
		(void)message_get(&m, 0, values, count * sizeof *values);
	return error;
}

enum error thread_write(handle_t thread, word_t group, word_t first, word_t count, const word_t *values)
{
	struct message m = {.w = {group, first, count}};

	if (count > MESSAGE_WORDS - 3)
		return ERROR_BAD_ARGUMENT;
	(void)message_put(&m, 3, values, count * sizeof *values);
	return object_call(thread, THREAD_WRITE, 3 + count, &m);
}

enum error thread_priority(handle_t thread, word_t priority, handle_t context)
{
	struct message m = {.w = {priority, context}};

	return object_call(thread, THREAD_PRIORITY, 2, &m);
}

enum error thread_pointer(handle_t thread, word_t value)
{
	struct message m = {.w = {value}};

	return object_call(thread, THREAD_POINTER, 1, &m);
}

enum error thread_save_reply(handle_t self, handle_t slot)
{
	struct message m = {.w = {slot}};

	return object_call(self, THREAD_SAVE_REPLY, 1, &m);
}

enum error thread_name(handle_t thread, uint64_t name)
{
	struct message m = {.w = {(uint32_t)name, (uint32_t)(name >> 32)}};

	return object_call(thread, THREAD_NAME, 2, &m);
}

enum error thread_query(handle_t thread, struct thread_report *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(thread, THREAD_QUERY, 0, &m);

	if (error == OK)
		*out = (struct thread_report){
			.state = (enum thread_state)m.w[0],
			.priority = m.w[1],
			.effective = m.w[2],
			.ip = m.w[3],
			.sp = m.w[4],
		};
	return error;
}

/* ---- Notification ---- */

enum error notification_signal(handle_t notification, word_t bits)
{
	struct message m = {.tag = tag_make(NOTIFICATION_SIGNAL, 1, 0), .w = {bits}}; /* nothing is to be answered: the shortest way */

	return message_send(notification, &m);
}

enum error notification_arm(handle_t notification, word_t bits, uint64_t deadline, word_t flags)
{
	struct message m = {.w = {bits, (uint32_t)deadline, (uint32_t)(deadline >> 32), flags}};

	return object_call(notification, NOTIFICATION_ARM, 4, &m);
}

enum error notification_disarm(handle_t notification, bool *armed)
{
	struct message m = {.tag = 0};
	enum error error = object_call(notification, NOTIFICATION_DISARM, 0, &m);

	if (error == OK && armed != NULL)
		*armed = m.w[0] != 0;
	return error;
}

enum error notification_bind(handle_t notification, handle_t thread)
{
	struct message m = {.w = {thread}};

	return object_call(notification, NOTIFICATION_BIND, 1, &m);
}

enum error notification_unbind(handle_t notification)
{
	struct message m = {.tag = 0};

	return object_call(notification, NOTIFICATION_UNBIND, 0, &m);
}

enum error notification_wait(handle_t notification, word_t *bits)
{
	struct message m;
	enum error error = message_receive(notification, &m, 0);

	if (error == OK)
		*bits = m.badge;
	return error;
}

/* ---- SchedContext ---- */

enum error context_configure(handle_t context, const struct context_state *state)
{
	struct message m = {.w = {state->core, state->budget, state->period, state->ceiling}};

	return object_call(context, CONTEXT_CONFIGURE, 4, &m);
}

enum error context_query(handle_t context, struct context_state *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(context, CONTEXT_QUERY, 0, &m);

	if (error == OK)
		*out = (struct context_state){.core = m.w[0], .budget = m.w[1], .period = m.w[2], .ceiling = m.w[3],
					 .consumed = (uint64_t)m.w[5] << 16 << 16 | (uint32_t)m.w[4]};
	return error;
}

/* ---- System ---- */

enum error system_log(handle_t system, const char *text, size_t length)
{
	struct message m = {.w = {length}};

	if (length > (MESSAGE_REGISTERS - 1) * sizeof(word_t))
		return ERROR_BAD_ARGUMENT;
	(void)message_put(&m, 1, text, length);
	return object_call(system, SYSTEM_LOG, MESSAGE_REGISTERS, &m);
}

enum error system_power(handle_t system, enum power how)
{
	struct message m = {.w = {(word_t)how}};

	return object_call(system, SYSTEM_POWER, 1, &m);
}

enum error system_size(handle_t system, enum kind kind, word_t parameter, word_t *size, word_t *alignment)
{
	struct message m = {.w = {(word_t)kind, parameter}};
	enum error error = object_call(system, SYSTEM_SIZE, 2, &m);

	if (error == OK) {
		*size = m.w[0];
		*alignment = m.w[1];
	}
	return error;
}

enum error system_info(handle_t system, struct system_state *out)
{
	struct message m = {.tag = 0};
	enum error error = object_call(system, SYSTEM_INFO, 0, &m);

	if (error == OK)
		*out = (struct system_state){
			.frequency = m.w[0],
			.top = m.w[1],
			.cores = m.w[2],
			.features = m.w[3],
			.pool_block = m.w[4],
			.fpu_size = m.w[5],
		};
	return error;
}

enum error thread_fpu(handle_t thread, handle_t untyped)
{
	struct message m = {.w = {untyped}};

	return object_call(thread, THREAD_FPU, 1, &m);
}

enum error thread_debug(handle_t thread, enum debug_kind kind, word_t number, uintptr_t address, word_t length)
{
	struct message m = {.w = {(word_t)kind, number, address, length}};

	return object_call(thread, THREAD_DEBUG, 4, &m);
}

enum error thread_no_time(handle_t thread, bool on)
{
	struct message m = {.w = {on}};

	return object_call(thread, THREAD_NO_TIME, 1, &m);
}

enum error system_trace_attach(handle_t system, word_t core, handle_t memory, word_t mask)
{
	struct message m = {.w = {core, memory, mask}};

	return object_call(system, SYSTEM_TRACE_ATTACH, 3, &m);
}

enum error system_trace_detach(handle_t system, word_t core)
{
	struct message m = {.w = {core}};

	return object_call(system, SYSTEM_TRACE_DETACH, 1, &m);
}

enum error system_trace_mask(handle_t system, word_t core, word_t mask)
{
	struct message m = {.w = {core, mask}};

	return object_call(system, SYSTEM_TRACE_MASK, 2, &m);
}

/* ---- Interrupt ---- */

enum error system_interrupt(handle_t system, handle_t untyped, uint32_t controller, const uint32_t *cells, unsigned count, handle_t slot)
{
	struct message m = {.w = {untyped, controller, count}};

	for (unsigned i = 0; i < count && i < MESSAGE_REGISTERS - 3; i++)
		m.w[3 + i] = cells[i];
	return call_for_handles(system, SYSTEM_INTERRUPT, MESSAGE_REGISTERS, &m, slot, 1);
}

enum error system_message_interrupt(handle_t system, handle_t untyped, uint32_t bus, uint32_t requester, word_t core, handle_t slot,
				    uint64_t *address, uint32_t *data)
{
	struct message m = {.w = {untyped, bus, requester, core}};
	enum error error = call_for_handles(system, SYSTEM_MESSAGE_INTERRUPT, 4, &m, slot, 1);

	if (error == OK) {
		*address = (uint64_t)m.w[2] << 32 | m.w[1];
		*data = (uint32_t)m.w[3];
	}
	return error;
}

enum error interrupt_bind(handle_t interrupt, handle_t notification, word_t bits)
{
	struct message m = {.w = {notification, bits}};

	return object_call(interrupt, INTERRUPT_BIND, 2, &m);
}

enum error interrupt_unbind(handle_t interrupt)
{
	struct message m = {.tag = 0};

	return object_call(interrupt, INTERRUPT_UNBIND, 0, &m);
}

enum error interrupt_acknowledge(handle_t interrupt)
{
	struct message m = {.tag = 0};

	return object_call(interrupt, INTERRUPT_ACKNOWLEDGE, 0, &m);
}

/* ---- Ports, Firmware ---- */

enum error system_ports(handle_t system, word_t first, word_t count, handle_t slot)
{
	struct message m = {.w = {first, count}};

	return call_for_handles(system, SYSTEM_PORTS, 2, &m, slot, 1);
}

enum error port_read(handle_t ports, word_t port, word_t width, word_t *value)
{
	struct message m = {.w = {port, width}};
	enum error error = object_call(ports, PORT_READ, 2, &m);

	if (error == OK)
		*value = m.w[0];
	return error;
}

enum error port_write(handle_t ports, word_t port, word_t width, word_t value)
{
	struct message m = {.w = {port, width, value}};

	return object_call(ports, PORT_WRITE, 3, &m);
}

enum error system_firmware(handle_t system, word_t first, word_t last, handle_t slot)
{
	struct message m = {.w = {first, last}};

	return call_for_handles(system, SYSTEM_FIRMWARE, 2, &m, slot, 1);
}

enum error firmware_call(handle_t firmware, word_t registers[8])
{
	struct message m = {.tag = 0};
	enum error error;

	for (unsigned i = 0; i < 8; i++)
		message_set_word(&m, i, registers[i]);
	error = object_call(firmware, FIRMWARE_CALL, 8, &m);
	for (unsigned i = 0; i < 8 && error == OK; i++)
		registers[i] = message_word(&m, i);
	return error;
}
