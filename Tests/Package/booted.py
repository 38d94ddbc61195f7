"""The services of the package under a running systemd: one booted system, and its checks in their order.
Must not touch the machine's own services; everything is in namespaces and a cgroup of its own, which end with it."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DEADLINE = 60
ADMIN = ("--socket", "/run/plugboard/admin.sock")
CONFIG = """
[devices]
simulated = ["rabbit", "stroker"]
present_at_start = true
"""


class CannotBoot(Exception):
    pass


def own_cgroup():
    """A new group below this process's group."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    trees = [words[1] for words in mounts if words[2] == "cgroup2"]
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        mine = next((line[3:].strip() for line in file if line.startswith("0::")), None)
    if not trees or mine is None:
        raise CannotBoot("there are no cgroups of the second kind")
    group = f"{trees[0]}{mine.rstrip('/')}/plugboard-test-{os.getpid()}"
    try:
        os.mkdir(group)
    except OSError as error:
        raise CannotBoot(f"no cgroup can be made: {error}") from None
    return group


class Booted:
    def __init__(self, folder):
        self.group = own_cgroup()
        self.layer = tempfile.mkdtemp()
        with tempfile.TemporaryDirectory() as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(f"{place}/notify")
            self.process = subprocess.Popen(
                ["unshare", "--cgroup", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", f"{HERE}/boot", folder, self.layer, f"{place}/notify"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                preexec_fn=self.enter,
            )
            try:
                self.await_ready(notices)
            except CannotBoot:
                self.end()
                raise

    def await_ready(self, notices):
        """Until systemd says that all has started; it is the child of `unshare`."""
        said = b""
        while True:
            ready, _, _ = select.select([notices, self.process.stdout], [], [], DEADLINE)
            if notices in ready and b"READY=1" in notices.recv(4096).split(b"\n"):
                break
            if self.process.stdout in ready:
                more = os.read(self.process.stdout.fileno(), 4096)
                said += more
                if not more:
                    raise CannotBoot(f"exit status {self.process.wait()}: {said.decode(errors='replace')[-500:]}")
            if not ready:
                raise CannotBoot(f"nothing came within {DEADLINE} s: {said.decode(errors='replace')[-500:]}")
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            self.init = file.read().split()[0]

    def enter(self):
        with open(f"{self.group}/cgroup.procs", "w", encoding="ascii") as file:
            file.write(str(os.getpid()))

    def inside(self, *command):
        return ["nsenter", "-t", self.init, "-a", "-r", "-w", "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/root", *command]

    def say(self, *command):
        """The output of a command in the system, with any exit status."""
        done = subprocess.run(self.inside(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.status = done.returncode
        return done.stdout

    def do(self, *command):
        said = self.say(*command)
        status = self.status
        log = "" if status == 0 else self.say("journalctl", "-u", "plugboard", "-o", "cat", "-n", "8", "--no-pager")
        assert status == 0, f"{' '.join(command)}: exit status {status}: {said.strip()}\n{log}"
        return said

    def shell(self, script):
        return self.do("sh", "-ec", script)

    @contextlib.contextmanager
    def started_again(self):
        """Waits, at the end, until the journal says that the service was started meanwhile, by another process."""
        before = self.shown("MainPID")
        cursor = self.do("journalctl", "-n", "0", "--show-cursor").rsplit("-- cursor: ", 1)[1].strip()
        yield before
        follow = self.inside("timeout", str(DEADLINE), "journalctl", "-f", "-o", "cat", f"--after-cursor={cursor}", "-u", "plugboard")
        with subprocess.Popen(follow, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as journal:
            lines = []
            for line in journal.stdout:
                lines.append(line)
                if line.startswith("Started plugboard.service"):
                    break
            else:
                raise AssertionError(f"not started again within {DEADLINE} s: {''.join(lines[-8:])}")
            journal.kill()
        assert self.shown("MainPID") not in ("0", before)

    def shown(self, key, *which):
        return self.do("systemctl", *which, "show", "plugboard", "-p", key, "--value").strip()

    def put(self, path, text):
        """A file in the system, of text or bytes; its folder is made."""
        inside = ["nsenter", "-t", self.init, "-a", "-r", "-w", "/bin/sh", "-ec", 'mkdir -p "${0%/*}/"; cat >"$0"', path]
        subprocess.run(inside, input=text if isinstance(text, bytes) else text.encode(), check=True)

    def end(self):
        if self.process.poll() is None:
            # When its first process ends, all processes of the system end.
            with contextlib.suppress(AttributeError, ProcessLookupError):
                os.kill(int(self.init), signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        os.rmdir(self.layer)
        # The kernel says when the last process has left the group.
        with open(f"{self.group}/cgroup.events", encoding="ascii") as events:
            watch = select.poll()
            watch.register(events, select.POLLPRI)
            while "populated 0" not in events.read():
                assert watch.poll(DEADLINE * 1000), f"{self.group} is not empty after {DEADLINE} s"
                events.seek(0)
        for at, _, _ in os.walk(self.group, topdown=False):
            os.rmdir(at)


def checks(system, deb):
    """(sentence, function), to be called in this order."""

    def answers():
        return system.do("plugboard", "status", *ADMIN)

    def installs():
        with open(deb, "rb") as file:
            system.put("/plugboard.deb", file.read())
        system.do("dpkg", "-i", "/plugboard.deb")
        assert system.say("systemctl", "is-active", "plugboard").strip() == "inactive"
        assert system.say("systemctl", "is-enabled", "plugboard").strip() == "disabled"

    def starts():
        system.put("/etc/plugboard/plugboard.toml", CONFIG)
        system.shell("systemctl daemon-reload; systemctl enable --now plugboard")
        answers()
        owner = system.do("stat", "-c", "%U %a", "/run/plugboard/admin.sock").strip()
        assert not owner.startswith("root ") and owner.endswith(" 600"), owner
        assert "devices" in system.shown("StatusText"), system.shown("StatusText")

    def drives():
        # The program's exit status says whether every message got exactly one answer, and it was right.
        system.do("plugboard", "bench", "ws://127.0.0.1:12345", "--clients", "2", "--duration", "500ms", "--warmup", "100ms")

    def reloads():
        before = system.shown("MainPID")
        system.do("systemctl", "reload", "plugboard")
        answers()
        assert system.shown("MainPID") == before
        system.put("/etc/plugboard/plugboard.toml", CONFIG + "nonsense = 1\n")
        system.say("systemctl", "reload", "plugboard")
        assert system.status != 0, "a bad configuration was taken"
        system.put("/etc/plugboard/plugboard.toml", CONFIG)
        assert system.shown("MainPID") == before
        answers()

    def remembers():
        system.do("plugboard", "stop", *ADMIN)
        system.do("systemctl", "restart", "plugboard")
        said = answers()
        assert "RAISED" in said, said
        system.do("plugboard", "resume", *ADMIN)

    def comes_back():
        with system.started_again() as before:
            system.shell(f"kill -KILL {before}")
        answers()

    def frozen():
        system.put("/etc/systemd/system/plugboard.service.d/test.conf", "[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\n")
        system.shell("systemctl daemon-reload; systemctl restart plugboard")
        with system.started_again() as before:
            system.shell(f"kill -STOP {before}")
        answers()
        system.shell("rm /etc/systemd/system/plugboard.service.d/test.conf; systemctl daemon-reload; systemctl restart plugboard")

    def opens():
        unit = system.do("cat", "/usr/lib/systemd/system/plugboard.service").split("# Drop-ins", 1)[1]
        hints = [re.findall(r"^#   (\w+=.*)$", block, re.M) for block in unit.split("\n#\n")]
        hints = [hint for hint in hints if hint]
        assert len(hints) == 5, hints
        system.shell("for group in dialout plugdev bluetooth; do groupadd -f $group; done; useradd --system plugboard")
        for hint in hints:
            system.put("/etc/systemd/system/plugboard.service.d/hint.conf", "\n".join(["[Service]", *hint, ""]))
            system.shell("systemctl daemon-reload; systemctl restart plugboard")
            answers()
            unknown = system.say("journalctl", "-b", "-o", "cat", "--grep", "hint.conf")
            assert "hint.conf:" not in unknown, unknown
        system.shell("systemctl stop plugboard; rm /etc/systemd/system/plugboard.service.d/hint.conf; userdel plugboard; systemctl daemon-reload; systemctl start plugboard")
        answers()

    def upgrades():
        before = system.shown("MainPID")
        system.do("dpkg", "-i", "--force-confold", "/plugboard.deb")
        assert system.shown("MainPID") not in ("0", before)
        answers()
        assert system.do("systemctl", "is-enabled", "plugboard").strip() == "enabled"

    def refuses():
        system.put("/etc/plugboard/plugboard.toml", "[server]\nnonsense = 1\n")
        system.say("systemctl", "restart", "plugboard")
        assert system.say("systemctl", "is-failed", "plugboard").strip() == "failed"
        assert (system.shown("ExecMainStatus"), system.shown("NRestarts")) == ("78", "0")

    def user():
        system.put("/etc/plugboard/plugboard.toml", "")
        system.shell("systemctl disable --now plugboard 2>&1; useradd -m -u 4711 ann; install -d -o ann -m 700 /run/user/4711")
        system.shell("chown -R ann /home/ann")
        # The same as at a login, without a login.
        system.shell(
            "systemd-run --quiet --unit=ann -p User=ann -p Delegate=yes -p Type=notify -E XDG_RUNTIME_DIR=/run/user/4711 -E HOME=/home/ann"
            " /lib/systemd/systemd --user"
        )
        ann = "su ann -c 'export XDG_RUNTIME_DIR=/run/user/4711; {}'"
        system.shell(ann.format("systemctl --user start plugboard"))
        system.shell(ann.format("plugboard status"))
        system.shell(ann.format("systemctl --user reload plugboard; plugboard status"))
        system.shell(ann.format("systemctl --user stop plugboard; test -d ~/.local/state/plugboard"))
        assert "success" in system.shell(ann.format("systemctl --user show plugboard -p Result"))
        system.do("systemctl", "stop", "ann")

    def purges():
        system.do("systemctl", "enable", "--now", "plugboard")
        answers()
        system.do("dpkg", "-P", "plugboard")
        assert system.say("systemctl", "is-active", "plugboard").strip() in ("inactive", "failed")
        left = "ls -d /etc/plugboard /var/lib/plugboard /var/lib/private/plugboard /run/plugboard /etc/systemd/system/*/plugboard.service 2>/dev/null"
        assert not system.shell(f"{left} || true"), system.shell(f"{left} || true")

    return [
        ("the package starts nothing by itself", installs),
        ("the hardened service starts and answers only root", starts),
        ("the hardened service drives devices", drives),
        ("a reload keeps the process, and a bad configuration fails it", reloads),
        ("an emergency stop survives a restart", remembers),
        ("a killed service comes back", comes_back),
        ("a frozen service is replaced", frozen),
        ("every hint at the unit's end is a drop-in that works", opens),
        ("an upgrade restarts a running service and keeps it enabled", upgrades),
        ("a bad configuration is not tried again", refuses),
        ("the user service starts, answers its user, reloads and stops", user),
        ("a purge stops the service and leaves nothing", purges),
    ]
