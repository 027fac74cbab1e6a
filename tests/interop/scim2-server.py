# SPDX-License-Identifier: ISC
"""scim2-server's own test server at a free port: its base URL and its token as a line of JSON."""

import json
import socket
import sys
import threading
import time

from scim2_server.testserver import cli

TOKEN = "scim2-server-token"
OUT = sys.stdout

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def announce():
    """Once it listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    print(json.dumps({"base": f"http://127.0.0.1:{port}/v2", "token": TOKEN}), file=OUT, flush=True)


threading.Thread(target=announce, daemon=True).start()
sys.stdout = sys.stderr
sys.argv = ["scim2-server", "--port", str(port), "--bearer-token", TOKEN]
cli.main()
