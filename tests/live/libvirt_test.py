#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""libvirt_test.py VMMQD UNIT [ATTACHMENTS]: the domains of examples/libvirt under Debian's libvirtd, as user libvirt-qemu.

    vm1 --- vhost-user, vmmqd's socket (server mode) ---+
                                                        +--- vmmqd, as its user and with what its unit leaves it
    vm2 --- vhost-user, QEMU's socket (client mode) ----+

Each is defined, started, changes its queues, reboots, is saved and restored, survives a kill -9 of vmmqd; interfaces are
attached and detached ATTACHMENTS times in each mode (6), and vmmqd is the same afterwards.
"""
import os
import re
import shutil
import sys

import libvirt_host
from daemon import Daemon, wait_until
from libvirt_host import Domain, ROOT, read, virsh
from namespace import run
from two_guests_test import step

SETTLED = 2  # attachments before vmmqd is counted: what it keeps for later is there then
HOT = """<interface type='vhostuser'>
  <mac address='52:54:00:00:00:03'/>
  <source type='unix' path='{path}' mode='{mode}'/>
  <model type='virtio'/>
  <driver queues='2'/>
  <rom enabled='no'/>
  <alias name='ua-hot'/>
</interface>
"""


def as_the_unit(program, unit):
    """A program that is vmmqd with what the unit leaves it."""
    os.environ.update(VMMQ_UNIT=unit, VMMQ_UNIT_PROGRAM=program)
    return os.path.realpath(f"{ROOT}/tests/packaging/as_the_unit.py")


def make_directories():
    """/run/vmmq as packaging/vmmq.tmpfiles makes it when a host starts."""
    lines = [line.split() for line in read(f"{ROOT}/packaging/vmmq.tmpfiles").splitlines() if line.startswith("d ")]
    for _, path, mode, user, group, _ in lines:
        os.makedirs(path)
        os.chmod(path, int(mode, 8))
        shutil.chown(path, user, group)


def make_guest(directory):
    """The examples' guest, with ethtool."""
    run(f"{ROOT}/examples/two-vms/make-guest", directory)
    tool = shutil.which("ethtool", path="/sbin:/usr/sbin:/bin:/usr/bin")
    files = [tool, *re.findall(r"(/\S+) \(", run("ldd", tool).stdout)]
    for file in files:
        os.makedirs(f"/mnt/tool{os.path.dirname(file)}", exist_ok=True)
        shutil.copy(file, f"/mnt/tool{file}")
    run("sh", "-c", f"cd /mnt/tool && find . | cpio -o -H newc --quiet | gzip -1 >>{directory}/initrd")


def without_msix(xml):
    """QEMU's TCG and vhost-user do not get along with MSI-X, and an override of an attached device is not heeded."""
    return xml.replace("console=ttyS0", "pci=nomsi console=ttyS0")


class Switch:
    def __init__(self, program):
        self.daemon = Daemon(program, "/run/vmmq", read(f"{ROOT}/examples/libvirt/vmmq.yaml")).start()
        self.client = self.daemon.client()

    def backend(self, vport):
        return self.client.call("vport.show", vport=vport)["backend"]

    def await_queues(self, vport, queues):
        wait_until(lambda: self.backend(vport)["queues_enabled"] == queues,
                   lambda: f"VPort {vport} with {queues} queues: {self.backend(vport)}")

    def await_up(self, vport):
        wait_until(lambda: self.backend(vport)["state"] == "up", lambda: f"VPort {vport} up: {self.backend(vport)}")

    def await_left(self, vport):
        left = "nobody is connected|nobody listens|there is no socket| left before"
        wait_until(lambda: re.search(left, self.backend(vport)["reason"] or ""),
                   lambda: f"VPort {vport} left by its guest: {self.backend(vport)}")

    def restart(self):
        self.daemon.kill()
        self.daemon.start()
        self.client = self.daemon.client()

    def holds(self):
        """What the process has: descriptors, mappings, threads."""
        pid = self.daemon.process.pid
        maps = read(f"/proc/{pid}/maps").splitlines()
        return {"descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": len(os.listdir(f"/proc/{pid}/task")),
                "shared": sum("memfd" in line for line in maps), "mappings": len(maps),
                "resident": int(read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")}


def talk(guests):
    guests["vm1"].must("ping -c 2 -W 5 10.9.0.2")
    guests["vm2"].must("ping -c 2 -W 5 fd09::1")


def change_queues(switch, guest, vport):
    for queues in (2, 4):
        guest.must(f"/sbin/ethtool -L eth0 combined {queues}")
        switch.await_queues(vport, queues)


def attach_and_detach(switch, guest, times, mode, path):
    """mode: the VMM's."""
    with open("/mnt/hot.xml", "w", encoding="utf-8") as file:
        file.write(HOT.format(path=path, mode=mode))
    before = None
    for i in range(SETTLED + times):
        if i == SETTLED:
            before = switch.holds()
        virsh("attach-device", guest.name, "/mnt/hot.xml", "--live")
        switch.await_up(3)
        virsh("detach-device-alias", guest.name, "ua-hot", "--live")
        switch.await_left(3)
        wait_until(lambda: "ua-hot" not in virsh("dumpxml", guest.name).stdout, "the interface's end")
    after = switch.holds()
    for key in ("descriptors", "threads", "shared"):
        assert after[key] == before[key], (key, before, after)
    assert after["mappings"] <= before["mappings"] + 2, (before, after)
    assert after["resident"] <= before["resident"] + (4 << 20), (before, after)
    return before, after


def main():
    program, unit = os.path.realpath(sys.argv[1]), sys.argv[2]
    attachments = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    libvirt_host.start_libvirtd()
    make_directories()
    make_guest("/var/lib/libvirt/images/two-vms")
    switch = Switch(as_the_unit(program, unit))
    guests = {name: Domain(name, without_msix if name == "vm1" else lambda xml: xml) for name in ("vm1", "vm2")}
    step("libvirtd runs, vmmqd too, two domains are defined")

    for guest in guests.values():
        guest.start()
        assert os.stat(f"/proc/{guest.qemu()}").st_uid == 64055, "QEMU is not libvirt-qemu's"
    for vport, guest in enumerate(guests.values(), 1):
        guest.await_up()
        switch.await_queues(vport, 4)
    talk(guests)
    step("both are up with 4 queues, and talk")

    for vport, guest in enumerate(guests.values(), 1):
        change_queues(switch, guest, vport)
    talk(guests)
    step("ethtool -L in the guests: 2 queues, 4 queues")

    for guest in guests.values():
        guest.send("reboot -f")
    for vport, guest in enumerate(guests.values(), 1):
        guest.await_up()
        switch.await_queues(vport, 4)
    talk(guests)
    step("rebooted")

    for guest in guests.values():
        guest.save_and_restore()
    for vport in (1, 2):
        switch.await_up(vport)
    talk(guests)
    step("saved and restored")

    switch.restart()
    for vport in (1, 2):
        switch.await_up(vport)
    talk(guests)
    step("vmmqd killed and started: both are back")

    for mode, here, path in (("client", "server", "hot.sock"), ("server", "client", "vmm/hot.sock")):
        switch.client.call("vport.add", id=3, name="hot", queue_pairs=2,
                           backend={"vhost_user": {"socket": path, "mode": here}})
        before, after = attach_and_detach(switch, guests["vm1"], attachments, mode, f"/run/vmmq/{path}")
        switch.client.call("vport.delete", vport=3)
        step(f"attached and detached {attachments} times, {here} mode: {before} -> {after}")
    talk(guests)

    for vport, guest in enumerate(guests.values(), 1):
        virsh("destroy", guest.name)
        switch.await_left(vport)
        virsh("undefine", guest.name)
    assert switch.daemon.stop() == 0
    step("destroyed")


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: namespaces, libvirtd")
        sys.exit(77)
    missing = [name for name in ("libvirtd", "virtlogd", "virsh", "qemu-system-x86_64") if not shutil.which(name)]
    if missing:
        print(f"needs {', '.join(missing)}: tools/install-deps check")
        sys.exit(77)
    libvirt_host.enter()
    try:
        main()
    except BaseException:
        if os.path.exists("/mnt/libvirtd.log"):
            print(read("/mnt/libvirtd.log")[-3000:])
        raise
