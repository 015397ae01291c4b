"""The line between a browser and a server, which can be slow, break, or be down."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Passes bytes on between a port of its own and a server's, as badly as it is told to.

    Attributes
    ----------
    address : str
        Where the browser finds it.
    server : int
        The port that it leads to.
    delay : float
        Seconds that each piece is under way, in each direction.
    lost : float
        Share of the pieces that are lost and sent again, which takes ten times as long; what
        comes behind them waits.
    down : bool
        Whether nobody gets through.
    """

    def __init__(self, server: int) -> None:
        self.server, self.delay, self.lost, self.down = server, 0.0, 0.0, False
        self.address = ""
        self._random = random.Random(1)
        self._open: set[asyncio.StreamWriter] = set()
        self._loop, self._end = asyncio.new_event_loop(), asyncio.Event()
        self._ready = threading.Event()

    def cut(self) -> None:
        """Break all connections there are."""
        self._loop.call_soon_threadsafe(self._close_all)

    def run(self) -> None:
        """Serve until the end."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        door = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{door.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._end.wait()
        door.close()
        self._close_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait({*others, asyncio.create_task(asyncio.sleep(0))}, timeout=3)

    def _close_all(self) -> None:
        for writer in self._open:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.down:
                raise ConnectionError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.server)
        except OSError:
            await self._close(writer)
            return
        self._open |= {writer, far_writer}
        ways = self._pass_on(reader, far_writer), self._pass_on(far_reader, writer)
        await asyncio.gather(*ways, return_exceptions=True)
        self._open -= {writer, far_writer}
        await self._close(writer)
        await self._close(far_writer)

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, each piece when its time has come, in the order in which it came."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(due - self._loop.time())
                if not piece:
                    writer.close()
                    return
                writer.write(piece)
                await writer.drain()

        delivery = asyncio.create_task(deliver())
        while True:
            try:
                piece = await reader.read(1 << 16)
            except OSError:
                piece = b""
            slow = 10.0 if self._random.random() < self.lost else 1.0
            pieces.put_nowait((self._loop.time() + self.delay * slow, piece))
            if not piece:
                break
        await delivery


@contextmanager
def line_to(server: int) -> Iterator[Line]:
    """Open a line to a server's port, yield it, take it down."""
    line = Line(server)
    thread = threading.Thread(target=line.run)
    thread.start()
    line._ready.wait(10)
    try:
        yield line
    finally:
        line._loop.call_soon_threadsafe(line._end.set)
        thread.join(10)
