# The greeks monitor of the original's kind: what has a delta is an option.
import time

from realtime_client import RealtimeDataClient


def on_data(data):
    if data.get('delta') is not None:
        print(f"{data.get('symbol')}: {data.get('delta'):.4f} "
              f"{data.get('gamma'):.6f} {data.get('theta'):.2f} "
              f"{data.get('vega'):.2f} {data.get('iv'):.2f}%", flush=True)


client = RealtimeDataClient(on_data_callback=on_data)
client.connect()

while True:
    time.sleep(1)
