"""The checks of Tests/Package/run in one minimal system: inside.py FOLDER LAYER DEB ARCHIVE, in namespaces of its own (mount, network, processes),
which end with it. The folder itself is never changed: a layer in memory, at LAYER, is above it. Prints "ok NAME" or "FAILED NAME: why"."""

import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Conformance"))
from lib.client import Client

DEADLINE = 20
PORT = 12345
# The package tool has a database, and shells have caches; these files do not belong to a package.
BOOKS = ("var/lib/dpkg/", "var/log/", "var/cache/", "proc/", "dev/", "sys/", "run/", "tmp/")


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{' '.join(command)}: exit status {done.returncode}: {done.stdout.strip()}"
    return done.stdout


class System:
    """The minimal system under a layer that is removed at the end."""

    def __init__(self, lower, layer):
        # Mounts made here are visible only here.
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "tmpfs", "none", layer)
        for name in ("upper", "work", "root"):
            os.mkdir(f"{layer}/{name}")
        self.root = f"{layer}/root"
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={layer}/upper,workdir={layer}/work", self.root)
        run("mount", "-t", "proc", "proc", f"{self.root}/proc")
        run("mount", "--rbind", "/dev", f"{self.root}/dev")
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}

    def command(self, *words):
        return run("chroot", self.root, *words, env=self.environment)

    def path(self, name):
        return f"{self.root}/{name}"

    def files(self):
        found = set()
        for at, folders, names in os.walk(self.root):
            for name in folders + names:
                path = os.path.relpath(os.path.join(at, name), self.root)
                if not (path + "/").startswith(BOOKS):
                    found.add(path)
        return found

    def serves(self, program, *options):
        """Starts a router, drives a device through it, and ends it."""
        environment = {**self.environment, "STATE_DIRECTORY": "/var/lib/plugboard", "RUNTIME_DIRECTORY": "/run/plugboard"}
        for folder in ("var/lib/plugboard", "run/plugboard"):
            os.makedirs(self.path(folder), exist_ok=True)
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                ["chroot", self.root, program, "serve", *options], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
            try:
                line = process.stdout.readline()
                log.seek(0)
                assert line.startswith("ready ws://127.0.0.1:12345"), f"{line!r} {log.read()}"
                # Its construction is the handshake, which checks the answer.
                Client(("127.0.0.1", PORT), 4)
            finally:
                process.send_signal(signal.SIGTERM)
                status = process.wait(DEADLINE)
                process.stdout.close()
        assert status == 0, f"exit status {status}"
        shutil.rmtree(self.path("run/plugboard"), ignore_errors=True)


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: IFF_UP and IFF_RUNNING


def check(name, function):
    try:
        function()
        print(f"ok {name}", flush=True)
    except Exception as error:  # Any exception in a check is a failure of that check.
        print(f"FAILED {name}: {type(error).__name__}: {error}".replace("\n", " | "), flush=True)


def package(system, deb):
    shutil.copy(deb, system.path("tmp/plugboard.deb"))
    before = system.files()
    config = system.path("etc/plugboard/plugboard.toml")

    def configuration_is_mine():
        with open(config, encoding="utf-8") as file:
            assert file.read() == "# mine\n"

    def upgrade():
        with open(config, "w", encoding="utf-8") as file:
            file.write("# mine\n")
        system.command("dpkg", "-i", "/tmp/plugboard.deb")
        configuration_is_mine()

    def remove():
        system.command("dpkg", "-r", "plugboard")
        assert not os.path.exists(system.path("usr/bin/plugboard"))
        configuration_is_mine()

    def purge():
        system.command("dpkg", "-P", "plugboard")
        left = sorted(system.files() - before)
        assert not left, left
        gone = sorted(before - system.files())
        assert not gone, gone

    check("the package installs with its dependencies", lambda: system.command("dpkg", "-i", "/tmp/plugboard.deb"))
    check("the package's configuration is good", lambda: system.command("plugboard", "check", "/etc/plugboard/plugboard.toml"))
    check("the package's router serves", lambda: system.serves("/usr/bin/plugboard", "--config", "/etc/plugboard/plugboard.toml"))
    check("an upgrade keeps a changed configuration", upgrade)
    check("a removal takes the program and leaves the configuration", remove)
    check("the package can come back", lambda: system.command("dpkg", "-i", "/tmp/plugboard.deb"))
    check("a purge leaves nothing", purge)


def archive(system, file):
    name = os.path.basename(file).removesuffix(".tar.gz")

    def unpack():
        run("tar", "-xzf", file, "-C", system.path("opt"))
        for part in ("bin/plugboard", "README.md", "LICENSE", "THIRD-PARTY", "Apache-2.0.txt", "share/man/man1/plugboard.1"):
            assert os.path.exists(system.path(f"opt/{name}/{part}")), part

    def libraries():
        said = system.command("ldd", f"/opt/{name}/bin/plugboard")
        assert "not found" not in said, said

    def copy():
        # As docs/service.md says it.
        system.command("sh", "-c", f"cd /opt/{name} && cp -r bin lib share /usr/local/ && mkdir -p /etc/plugboard && cp -n etc/plugboard/plugboard.toml /etc/plugboard/")
        system.serves("plugboard", "--simulate", "rabbit")

    check("the archive has what it should", unpack)
    check("the archive's program finds its libraries", libraries)
    check("the archive's router serves from where it lies", lambda: system.serves(f"/opt/{name}/bin/plugboard", "--simulate", "rabbit"))
    check("the archive's files work in /usr/local", copy)


def main():
    lower, layer, deb, tarball = sys.argv[1:]
    raise_loopback()
    system = System(lower, layer)
    package(system, deb)
    archive(system, tarball)
    print("end", flush=True)


if __name__ == "__main__":
    main()
