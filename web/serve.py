"""Serve the in-browser site from this folder: ``python serve.py [PORT]``, nothing else is needed.

In a classroom without internet, one computer can serve all others that reach it.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import sys
from pathlib import Path

PORT = 8501


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and ``404.html`` where there is none, as hosts of static sites do."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".gz": "application/octet-stream",
        "": "application/octet-stream",
    }
    protocol_version = "HTTP/1.1"

    def send_error(self, code, message=None, explain=None):
        """Answer that there is no such file with the page that finds its own way."""
        asked = Path(self.translate_path(self.path))
        pages = [folder / "404.html" for folder in asked.parents]
        page = next((page for page in pages if page.is_file()), None)
        if code != 404 or page is None:
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_args):
        """Say nothing for every file."""


def server(folder: Path, port: int = 0, address: str = "127.0.0.1"):
    """Return a server of a folder that waits to be run; 0 takes a free port."""
    handler = functools.partial(Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer((address, port), handler)


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    here = Path(__file__).resolve().parent
    folder = here if (here / "index.html").is_file() else here.parent / "build" / "web"
    with server(folder, port, "0.0.0.0") as running:
        print(f"Glassnet is at http://localhost:{port}/   (Ctrl+C ends it)", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            running.serve_forever()


if __name__ == "__main__":
    main()
