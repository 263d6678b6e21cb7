"""A webhook's receiver, as a process of its own: writes down what is posted, a line of JSON each.

    webhook_receiver.py PORT FILE [--status N] [--seconds N] [--certificate PEM]

The signature is not checked here: the test does that with the bytes that stand in the file.
"""

import argparse
import base64
import http.server
import json
import ssl
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("file")
parser.add_argument("--status", type=int, default=204)
parser.add_argument("--seconds", type=float, default=0)
parser.add_argument("--certificate")
given = parser.parse_args()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        line = {"path": self.path, "type": self.headers["content-type"],
                "signature": self.headers["portolan-signature"],
                "body": base64.b64encode(body).decode()}
        with open(given.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        time.sleep(given.seconds)
        self.send_response(given.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", given.port), Receiver)
if given.certificate:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(given.certificate)
    server.socket = trust.wrap_socket(server.socket, server_side=True)
server.serve_forever()
