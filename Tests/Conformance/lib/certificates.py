# Certificates by the openssl program, and Python's TLS clients that trust them.
# Must not know the router.

import os
import shutil
import ssl
import subprocess
import tempfile


def openssl(*words, **options):
    return subprocess.run(["openssl", *words], capture_output=True, check=True, timeout=30, **options)


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, name="ca", days=3650):
        self.folder = tempfile.mkdtemp(prefix="plugboard-ca-")
        self.number = 0
        self.certificate, self.key = self.path("ca.pem"), self.path("ca.key")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out", self.path("ca.csr"),
                "-subj", f"/CN={name}")
        with open(self.path("ca.ext"), "w") as file:
            file.write("basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nkeyUsage=critical,keyCertSign,cRLSign\n")
        # Only this command makes one that has ended at once.
        openssl("x509", "-req", "-in", self.path("ca.csr"), "-signkey", self.key, "-days", str(days), "-extfile", self.path("ca.ext"),
                "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    def pair(self, names="DNS:localhost,IP:127.0.0.1", days=30, subject="/CN=router", usage="serverAuth"):
        """Paths of a new certificate and its key. With no days it has expired at once."""
        self.number += 1
        stem = self.path(f"pair{self.number}")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", stem + ".key", "-out", stem + ".csr", "-subj", subject)
        with open(stem + ".ext", "w") as file:
            file.write(f"extendedKeyUsage={usage}\n" + (f"subjectAltName={names}\n" if names else ""))
        openssl("x509", "-req", "-in", stem + ".csr", "-CA", self.certificate, "-CAkey", self.key, "-set_serial", str(1000 + self.number),
                "-days", str(days), "-extfile", stem + ".ext", "-out", stem + ".pem")
        return stem + ".pem", stem + ".key"

    def client(self, name="localhost", pair=None, version=None):
        """What `Wire` takes: a context that trusts this authority, and the server's name."""
        context = ssl.create_default_context(cafile=self.certificate)
        if pair:
            context.load_cert_chain(*pair)
        if version:
            context.minimum_version = context.maximum_version = version
        return context, name

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
