"""Talks to a network's meter as a gateway does, and makes records that no gateway would send."""

import ctypes
import http.client
import json
import ssl

from usage import HEADER, KINDS, read_segment

POST = "/meter/v1/records"
KIND_NUMBERS = {name: number for number, name in KINDS.items()}


def xxh3(data, seed=0):
    library = ctypes.CDLL("libxxhash.so.0")
    hash_of = library.XXH3_64bits_withSeed
    hash_of.restype = ctypes.c_uint64
    hash_of.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
    return hash_of(data, len(data), seed)


def render_record(kind, number, payload):
    """A record whose checksum holds."""
    text = json.dumps(payload).encode()
    head = HEADER.pack(b"PUL1", len(text), KIND_NUMBERS[kind], 1, 0, 0, 0, number, 0)[:24]
    whole = head + xxh3(text, xxh3(head)).to_bytes(8, "little") + text
    return whole + b"\0" * (-len(whole) % 8)


def posted_bytes(path):
    """What a gateway would post of one segment: a head, and the numbered records as they stand."""
    data, records = path.read_bytes(), b""
    for at, kind, number, payload in read_segment(path):
        size = HEADER.unpack_from(data, at)[1]
        whole = data[at:at + (HEADER.size + size + 7) // 8 * 8]
        if kind == "segment":
            records += render_record("segment", 0, payload)
        elif number > 0:
            records += whole
    return records


def post(network, leaf, body):
    """As the process that has that certificate: status and answer."""
    folder = network.home / "authority"
    context = ssl.create_default_context(cafile=folder / "tls-authority.pem")
    context.check_hostname = False  # identities are URIs
    if leaf:
        context.load_cert_chain(folder / f"tls/{leaf}.pem", folder / f"tls/{leaf}.key")
    ports = json.loads((network.home / "ports.json").read_text())["ports"]
    connection = http.client.HTTPSConnection("127.0.0.1", ports["meter"], timeout=30,
                                             context=context)
    try:
        connection.request("POST", POST, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
