# SPDX-License-Identifier: BSD-2-Clause
"""What a host goes through: guests, the daemon and the uplink die and come back, in every order."""
import time

from daemon import wait_until
from namespace import run
from pinger import Pinger


def await_ping(namespace, target):
    """Seconds until target answers."""
    started = time.monotonic()
    wait_until(lambda: namespace.run("ping", "-c", "1", "-W", "1", target, check=False).returncode == 0, f"an answer of {target}")
    return time.monotonic() - started


def configuration(net):
    client = net.daemon.client()
    text = client.call("config.show")["yaml"]
    client.close()
    return text


def guest_dies(net, addresses, step):
    """SIGKILL for vm2: vm1 loses nothing; vm2 comes back on the same socket."""
    pinger = Pinger(net.lan, addresses["vm1"][0])
    net.guests["vm2"].kill()
    pinger.await_answers(100)
    net.guests["vm2"] = net.make_guest("vm2", 2).start()
    net.guests["vm2"].await_up()
    pinger.stop()
    assert pinger.lost == 0, f"vm1 lost {pinger.lost} of {pinger.sent} while vm2 died and came back"
    await_ping(net.lan, addresses["vm2"][1])
    step(f"vm2 killed and started again: vm1 lost 0 of {pinger.sent} pings")


def daemon_dies(net, addresses, step):
    """SIGKILL for vmmqd: the state is all there, guests reconnect by themselves, traffic goes on."""
    client = net.daemon.client()
    moved = client.call("rss.move", vport=1, moves=[{"entry": 7, "processor": 0}, {"default": True, "processor": 1}])
    assert moved["moved"] == 2, moved
    client.call("filter.add", vport=2, mac="02:00:00:00:01:12", vlan=7)
    client.close()
    before = configuration(net)
    pinger = Pinger(net.lan, addresses["vm1"][0])
    net.daemon.kill()
    net.daemon.start()
    net.place_tap()
    assert configuration(net) == before, f"before:\n{before}\nafter:\n{configuration(net)}"
    for name in ("vm1", "vm2"):
        await_ping(net.lan, addresses[name][0])
    await_ping(net.host, addresses["vm1"][0])
    pinger.stop()
    step(f"vmmqd killed and started again: all state there, vm1 was unreachable for {pinger.longest_gap:.2f} s")


def uplink_unplugged(net, addresses, step):
    """The uplink's interface vanishes: guests go on talking; it comes back: so does the outside."""
    pinger = Pinger(net.host, addresses["vm1"][0])
    run("ip", "link", "del", net.uplink)
    client = net.daemon.client()
    wait_until(lambda: client.call("adapter.show")["uplink"]["state"] in ("gone", "failed"), "the news that the uplink is gone")
    state = client.call("adapter.show")["uplink"]
    assert state["reason"], state
    client.close()
    pinger.await_answers(100)
    net.plug()
    seconds = await_ping(net.lan, addresses["vm2"][0])
    pinger.stop()
    assert pinger.lost == 0, f"host to vm1: lost {pinger.lost} of {pinger.sent} while the uplink was gone"
    step(f"uplink unplugged (\"{state['reason']}\") and plugged: host to vm1 lost 0 of {pinger.sent}, "
         f"outside reached vm2 {seconds:.1f} s after plugging")


def all_die(net, addresses, step):
    """Daemon and a guest die together; the guest starts first, and waits for the daemon."""
    net.daemon.kill()
    net.guests["vm1"].kill()
    net.guests["vm1"] = net.make_guest("vm1", 1).start()
    time.sleep(1)
    net.daemon.start()
    net.place_tap()
    net.guests["vm1"].await_up()
    await_ping(net.lan, addresses["vm1"][1])
    await_ping(net.host, addresses["vm2"][1])
    step("vmmqd and vm1 killed together, vm1 started before vmmqd: both are back, and vm2 too")
