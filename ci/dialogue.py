# SPDX-License-Identifier: BSD-2-Clause
"""A dialogue with a prompt: types the lines of a script, each when the one before was answered.

The prompt ("cobnut 7> ") counts its commands: a command is answered when the prompt with the next number comes. The console
may show a prompt again at any time (another component wrote a line in between); it has the same number then.

A script has one line for each command, and between them
  expect TEXT    the answer of the command before (at the beginning: all that came before the first prompt) holds TEXT
  await TEXT     goes on when TEXT came on the console since that command was typed
  until TEXT     types that command again until its answer holds TEXT
  # ...          nothing, like an empty line
"""
import re

import machine

PROMPT = re.compile(r"cobnut (\d+)> ")
LAST = "power off"  # what ends the machine
REPEAT_LIMIT = 500  # how often a command is typed for "until"


class Dialogue:
    """Follows the console and types; `run` (a machine.Run with a stdin) is set before anything comes."""

    def __init__(self, lines):
        """lines: of the script, all of them (a list) or as they come."""
        self.run = None
        self.problems = []  # what went wrong, as texts
        self._whole = isinstance(lines, list)
        self._script = ((n, line.strip()) for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#"))
        self._text = ""  # the console since the last command was typed
        self._number = 0  # of the newest prompt
        self._answer = ""
        self._typed = None  # the command that waits for its answer; "" for the first prompt
        self._command = ""  # the last one
        self._awaited = None
        self._until = None
        self._repeated = 0
        self._where = 0
        self._ended = False  # everything was typed, the machine may end

    def take(self, data):
        """Takes a piece of the console (bytes)."""
        self._text += machine.ESCAPES.sub("", data.decode(errors="replace"))
        while self._go_on():
            pass

    def finish(self):
        """The machine has ended: what was left undone is a problem, too."""
        if not self._ended:
            left = f'line {self._where}: "{self._typed or self._awaited}" was not answered' if self._number else "no prompt came"
            self.problems.append(left)
        elif self._whole:
            self.problems += [f'line {number}: "{line}" comes after the end' for number, line in self._script]
        return self.problems

    def _go_on(self):
        """One step; whether another one may be possible."""
        if self._ended:
            return False
        if self._awaited is not None:
            if self._awaited not in self._text:
                return False
            self._awaited = None
        elif self._typed is not None or not self._number:
            if not self._answered():
                return False
        if self._until is not None and self._repeat():
            return False
        return self._next()

    def _repeat(self):
        """Types the command again whose answer does not yet hold what it must; whether it did."""
        again = self._until not in self._answer and self._repeated < REPEAT_LIMIT
        if again:
            self._repeated += 1
            self._command_typed(self._command)
        elif self._until not in self._answer:
            self.problems.append(f'line {self._where}: "{self._until}" is not in {self._repeated} answers, the last one:\n'
                                 + self._answer.strip())
        if not again:
            self._until = None
        return again

    def _answered(self):
        """Whether the next prompt came; then the answer is known."""
        for match in PROMPT.finditer(self._text):
            if int(match[1]) > self._number:
                before = self._text[:match.start()]
                echo = f"cobnut {self._number}> {self._typed}"
                at = before.rfind(echo)
                self._answer = before[at + len(echo):] if at >= 0 else before
                self._number, self._typed = int(match[1]), None
                return True
        return False

    def _next(self):
        """Works on the next line of the script; whether it was no command."""
        self._where, line = next(self._script, (self._where, LAST))
        verb, _, rest = line.partition(" ")
        if verb == "expect":
            if rest.strip() not in self._answer:
                self.problems.append(f'line {self._where}: "{rest.strip()}" is not in the answer:\n{self._answer.strip()}')
        elif verb == "await":
            self._awaited = rest.strip()
        elif verb == "until":
            self._until, self._repeated = rest.strip(), 0
            return not self._repeat()
        else:
            self._ended = line == LAST
            self._command_typed(line)
            return False
        return True

    def _command_typed(self, line):
        self._typed = self._command = line
        number = f"cobnut {self._number}> "
        self._text = number  # the prompt stands there already
        self.run.type(line + "\r")
