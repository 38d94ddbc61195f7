# Follows docs/guide/0-ten-minutes.md word for word: makes the two files in an empty folder, builds the package, runs it against a server.
# Must not know what the page's program does beyond what the page says of it.

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "Tests" / "Conformance")]

from lib.server import Server  # noqa: E402

PAGE = HERE.parent / "docs" / "guide" / "0-ten-minutes.md"
# The page's program connects to the port where every app looks first.
ADDRESS = "ws://127.0.0.1:12345"


def files():
    """The contents of the files that the page says to make, by their names."""
    blocks = re.findall(r"```swift\n(.*?)```", PAGE.read_text(), re.S)
    names = re.findall(r"`?(?:\*\*)?((?:Sources/\w+/main|Package)\.swift)", PAGE.read_text())
    assert names == ["Package.swift", "Sources/MyApp/main.swift"] and len(blocks) == 2, names
    return dict(zip(names, blocks))


def command():
    """The line that the page says to type in the folder."""
    return re.search(r"```sh\n(swift run \w+)\n```", PAGE.read_text()).group(1).split()


def main():
    folder = HERE.parent / ".build" / "ten-minutes"
    app = folder / "MyApp"
    shutil.rmtree(app, ignore_errors=True)
    checkout = folder / "plugboard"
    folder.mkdir(parents=True, exist_ok=True)
    if not checkout.is_symlink():
        checkout.symlink_to(HERE.parent)
    for name, text in files().items():
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    # What was built before is kept beside the folder, so that the folder itself is empty as the page says.
    build = [*command()[:1], "build", "--scratch-path", str(folder / "build")]
    built = subprocess.run(build, cwd=app, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert built.returncode == 0, built.stdout
    server = Server("rabbit,stroker,plug,kegel", flags=["--state-file", ""], listen=[ADDRESS])
    try:
        run = [*command()[:2], "--scratch-path", str(folder / "build"), *command()[2:]]
        done = subprocess.run(run, cwd=app, input="\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, done.stdout
        for said in ("0: Simulated Rabbit", "Press Return to stop."):
            assert said in done.stdout, done.stdout
        started = [line for line in server.journal.read() if line["value"] > 0]
        assert {line["device"] for line in started} >= {0, 2}, started
        assert not server.journal.running(), "the devices run on"
        server.stop()
    finally:
        server.clean()
    print("ok     the package of the ten minutes builds in an empty folder, drives and stops")


if __name__ == "__main__":
    main()
