"""A process that serves one GGUF file by llama.cpp; started by ``local_server`` as a script.

Owns xllamacpp. The key that requests must have is the first line of standard input. The address is
printed as soon as the server listens; the process ends when standard input does, so that it never
outlives the process that started it.
"""

import os
import sys

_CONTEXT_TOKENS = 4096  # of each of the parallel requests


def main() -> None:
    """Serve until standard input ends."""
    import xllamacpp

    path, threads, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.api_keys = [sys.stdin.readline().strip()]
    params.model_alias = {sys.argv[4]}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = _CONTEXT_TOKENS * slots, slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    # Repacked weights need twice the memory, and some builds fail while they repack.
    params.no_extra_bufts = True
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
