"""Authorities and certificates that openssl makes for a test."""

import subprocess

NAMES = "IP:127.0.0.1,IP:10.77.0.1"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-days", 2, "-subj", f"/CN={name}")


def make_certificate(folder, authority, name, names=NAMES, days=2):
    """NAME.pem and NAME.key; with days below 0 it has ended."""
    openssl(folder, "req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", f"/CN={name}")
    (folder / "names").write_text(
        f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
            f"{authority}.key", "-CAcreateserial", "-days", days, "-extfile", "names", "-out",
            f"{name}.pem")
