"""WebSocketDataReader: the latest of everything, kept at hand."""

import re
import threading
import time
from datetime import datetime

from .client import DEFAULT_WS_URL
from .feed import Feed, FeedError

SYMBOLS_S = 30      # so long the list of symbols is believed
GREEKS = ("delta", "gamma", "theta", "vega", "iv")

# NIFTY06JAN2626500CE, NIFTY27JAN26FUT: name, expiry, strike and kind
DERIVATIVE = re.compile(
    r"(?P<name>.+?)(?P<expiry>\d\d[A-Z]{3}\d\d)"
    r"(?:(?P<fut>FUT)|(?P<strike>\d+(?:\.\d+)?)(?P<kind>CE|PE))")

# What an index is called, and what its derivatives begin with.
NAMES = {
    "NIFTY 50": "NIFTY", "NIFTY BANK": "BANKNIFTY",
    "NIFTY FIN SERVICE": "FINNIFTY", "NIFTY MID SELECT": "MIDCPNIFTY",
    "NIFTY NEXT 50": "NIFTYNXT50", "BSE SENSEX": "SENSEX",
}


def parse(symbol):
    """(name, expiry, strike, kind) of a derivative's symbol, or None; a
    future's strike is None."""
    m = DERIVATIVE.fullmatch(symbol)
    if m is None:
        return None
    try:
        expiry = datetime.strptime(m["expiry"].title(), "%d%b%y").date()
    except ValueError:
        return None
    if m["fut"]:
        return m["name"], expiry, None, "FUT"
    return m["name"], expiry, float(m["strike"]), m["kind"]


class WebSocketDataReader:
    """Connects by itself, and keeps the latest row of each symbol.

    All methods may be called from any thread; what they give is the caller's.
    Until the first rows have come, half a second behind the connection, they
    give None and what is empty.
    """

    def __init__(self, ws_url=DEFAULT_WS_URL, token=None, cafile=None,
                 timeout=10.0):
        self.ws_url = ws_url
        self._lock = threading.Lock()
        self._data_cache = {}       # symbol: row
        self._symbols = []
        self._symbols_at = None
        self._feed = Feed(ws_url, token=token, cafile=cafile,
                          on_row=self._row, timeout=timeout)
        self._feed.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self._feed.stop()

    def _row(self, row):
        with self._lock:
            # a new dict, so that who walks over the old one is not disturbed
            if row["symbol"] not in self._data_cache:
                self._data_cache = dict(self._data_cache)
            self._data_cache[row["symbol"]] = row

    def is_connected(self):
        return self._feed.is_connected()

    def _known(self):
        """All symbols: those of the cache, and those that the server has."""
        now = time.monotonic()
        if (self._feed.is_connected() and
                (self._symbols_at is None or
                 now - self._symbols_at > SYMBOLS_S)):
            try:
                self._symbols = self._feed.request("get_symbols")["data"]
                self._symbols_at = now
            except FeedError:
                pass                # what came unasked will do
        return set(self._symbols).union(self._data_cache)

    def _row_of(self, symbol):
        """Its latest row, from the cache or the server; None."""
        row = self._data_cache.get(symbol)
        if row is None and self._feed.is_connected():
            try:
                row = self._feed.request("get_latest", symbol=symbol)
            except FeedError:
                return None
            row.pop("type", None)
            row.pop("id", None)
        return None if row is None else dict(row)

    def get_spot_ltp(self, index_symbol="NIFTY 50"):
        """Last price of an index, or None."""
        row = self._row_of(index_symbol)
        return None if row is None else row.get("ltp")

    def pick_watchlist(self, atm_window=5, index_symbol="NIFTY 50"):
        """Symbols of the index, its nearest future, and the calls and puts of
        its nearest expiry within so many strikes of the money; sorted.

        The future is found by its index: it expires on another day than the
        options.
        """
        spot = self.get_spot_ltp(index_symbol)
        if spot is None:
            return []
        name = NAMES.get(index_symbol, index_symbol.replace(" ", ""))
        futures, options = [], []
        for symbol in self._known():
            what = parse(symbol)
            if what is None or what[0] != name:
                continue
            (futures if what[3] == "FUT" else options).append(
                (what[1], what[2], symbol))
        chosen = {index_symbol}
        if futures:
            chosen.add(min((e, s) for e, _, s in futures)[1])
        if options:
            nearest = min(e for e, _, _ in options)
            options = [o for o in options if o[0] == nearest]
            strikes = sorted({k for _, k, _ in options})
            money = min(range(len(strikes)),
                        key=lambda i: abs(strikes[i] - spot))
            near = set(strikes[max(0, money - atm_window):
                               money + atm_window + 1])
            chosen.update(s for _, k, s in options if k in near)
        return sorted(chosen)

    def fetch_market_data(self, symbols):
        """{symbol: row} of those that have one."""
        rows = {symbol: self._row_of(symbol) for symbol in symbols}
        return {symbol: row for symbol, row in rows.items()
                if row is not None}

    def fetch_greeks_data(self, index_symbol="NIFTY 50"):
        """{symbol: {delta, gamma, theta, vega, iv}} of the index's options
        that have come."""
        name = NAMES.get(index_symbol, index_symbol.replace(" ", ""))
        return self._greeks(
            row for symbol, row in self._data_cache.items()
            if (parse(symbol) or ("",))[0] == name)

    @staticmethod
    def _greeks(rows):
        return {row["symbol"]: {g: row.get(g) for g in GREEKS}
                for row in rows if row.get("delta") is not None}

    def collect_complete_data(self, atm_window=5, index_symbol="NIFTY 50"):
        """(symbols, market data, greeks) of one moment."""
        symbols = self.pick_watchlist(atm_window, index_symbol)
        market = self.fetch_market_data(symbols)
        return symbols, market, self._greeks(market.values())
