# A plain loop over websocket-client, as published for the original: flat rows,
# one a message, and two kinds of message that are none.
import json
import threading
import time

import websocket


def on_message(ws, message):
    data = json.loads(message)
    if data.get('type') in ['welcome', 'pong']:
        if data.get('type') == 'welcome':
            print(f"Connected: {data.get('message')}", flush=True)
        return
    print(f"{data.get('symbol')}: LTP={data.get('ltp')}, "
          f"Volume={data.get('volume')}, Delta={data.get('delta')}, "
          f"IV={data.get('iv')}%", flush=True)


ws = websocket.WebSocketApp("ws://localhost:8765", on_message=on_message)
thread = threading.Thread(target=ws.run_forever)
thread.daemon = True
thread.start()
while True:
    time.sleep(1)
