#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""as_the_unit.py OPTION...: vmmqd with what its unit leaves it, without systemd.

VMMQ_UNIT is the unit, or several paths with its drop-ins ("a:b"), VMMQ_UNIT_PROGRAM the program.  Root becomes a user of its own in the group
kvm, with the unit's capabilities, umask, file systems (read-only but for /tmp and the directories of state and sockets, other
processes invisible), and system calls.  One that the unit does not allow kills vmmqd here, where the unit would refuse it: a test that passes
has needed no other.  Not done here: DeviceAllow, IPAddressDeny, MemoryMax, which are the cgroup's.
"""
import errno
import functools
import grp
import os
import pwd
import re
import resource
import subprocess
import sys

NOBODY = 64998  # where the host has no user vmmq
INSIDE = "VMMQ_UNIT_INSIDE"
REFUSED = ("iopl",)  # what DPDK asks for and does without


class Unit:
    def __init__(self, paths):
        self.settings = {}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                for key, value in re.findall(r"^([A-Za-z]+)=(.*)$", file.read(), re.M):
                    self.settings.setdefault(key, []).append(value)

    def words(self, key):
        """A list that several lines make, as systemd adds them up."""
        return " ".join(self.settings.get(key, [])).split()

    def get(self, key, default=None):
        return self.settings.get(key, [default])[-1]

    def has(self, key):
        return self.get(key) == "yes"


@functools.cache
def groups():
    """{"@chown": words} of all groups of systemd's; a word is a system call or another group."""
    text = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = found.setdefault(word, [])
        elif not line.startswith(" "):
            name = None  # the kernel's calls that are in no group
        elif name is not None and word and not word.startswith("#"):
            name.append(word)
    return found


def members(word):
    """The system calls that a word of SystemCallFilter= stands for."""
    if not word.startswith("@"):
        return frozenset([word])
    return frozenset().union(*(members(other) for other in groups()[word]))


def allowed_calls(unit):
    """The unit's list: the first line allows, one that begins with "~" takes away.  @default is always in it."""
    allowed = set(members("@default"))
    for line in unit.settings["SystemCallFilter"]:
        calls = frozenset().union(*(members(word) for word in line.lstrip("~").split()))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def load_filter(unit):
    import seccomp  # here: pylint of a machine without it, and the first stage, need not have it
    import socket

    rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
    allowed = allowed_calls(unit)

    def only(call, *comparisons):
        allowed.discard(call)
        for comparison in comparisons:
            rules.add_rule(seccomp.ALLOW, call, comparison)

    families = unit.words("RestrictAddressFamilies")
    only("socket", *(seccomp.Arg(0, seccomp.EQ, {"AF_XDP": 44}.get(name) or getattr(socket, name)) for name in families))
    if unit.has("MemoryDenyWriteExecute"):
        only("mmap", seccomp.Arg(2, seccomp.MASKED_EQ, 2, 0), seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
        only("mprotect", seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
        only("pkey_mprotect", seccomp.Arg(2, seccomp.MASKED_EQ, 4, 0))
    if unit.has("RestrictNamespaces"):
        only("clone", seccomp.Arg(0, seccomp.MASKED_EQ, 0x7e020000, 0))
        allowed -= {"unshare", "setns", "clone3"}
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # as systemd does: the C library then uses clone
    for call in REFUSED:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), call)
    if unit.has("RestrictRealtime"):
        only("sched_setscheduler", seccomp.Arg(1, seccomp.EQ, 0))
    for call in sorted(allowed):
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, ValueError):
            pass  # not of this architecture, or newer than the library
    rules.load()


def user_ids():
    """(user, group) of vmmq."""
    try:
        user = pwd.getpwnam("vmmq")
        return user.pw_uid, user.pw_gid
    except KeyError:
        return NOBODY, NOBODY


def option(words, name):
    return words[words.index(name) + 1] if name in words else None


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def restrict_files(directories):
    """ProtectSystem=strict, ProtectProc=invisible, ProtectKernelTunables=yes, ReadWritePaths=directories; /tmp stays the test's."""
    for path in ("/tmp", *directories):
        mount("--bind", path, path)
    mount("-t", "proc", "-o", "hidepid=invisible", "proc", "/proc")
    mount("--bind", "/proc/sys", "/proc/sys")
    for path in ("/", "/sys", "/proc/sys"):
        mount("-o", "remount,bind,ro", path)


def handed_on(path):
    """A name of the file that holds in what this process becomes."""
    fd = os.open(path, os.O_RDONLY)
    os.set_inheritable(fd, True)
    return f"/proc/self/fd/{fd}"


def close_handed_on():
    """vmmqd begins with the descriptors that its parent gave it."""
    for path in (*os.environ["VMMQ_UNIT"].split(":"), os.environ["VMMQ_UNIT_PROGRAM"], sys.argv[0]):
        if path.startswith("/proc/self/fd/"):
            os.set_inheritable(int(path.rsplit("/", 1)[1]), False)


def first_stage(unit, words):
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])
    kvm, (user, group) = grp.getgrnam("kvm").gr_gid, user_ids()
    sockets, directories = option(words, "--socket-directory"), {os.path.dirname(option(words, "--state"))}
    for path in {sockets, *directories}:
        for name in (".", *os.listdir(path)):
            os.chown(f"{path}/{name}", user, -1, follow_symlinks=False)
    os.chown(sockets, user, kvm)  # as tmpfiles.d/vmmq.conf makes /run/vmmq
    os.chmod(sockets, 0o2755)
    directories.add(sockets)
    restrict_files(directories)
    os.umask(int(unit.get("UMask"), 8))
    capabilities = {word.removeprefix("CAP_").lower() for word in unit.words("AmbientCapabilities")}
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        capabilities |= {"ipc_lock"}  # LimitMEMLOCK=infinity is not ours to set here
    chosen = ",".join(["-all", *(f"+{name}" for name in sorted(capabilities))])
    # By descriptors: that user need not be able to go where the tree is.
    os.environ["VMMQ_UNIT"] = ":".join(handed_on(path) for path in os.environ["VMMQ_UNIT"].split(":"))
    os.environ["VMMQ_UNIT_PROGRAM"] = handed_on(os.environ["VMMQ_UNIT_PROGRAM"])
    os.execvp("setpriv", ["setpriv", f"--reuid={user}", f"--regid={group}", f"--groups={kvm}", f"--inh-caps={chosen}",
                          f"--ambient-caps={chosen}", f"--bounding-set={chosen}", "--no-new-privs", sys.executable,
                          handed_on(sys.argv[0]), *sys.argv[1:]])


def main():
    unit = Unit(os.environ["VMMQ_UNIT"].split(":"))
    if os.geteuid() == 0:
        first_stage(unit, sys.argv[1:])
    load_filter(unit)
    close_handed_on()
    os.execv(os.environ["VMMQ_UNIT_PROGRAM"], ["vmmqd", *sys.argv[1:]])


if __name__ == "__main__":
    main()
