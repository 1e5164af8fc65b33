# A reader of the other shape: a message is a moment, with all symbols in it.
import json
import time

import websocket

ws = websocket.create_connection("ws://localhost:8765/?shape=batch",
                                 timeout=20)
cache = {}
while not cache:
    message = json.loads(ws.recv())
    if 'data' in message:
        for symbol, row in message['data'].items():
            cache[symbol] = row
        assert message['timestamp'] and time.time()
ws.close()
print(len(cache), cache['NIFTY 50']['ltp'])
