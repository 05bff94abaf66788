"""Serves ministack on a free port of 127.0.0.1, prints the port, and ends when its standard input does."""

import asyncio
import os
import socket
import sys
import threading

# Only what the tests call: its other services listen on more ports and look for Docker.
os.environ |= {"SERVICES": "iam,sts,monitoring,logs,s3", "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "LOG_LEVEL": "ERROR"}

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app


def end_with_input():
    """Ends the process when whoever started it closes its end of the pipe, or dies."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "ERROR"
    threading.Thread(target=end_with_input, daemon=True).start()
    # Who connects before it serves waits in the queue of the socket.
    print(listener.getsockname()[1], flush=True)
    asyncio.run(serve(app, config))
