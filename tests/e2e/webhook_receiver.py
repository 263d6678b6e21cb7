"""A webhook's receiver, as a process of its own: writes down what is posted, a line of JSON each.

    webhook_receiver.py PORT FILE [STATUS]

The signature is not checked here: the test does that with the bytes that stand in the file.
"""

import base64
import http.server
import json
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        line = {"path": self.path, "type": self.headers["content-type"],
                "signature": self.headers["portolan-signature"],
                "body": base64.b64encode(body).decode()}
        with open(sys.argv[2], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.send_response(int(sys.argv[3]) if len(sys.argv) > 3 else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
