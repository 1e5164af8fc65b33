"""One connection to a das-cast that is made again whenever it breaks.

A thread receives; requests may come from any thread.  Every wait has an end.
"""

import itertools
import json
import logging
import os
import random
import ssl
import threading
import time
from urllib.parse import urlsplit

import websocket

log = logging.getLogger("das_client")

SILENCE_S = 20          # das-cast says something every 5 s, unless told otherwise
DIAL_S = 10
BACKOFF_MAX_S = 30
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class FeedError(Exception):
    """A request that was not answered, or answered with an error."""

    def __init__(self, message, code="unavailable"):
        super().__init__(message)
        self.code = code


class _Answer:
    def __init__(self, kind):
        self.kind = kind
        self.done = threading.Event()
        self.message = None


class Feed:
    """on_row(row) is called in the feed's thread, with a dict of its own.

    on_gap(text) is called when rows of a subscription with mode "tick" may be
    missing: after a break that the server cannot fill.
    """

    def __init__(self, url, token=None, cafile=None, on_row=None, on_gap=None,
                 timeout=10.0):
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError("want a URL like ws://localhost:8765")
        token = os.environ.get("DAS_CASTTOKEN") if token is None else token
        if token and parts.scheme == "ws" and parts.hostname not in LOOPBACK:
            raise ValueError("a token goes over wss:// only")
        self.url = url
        self.timeout = timeout
        self._name = "%s://%s" % (parts.scheme, parts.netloc.split("@")[-1])
        self._header = ["Authorization: Bearer " + token] if token else []
        cafile = os.environ.get("DAS_CAFILE") if cafile is None else cafile
        self._ssl = {"cert_reqs": ssl.CERT_REQUIRED}
        if cafile:
            self._ssl["ca_certs"] = cafile
        self._on_row = on_row
        self._on_gap = on_gap
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._asked = {}            # id: _Answer
        self._open = threading.Event()
        self._stop = threading.Event()
        self._thread = None
        self._ws = None
        self._refused = None        # why there is no use in trying again
        self._want = None           # the subscription
        self._want_id = None        # of the one whose answer is awaited
        self._place = None          # (day, seq) behind which to go on
        self._seen = {}             # symbol: seq of its last row
        self._newest = ""           # day of the newest row, by its ts
        self._resumes = False

    # ---- life ----

    def start(self):
        """Begins to connect.  False: it runs already."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._stop = threading.Event()
            self._refused = None
            self._thread = threading.Thread(
                target=self._run, args=(self._stop,), name="das-feed",
                daemon=True)
            self._thread.start()
            return True

    def stop(self):
        """Ends it; requests that wait get a FeedError."""
        with self._lock:
            self._stop.set()
            ws, thread = self._ws, self._thread
        if ws is not None:
            try:
                ws.send_close()
                ws.shutdown()
            except (OSError, websocket.WebSocketException, AttributeError):
                pass            # it is over already
        if thread is not None and thread is not threading.current_thread():
            thread.join(DIAL_S + 5)

    def is_connected(self):
        return self._open.is_set()

    # ---- requests ----

    def request(self, kind, **members):
        """Asks, and gives the answer: a dict.  FeedError, with code."""
        self.start()
        end = time.monotonic() + self.timeout
        while not self._open.wait(0.05):
            self._check_alive()
            if time.monotonic() > end:
                raise FeedError("%s: no connection" % self._name)
        answer = _Answer(kind)
        with self._lock:
            number = next(self._ids)
            self._asked[number] = answer
        try:
            self._send(dict(members, type=kind, id=number))
            if not answer.done.wait(max(0.1, end - time.monotonic())):
                raise FeedError("%s: no answer to %s" % (self._name, kind))
        finally:
            with self._lock:
                self._asked.pop(number, None)
        message = answer.message
        if message is None:
            self._check_alive()
            raise FeedError("%s: the connection broke" % self._name)
        if message.get("type") == "error":
            raise FeedError(str(message.get("message")),
                            str(message.get("code")))
        return message

    def subscribe(self, **members):
        """Chooses the rows, as das-cast(1) has it; holds for later
        connections too.  mode="tick" goes on without a gap after a break where
        the server can."""
        with self._lock:
            since, day = members.pop("since", None), members.pop("day", None)
            self._want = dict(members, seq=True)
            self._place = None if since is None else (day, since)
        self.start()
        if self._open.is_set():
            self._subscribe()

    def _check_alive(self):
        if self._refused is not None:
            raise self._refused
        if self._stop.is_set():
            raise FeedError("%s: closed" % self._name, "closed")

    def _send(self, message):
        with self._lock:
            ws = self._ws
        try:
            if ws is None:
                raise FeedError("%s: not connected" % self._name)
            ws.send(json.dumps(message))
        except (OSError, websocket.WebSocketException) as e:
            raise FeedError("%s: %s" % (self._name, e)) from e

    def _subscribe(self):
        with self._lock:
            if self._want is None:
                return
            ask = dict(self._want, type="subscribe")
            if ask.get("mode") == "tick" and self._place is not None:
                day, ask["since"] = self._place
                if day:
                    ask["day"] = day
            self._want_id = ask["id"] = next(self._ids)
        self._send(ask)

    # ---- the thread ----

    def _run(self, stop):
        fails = 0
        while not stop.is_set():
            try:
                ws = websocket.create_connection(
                    self.url, timeout=DIAL_S, header=self._header,
                    sslopt=self._ssl, enable_multithread=True)
            except websocket.WebSocketBadStatusException as e:
                if e.status_code in (401, 403):
                    self._refuse(FeedError("%s: refuses the token (HTTP %d)" %
                                           (self._name, e.status_code),
                                           "refused"))
                    break
                why = "HTTP %d" % e.status_code
            except ssl.SSLCertVerificationError as e:
                self._refuse(FeedError("%s: its certificate does not verify: "
                                       "%s" % (self._name, e.verify_message),
                                       "refused"))
                break
            except (OSError, websocket.WebSocketException) as e:
                why = e
            else:
                if self._receive(ws, stop):
                    fails = 0
                why = "connection lost"
            if stop.is_set():
                break
            fails += 1
            if fails == 1:
                log.warning("%s: %s; trying again", self._name, why)
            stop.wait(min(BACKOFF_MAX_S, 2 ** min(fails - 1, 6)) *
                      random.uniform(0.5, 1))
        self._forget()

    def _refuse(self, error):
        log.error("%s", error)
        self._refused = error

    def _receive(self, ws, stop):
        """Until the connection is over.  Whether anything came."""
        heard = False
        ws.settimeout(SILENCE_S)
        with self._lock:
            self._ws = ws
        try:
            self._subscribe()   # before anybody asks
            self._open.set()
            while not stop.is_set():
                text = ws.recv()
                if not text:        # closed
                    break
                heard = True
                self._take(text)
        except (OSError, websocket.WebSocketException, FeedError,
                ValueError) as e:
            if not stop.is_set():
                log.info("%s: %s", self._name, e)
        finally:
            self._open.clear()
            with self._lock:
                self._ws = None
            self._forget()
            try:
                ws.shutdown()
            except (OSError, websocket.WebSocketException):
                pass
        return heard

    def _forget(self):
        """Nobody waits for what will not come."""
        with self._lock:
            asked, self._asked = self._asked, {}
        for answer in asked.values():
            answer.done.set()

    def _take(self, text):
        message = json.loads(text)
        if not isinstance(message, dict):
            return
        kind = message.get("type")
        if kind is None and isinstance(message.get("data"), dict):
            for row in message["data"].values():    # shape=batch
                self._row(row)
        elif kind is None:
            self._row(message)
        elif kind == "skipped":
            self._skipped(message)
        elif kind == "subscribed" and message.get("id", self._want_id) == \
                self._want_id:
            self._subscribed(message)
        elif "id" in message:
            with self._lock:
                answer = self._asked.pop(message["id"], None)
            if answer is not None:
                answer.message = message
                answer.done.set()
            elif kind == "error" and message["id"] == self._want_id:
                self._not_subscribed(message)

    # ---- rows ----

    def _row(self, row):
        if not isinstance(row, dict) or not row.get("symbol"):
            return
        if not self._is_new(row) or self._on_row is None:
            return
        try:
            self._on_row(row)
        except Exception:           # the caller's: the feed goes on
            log.exception("a callback failed")

    def _is_new(self, row):
        """False: the row was given before, as far as it has a number."""
        seq, symbol = row.get("seq"), row["symbol"]
        with self._lock:
            if (not isinstance(seq, int) or self._want is None or
                    self._want.get("mode") != "tick"):
                return True
            if self._want_id is not None:
                return False        # the subscription is not answered yet
            if self._seen.get(symbol) == seq:
                return False        # the server repeats what is not new
            self._seen[symbol] = seq
            day, last = self._place or (None, 0)
            of = str(row.get("ts", ""))[:10]
            if seq <= last:
                if of <= self._newest:
                    return False
                day = None          # numbers begin anew: another day
            self._newest = max(self._newest, of)
            self._place = (day, seq)
            return True

    def _subscribed(self, message):
        gap = None
        with self._lock:
            self._want_id = None
            day, seq = message.get("day"), message.get("seq")
            self._resumes = isinstance(day, str) and isinstance(seq, int)
            if self._resumes:
                self._newest = max(self._newest, day)
            if self._want.get("mode") != "tick":
                return
            had = self._place
            if had is not None and not self._resumes:
                gap = "rows after number %d may be missing" % had[1]
            elif had is not None and had[0] and had[0] != day:
                gap = ("the server is at %s, rows of %s after number %d may "
                       "be missing" % (day, had[0], had[1]))
                self._place = (day, 0)
            elif self._resumes:
                self._place = (day, seq if had is None else had[1])
        if gap is not None:
            self._gap(gap)

    def _not_subscribed(self, message):
        with self._lock:
            had, self._place = self._place, None
            again = self._want.get("mode") == "tick" and had is not None
            if not again:
                self._want = self._want_id = None
        if again:       # it has another spool, say
            self._gap("rows after number %d may be missing" % had[1])
            self._subscribe()
        else:
            log.error("%s: subscription: %s", self._name,
                      message.get("message"))

    def _skipped(self, message):
        with self._lock:
            tick = self._want is not None and self._want.get("mode") == "tick"
        if tick and self._resumes:
            self._subscribe()
        elif tick:
            self._gap("%s rows were not taken in time" % message.get("n"))

    def _gap(self, text):
        log.warning("%s: gap: %s", self._name, text)
        if self._on_gap is not None:
            try:
                self._on_gap(text)
            except Exception:
                log.exception("a callback failed")
