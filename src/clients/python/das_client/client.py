"""RealtimeDataClient: rows to a callback, and questions."""

import logging
import queue
import threading

from .feed import Feed, FeedError

log = logging.getLogger("das_client")

DEFAULT_WS_URL = "ws://localhost:8765"
WAITING = 4096      # rows that wait for the callback; then the server waits


class RealtimeDataClient:
    """The live feed of a das-cast.

    on_data_callback(row) is called in a thread of the client's, one row after
    the other, with a dict of symbol, token, ts, ltp, bid, ask, volume, oi,
    delta, gamma, theta, vega, iv and source, for each row that comes after
    connect().  Methods may be called from any thread, from the callback too.
    """

    def __init__(self, ws_url=DEFAULT_WS_URL, db_path=None,
                 on_data_callback=None, token=None, cafile=None,
                 on_gap_callback=None, timeout=10.0):
        """db_path is taken for the original's sake; nothing is read there.
        token: also from DAS_CASTTOKEN; cafile: also from DAS_CAFILE."""
        self.ws_url = ws_url
        self.db_path = db_path
        self.on_data_callback = on_data_callback
        self._lock = threading.Lock()
        self._run = None            # the Event that ends the callbacks
        self._feed = Feed(ws_url, token=token, cafile=cafile,
                          on_row=self._row, on_gap=on_gap_callback,
                          timeout=timeout)

    def __enter__(self):
        self.connect()
        return self

    def __exit__(self, *unused):
        self.close()

    def _row(self, row):
        run = self._run
        while run is not None and not run.is_set():
            try:
                self._rows.put(row, timeout=0.5)
                return
            except queue.Full:
                pass

    def _call(self, run, rows):
        while not run.is_set():
            try:
                row = rows.get(timeout=0.5)
            except queue.Empty:
                continue
            try:
                if row is not None and self.on_data_callback is not None:
                    self.on_data_callback(row)
            except Exception:       # the caller's: the feed goes on
                log.exception("on_data_callback failed")

    @property
    def running(self):
        return self._run is not None

    def connect(self):
        """Begins, and returns at once; connects again whenever it must."""
        with self._lock:
            if self._run is not None:
                log.warning("connected already")
                return
            self._rows = queue.Queue(WAITING)
            self._run = threading.Event()
            threading.Thread(target=self._call, args=(self._run, self._rows),
                             name="das-callback", daemon=True).start()
        self._feed.start()

    def disconnect(self):
        """Ends the feed; connect() begins it again."""
        with self._lock:
            run, self._run = self._run, None
        if run is not None:
            run.set()
            try:
                self._rows.put_nowait(None)     # wakes it
            except queue.Full:
                pass
        self._feed.stop()

    def close(self):
        self.disconnect()

    def is_connected(self):
        return self._feed.is_connected()

    def subscribe(self, symbols=None, index=None, expiry=None, mode=None,
                  fields=None, since=None, day=None):
        """Other rows than those sent unasked: see das-cast(1)."""
        members = {"symbols": symbols, "index": index, "expiry": expiry,
                   "mode": mode, "fields": fields, "since": since, "day": day}
        self._feed.subscribe(**{k: v for k, v in members.items()
                                if v is not None})

    # ---- questions: FeedError where there is no answer ----

    def get_latest(self, symbol):
        """The latest row of a symbol, or None."""
        try:
            row = self._feed.request("get_latest", symbol=symbol)
        except FeedError as e:
            if e.code == "no_data":
                return None
            raise
        row.pop("type", None)
        row.pop("id", None)
        return row

    def get_latest_all(self, limit=100):
        """The latest rows of as many symbols, the newest first."""
        # all are asked for: the newest of them are wanted
        rows = self._feed.request("get_latest_all")["data"]
        rows.sort(key=lambda row: row.get("ts") or "", reverse=True)
        return rows[:limit]

    def get_historical(self, symbol, start_ts, end_ts, limit=None):
        """The rows of a symbol between two times like
        2026-01-02T08:00:00+00:00, the oldest first."""
        more = {} if limit is None else {"limit": limit}
        return self._feed.request("get_historical", symbol=symbol,
                                  start_ts=start_ts, end_ts=end_ts,
                                  **more)["data"]

    def get_symbols(self):
        """All that have a row today, sorted."""
        return sorted(self._feed.request("get_symbols")["data"])

    def query(self, sql, params=()):
        """The rows of a SELECT, each a dict; where das-cast allows it (key
        castQuery).  params are those of the ? in it."""
        answer = self._feed.request("query", sql=sql, params=list(params))
        if answer.get("truncated"):
            log.warning("query: there are more rows than are given")
        return [dict(zip(answer["columns"], row)) for row in answer["rows"]]
