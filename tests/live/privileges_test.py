#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""privileges_test.py VMMQD UNIT DROP_INS: what a vmmqd under its unit may do, and that it is enough, with systemd's filter of system calls.

It has no capability while its ports are vhost-user only, and those carry frames; an AF_PACKET port that comes later is refused what it needs and
says how it gets it: by a restart, after which vmmqd has the three that the unit gives and the guests are back; --keep-capabilities keeps
them from the start.  DROP_INS' capabilities are used up in the same way: none without such a port.
"""
import grp
import os
import re
import shutil
import sys
import tempfile

from daemon import Daemon, wait_until
from frontend import Frontend
from namespace import Namespace, veth

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MACS = [bytes.fromhex("020000000601"), bytes.fromhex("020000000602")]
CONFIGURATION = """\
adapter: {processors: [0, 1]}
vports:
  - {id: 1, name: a, filters: [{mac: "02:00:00:00:06:01"}], backend: {vhost_user: {socket: a.sock}}}
  - {id: 2, name: b, filters: [{mac: "02:00:00:00:06:02"}], backend: {vhost_user: {socket: b.sock}}}
"""
NET_ADMIN, NET_RAW, IPC_LOCK, BPF = 1 << 12, 1 << 13, 1 << 14, 1 << 39
ALL = NET_ADMIN | NET_RAW | BPF | 1 << 0 | 1 << 1 | 1 << 19 | 1 << 21  # and CHOWN, DAC_OVERRIDE, SYS_PTRACE, SYS_ADMIN of the drop-ins


def capabilities(daemon):
    """Of each thread: those that it may use or hand on.  IPC_LOCK stands for a limit that this host does not let us set."""
    found = set()
    for thread in os.listdir(f"/proc/{daemon.process.pid}/task"):
        with open(f"/proc/{daemon.process.pid}/task/{thread}/status", encoding="ascii") as file:
            found |= {int(value, 16) & ~IPC_LOCK for value in re.findall(r"^Cap(?:Inh|Prm|Eff|Amb):\s*(\S+)", file.read(), re.M)}
    return found


def state(client):
    return {"uplink": client.call("adapter.show")["uplink"], **{v: client.call("vport.show", vport=v)["backend"] for v in (1, 2)}}


def exchange(client, directory):
    """Two guests come, and send each other frames."""
    guests = [Frontend(f"{directory}/{name}.sock").start() for name in "ab"]
    wait_until(lambda: all(state(client)[v]["state"] == "up" for v in (1, 2)), lambda: f"both guests: {state(client)}")
    for sender, receiver, source, destination in ((*guests, *MACS), (*guests[::-1], *MACS[::-1])):
        frames = [(destination + source + b"\x88\xb5" + n.to_bytes(4, "big")).ljust(60, b"\x5a") for n in range(32)]
        assert sender.send(frames) == 32
        arrived = []

        def all_arrived():
            arrived.extend(frame for frame in receiver.receive() if frame[12:14] == b"\x88\xb5")  # not those of the uplink's other end
            return len(arrived) >= 32

        wait_until(all_arrived, lambda: f"32 frames: {len(arrived)}")
        assert arrived == frames


def is_given(directory):
    """Sockets belong to the group kvm by their directory, and the state to nobody else."""
    kvm = grp.getgrnam("kvm").gr_gid
    about = os.stat(f"{directory}/a.sock")
    assert (about.st_gid, about.st_mode & 0o777) == (kvm, 0o660), oct(about.st_mode)
    assert os.stat(f"{directory}/state.db").st_mode & 0o077 == 0, "others may read the state"


def main():
    program, unit, drop_ins = (os.path.abspath(path) for path in sys.argv[1:4])
    os.environ.update(VMMQ_UNIT=unit, VMMQ_UNIT_PROGRAM=program)
    wrapper = os.path.realpath(f"{ROOT}/packaging/as_the_unit.py")
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    lan, uplink = Namespace("lan"), f"vq{os.getpid()}u"
    veth(uplink, lan)
    daemon = Daemon(wrapper, directory, CONFIGURATION).start()
    client = daemon.client()
    exchange(client, directory)
    is_given(directory)
    assert capabilities(daemon) == {0}, capabilities(daemon)

    notice = client.call("uplink.set", af_packet={"interface": uplink})["notice"]
    assert "it needs CAP_NET_ADMIN, CAP_NET_RAW: restart vmmqd" in notice, notice
    assert daemon.stop() == 0
    client = daemon.start().client()
    wait_until(lambda: state(client)["uplink"]["state"] == "up", lambda: f"the uplink: {state(client)}")
    assert state(client)["uplink"]["reason"] is None, state(client)
    exchange(client, directory)
    assert capabilities(daemon) == {NET_ADMIN | NET_RAW | BPF}, capabilities(daemon)
    client.call("uplink.clear")
    assert daemon.stop() == 0

    os.environ["VMMQ_UNIT"] = ":".join([unit, *(f"{drop_ins}/{name}" for name in sorted(os.listdir(drop_ins)))])
    daemon.start()
    assert capabilities(daemon) == {0}, capabilities(daemon)
    assert daemon.stop() == 0
    daemon.options.append("--keep-capabilities")
    client = daemon.start().client()
    assert capabilities(daemon) == {ALL}, capabilities(daemon)
    assert client.call("uplink.set", af_packet={"interface": uplink})["notice"] is None
    assert daemon.stop() == 0
    shutil.rmtree(directory)
    print("vhost-user: no capability; AF_PACKET: three; what is not needed is given up")


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: another user, namespaces")
        sys.exit(77)
    main()
