# Keeps docs/guide true: its snippets are the examples' sources, its output is what the examples print.
# With --update pages are rewritten; without, a page that would change is an error. Must not know what the examples do.

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parent / "docs" / "guide"
DEVICES = "rabbit,stroker,plug,kegel"
BLOCK = re.compile(r"(<!-- (swift|python|javascript|output): (\w+) -->\n)```\w*\n.*?\n```\n", re.S)
# A snippet is what an app writes; this makes a program of it.
PYTHON = "import asyncio, sys\nsys.path.pop(0)\nurl = sys.argv[1]\nasync def main():\n{}\nasyncio.run(main())\n"


class Server:
    """A fresh server on a free port; the devices are found by the first scan, which an example may leave to us."""

    def __init__(self, plugboard):
        self.process = subprocess.Popen(
            [plugboard, "serve", "--simulate", DEVICES, "--listen", "ws://127.0.0.1:0", "--state-file", ""],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"HOME": tempfile.gettempdir(), "XDG_CONFIG_HOME": tempfile.gettempdir()})
        self.url = self.process.stdout.readline().split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run(command, plugboard, binaries, scan):
    with Server(plugboard) as server:
        if scan:
            subprocess.run([f"{binaries}/Enumeration", server.url], stdout=subprocess.DEVNULL, check=True, timeout=30)
        done = subprocess.run(
            [*command, server.url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, cwd=tempfile.gettempdir())
    text = done.stdout.replace(server.url, "ws://127.0.0.1:12345").replace(server.url.rsplit(":", 1)[1], "12345")
    if done.returncode != 0:
        raise SystemExit(f"{command} failed with {done.returncode}:\n{text}")
    return text.rstrip("\n")


def block(kind, name, arguments):
    if kind == "output":
        text = run([f"{arguments.bin}/{name}"], arguments.plugboard, arguments.bin, scan=name not in ("Enumeration", "Together"))
        return "```text\n" + text
    if kind == "swift":
        return "```swift\n" + next((HERE / "Sources" / name).glob("*.swift")).read_text().rstrip("\n")
    suffix = "py" if kind == "python" else "mjs"
    return f"```{kind}\n" + (HERE / kind / f"{name}.{suffix}").read_text().rstrip("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--plugboard", required=True)
    parser.add_argument("--python", default="")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    stale = []
    for page in sorted(GUIDE.glob("*.md")):
        old = page.read_text()
        new = BLOCK.sub(lambda match: match[1] + block(match[2], match[3], arguments) + "\n```\n", old)
        if new != old:
            stale.append(page.name)
            if arguments.update:
                page.write_text(new)
        print(f"{page.name}: {'as it is' if new == old else 'updated' if arguments.update else 'not what the examples say'}")
    if arguments.python:
        for snippet in sorted((HERE / "python").glob("*.py")):
            body = "".join(f"    {line}\n" for line in snippet.read_text().splitlines())
            with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
                file.write(PYTHON.format(body))
                file.flush()
                text = run([arguments.python, file.name], arguments.plugboard, arguments.bin, scan=True)
            print(f"python {snippet.stem}: {len(text.splitlines())} lines")
    return 1 if stale and not arguments.update else 0


if __name__ == "__main__":
    sys.exit(main())
