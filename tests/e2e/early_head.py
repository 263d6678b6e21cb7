"""An engine that says 200 as soon as it has a streamed request, as vLLM does, and then computes.

Stands before an engine-sim, which like llama.cpp sends its head when prefill is done.
Arguments: port to listen on, port of the engine-sim.
"""

import asyncio
import sys

HEAD = (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
        b"connection: close\r\n\r\n")
HEAD_BYTES_MAX = 65536


async def relay(client_in, client_out, engine_port):
    head = await client_in.readuntil(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")), 0)
    body = await client_in.readexactly(length)
    engine_in, engine_out = await asyncio.open_connection("127.0.0.1", engine_port,
                                                          limit=HEAD_BYTES_MAX)
    try:
        line, fields = head.split(b"\r\n", 1)
        engine_out.write(line + b"\r\nconnection: close\r\n" + fields + body)
        early = b'"stream":true' in body.replace(b" ", b"")
        if early:
            client_out.write(HEAD)
        answer = await engine_in.readuntil(b"\r\n\r\n")
        if not early:
            client_out.write(answer)
        while piece := await engine_in.read(65536):
            client_out.write(piece)
            await client_out.drain()
    finally:
        engine_out.close()


async def serve(client_in, client_out, engine_port):
    try:
        await relay(client_in, client_out, engine_port)
    except (OSError, EOFError):
        pass  # either side has gone
    finally:
        client_out.close()


async def main(port, engine_port):
    server = await asyncio.start_server(lambda *ends: serve(*ends, engine_port), "127.0.0.1", port,
                                        limit=HEAD_BYTES_MAX)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
