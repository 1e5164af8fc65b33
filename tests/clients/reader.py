# A program for the reader class of the original, as its guide has it: with
# its cache, and its way of finding a future.
import time

from src.websocket_data_reader import WebSocketDataReader

reader = WebSocketDataReader(ws_url="ws://localhost:8765")
for i in range(60):
    if reader.is_connected() and len(reader._data_cache) > 40:
        break
    time.sleep(0.5)

print("spot", reader.get_spot_ltp("NIFTY 50"))
symbols = reader.pick_watchlist(atm_window=5, index_symbol="NIFTY 50")
print("watchlist", len(symbols))
print("market", len(reader.fetch_market_data(symbols)))
print("greeks", len(reader.fetch_greeks_data("NIFTY 50")))
symbols, market_data, greeks_data = reader.collect_complete_data(
    atm_window=5, index_symbol="NIFTY 50")
print("all", len(symbols), len(market_data), len(greeks_data))
for symbol in sorted(reader._data_cache.keys()):
    if "FUT" in symbol and "BANKNIFTY" in symbol:
        print("future", symbol, reader._data_cache[symbol].get('ltp'))
        break
