#!/usr/bin/env python3
# versions: 4
# The operator's rules: roles, priorities, caps, gain, hidden devices, muting, the scope of a stop, leases, slew.

import signal

from lib.script import Script, serving

script = Script(server=False)


def rules(*tables, more=""):
    return more + "".join("[[rule]]\n" + "\n".join(table) + "\n" for table in tables)


@script.check(4)
def an_observer_sees_and_stops_but_drives_nothing():
    with serving("plug", config=rules(['match.client = "watch*"', 'role = "observer"'])) as case:
        device = case.index("plug")
        holder, watcher = case.client(), case.client(name="watcher")
        mark = case.journal.mark()
        holder.output(device, 0, "Vibrate", 7)
        case.expect(device, 0, "Vibrate", 7, mark)
        watcher.error(3, "OutputCmd", text="router.denied.", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": 9}})
        watcher.error(3, "OutputCmd", text="router.denied.", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": 0}})
        watcher.error(4, "OutputCmd", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": 99}})
        assert len(watcher.devices()) == 1
        assert watcher.ask("InputCmd", DeviceIndex=device, FeatureIndex=1, Type="Battery", Command="Read")[0] == "InputReading"
        watcher.stop()
        holder.output(device, 0, "Vibrate", 8)
        case.expect(device, 0, "Vibrate", 8, mark)
        assert case.journal.values(device, 0, None, mark) == [7, 8]


@script.check(4)
def the_higher_priority_wins_with_any_value():
    config = rules(['match.client = "boss"', "priority = 150"], ['match.client = "guest"', "priority = 50"])
    with serving("plug", config=config) as case:
        device = case.index("plug")
        plain, boss, guest = case.client(), case.client(name="boss"), case.client(name="guest")
        mark = case.journal.mark()
        guest.output(device, 0, "Vibrate", 20)
        case.expect(device, 0, "Vibrate", 20, mark)
        plain.output(device, 0, "Vibrate", 10)
        case.expect(device, 0, "Vibrate", 10, mark)
        boss.output(device, 0, "Vibrate", 3)
        case.expect(device, 0, "Vibrate", 3, mark)
        plain.output(device, 0, "Vibrate", 19)
        boss.output(device, 0, "Vibrate", 0)
        case.expect(device, 0, "Vibrate", 19, mark)
        plain.close()
        case.journal.wait(lambda e: case.journal.values(device, 0, None, mark)[-1] == 20, mark, what="the guest's 20")
        assert case.journal.values(device, 0, None, mark) == [20, 10, 3, 19, 20]


@script.check(4)
def cap_gain_and_ceiling_limit_what_is_written():
    config = rules(
        ['match.client = "capped"', "cap = 0.5"],
        ['match.client = "quiet"', "gain = 0.07"],
        more='[[arbitration.lane]]\ndevice = "*Dual*"\nfeature = 1\nceiling = 0.25\n',
    )
    with serving("dual", config=config) as case:
        device = case.index("dual")
        capped, quiet, plain = case.client(name="capped"), case.client(name="quiet"), case.client()
        mark = case.journal.mark()
        capped.output(device, 0, "Vibrate", 80)
        case.expect(device, 0, "Vibrate", 50, mark)
        capped.output(device, 0, "Vibrate", 49)
        case.expect(device, 0, "Vibrate", 49, mark)
        capped.output(device, 0, "Vibrate", 0)
        case.expect(device, 0, "Vibrate", 0, mark)
        mark = case.journal.mark()
        quiet.output(device, 0, "Vibrate", 100)
        case.expect(device, 0, "Vibrate", 7, mark)
        quiet.output(device, 0, "Vibrate", 1)
        case.expect(device, 0, "Vibrate", 1, mark)
        plain.output(device, 1, "Vibrate", 100)
        case.expect(device, 1, "Vibrate", 25, mark)
        for listed in (capped.devices(), quiet.devices(), plain.devices()):
            assert listed == case.devices, "a range was narrowed"


@script.check(4)
def a_denied_device_is_not_listed_and_not_driven():
    config = rules(['match.client = "guest"', 'devices.deny = ["*Plug*"]'], ['match.client = "only"', 'devices.allow = ["*Dual*"]'])
    with serving("plug,dual", config=config) as case:
        plug, dual = case.index("plug"), case.index("dual")
        for name in ("guest", "only"):
            client = case.client(name=name)
            assert [device["DeviceIndex"] for device in client.devices()] == [dual]
            client.error(3, "OutputCmd", text="router.denied.", DeviceIndex=plug, FeatureIndex=0, Command={"Vibrate": {"Value": 1}})
            client.output(dual, 0, "Vibrate", 5)
            client.stop()
            old = case.client(2, name=name)
            assert [device["DeviceIndex"] for device in old.devices()] == [dual]


@script.check(4)
def a_muted_client_is_answered_and_moves_nothing():
    with serving("plug", config=rules(['match.client = "mute"', "mute = true"])) as case:
        device = case.index("plug")
        muted, plain = case.client(name="mute"), case.client()
        mark = case.journal.mark()
        muted.output(device, 0, "Vibrate", 20)
        muted.output(device, 0, "Vibrate", 0)
        plain.output(device, 0, "Vibrate", 2)
        case.expect(device, 0, "Vibrate", 2, mark)
        assert case.journal.values(device, 0, None, mark) == [2]


@script.check(4)
def a_global_stop_by_rule_stops_all_and_holds_off():
    config = "[arbitration]\nstop_holdoff = \"400ms\"\n" + rules(['match.client = "panic"', 'stop_scope = "global"'])
    with serving("plug", config=config) as case:
        device = case.index("plug")
        holder, panic = case.client(), case.client(name="panic")
        mark = case.journal.mark()
        holder.output(device, 0, "Vibrate", 10)
        case.expect(device, 0, "Vibrate", 10, mark)
        mark = case.journal.mark()
        panic.stop()
        case.expect(device, 0, "Vibrate", 0, mark)
        late = case.client()
        tries = 0
        while case.journal.mark() and not any(v > 0 for v in case.journal.values(device, 0, None, mark)) and tries < 100_000:
            holder.output(device, 0, "Vibrate", 11)
            late.output(device, 0, "Vibrate", 12)
            tries += 1
        first = next(e for e in case.journal.lines[mark:] if e["value"] > 0)
        stopped = next(e for e in case.journal.lines[mark:] if e["value"] == 0)
        assert 0.399 <= first["t"] - stopped["t"] < 1.0, f"driven again after {first['t'] - stopped['t']:.3f} s"


@script.check(4)
def an_emergency_stop_by_rule_stops_all_until_the_operator_clears_it():
    with serving("plug,dual", config=rules(['match.client = "panic"', 'stop_scope = "estop"'])) as case:
        plug, dual = case.index("plug"), case.index("dual")
        holder, panic = case.client(), case.client(name="panic")
        mark = case.journal.mark()
        holder.output(plug, 0, "Vibrate", 10)
        case.expect(plug, 0, "Vibrate", 10, mark)
        mark = case.journal.mark()
        panic.stop(dual)
        case.expect(plug, 0, "Vibrate", 0, mark)
        case.expect(dual, 0, "Vibrate", 0, mark)
        mark = case.journal.mark()
        for client in (holder, panic, case.client()):
            client.output(plug, 0, "Vibrate", 12)
        case.server.signal(signal.SIGUSR2)
        case.expect(plug, 0, "Vibrate", 0, mark)
        assert all(v == 0 for v in case.journal.values(plug, 0, None, mark)), "driven under an emergency stop"


@script.check(4)
def a_leased_lane_refuses_when_configured():
    config = '[[arbitration.lane]]\noutput = "Position"\non_conflict = "error"\n'
    with serving("stroker", config=config) as case:
        device = case.index("stroker")
        owner, other = case.client(), case.client()
        mark = case.journal.mark()
        owner.output(device, 0, "Position", 100)
        case.expect(device, 0, "Position", 100, mark)
        other.error(3, "OutputCmd", text="router.denied.leased", DeviceIndex=device, FeatureIndex=0, Command={"Position": {"Value": 5}})
        owner.close()
        other.output(device, 0, "Position", 5)
        case.expect(device, 0, "Position", 5, mark)


@script.check(4)
def a_move_longer_than_allowed_is_refused_and_never_shortened():
    config = '[[arbitration.lane]]\ndevice = "*"\nmax_duration = "10s"\n'
    with serving("stroker", config=config) as case:
        device = case.index("stroker")
        client = case.client()
        mark = case.journal.mark()
        move = {"Value": 5, "Duration": 10001}
        client.error(4, "OutputCmd", DeviceIndex=device, FeatureIndex=0, Command={"HwPositionWithDuration": move})
        client.output(device, 0, "HwPositionWithDuration", 6, 10000)
        case.expect(device, 0, "HwPositionWithDuration", 6, mark, duration=10000)
        assert case.journal.values(device, 0, None, mark) == [6]


@script.check(4)
def a_slew_rises_in_steps_and_falls_at_once():
    with serving("dual", config='[[arbitration.lane]]\nfeature = 0\nslew = 1.0\n') as case:
        device = case.index("dual")
        client = case.client()
        mark = case.journal.mark()
        client.output(device, 0, "Vibrate", 40)
        case.expect(device, 0, "Vibrate", 40, mark)
        lines = [e for e in case.journal.lines[mark:] if e["feature"] == 0]
        values = [e["value"] for e in lines]
        assert values[0] == 1 and values == sorted(values) and len(values) > 3, f"{values}"
        assert 0.3 <= lines[-1]["t"] - lines[0]["t"] <= 0.8, f"40 % took {lines[-1]['t'] - lines[0]['t']:.3f} s"
        client.output(device, 0, "Vibrate", 5)
        mark = len(case.journal.lines)
        case.expect(device, 0, "Vibrate", 5, mark)


@script.check(4)
def a_rate_limit_slows_then_refuses_but_never_a_zero():
    with serving("dual", config=rules(['match.client = "busy"', "rate_limit = 20"])) as case:
        device = case.index("dual")
        busy, plain = case.client(name="busy"), case.client()
        refused, mark = 0, case.journal.mark()
        for n in range(60):
            command = {"Vibrate": {"Value": n + 1}}
            name, body = busy.ask("OutputCmd", DeviceIndex=device, FeatureIndex=0, Command=command)
            if name == "Error":
                assert body["ErrorCode"] == 3 and body["ErrorMessage"].startswith("router.rate_limited"), f"{body}"
                refused += 1
        busy.output(device, 0, "Vibrate", 0)
        busy.stop()
        case.expect(device, 0, "Vibrate", 0, mark)
        plain.output(device, 1, "Vibrate", 9)
        case.expect(device, 1, "Vibrate", 9, mark)
        written = [v for v in case.journal.values(device, 0, None, mark) if v]
        assert len(written) < 60, f"{len(written)} of 60 commands written at 20 per second"


@script.check(4)
def a_ping_deadline_may_apply_to_some_sessions_only():
    with serving("plug", config=rules(['match.client = "must"', 'max_ping_time = "500ms"'])) as case:
        must, free = case.client(name="must"), case.client()
        assert (must.info["MaxPingTime"], free.info["MaxPingTime"]) == (500, 0)
        name, body = must.message()
        must.is_error((name, body), 2)
        must.closed(1000, 1002, 1008)
        free.ok("Ping")


script.main()
