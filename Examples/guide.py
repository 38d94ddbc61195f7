# Checks docs/guide and the README's client: the snippets must be the examples' sources, and the output must be what the Swift and Python
# examples print. The TypeScript compiler checks TypeScript and JavaScript; nothing here checks C#: their libraries are on registries that
# CI does not reach. With --update pages are rewritten; without, a page that would change is a failure. Must not know what the examples do.

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "Tests" / "Conformance"), str(HERE.parent / "Tests" / "Clients")]

from environments import BUTTPLUG_1_0, environment  # noqa: E402
from lib.client import Client  # noqa: E402
from lib.server import Server  # noqa: E402

import twine  # noqa: E402

GUIDE = HERE.parent / "docs" / "guide"
README = HERE.parent / "README.md"
DEVICES = "rabbit,stroker,plug,kegel"
# The languages besides Swift, which has a package for each example, and how their files end.
SUFFIXES = {"python": "py", "typescript": "ts", "javascript": "mjs", "csharp": "cs"}
BLOCK = re.compile(rf"(<!-- (swift|{'|'.join(SUFFIXES)}|output|python-output): (\w+) -->\n)```\w*\n.*?\n```\n", re.S)
# These examples find the devices themselves. For the other examples a client scans first.
SCANNING = ("Enumeration", "Together")
# A snippet is what an app's author writes; this makes a program of it.
PYTHON = "import sys\nsys.path.pop(0)\nimport asyncio\nurl = sys.argv[1]\nasync def main():\n{}\nasyncio.run(main())\n"


class Failed(Exception):
    """An example does not do what it should."""


def run(command, scan=True):
    """What a program prints when it gets the address of a new server. In the result the server's port is 12345, as in the guide."""
    server = Server(DEVICES, flags=["--state-file", ""])
    try:
        if scan:
            client = Client(server, 4, name="setup")
            client.scan()
            client.close()
        url = "ws://%s:%d" % server.address
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    [*command, url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                    cwd=folder)
            except subprocess.TimeoutExpired as late:
                raise Failed(f"{command[-1]} does not end; so far: {late.stdout}") from None
        server.stop()
    finally:
        server.clean()
    if done.returncode != 0:
        raise Failed(f"{command[-1]} ended with {done.returncode}:\n{done.stdout}")
    text = re.sub(rf"\b{server.address[1]}\b", "12345", done.stdout).rstrip("\n")
    if not text:
        raise Failed(f"{command[-1]} printed nothing")
    return text


def run_python(name):
    body = "".join(f"    {line}\n" for line in (HERE / "python" / f"{name}.py").read_text().splitlines())
    with tempfile.NamedTemporaryFile("w", suffix=f"-{name}.py") as file:
        file.write(PYTHON.format(body))
        file.flush()
        return run([environment(BUTTPLUG_1_0), file.name])


def block(kind, name, binaries):
    if kind == "output":
        return "```text\n" + run([os.path.join(binaries, name)], scan=name not in SCANNING)
    if kind == "python-output":
        return "```text\n" + run_python(name)
    if kind == "swift":
        return "```swift\n" + next((HERE / "Sources" / name).glob("*.swift")).read_text().rstrip("\n")
    return f"```{kind}\n" + (HERE / kind / f"{name}.{SUFFIXES[kind]}").read_text().rstrip("\n")


def check_types():
    """The TypeScript compiler's errors in the TypeScript and JavaScript examples, or None."""
    compiler = shutil.which("tsc")
    if not compiler:
        return "there is no tsc: run scripts/setup --examples"
    done = subprocess.run([compiler, "--project", str(HERE)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout if done.returncode else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    passed = failed = 0
    shown = set()
    complaint = check_types()
    if complaint:
        failed += 1
        print(f"FAILED the types of TypeScript and JavaScript: {complaint}")
    else:
        passed += 1
        print("ok     the types of TypeScript and JavaScript", flush=True)
    for name, problem in twine.problems():
        passed, failed = passed + (not problem), failed + bool(problem)
        print(f"FAILED {name}: {problem}" if problem else f"ok     {name}", flush=True)
    pages = sorted(GUIDE.glob("*.md"), key=lambda page: (int(re.match(r"\d*", page.name)[0] or 0), page.name))
    for page in [README, *pages]:
        old = page.read_text()
        for match in BLOCK.finditer(old):
            shown.add((match[2], match[3]))
            try:
                new = match[1] + block(match[2], match[3], arguments.bin) + "\n```\n"
            except (Failed, AssertionError) as problem:
                failed += 1
                print(f"FAILED {page.name}, {match[2]} {match[3]}: {problem}")
                continue
            if new != match[0] and not arguments.update:
                failed += 1
                print(f"FAILED {page.name}, {match[2]} {match[3]}: the page does not say this:\n{new}")
            else:
                passed += 1
                old = page.read_text()
                if new != match[0]:
                    page.write_text(old.replace(match[0], new))
                print(f"ok     {page.name}, {match[2]} {match[3]}", flush=True)
    # An example that no page shows is a failure too.
    sources = [("swift", folder.name) for folder in (HERE / "Sources").iterdir()]
    sources += [(kind, file.stem) for kind in SUFFIXES for file in (HERE / kind).iterdir() if file.is_file()]
    for kind, name in sorted(set(sources) - shown):
        failed += 1
        print(f"FAILED {kind} {name}: no page of the guide shows it")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
