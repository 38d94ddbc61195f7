#!/usr/bin/env python3
# versions: 4
# The upstream server's view of many clients: one output at a time per lane, the latest value first, zeros before all. And the clients' view
# of a server that answers late, in any order, with errors, with bad texts, or not at all.

import contextlib
import os
import subprocess
import tempfile
import threading
import time

from lib.client import Client
from lib.script import Script
from lib.server import Server
from lib.upstream import Upstream, vibrator
from lib.wire import Late

script = Script(server=False)


@contextlib.contextmanager
def fronted(*devices, delay=0.0, gap=None):
    """A scripted server and a router in front of it that lists its devices; at the end every device there is at rest."""
    back = Upstream(devices, delay)
    front = None
    try:
        kept = "" if gap is None else f'gap = "{int(gap * 1000)}ms"\n'
        front = Server(config='[[upstream]]\nurl = "ws://%s:%d"\n' % back.listen() + kept)
        client = Client(front, 4, name="setup")
        if len(client.devices()) != len(devices):
            client.event("DeviceList", lambda body: len(body["Devices"]) == len(devices))
        lanes = [(device["DeviceIndex"], int(feature)) for device in devices for feature in device["DeviceFeatures"]]
        # A device that appears is written zero first; that must be over before the check begins to count.
        back.wait(lambda: all(lane in back.waiting and not back.waiting[lane] for lane in lanes), "the first zeros and their answers")
        client.close()
        yield back, front
        front.stop()
        for device, feature in lanes:
            assert back.values(device, feature)[-1] == 0, f"left running: {device}.{feature} {back.values(device, feature)[-3:]}"
        back.close()
    finally:
        if front:
            front.clean()


class Streamer(threading.Thread):
    """A client that writes values at a steady pace and reads the answers; `answers` are (Id, name, body) in order of arrival."""

    def __init__(self, front, number, values, lane, pace):
        super().__init__(daemon=True)
        self.client = Client(front, 4, name=f"streamer {number}")
        self.values, self.lane, self.pace = values, lane, pace
        self.asked, self.answers, self.problem = [], [], None

    def run(self):
        try:
            began = time.monotonic()
            for count, value in enumerate(self.values):
                self.take_until(began + count * self.pace)
                device, feature = self.lane
                self.asked.append(
                    self.client.post("OutputCmd", DeviceIndex=device, FeatureIndex=feature, Command={"Vibrate": {"Value": value}})
                )
            until = time.monotonic() + 15
            while len(self.answers) < len(self.asked):
                self.take(until - time.monotonic())
        except Exception as error:
            self.problem = error

    def take_until(self, instant):
        while (left := instant - time.monotonic()) > 0:
            with contextlib.suppress(Late):
                self.take(left)

    def take(self, within):
        name, body = self.client.message(max(within, 0.001))
        if body["Id"]:
            self.answers.append((body["Id"], name, body))

    def check(self, *names):
        assert self.problem is None, f"{self.client.name}: {self.problem!r}"
        assert sorted(answer[0] for answer in self.answers) == self.asked, f"{self.client.name}: not one answer for each command"
        wrong = [answer for answer in self.answers if answer[1] not in names]
        assert not wrong, f"{self.client.name}: {wrong[:3]}"


def stream(streamers):
    for streamer in streamers:
        streamer.start()
    for streamer in streamers:
        streamer.join(60)


@script.check(4)
def one_output_at_a_time_is_unanswered_in_each_lane():
    with fronted(vibrator(0, features=2), vibrator(1), delay=0.06) as (back, front):
        lanes = [(0, 0), (0, 1), (1, 0)]
        # Several clients write to each lane at once, with values that change with every message; the highest last value is 90.
        streamers = [
            Streamer(front, number, [(number * 7 + count * 13) % 80 + 1 for count in range(99)] + [60 + number * 5], lanes[number % 3], 0.02)
            for number in range(1, 7)
        ]
        began = time.monotonic()
        stream(streamers)
        took = time.monotonic() - began
        for streamer in streamers:
            streamer.check("Ok")
        assert back.breaches == [], f"on top of an unanswered output: {back.breaches[:3]}"
        for lane in lanes:
            last = 60 + 5 * max(number for number in range(1, 7) if lanes[number % 3] == lane)
            back.wait(lambda: back.values(*lane)[-1] == last, f"the last value of {lane}")
            count = len(back.values(*lane))
            assert 10 < count <= took / back.delay + 3, f"{count} outputs of {lane} in {took:.1f} s, each answered after {back.delay} s"
        for streamer in streamers:
            streamer.client.close()


@script.check(4)
def the_latest_value_goes_next_and_a_zero_waits_for_nothing():
    with fronted(vibrator(0), delay=0.0) as (back, front):
        client = Client(front, 4)
        held = []
        back.manner = lambda server, body: held.append(body)
        mark = back.mark()
        client.vibrate(0, 0.1, n=100, post=True)
        back.wait(lambda: held, "the first output")
        for value in (20, 30, 40):
            client.vibrate(0, value / 100, n=100, post=True)
        client.drain()
        assert back.values(0, since=mark) == [10], back.values(0, since=mark)
        back.acknowledge(held.pop())
        back.wait(lambda: held, "the next output")
        assert back.values(0, since=mark) == [10, 40], back.values(0, since=mark)
        # 40 is not answered yet and 50 waits for that. The zero does not wait, and 50 is dropped.
        client.vibrate(0, 0.5, n=100, post=True)
        client.drain()
        client.vibrate(0, 0, n=100, post=True)
        back.wait(lambda: len(held) == 2, "the zero")
        assert back.values(0, since=mark) == [10, 40, 0], back.values(0, since=mark)
        # The output that it overtook may be carried out after it, so the zero is written once more.
        back.acknowledge(held.pop(0))
        back.acknowledge(held.pop(0))
        back.wait(lambda: held, "the zero once more")
        assert back.values(0, since=mark) == [10, 40, 0, 0], back.values(0, since=mark)
        back.manner = None
        back.acknowledge(held.pop())
        client.close()


@script.check(4)
def a_gap_that_the_operator_sets_is_kept():
    gap = 0.1
    with fronted(vibrator(0, features=2), gap=gap) as (back, front):
        mark = back.mark()
        streamers = [Streamer(front, number, [(number + count) % 90 + 1 for count in range(75)], (0, number % 2), 0.02) for number in range(4)]
        stream(streamers)
        for streamer in streamers:
            streamer.check("Ok")
        times = back.times(0, mark)
        assert len(times) >= 8, f"only {len(times)} outputs in a second and a half"
        # Any two writes, by their distance in the sequence: only a delay of the first one could make this wrong.
        least = (len(times) - 1) * gap - 0.05
        assert times[-1] - times[0] >= least, f"{len(times)} outputs within {times[-1] - times[0]:.3f} s"
        assert back.breaches == [], back.breaches
        for streamer in streamers:
            streamer.client.close()


@script.check(4)
def with_any_answers_of_the_server_no_client_hangs_or_gets_anothers_answer():
    with fronted(vibrator(0, features=2), vibrator(1)) as (back, front):
        count = 0
        held = []

        def manner(server, body):
            nonlocal count
            count += 1
            kind = count % 6
            held.append(body)
            if kind == 0:
                server.raw("garbage")
                server.raw('[{"Ok":{"Id":"%d"}},{"Wonder":{"Id":%d}}]' % (body["Id"], body["Id"]))
            elif kind == 1:
                server.raw('[{"Ok":{"Id":999999}},{"DeviceList":{}}]')
            if kind == 2:
                # The device leaves and comes back while its commands are not answered yet.
                gone = [device for device in server.devices if device["DeviceIndex"] == body["DeviceIndex"]]
                server.devices = [device for device in server.devices if device not in gone]
                server.push_list()
                server.devices += gone
                server.push_list()
            if len(held) >= 2 or kind in (3, 4, 5):
                for late in reversed(held):
                    server.settle(late)
                    if kind == 4 and server.value(late):
                        server.raw('[{"Error":{"Id":%d,"ErrorCode":4,"ErrorMessage":"no"}}]' % late["Id"])
                    else:
                        server.raw('[{"Ok":{"Id":%d}}]' % late["Id"])
                held.clear()

        back.manner = manner
        lanes = [(0, 0), (0, 1), (1, 0)]
        streamers = [
            Streamer(front, number, [(number * 11 + turn * 7) % 99 + 1 for turn in range(60)], lanes[number % 3], 0.02) for number in range(6)
        ]
        stream(streamers)
        for streamer in streamers:
            streamer.check("Ok", "Error")
            errors = [answer for answer in streamer.answers if answer[1] == "Error"]
            assert all(body["ErrorCode"] == 4 for _, _, body in errors), errors[:3]

        def calm(server, body):
            # Still in the server's own thread: only this thread uses the held commands.
            for late in held + [body]:
                server.acknowledge(late)
            held.clear()

        # The zeros of the clients that leave are the first commands that get it.
        back.manner = calm
        for streamer in streamers:
            streamer.client.close()
        client = Client(front, 4)
        client.output(0, 0, "Vibrate", 33)
        back.wait(lambda: back.values(0)[-1] == 33, "a value after all that")
        client.close()
        back.wait(lambda: back.values(0)[-1] == 0, "rest")


@script.check(4)
def the_end_does_not_wait_for_a_name_server_that_is_silent():
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "silent.c"), os.path.join(folder, "silent.so")
        with open(source, "w") as file:
            file.write("#include <unistd.h>\nint getaddrinfo() { write(2, \"asked\\n\", 6); for (;;) pause(); }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", library, source], check=True)
        front = Server("plug", flags=["--upstream", "ws://silent.test:12346"], variables={"LD_PRELOAD": library})
        try:
            front.wait_log("asked")
            client = Client(front, 4)
            began = time.monotonic()
            front.stop()
            assert time.monotonic() - began < 5
            client.drop()
        finally:
            front.clean()


if __name__ == "__main__":
    script.main()
