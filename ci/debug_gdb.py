# SPDX-License-Identifier: BSD-2-Clause
"""Commands for gdb that know the kernel's structures; ci/debug loads this. No processor is named here: which registers a
frame holds is told by the target's file (`debug_frame`: gdb's register = member of struct hal_frame), and how the kernel's memory can
be seen while user level runs (`debug_kernel`: gdb's register = value), and which of QEMU's cores is one of the kernel's (`debug_core`)."""
import contextlib
import json
import os

import gdb

with open(os.environ["COBNUT_MACHINE"], encoding="utf-8") as file_:
    MACHINE = json.load(file_)
USERLAND = os.path.join(os.path.dirname(os.path.dirname(os.environ["COBNUT_MACHINE"])), "userland")
CORES_MAX = 16
KIND_SPACE, KIND_THREAD = 3, 4
KIND_MASK, ORIGINAL = 63, 1
CAPABILITY_SIZE = 64


def pointer(address, kind):
    """A value of type `struct kind *`."""
    return gdb.Value(int(address)).cast(gdb.lookup_type("struct " + kind).pointer())


@contextlib.contextmanager
def kernel_view():
    """As long as it lasts the selected core sees memory with the kernel's privilege."""
    settings = [pair.split("=", 1) for pair in MACHINE["debug_kernel"]]
    saved = [(register, int(gdb.parse_and_eval(f"(unsigned long)${register}"))) for register, _ in settings]
    try:
        for register, value in settings:
            gdb.execute(f"set ${register} = {value}")
        yield
    finally:
        for register, value in saved:
            gdb.execute(f"set ${register} = {value}")


def core(number):
    """The kernel's record of a core, or None: it does not run."""
    record = gdb.parse_and_eval(f"cores[{number}]")
    return record if int(record["arrived"]) else None


def core_of(thread):
    """The kernel's record of the core that gdb calls a thread, or None. QEMU numbers them from 1."""
    for number in range(CORES_MAX):
        record = core(number)
        if record and int(gdb.parse_and_eval(MACHINE["debug_core"].format(number))) == thread.num - 1:
            return record
    return None


def name_of(thread):
    """A thread's name: text, as it lies in memory, or a number."""
    data = bytes(gdb.selected_inferior().read_memory(int(thread["name"].address), 8)).rstrip(b"\0")
    if data and all(0x20 < byte < 0x7f for byte in data):
        return data.decode()
    return f"{int(thread['name']):x}"


def place(thread):
    """Where a thread is at user level."""
    members = dict(pair.split("=") for pair in MACHINE["debug_frame"])
    return int(gdb.parse_and_eval(f"((struct thread *){int(thread)})->frame.{next(iter(members.values()))}"))


class Kernel:
    """All threads, found from what the cores know: derivation trees lead to objects, Spaces to the capabilities in their tables."""

    def __init__(self):
        self.threads, self.spaces, self.roots = {}, set(), set()
        self.todo = []
        for number in range(CORES_MAX):
            record = core(number)
            for thread in (record["current"], record["loaded"]) if record else ():
                if int(thread):
                    self.meet(thread["binding"][0].address)
            if record and int(record["active_space"]):
                self.meet_space(record["active_space"])
        while self.todo:
            self.todo.pop()()

    def meet(self, capability):
        """Visits the tree that a capability is in."""
        if not int(capability["object"]):
            return
        while int(capability["parent"]):
            capability = capability["parent"]
        if int(capability) not in self.roots:
            self.roots.add(int(capability))
            self.todo.append(lambda: self.tree(capability))

    def tree(self, root):
        """Visits all nodes below."""
        nodes = [int(root)]
        while nodes:
            node = pointer(nodes.pop(), "capability").dereference()
            node.fetch_lazy()
            self.node(node)
            nodes += [int(node[link]) for link in ("child", "next") if int(node[link])]

    def node(self, node):
        """An original capability leads to its object."""
        kind, address = int(node["object"]) & KIND_MASK, int(node["object"]) & ~KIND_MASK
        if not int(node["flags"]) & ORIGINAL:
            return
        if kind == KIND_THREAD:
            self.threads[address] = pointer(address, "thread")
        elif kind == KIND_SPACE:
            self.meet_space(pointer(address, "space"))

    def meet_space(self, space):
        """Visits the table of a Space."""
        if int(space) not in self.spaces:
            self.spaces.add(int(space))
            self.todo.append(lambda: self.table(space))

    def table(self, space):
        """Visits what is in its slots."""
        block_slots = int(gdb.parse_and_eval("(int)TABLE_BLOCK_SLOTS"))
        for number in range((int(space["slots"]) + block_slots - 1) // block_slots):
            block = int(space["directory"][number])
            if not block:
                continue
            data = bytes(gdb.selected_inferior().read_memory(block, block_slots * CAPABILITY_SIZE))
            for slot in range(block_slots):
                at = slot * CAPABILITY_SIZE
                if any(data[at:at + 8]):
                    self.meet(pointer(block + at, "capability"))


def find_thread(name):
    """The thread of that name; an error if there is none."""
    for thread in Kernel().threads.values():
        if name_of(thread) == name[:8]:
            return thread
    raise gdb.GdbError(f"no thread is named {name}")


class Component(gdb.Command):
    """component NAME: the symbols of that program, in place of those of another one."""

    def __init__(self):
        super().__init__("component", gdb.COMMAND_FILES)
        self.path = None

    def invoke(self, argument, _from_tty):
        """Looks for the program in the build tree, where it has its symbols."""
        for where, _, names in sorted(os.walk(USERLAND)):
            path = os.path.join(where, argument)
            if argument in names and os.access(path, os.X_OK):
                if self.path:
                    gdb.execute(f"remove-symbol-file {self.path}", to_string=True)
                gdb.execute(f"add-symbol-file {path}", to_string=True)
                self.path = path
                print(f"symbols of {argument}")
                return
        raise gdb.GdbError(f"no program {argument} in {USERLAND}")


class Cores(gdb.Command):
    """cores: the current thread of each core."""

    def __init__(self):
        super().__init__("cores", gdb.COMMAND_STATUS)

    def invoke(self, _argument, _from_tty):
        """One line for each core that runs."""
        with kernel_view():
            for number in range(CORES_MAX):
                record = core(number)
                if not record:
                    continue
                print(f"core {number}: {name_of(record['current']) if int(record['current']) else 'idle'}")


class Threads(gdb.Command):
    """threads: all threads with name, state, core, priority and place."""

    def __init__(self):
        super().__init__("threads", gdb.COMMAND_STATUS)

    def invoke(self, _argument, _from_tty):
        """One line for each thread."""
        with kernel_view():
            for address, thread in sorted(Kernel().threads.items()):
                state = str(thread["state"].cast(gdb.lookup_type("enum thread_state"))).removeprefix("THREAD_").lower()
                print(f"{address:#x} {name_of(thread):<10} {state:<10} core {int(thread['core'])} priority {int(thread['priority']):>3} "
                      f"effective {int(thread['effective']):>3} ip {place(thread):#x} space {int(thread['space']):#x}")


class UserBacktrace(gdb.Command):
    """user-backtrace NAME: of a thread whose Space some core has active, with the symbols of the component chosen."""

    def __init__(self):
        super().__init__("user-backtrace", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        """Lends a core the thread's registers while gdb looks."""
        before = gdb.selected_thread()
        registers = [pair.split("=") for pair in MACHINE["debug_frame"]]
        with kernel_view():
            thread = find_thread(argument)
            new = [(register, int(gdb.parse_and_eval(f"((struct thread *){int(thread)})->frame.{member}"))) for register, member in registers]
            records = [(candidate, core_of(candidate)) for candidate in gdb.selected_inferior().threads()]
            where = [candidate for candidate, record in records
                     if record and int(thread["space"]) and int(record["active_space"]) == int(thread["space"])]
        if not where:
            raise gdb.GdbError(f"no core has the Space of {argument} active: its memory is not to be seen now")
        where[0].switch()
        gdb.newest_frame().select()
        saved = [(register, int(gdb.parse_and_eval(f"(unsigned long)${register}"))) for register, _ in registers]
        try:
            for register, value in new:
                gdb.execute(f"set ${register} = {value}")
            gdb.execute("backtrace")
        finally:
            for register, value in saved:
                gdb.execute(f"set ${register} = {value}")
            before.switch()


class Running(gdb.Function):
    """$running("NAME"): does the selected core run that thread?"""

    def __init__(self):
        super().__init__("running")

    def invoke(self, name):
        """For conditions of breakpoints."""
        with kernel_view():
            record = core_of(gdb.selected_thread())
            return bool(record) and bool(int(record["current"])) and name_of(record["current"]) == name.string()[:8]


Component()
Cores()
Threads()
UserBacktrace()
Running()
