# The programs that are measured and that measure: where each one is, how it is built, how its server is started.
# Must not know figures.

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import venv

from harness.processes import Failure, free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
C = ROOT / ".build" / "peers"
NIO = ROOT / "benchmarks" / "peers" / "nio"

# An exact version: other releases have other figures.
WEBSOCKETS = "websockets==15.0.1"

# The same two over TLS.
SECURE_PEERS = {"plugboard": "Plugboard", "c": "bare C on libuv and OpenSSL"}
PEERS = {"plugboard": "Plugboard", "c": "bare C on libuv", "nio": "bare SwiftNIO", "python": "Python `websockets`"}


class Programs:
    """Builds the programs that are needed; a peer that cannot be built is missing, with the reason."""

    def __init__(self, children):
        self.children = children
        self.plugboard = pathlib.Path(os.environ.get("PLUGBOARD", ROOT / ".build" / "release" / "plugboard"))
        self.python = None
        self.missing = {}

    def build_plugboard(self):
        self.run(["make", "--no-print-directory", "router"])

    def build_c(self):
        self.run(["make", "--no-print-directory", "-C", "benchmarks/peers/c"])

    def build_dispatch(self):
        self.run(["benchmarks/count", "--build"])

    def build_nio(self):
        self.run(["swift", "build", "-c", "release", "--package-path", NIO])

    def build_python(self):
        name = "websockets-" + hashlib.sha1(f"{WEBSOCKETS} {sys.version}".encode()).hexdigest()[:8]
        folder = ROOT / ".build" / "bench" / name
        python = folder / "bin" / "python"
        if not (folder / "complete").exists():
            venv.create(folder, with_pip=True, clear=True)
            self.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WEBSOCKETS])
            (folder / "complete").touch()
        self.python = python

    def run(self, command):
        self.children.output(command, cwd=ROOT, seconds=1_200)

    def leave_out(self, peer, reason):
        self.missing[peer] = reason

    def peers(self, *wanted):
        """Those of the wanted peers that are there, in the order in which they take turns."""
        return [peer for peer in wanted or PEERS if peer not in self.missing]

    def slow_server(self, microseconds, core=None):
        """Context manager: a server with one device of two outputs that takes that long for each command."""
        return self.children.server(f"a server that takes {microseconds} µs", [C / "bare", free_port(), microseconds], core=core)

    def secure_server(self, peer, core=None):
        """Context manager: the peer's server over TLS, with the certificate that `authority` trusts."""
        port, folder = free_port(), self.authority().parent
        if peer == "plugboard":
            config = folder / "plugboard.toml"
            config.write_text(f'[tls]\ncertificate = "{folder}/plugboard.pem"\nkey = "{folder}/plugboard.key"\n')
            command = [*self.router(port, scheme="wss", config=config), "--simulate", "dual*8"]
        else:
            command = [C / "bare-tls", port, 0, folder / "plugboard.pem", folder / "plugboard.key"]
        return self.children.server(SECURE_PEERS[peer], command, core=core)

    def authority(self):
        """The file of the authority whose certificate the servers over TLS have; both have the same."""
        folder = self.children.path("certificate")
        if not folder.exists():
            folder.mkdir()
            self.run([self.plugboard, "certificate", "new", "--host", "127.0.0.1", "--folder", folder])
        return folder / "plugboard-ca.pem"

    def server(self, peer, core=None, devices="dual*8", options=(), under=(), is_readable=False):
        """Context manager: the peer's server, listening; under another program if wanted, in a form that valgrind can read."""
        port = free_port()
        if peer == "plugboard":
            command = [*self.router(port), "--simulate", devices, *options]
        elif peer == "c":
            command = [C / "bare", port]
        elif peer == "nio":
            command = [NIO / ".build" / "release" / "BareNIO", port]
        else:
            command = [self.python, ROOT / "benchmarks" / "peers" / "python" / "bare.py", port]
        if is_readable:
            command[0] = self.without_debug_information(command[0])
        return self.children.server(PEERS[peer], [*under, *command], core=core)

    def without_debug_information(self, program):
        """The same program without debug information: some versions of valgrind cannot read what current compilers write."""
        bare = self.children.path(f"{pathlib.Path(program).name}.stripped")
        if not bare.exists():
            try:
                self.run(["strip", "--strip-debug", "-o", bare, program])
            except (Failure, OSError):
                return program
        return bare

    def router(self, port, scheme="ws", config=None):
        return [
            self.plugboard, "serve", "--listen", f"{scheme}://127.0.0.1:{port}", "--config", config or self.children.empty_config,
            "--state-file", "", "--log-level", "warning",
        ]

    def versions(self):
        """The versions that the figures belong to."""
        found = {"Plugboard": first_line([self.plugboard, "--version"]).removeprefix("plugboard ")}
        found["Swift"] = first_line(["swift", "--version"]).removeprefix("Swift version ")
        found["C compiler"] = first_line([os.environ.get("CC", "cc"), "--version"])
        found["libuv"] = first_line(["pkg-config", "--modversion", "libuv"])
        found["OpenSSL"] = first_line(["pkg-config", "--modversion", "libssl"])
        if "nio" not in self.missing:
            found["swift-nio"] = resolved_version(NIO / "Package.resolved", "swift-nio")
        if "python" not in self.missing:
            found["Python"] = first_line([sys.executable, "--version"]).removeprefix("Python ")
            found["websockets"] = WEBSOCKETS.partition("==")[2]
        found["valgrind"] = first_line(["valgrind", "--version"]).removeprefix("valgrind-")
        return {name: version for name, version in found.items() if version}


def first_line(command):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    except OSError:
        return ""
    lines = done.stdout.strip().splitlines() if done.returncode == 0 else []
    return lines[0] if lines else ""


def resolved_version(file, package):
    """The version that SwiftPM used, from its list of pins."""
    try:
        pins = json.loads(file.read_text())["pins"]
    except (OSError, ValueError, KeyError):
        return ""
    return next((pin["state"].get("version", "") for pin in pins if pin["identity"] == package), "")
