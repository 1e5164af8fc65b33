# Asks for the latest row right behind the welcome: the next message is it.
import json

import websocket

ws = websocket.create_connection("ws://localhost:8765", timeout=20)
ws.recv()
ws.send(json.dumps({"type": "get_latest", "symbol": "NIFTY 50"}))
data = json.loads(ws.recv())
print(data["type"], data["symbol"], data["ltp"])
ws.send(json.dumps({"type": "ping"}))
while json.loads(ws.recv()).get("type") != "pong":
    pass
print("pong")
ws.close()
