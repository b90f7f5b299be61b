# SPDX-License-Identifier: BSD-2-Clause
"""A Linux guest under QEMU (TCG) with virtio-net over vhost-user, driven by a shell on its serial console."""
import atexit
import os
import queue
import subprocess
import threading
import time

from daemon import HANG


class Console:
    """A guest's shell, on whatever is written to with input and read from by reads()."""

    def __init__(self, name):
        self.name = name
        self.input = None
        self.lines = queue.Queue()
        self.transcript = []
        self.commands = 0

    def reads(self, stream):
        self.lines = queue.Queue()  # what another stream's reader says of its end is not this one's
        threading.Thread(target=self._read, args=(stream, self.lines), daemon=True).start()

    def _read(self, stream, lines):
        try:
            for line in iter(stream.readline, b""):
                text = line.decode(errors="replace").rstrip("\r\n")
                self.transcript.append(text)
                lines.put(text)
        except OSError:  # a terminal whose other end is closed
            pass
        lines.put(None)

    def ended(self):
        return "its console is closed"

    def _await(self, wanted):
        """Lines up to the one that starts with wanted, and that line."""
        seen, deadline = [], time.monotonic() + HANG
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{self.name}: no '{wanted}' in {HANG:.0f} s; last lines:\n  "
                                   + "\n  ".join(self.transcript[-15:])) from None
            if line is None:
                raise EOFError(f"{self.name}: {self.ended()}; last lines:\n  "
                               + "\n  ".join(self.transcript[-15:]))
            if line.startswith(wanted):
                return seen, line
            seen.append(line)

    def await_up(self):
        self._await(f"{self.name} is up")
        return self

    def send(self, command):
        """Starts a command; result() waits for it.  One at a time."""
        self.commands += 1
        self.input.write(f"{command}\necho \"end-{self.commands} $?\"\n".encode())

    def result(self):
        output, line = self._await(f"end-{self.commands} ")
        return int(line.split()[1]), "\n".join(output)

    def run(self, command):
        self.send(command)
        return self.result()

    def must(self, command):
        status, output = self.run(command)
        if status:
            raise AssertionError(f"{self.name}: {command}: status {status}\n{output}")
        return output


class Guest(Console):
    """A guest made by examples/two-vms/make-guest.  Options that work with vhost-user under TCG: memory by memfd and
    shared, no MSI-X (vectors=0), no option ROM."""

    def __init__(self, name, image, mac, socket, queues=2, ip4=None, ip6=None, memory=112, hash_report=False):
        super().__init__(name)
        append = f"console=ttyS0 quiet panic=-1 vmmq.name={name}" + (f" vmmq.ip4={ip4}" if ip4 else "") + (f" vmmq.ip6={ip6}" if ip6 else "")
        self.command = [
            "qemu-system-x86_64", "-accel", "tcg", "-smp", "2", "-m", str(memory), "-display", "none", "-no-reboot",
            "-object", f"memory-backend-memfd,id=ram,size={memory}M,share=on", "-machine", "pc,memory-backend=ram",
            "-chardev", f"socket,id=port,path={socket},reconnect=1",
            "-netdev", f"vhost-user,id=net,chardev=port,queues={queues}",
            "-device", f"virtio-net-pci,netdev=net,mac={mac},mq=on,vectors=0,romfile={',hash=on' if hash_report else ''}",
            "-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd", "-append", append,
            "-serial", "stdio", "-monitor", "none",
        ]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0)
        atexit.register(self.kill)  # also when the test fails
        self.input = self.process.stdin
        self.reads(self.process.stdout)
        return self

    def ended(self):
        return f"QEMU ended with {self.process.wait()}"

    def kill(self):
        """As a power cut: SIGKILL."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def memory_touched(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
