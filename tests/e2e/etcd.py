"""Three members of a real etcd on this machine, which scripts/build_etcd.sh builds."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from client import send
from network import ROOT, free_base_port, wait_until

ETCD = ROOT / "build/etcd/etcd"
MEMBERS = range(3)


class EtcdCluster:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="portolan-etcd-"))
        base = free_base_port(2 * len(MEMBERS))
        self.clients = [f"127.0.0.1:{base + number}" for number in MEMBERS]
        peers = [f"http://127.0.0.1:{base + len(MEMBERS) + number}" for number in MEMBERS]
        cluster = ",".join(f"m{number}={peers[number]}" for number in MEMBERS)
        self.processes = [self._start(number, peers[number], cluster) for number in MEMBERS]
        try:
            for client in self.clients:
                wait_until(f"etcd at {client} answers", lambda: self._answers(client))
        except BaseException:
            self.stop()
            raise

    def _start(self, number, peer, cluster):
        client = f"http://{self.clients[number]}"
        with open(self.folder / f"m{number}.log", "wb") as log:
            return subprocess.Popen(
                [str(ETCD), "--name", f"m{number}", "--data-dir", str(self.folder / f"m{number}"),
                 "--listen-client-urls", client, "--advertise-client-urls", client,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", cluster, "--log-level", "warn"],
                stdout=log, stderr=log)

    def _answers(self, client):
        try:
            return send("POST", f"http://{client}/v3/kv/range", body={"key": "AA=="},
                        timeout=5).status == 200
        except OSError:
            return False

    def url(self, first=0):
        """A control's --store, beginning with that member."""
        return "etcd://" + ",".join(self.clients[first:] + self.clients[:first])

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
