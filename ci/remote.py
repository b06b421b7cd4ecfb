# SPDX-License-Identifier: BSD-2-Clause
"""The few parts of GDB's remote protocol that the boot tests need, spoken to QEMU."""
import socket
import time

CORE_REGISTERS = 72  # the general registers and the program counter are among so many on every processor


class Remote:
    """A machine that was started with -S -gdb unix:PATH,server=on,wait=off."""

    def __init__(self, path, seconds):
        """path: the socket, waited for; seconds: how long any one answer may take."""
        end = time.monotonic() + seconds
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(seconds)
        while True:
            try:
                self._socket.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self._input = b""
        self.ask("?")
        # Processors of another kind are a cluster of their own to QEMU, and a process to gdb, to be attached to.
        self.ask("qSupported:multiprocess+")
        self._processes = [1] if self.ask("vAttach;2").startswith("E") else [2, 1]
        self.ask("qXfer:features:read:target.xml:0,ffb")  # single registers are served only after this question

    def close(self):
        """Leaves the machine running on its own."""
        for process in self._processes[:-1]:
            self.ask(f"D;{process}")
        self._send(f"D;{self._processes[-1]}")
        self._socket.close()

    def _send(self, text):
        data = text.encode("latin-1")
        self._socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xff))

    def _receive(self):
        while True:
            begin = self._input.find(b"$")
            end = self._input.find(b"#", begin) if begin >= 0 else -1
            if 0 <= end and len(self._input) >= end + 3:
                packet, self._input = self._input[begin + 1:end], self._input[end + 3:]
                self._socket.sendall(b"+")
                return packet.decode("latin-1")
            piece = self._socket.recv(65536)
            if not piece:
                raise OSError("the machine ended")
            self._input += piece

    def ask(self, text):
        """Sends a packet; returns the answer's text."""
        self._send(text)
        return self._receive()

    def monitor(self, text):
        """A command of QEMU's monitor; returns what it prints."""
        answer = self.ask("qRcmd," + text.encode().hex())
        out = ""
        while answer not in ("OK", "") and not answer.startswith("E"):
            out += bytes.fromhex(answer[1:]).decode(errors="replace")
            answer = self._receive()
        return out

    def read(self, address, count):
        """count bytes of memory, or None where there are none."""
        out = b""
        while len(out) < count:
            answer = self.ask(f"m{address + len(out):x},{min(1024, count - len(out)):x}")
            if answer.startswith("E") or not answer:
                return None
            out += bytes.fromhex(answer)
        return out

    def write(self, address, data):
        """Puts bytes into memory; read-only memory stays as it is."""
        for at in range(0, len(data), 1024):
            piece = data[at:at + 1024]
            if self.ask(f"M{address + at:x},{len(piece):x}:{piece.hex()}") != "OK":
                raise OSError(f"cannot write to {address + at:#x}")

    def registers(self):
        """The first registers as QEMU numbers them: bytes in the processor's byte order, b"" for one that is not there."""
        return [self._register(number) for number in range(CORE_REGISTERS)]

    def _register(self, number):
        answer = self.ask(f"p{number:x}")
        return b"" if answer.startswith("E") else bytes.fromhex(answer)

    def set_register(self, number, data):
        """Writes one register."""
        if self.ask(f"P{number:x}={data.hex()}") != "OK":
            raise OSError(f"cannot write register {number}")

    def run_to(self, addresses):
        """Runs until one of the addresses is to be executed."""
        for address in addresses:
            self.ask(f"Z1,{address:x},1")
        self._send("c")
        self._receive()
        for address in addresses:
            self.ask(f"z1,{address:x},1")
