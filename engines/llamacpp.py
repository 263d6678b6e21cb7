#!/usr/bin/env python3
"""Starts llama.cpp's HTTP server from the PyPI package xllamacpp.

For machines that have no `llama-server`. Takes the same decisions as the
command line that src/engines/local_engine.h makes for `llama-server`: one
context per slot, metrics on, no web UI. Serves until SIGTERM or SIGINT, or
until the process that started it is gone.

Exit codes: 0 ended by a signal, 2 bad arguments, 3 this CPU cannot run the
package, 4 the package is missing, 5 the server did not start.
"""

import argparse
import ctypes
import os
import platform
import signal
import socket
import sys

EXIT_CPU = 3
EXIT_PACKAGE = 4
EXIT_START = 5

PR_SET_PDEATHSIG = 1

# The server keeps prompts of idle slots in memory; 8 GiB is its own default,
# too much for several engines on one machine.
PROMPT_CACHE_MIB = 64


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="1 to 65535; bound exactly")
    parser.add_argument("--slots", type=int, default=2, help="requests answered at once")
    parser.add_argument("--context", type=int, default=2048, help="tokens of one request")
    parser.add_argument("--threads", type=int, default=1, help="of computing")
    parser.add_argument("--alias", default="", help="the model's name in answers")
    parser.add_argument("--verbose", action="store_true", help="let the server log")
    arguments = parser.parse_args()
    if not 1 <= arguments.port <= 65535:
        parser.error("--port must be 1 to 65535")
    if arguments.slots < 1 or arguments.context < 1 or arguments.threads < 1:
        parser.error("--slots, --context and --threads must be positive")
    if not os.path.isfile(arguments.model):
        parser.error(f"there is no model file {arguments.model}")
    return arguments


def end(code, sentence):
    print(f"llamacpp.py: {sentence}", file=sys.stderr, flush=True)
    sys.exit(code)


def end_with_parent(parent):
    """Asks the kernel for SIGTERM when the thread that started this one is gone."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def check_cpu():
    """The package's x86-64 build ends with an illegal instruction without AVX2."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            flags = {word for line in file if line.startswith("flags") for word in line.split()}
    except OSError:
        return
    if flags and "avx2" not in flags:
        end(EXIT_CPU, "this CPU has no AVX2, which the xllamacpp package needs; put a "
                      "llama-server built for this machine on PATH")


def check_port(host, port):
    """The server would end without a sentence when its port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            end(EXIT_START, f"cannot listen on {host}:{port}: {error.strerror}")


def make_params(xllamacpp, arguments):
    params = xllamacpp.CommonParams()
    params.model.path = arguments.model
    params.hostnames = [arguments.host]
    params.port = arguments.port
    params.n_parallel = arguments.slots
    params.n_ctx = arguments.context * arguments.slots
    params.kv_unified = False  # a slot's context is its own
    params.fit_params = False  # exactly what was asked for, or a failure
    params.n_gpu_layers = 0
    # Threads wait for each other by spinning: more of them than CPUs, over all
    # engines of a machine, make every engine slower by an order of magnitude.
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = arguments.threads
        cpu.poll = 0
    params.n_threads_http = arguments.slots + 4  # slots, waiting requests, probes
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.use_jinja = True  # the chat template of the GGUF
    params.ui = False
    params.warmup = False  # a start within a second matters more than the first token
    params.verbosity = 3 if arguments.verbose else 1
    if arguments.alias:
        params.model_alias = {arguments.alias}
    return params


def main():
    parent = os.getppid()
    arguments = parse_arguments()
    end_with_parent(parent)
    check_cpu()
    try:
        import xllamacpp
    except ImportError as error:
        end(EXIT_PACKAGE, f"{error}; install the PyPI package xllamacpp")
    check_port(arguments.host, arguments.port)
    try:
        server = xllamacpp.Server(make_params(xllamacpp, arguments))
    except Exception as error:  # the package raises whatever its C++ threw
        end(EXIT_START, f"the server did not start: {error}")

    # The server's threads need no goodbye, and its destructor may wait for them.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    print(f"listening {server.listening_address}", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
