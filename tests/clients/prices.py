# The price monitor of the original's kind.
import time

from services.realtime_client import RealtimeDataClient

prices = {}


def on_data(data):
    prices[data.get('symbol')] = data.get('ltp')
    print(f"{data.get('symbol')}: {data.get('ltp')}", flush=True)


client = RealtimeDataClient(on_data_callback=on_data)
client.connect()

while True:
    time.sleep(1)
