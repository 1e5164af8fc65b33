# The volume alert of the original's kind: a volume is a number in every row.
import time

from services.realtime_client import RealtimeDataClient


def on_data(data):
    volume = data.get('volume', 0)
    if volume > 10000000:
        print(f"ALERT: {data.get('symbol')} volume spike: {volume:,}",
              flush=True)


client = RealtimeDataClient(on_data_callback=on_data)
client.connect()

while True:
    time.sleep(1)
