#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""installed_test.py DIRECTORY: the packages of DIRECTORY on this system, which is to be one of its own (install_packages).

Installed, upgraded while two guests are connected, removed, purged, by dpkg and the packages' own scripts.  There is no systemd: its place is
taken by a systemctl that starts the unit's command as as_the_unit.py does, and by sysusers and tmpfiles themselves.
"""
import glob
import grp
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "live"))
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
from daemon import Client, wait_until  # noqa: E402
from frontend import Frontend  # noqa: E402

UNIT, PID, CALLS = "/usr/lib/systemd/system/vmmqd.service", "/run/vmmqd.pid", "/run/calls"
OURS = ["vmmqd", "vmmq", "vmmq-doc", "libvmmq-dev", "libvmmq1"]
MACS = [bytes.fromhex("020000000601"), bytes.fromhex("020000000602")]
CONFIGURATION = """\
adapter: {processors: [0, 1]}
vports:
  - {id: 1, name: a, filters: [{mac: "02:00:00:00:06:01"}], backend: {vhost_user: {socket: a.sock}}}
  - {id: 2, name: b, filters: [{mac: "02:00:00:00:06:02"}], backend: {vhost_user: {socket: b.sock}}}
"""
SYSTEMCTL = f"""#!/bin/sh
# What systemd does for vmmqd.service, as far as the packages ask.
echo "$*" >>{CALLS}
case " $* " in
*" is-enabled "*) [ -e /etc/systemd/system/multi-user.target.wants/vmmqd.service ] ;;
*" is-active "*) [ -e {PID} ] ;;
*" stop "*) exec /usr/bin/python3 {HERE}/installed_test.py --stop ;;
*" restart "* | *" start "*) exec /usr/bin/python3 {HERE}/installed_test.py --start ;;
esac
"""


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# --- systemd's part ---
def stop():
    if os.path.exists(PID):
        pid = int(read(PID))
        os.kill(pid, 15)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in read(f"/proc/{pid}/stat"), "vmmqd's end")
        os.remove(PID)


def start():
    stop()
    default = re.search(r'^VMMQD_OPTIONS="(.*)"$', read("/etc/default/vmmqd"), re.M)[1]
    command = re.search(r"^ExecStart=(.*)$", read(UNIT), re.M)[1].replace("$VMMQD_OPTIONS", default).split()
    os.makedirs("/var/lib/vmmq", exist_ok=True)
    user = pwd.getpwnam("vmmq")
    os.chmod("/var/lib/vmmq", 0o700)
    os.chown("/var/lib/vmmq", user.pw_uid, user.pw_gid)
    environment = {**os.environ, "VMMQ_UNIT": UNIT, "VMMQ_UNIT_PROGRAM": command[0]}
    with open("/run/vmmqd.log", "ab") as log:
        process = subprocess.Popen(["/usr/bin/python3", f"{HERE}/as_the_unit.py", *command[1:]], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
    with open(PID, "w", encoding="ascii") as file:
        file.write(str(process.pid))


# --- the test's ---
def mode(path):
    about = os.stat(path)
    return f"{stat.S_IMODE(about.st_mode):04o} {pwd.getpwuid(about.st_uid).pw_name}:{grp.getgrgid(about.st_gid).gr_name}"


def client():
    def connects():
        try:
            return Client("/run/vmmq/vmmq.sock")
        except (FileNotFoundError, ConnectionError):
            return None
    return wait_until(connects, lambda: f"vmmqd's control socket\n{read('/run/vmmqd.log')[-3000:]}", pause=0.01)


def is_up(connection):
    return all(connection.call("vport.show", vport=v)["backend"]["state"] == "up" for v in (1, 2))


def connect():
    guests = [Frontend(f"/run/vmmq/{name}.sock").start() for name in "ab"]
    connection = client()
    wait_until(lambda: is_up(connection), "both guests")
    return connection, guests


def exchange(guests):
    for (sender, receiver), (source, destination) in ((guests, MACS), (guests[::-1], MACS[::-1])):
        frames = [(destination + source + b"\x88\xb5" + n.to_bytes(4, "big")).ljust(60, b"\x5a") for n in range(32)]
        assert sender.send(frames) == 32
        arrived = []
        wait_until(lambda: len(arrived.extend(receiver.receive()) or arrived) >= 32, lambda: f"32 frames: {len(arrived)}")
        assert arrived == frames


def state(connection):
    return connection.call("config.show")["yaml"], connection.call("filters.show")["filters"]


def newer(packages):
    """The same packages with a higher version."""
    made = []
    for path in packages:
        run("dpkg-deb", "-R", path, "/tmp/unpacked")
        control = read("/tmp/unpacked/DEBIAN/control")
        with open("/tmp/unpacked/DEBIAN/control", "w", encoding="utf-8") as file:
            file.write(re.sub(r"((?:^Version: |\(= )[^)\n]*)", r"\1+newer", control, flags=re.M))
        made.append(f"/tmp/newer-{os.path.basename(path)}")
        run("dpkg-deb", "-b", "/tmp/unpacked", made[-1])
        shutil.rmtree("/tmp/unpacked")
    return made


def install(packages):
    assert not os.path.exists("/etc/vmmq"), "something of vmmq is there already"
    run("dpkg", "-i", *packages)
    assert mode("/etc/vmmq/vmmq.yaml") == "0640 root:vmmq", mode("/etc/vmmq/vmmq.yaml")
    assert mode("/run/vmmq") == "2755 vmmq:kvm" and mode("/run/vmmq/vmm") == "3770 vmmq:kvm", (mode("/run/vmmq"), mode("/run/vmmq/vmm"))
    assert grp.getgrnam("vmmq-monitor") and pwd.getpwnam("vmmq").pw_shell.endswith("nologin")
    assert not os.path.exists(PID), "it was started before it was configured"
    assert "0x51ccc178" in run("vmmq", "hash", "--type", "tcp_ipv4", "66.9.149.187:2794", "161.142.100.80:1766")
    run("vmmq", "check", "/etc/vmmq/vmmq.yaml")
    for path in ("/usr/share/man/man8/vmmqd.8.gz", "/usr/share/man/man1/vmmq-show.1.gz", "/usr/share/doc/vmmq/vmmqd.md.gz",
                 "/usr/share/bash-completion/completions/vmmq.bash", "/usr/share/doc/vmmq/examples/libvirt"):
        assert os.path.exists(path) or os.path.exists(path.removesuffix(".gz")), path
    print("installed: user, groups, directories, configuration; not started")


def upgrade(packages):
    connection, guests = connect()
    exchange(guests)
    run("vmmq", "filter", "add", "a", "02:00:00:00:06:11")
    before = state(connection)
    made = newer(packages)
    old = read(PID)
    for guest in guests:
        guest.close()
    dpkg = subprocess.Popen(["dpkg", "-i", *made], stdout=subprocess.DEVNULL)
    # QEMU's place: connected until vmmqd leaves, then again as soon as it listens.
    wait_until(lambda: read(PID) != old if os.path.exists(PID) else False, "a restart by the upgrade", pause=0.005)
    started = time.monotonic()
    connection, guests = connect()
    took = time.monotonic() - started
    assert dpkg.wait() == 0
    exchange(guests)
    assert state(connection) == before, (state(connection), before)
    assert run("dpkg-query", "-W", "-f", "${Version}", "vmmqd").endswith("+newer")
    print(f"upgraded: restarted by the package, the guests were back {took:.2f} s after the old one had ended, and the state is the same")


def remove():
    run("dpkg", "--remove", *OURS)
    assert not os.path.exists(PID), "vmmqd runs on"
    assert os.path.exists("/var/lib/vmmq/state.db") and os.path.exists("/etc/vmmq/vmmq.yaml")
    assert not os.path.exists("/usr/sbin/vmmqd") and os.path.exists("/run/vmmq/vmm")
    run("dpkg", "--purge", *OURS)
    for path in ("/var/lib/vmmq", "/etc/vmmq/vmmq.yaml", "/etc/default/vmmqd"):
        assert not os.path.exists(path), path
    assert os.path.exists("/run/vmmq/vmm/of-a-vmm"), "what a VMM has made is gone"
    pwd.getpwnam("vmmq")
    print("removed: stopped, state and configuration left; purged: they are gone, what VMMs made is not")


def main():
    packages = sorted(glob.glob(f"{sys.argv[1]}/*.deb"))
    packages = [path for path in packages if "-dbgsym_" not in path]
    os.makedirs("/run/systemd/system")
    with open("/usr/bin/systemctl.test", "w", encoding="utf-8") as file:
        file.write(SYSTEMCTL)
    os.chmod("/usr/bin/systemctl.test", 0o755)
    os.replace("/usr/bin/systemctl.test", "/usr/bin/systemctl")
    install(packages)
    with open("/etc/vmmq/vmmq.yaml", "w", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    os.makedirs("/etc/systemd/system/multi-user.target.wants", exist_ok=True)
    os.symlink(UNIT, "/etc/systemd/system/multi-user.target.wants/vmmqd.service")
    open("/run/vmmq/vmm/of-a-vmm", "w", encoding="ascii").close()
    run("systemctl", "start", "vmmqd")
    upgrade(packages)
    for name in ("command", "library", "daemon"):
        subprocess.run(["env", "AUTOPKGTEST_TMP=/tmp", "sh", f"debian/tests/{name}"], cwd="/source", check=True)
        print(f"debian/tests/{name} passes")
    remove()


if __name__ == "__main__":
    if sys.argv[1] == "--start":
        start()
    elif sys.argv[1] == "--stop":
        stop()
    else:
        main()
