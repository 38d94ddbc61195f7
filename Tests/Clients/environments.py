# Python environments with exact versions of other people's packages, made once under .build/clients.
# Must not know how they are used.

import hashlib
import os
import subprocess
import sys
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Exact versions: a new release must not turn a build red.
BUTTPLUG_1_0 = ["buttplug==1.0.0", "websockets==15.0.1", "pydantic==2.11.7"]
BUTTPLUG_0_3 = ["buttplug==0.3.0", "websockets==12.0"]
BUTTPLUG_PY_0_2 = ["buttplug-py==0.2.0", "websockets==12.0"]
SCHEMATHESIS = ["schemathesis==4.32.5", "hypothesis==6.170.17", "jsonschema_rs==0.60.3"]


def environment(packages):
    """The Python of an environment with these packages, made if it does not exist yet."""
    name = packages[0].replace("==", "-") + "-" + hashlib.sha1("\n".join([sys.version, *packages]).encode()).hexdigest()[:8]
    folder = os.path.join(ROOT, ".build", "clients", name)
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "complete")):
        print(f"making the environment {name}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        with open(os.path.join(folder, "complete"), "w"):
            pass
    return python
