# SPDX-License-Identifier: BSD-2-Clause
"""A libvirtd of a test's own, as Debian installs it, in namespaces that hide the host's files from it, and its domains."""
import os
import re
import subprocess
import sys

from guest import Console
from namespace import run
from hang import wait_until

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
HIDDEN = ("/run", "/etc/libvirt", "/var/lib/libvirt", "/var/lib/vmmq", "/var/cache/libvirt", "/var/log/libvirt", "/mnt")
ENTERED = "VMMQ_TEST_INSIDE"
VMMQ = 64998  # user and group vmmq: packaging/as_the_unit.py


def enter():
    """Goes on in mount and PID namespaces, where all that is started ends with this process."""
    if not os.environ.get(ENTERED):
        os.environ[ENTERED] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                              "private", sys.executable, *sys.argv])
    # QEMU's parents leave it to process 1, which is to take note of its end.
    child = os.fork()
    while child:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)
    for directory in HIDDEN:
        os.makedirs(directory, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", directory)
    os.mkdir("/run/lock")


def add_users():
    """libvirt-qemu and its groups, as libvirt-daemon-system's installation makes them; vmmq, as sysusers.d/vmmq.conf does."""
    kvm = re.search(r"^kvm:[^:]*:(\d+):", read("/etc/group"), re.M)
    assert kvm, "there is no group kvm: the package udev or qemu-system-common makes it"
    for name, line in (("passwd", f"libvirt-qemu:x:64055:{kvm[1]}:Libvirt Qemu:/var/lib/libvirt:/usr/sbin/nologin\n"
                        f"vmmq:x:{VMMQ}:{VMMQ}:VMMQ switch:/var/lib/vmmq:/usr/sbin/nologin\n"),
                       ("group", f"libvirt-qemu:x:64055:libvirt-qemu\nvmmq:x:{VMMQ}:\n")):
        here = f"/mnt/{name}"
        text = re.sub(r"^(libvirt-qemu|vmmq):.*\n", "", read(f"/etc/{name}"), flags=re.M)
        with open(here, "w", encoding="utf-8") as file:
            file.write(text + line)
        run("mount", "--bind", here, f"/etc/{name}")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def start_libvirtd():
    """With the configuration that Debian ships: none of it differs from the defaults but the sockets' authentication."""
    add_users()
    open("/etc/libvirt/qemu.conf", "w", encoding="utf-8").close()
    with open("/etc/libvirt/libvirtd.conf", "w", encoding="utf-8") as file:
        file.write('auth_unix_ro = "none"\nauth_unix_rw = "none"\nlog_outputs = "3:stderr"\n')
    log = open("/mnt/libvirtd.log", "ab")
    for program in (["virtlogd"], ["libvirtd", "-f", "/etc/libvirt/libvirtd.conf"]):
        subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait_until(lambda: virsh("list", check=False).returncode == 0, lambda: "libvirtd:\n" + read("/mnt/libvirtd.log")[-4000:],
               pause=0.1)


def virsh(*words, **options):
    return run("virsh", "-q", *words, **options)


class Domain(Console):
    """One of examples/libvirt: its XML as it is there, but for what prepared() changes."""

    def __init__(self, name, prepared=lambda xml: xml):
        super().__init__(name)
        self.file = f"/mnt/{name}.xml"
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(prepared(read(f"{ROOT}/examples/libvirt/{name}.xml")))
        virsh("define", self.file)

    def start(self):
        virsh("start", self.name)
        self.open_console()
        return self

    def open_console(self):
        self.input = open(virsh("ttyconsole", self.name).stdout.strip(), "r+b", buffering=0)
        self.reads(self.input)

    def qemu(self):
        """Its process."""
        return int(read(f"/run/libvirt/qemu/{self.name}.pid"))

    def save_and_restore(self):
        virsh("managedsave", self.name)
        self.input.close()
        self.start()
