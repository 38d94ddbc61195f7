#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Many clients on one device: which one wins, what remains when one leaves, and that no client stops another by accident.

import os
import signal
import time

from lib.client import Client
from lib.script import Script

script = Script("plug,dual,rabbit,stroker")


@script.check()
def the_stronger_wins_and_the_weaker_returns(case):
    device = case.index("plug")
    a, b = case.client(), case.client(4)
    mark = case.journal.mark()
    assert a.vibrate(device, 0.4) == 8
    case.expect(device, 0, "Vibrate", 8, mark)
    b.vibrate(device, 0.7)
    case.expect(device, 0, "Vibrate", 14, mark)
    b.close()
    a.ok("Ping")
    case.journal.wait(lambda e: case.journal.values(device, 0, None, mark)[-1:] == [8], mark, what="40 % again")
    a.stop()
    case.expect(device, 0, "Vibrate", 0, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [8, 14, 8, 0], f"{case.journal.values(device, 0, None, mark)}"


@script.check()
def a_weaker_command_is_ok_and_changes_nothing(case):
    device = case.index("plug")
    strong, weak = case.client(4), case.client()
    mark = case.journal.mark()
    strong.vibrate(device, 0.7)
    case.expect(device, 0, "Vibrate", 14, mark)
    for fraction in (0.1, 0.5, 0.3):
        weak.vibrate(device, fraction)
    strong.vibrate(device, 0.75)
    case.expect(device, 0, "Vibrate", 15, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [14, 15]
    weak.close()
    strong.vibrate(device, 0.8)
    case.expect(device, 0, "Vibrate", 16, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [14, 15, 16]


@script.check()
def a_closing_app_stops_no_other_app(case):
    device, other = case.index("plug"), case.index("dual")
    holder, leaver = case.client(4), case.client()
    mark = case.journal.mark()
    holder.vibrate(device, 0.5)
    case.expect(device, 0, "Vibrate", 10, mark)
    leaver.vibrate(other, 0.5, 100)
    case.expect(other, 0, "Vibrate", 50, mark)
    leaver.stop()
    leaver.close()
    case.expect(other, 0, "Vibrate", 0, mark)
    holder.vibrate(device, 0.55)
    case.expect(device, 0, "Vibrate", 11, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [10, 11], "a global stop touched another session's output"


@script.check()
def zeros_never_change_anothers_value(case):
    plug, dual = case.index("plug"), case.index("dual")
    holder, spammer = case.client(4), case.client()
    mark = case.journal.mark()
    holder.vibrate(plug, 0.5)
    holder.output(dual, 0, "Vibrate", 50)
    holder.output(dual, 1, "Vibrate", 60)
    case.expect(dual, 1, "Vibrate", 60, mark)
    before = case.journal.mark()
    for _ in range(45):
        spammer.vibrate(plug, 0)
        spammer.vibrate(dual, 0, 100)
        spammer.stop()
    holder.vibrate(plug, 0.55)
    case.expect(plug, 0, "Vibrate", 11, before)
    held = [(plug, 0), (dual, 0), (dual, 1)]
    lines = [(e["device"], e["feature"], e["value"]) for e in case.journal.lines[before:]]
    written = [line for line in lines if line[:2] in held]
    assert written == [(plug, 0, 11)], f"written while another sent zeros: {written}"


@script.check()
def a_killed_client_is_at_zero_within_50_milliseconds(case):
    device, other = case.index("plug"), case.index("dual")
    holder = case.client(4)
    worst = 0
    for _ in range(5):
        mark = case.journal.mark()
        holder.output(other, 1, "Vibrate", 44)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            victim = Client(case.server, case.version)
            victim.vibrate(device, 0.6)
            os.write(writer, b"x")
            signal.pause()
        os.read(reader, 1)
        os.close(reader)
        os.close(writer)
        case.expect(device, 0, "Vibrate", 12, mark)
        killed = time.monotonic()
        os.kill(child, signal.SIGKILL)
        case.expect(device, 0, "Vibrate", 0, mark)
        worst = max(worst, time.monotonic() - killed)
        os.waitpid(child, 0)
    assert worst < 0.05, f"{worst * 1000:.0f} ms after the kill"
    assert 0 not in case.journal.values(other, 1, "Vibrate", mark), "another session's output was zeroed"


@script.check(4)
def equal_values_of_two_sessions_end_with_the_last_of_them(case):
    device = case.index("plug")
    a, b = case.client(), case.client()
    mark = case.journal.mark()
    a.output(device, 0, "Vibrate", 10)
    b.output(device, 0, "Vibrate", 10)
    case.expect(device, 0, "Vibrate", 10, mark)
    a.output(device, 0, "Vibrate", 0)
    b.output(device, 0, "Vibrate", 10)
    b.output(device, 0, "Vibrate", 11)
    case.expect(device, 0, "Vibrate", 11, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [10, 11]
    b.drop()
    case.expect(device, 0, "Vibrate", 0, mark)


@script.check(4)
def the_direction_stays_until_the_other_is_stronger_by_a_tenth(case):
    rabbit = case.find("rabbit")
    device = rabbit["DeviceIndex"]
    lane = next(int(k) for k, f in rabbit["DeviceFeatures"].items() if "Rotate" in f.get("Output", {}))
    a, b = case.client(), case.client()
    mark = case.journal.mark()
    a.output(device, lane, "Rotate", 10)
    case.expect(device, lane, "Rotate", 10, mark)
    b.output(device, lane, "Rotate", -12)
    b.output(device, lane, "Rotate", -13)
    case.expect(device, lane, "Rotate", -13, mark)
    assert case.journal.values(device, lane, "Rotate", mark) == [10, -13], f"{case.journal.values(device, lane, 'Rotate', mark)}"
    b.drop()
    case.journal.wait(lambda e: case.journal.values(device, lane, "Rotate", mark)[-1] == 10, mark, what="the first direction again")


@script.check(4)
def an_axis_belongs_to_one_session_at_a_time(case):
    stroker = case.index("stroker")
    a, b = case.client(), case.client()
    mark = case.journal.mark()
    a.output(stroker, 0, "Position", 100)
    case.expect(stroker, 0, "Position", 100, mark)
    b.output(stroker, 0, "Position", 900)
    a.output(stroker, 0, "Position", 200)
    case.expect(stroker, 0, "Position", 200, mark)
    assert case.journal.values(stroker, 0, "Position", mark) == [100, 200], "a move of another was passed on"
    a.close()
    b.output(stroker, 0, "Position", 800)
    case.expect(stroker, 0, "Position", 800, mark)
    assert case.journal.values(stroker, 0, "Position", mark) == [100, 200, 800]


@script.check(4)
def after_fifty_sessions_nothing_is_left(case):
    device = case.index("dual")
    mark = case.journal.mark()
    clients = [case.client(n % 5) for n in range(50)]
    for n, client in enumerate(clients):
        client.vibrate(device, (n + 1) / 100, 100)
    case.expect(device, 0, "Vibrate", 50, mark)
    for client in clients[::2] + clients[1::2][::-1]:
        client.drop()
    case.expect(device, 0, "Vibrate", 0, mark)
    last = case.journal.mark()
    fresh = case.client()
    fresh.output(device, 0, "Vibrate", 1)
    case.expect(device, 0, "Vibrate", 1, last)


script.main()
