# SPDX-License-Identifier: BSD-2-Clause
"""Network namespaces of a test's own, gone when the test ends."""
import atexit
import os
import subprocess

from daemon import HANG


def run(*command, check=True, timeout=HANG, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **options)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Namespace:
    made = 0

    def __init__(self, role):
        Namespace.made += 1
        self.name = f"vmmq{os.getpid()}{role}"
        run("ip", "netns", "add", self.name)
        atexit.register(self.delete)
        self.run("ip", "link", "set", "lo", "up")

    def delete(self):
        run("ip", "netns", "del", self.name, check=False)

    def run(self, *command, **options):
        return run("ip", "netns", "exec", self.name, *command, **options)

    def popen(self, *command, **options):
        """A program in the namespace; it goes with the namespace's owner at the latest."""
        process = subprocess.Popen(["ip", "netns", "exec", self.name, *command], **options)
        atexit.register(self._stop, process)
        return process

    @staticmethod
    def _stop(process):
        if process.poll() is None:
            process.kill()
            process.wait()


def veth(host_end, namespace, inner="eth0", mac=None, addresses=(), mtu=None):
    """A veth pair with the kernel's defaults: host_end stays here, inner goes into the namespace."""
    run("ip", "link", "add", host_end, "type", "veth", "peer", "name", inner, "netns", namespace.name)
    atexit.register(run, "ip", "link", "del", host_end, check=False)
    if mac:
        namespace.run("ip", "link", "set", inner, "address", mac)
    if mtu:
        run("ip", "link", "set", host_end, "mtu", str(mtu))
        namespace.run("ip", "link", "set", inner, "mtu", str(mtu))
    run("sysctl", "-q", "-w", f"net.ipv6.conf.{host_end}.disable_ipv6=1")
    run("ip", "link", "set", host_end, "up")
    configure(namespace, inner, addresses)


def configure(namespace, interface, addresses):
    for address in addresses:
        nodad = ("nodad",) if ":" in address else ()
        namespace.run("ip", "address", "add", address, "dev", interface, *nodad)
    namespace.run("ip", "link", "set", interface, "up")
