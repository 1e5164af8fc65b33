"""peercast.py - plain broadcasts, what das-cast is measured against

	python3 peercast.py FILE [NATS-PORT]

Follows rows of topic ltp in FILE and sends each, as JSON, to every WebSocket client
(websockets' own broadcast()), or publishes it to a nats-server on loopback.  Prints
its port, or "ready".
"""
import asyncio
import json
import os
import socket
import sys

NAMES = "symbol token ts ltp bid ask volume oi delta gamma theta vega iv source".split()
TEXT = {"symbol", "token", "ts", "source"}


def to_json(line):
    row = {}
    for name, v in zip(NAMES, line.split("\t")):
        row[name] = None if v == "\\N" else v if name in TEXT else float(v) if "." in v else int(v)
    return json.dumps(row, separators=(",", ":"))


async def follow(path, send):
    file = os.open(path, os.O_RDONLY)
    os.lseek(file, 0, os.SEEK_END)
    rest = b""
    while True:
        piece = os.read(file, 1 << 20)
        if not piece:
            await asyncio.sleep(0.001)
            continue
        *lines, rest = (rest + piece).split(b"\n")
        send([to_json(line.decode()) for line in lines])
        await asyncio.sleep(0)


async def serve(path):
    import websockets

    clients = set()

    async def client(c, *_):
        clients.add(c)
        try:
            await c.wait_closed()
        finally:
            clients.discard(c)

    def send(rows):
        for row in rows:
            websockets.broadcast(clients, row)

    async with websockets.serve(client, "127.0.0.1", 0, compression=None,
                                ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await follow(path, send)


async def publish(path, port):
    nats = socket.create_connection(("127.0.0.1", port))
    nats.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\n')

    def send(rows):
        nats.sendall(b"".join(b"PUB rows %d\r\n%s\r\n" % (len(r), r.encode()) for r in rows))

    print("ready", flush=True)
    await follow(path, send)


if len(sys.argv) > 2:
    asyncio.run(publish(sys.argv[1], int(sys.argv[2])))
else:
    asyncio.run(serve(sys.argv[1]))
