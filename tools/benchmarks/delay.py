"""A proxy that is as far away as it is told to be: it holds every chunk back, and counts.

    python -m benchmarks.delay PORT UPSTREAM SECONDS

Half the delay each way per chunk. The connection to the server is opened when the client's first
bytes come, a whole delay later, which stands for the handshake of TCP: so a hello and its answer
cost two delays. A client that connects and says nothing is charged nothing. On SIGTERM, or when
asked on standard input by a line, it prints connections and bytes up and down, and counts anew.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

READ = 1 << 16


class Delay:
    """Counts and holds back."""

    def __init__(self, upstream: int, seconds: float) -> None:
        self.upstream, self.seconds = upstream, seconds
        self.connections = self.up = self.down = 0
        self._tasks: set[asyncio.Task[None] | None] = set()  # asyncio itself keeps none

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        self._tasks.add(asyncio.current_task())
        with suppress(OSError, asyncio.CancelledError):
            first = await reader.read(READ)
            self.connections += 1
            await asyncio.sleep(self.seconds)
            there, away = await asyncio.open_connection("127.0.0.1", self.upstream)
            up = asyncio.ensure_future(self._pump(reader, away, first))
            down = asyncio.ensure_future(self._pump(there, writer, None))
            await asyncio.wait((up, down), return_when=asyncio.ALL_COMPLETED)
            away.close()
        writer.close()
        self._tasks.discard(asyncio.current_task())

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes | None
    ) -> None:
        """Hold every chunk back by half the delay, without holding up the next."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        sender = asyncio.ensure_future(self._send(queue, writer))
        data = first if first is not None else await self._read(reader)
        while data:
            if first is not None:
                self.up += len(data)
            else:
                self.down += len(data)
            queue.put_nowait((loop.time() + self.seconds / 2, data))
            data = await self._read(reader)
        queue.put_nowait((loop.time() + self.seconds / 2, b""))
        await sender

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(READ)
        except OSError:
            return b""

    @staticmethod
    async def _send(
        queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            with suppress(OSError, RuntimeError):
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
            if not data:
                return

    def report(self) -> str:
        """Return the counts, and begin anew."""
        told = f"{self.connections} {self.up} {self.down}"
        self.connections = self.up = self.down = 0
        return told


async def run(port: int, upstream: int, seconds: float) -> None:
    """Serve until standard input ends."""
    delay = Delay(upstream, seconds)
    server = await asyncio.start_server(delay.serve, "127.0.0.1", port, backlog=500)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    async with server:
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(delay.report(), flush=True)
        os._exit(0)  # what is still on its way belongs to clients that have left


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
