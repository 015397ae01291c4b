"""A visitor without a browser: opens a page through Streamlit's WebSocket, clicks, and waits.

Speaks the frontend's side of the protocol as far as a load test needs it: it runs the script, sends
clicks with the ids that the page has given its widgets, and reruns fragments as often as the page
asks for.  Nothing is drawn, so thirty of them leave the machine to the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # seconds for an answer
_WIDGET = re.compile(rb"\$\$ID-[0-9a-f]+-([\w.]+)")


class Visitor:
    """Somebody who looks at one page.

    Parameters
    ----------
    address : str
        Of the server, such as http://127.0.0.1:8501.
    page, query : str
        The page's name, and what its link says.
    """

    def __init__(self, address: str, page: str, query: str = "") -> None:
        self.address, self.page, self.query = address, page, query
        self.ids: dict[str, str] = {}  # of widgets, by their keys
        self.fragments: dict[str, str] = {}  # in which they are; a click on them reruns only those
        self.exceptions = 0
        self._finished = asyncio.Event()
        self._announced: set[str] = set()  # fragments that the last whole run wants to run again
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._socket: ClientConnection | None = None
        self._listener: asyncio.Task[None] | None = None

    async def arrive(self) -> float:
        """Open the page; return the seconds until all of it was there."""
        stream = self.address.replace("http", "ws") + "/_stcore/stream"
        self._socket = await connect(stream, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self._listener = asyncio.create_task(self._listen())
        return await self._run(BackMsg())

    async def press(self, key: str) -> float:
        """Click a button; return the seconds until the page had answered, or ``PATIENCE``."""
        return await self._run(self._click(key))

    async def press_in_passing(self, key: str) -> None:
        """Click a button and do not wait for the answer."""
        await self._send(self._click(key))

    async def leave(self) -> None:
        """Close the page."""
        for task in (*self._asked.values(), self._listener):
            if task is not None:
                task.cancel()
        if self._socket is not None:
            await self._socket.close()

    def _click(self, key: str) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = self.ids[key], True
        message.rerun_script.fragment_id = self.fragments[key]
        return message

    async def _run(self, message: BackMsg) -> float:
        self._finished.clear()
        self._announced.clear()
        start = time.perf_counter()
        await self._send(message)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), PATIENCE)
        return time.perf_counter() - start

    async def _send(self, message: BackMsg) -> None:
        wanted = message.rerun_script
        wanted.query_string, wanted.page_name = self.query, self.page
        wanted.context_info.locale, wanted.context_info.timezone = "en-US", "UTC"
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        assert self._socket is not None
        async for content in self._socket:
            assert isinstance(content, bytes)
            found = {match[1].decode(): match[0].decode() for match in _WIDGET.finditer(content)}
            message = ForwardMsg.FromString(content)
            self.ids |= found
            self.fragments |= dict.fromkeys(found, message.delta.fragment_id)
            kind = message.WhichOneof("type")
            if kind == "auto_rerun":
                self._ask_again(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "stop_auto_rerun":
                self._forget_timers(lambda fragment: True)
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.new_element.HasField("exception"):
                self.exceptions += 1
            elif kind == "script_finished":
                self._take_end(message.script_finished)

    def _take_end(self, how: int) -> None:
        whole = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR
        if how in whole:
            self._forget_timers(lambda fragment: fragment not in self._announced)
            self._finished.set()

    def _ask_again(self, fragment: str, interval: float) -> None:
        async def ask() -> None:
            while True:
                await asyncio.sleep(interval)
                message = BackMsg()
                message.rerun_script.fragment_id = fragment
                message.rerun_script.is_auto_rerun = True
                await self._send(message)

        self._announced.add(fragment)
        if fragment not in self._asked:
            self._asked[fragment] = asyncio.create_task(ask())

    def _forget_timers(self, which: Callable[[str], bool]) -> None:
        for fragment in [fragment for fragment in self._asked if which(fragment)]:
            self._asked.pop(fragment).cancel()


async def every(
    seconds: float, act: Callable[[], Awaitable[Any]], until: float, rng: random.Random
) -> list[Any]:
    """Do something again and again, as people do; return what it returned.

    The pauses are between half and one and a half times ``seconds`` long, the first one may be
    shorter: thirty people who clicked in step would be no class.
    """
    found = []
    await asyncio.sleep(rng.uniform(0.0, seconds))
    while time.perf_counter() < until:
        found.append(await act())
        await asyncio.sleep(seconds * rng.uniform(0.5, 1.5))
    return found
