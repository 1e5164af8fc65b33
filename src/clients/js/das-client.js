/*
 * das-client.js - the live feed of a das-cast, for Node (with ws) and browsers
 *
 *	const { RealtimeDataClient } = require('das-client');	// Node
 *	<script src="das-client.js"></script>			// DasClient.*
 *
 * Methods that ask give a Promise; it is rejected with a FeedError.  A connection
 * that breaks is made again.
 */
(function (root, make) {
	'use strict';
	if (typeof module === 'object' && module.exports) {
		// Node 22 has a WebSocket of its own, which takes no headers.
		module.exports = make(require('ws'), true);
	} else {
		root.DasClient = make(root.WebSocket, false);
	}
})(typeof self !== 'undefined' ? self : this, function (WebSocket, isNode) {
	'use strict';

	const DEFAULT_WS_URL = 'ws://localhost:8765';
	const SILENCE_MS = 20000;	// das-cast says something every 5 s
	const BACKOFF_MAX_MS = 30000;
	const SYMBOLS_MS = 30000;	// so long the list of symbols is believed
	const GREEKS = ['delta', 'gamma', 'theta', 'vega', 'iv'];

	class FeedError extends Error {
		constructor(message, code) {
			super(message);
			this.name = 'FeedError';
			this.code = code || 'unavailable';
		}
	}

	/* One connection that is made again.  onRow(row), onGap(text). */
	class Feed {
		constructor(url, options) {
			const parts = new URL(url);
			if (parts.protocol !== 'ws:' && parts.protocol !== 'wss:')
				throw new FeedError('want a URL like ' + DEFAULT_WS_URL, 'usage');
			const local = ['localhost', '127.0.0.1', '[::1]'];
			if (options.token && parts.protocol === 'ws:' &&
			    !local.includes(parts.hostname))
				throw new FeedError('a token goes over wss:// only', 'usage');
			this.url = url;
			this.name = parts.protocol + '//' + parts.host;
			this.token = options.token;
			this.ca = options.ca;
			this.timeoutMs = options.timeoutMs || 10000;
			this.onRow = options.onRow || function () {};
			this.onGap = options.onGap || function () {};
			this.asked = new Map();		// id: {resolve, reject, timer}
			this.nextId = 1;
			this.ws = null;
			this.running = false;
			this.open = false;
			this.fails = 0;
			this.why = '';			// there is no connection
			this.refused = null;
			this.waiting = [];		// for the connection
			this.want = null;		// the subscription
			this.wantId = null;		// of the one not answered yet
			this.place = null;		// {day, seq}
			this.seen = new Map();		// symbol: seq
			this.newest = '';
			this.resumes = false;
		}

		start() {
			if (this.running)
				return;
			this.running = true;
			this.refused = null;
			this.fails = 0;
			this.dial();
		}

		stop() {
			this.running = false;
			clearTimeout(this.again);
			if (this.ws !== null)
				this.ws.close();
			this.lost();
			this.fail(new FeedError(this.name + ': closed', 'closed'));
		}

		/* Everybody who waits is told. */
		fail(error) {
			const waiting = this.waiting;
			this.waiting = [];
			for (const w of waiting)
				w.reject(error);
			for (const a of this.asked.values())
				a.reject(error);
		}

		dial() {
			let url = this.url, ws;
			if (isNode) {
				const options = { handshakeTimeout: this.timeoutMs };
				if (this.token)
					options.headers = { Authorization: 'Bearer ' + this.token };
				if (this.ca)
					options.ca = this.ca;
				ws = new WebSocket(url, options);
			} else {		// a browser's takes no headers
				if (this.token)
					url += (url.includes('?') ? '&' : '?') + 'token=' +
					    encodeURIComponent(this.token);
				ws = new WebSocket(url);
			}
			this.ws = ws;
			const mine = (fn) => (e) => {	// not of a connection before
				if (ws === this.ws)
					fn(e);
			};
			ws.onopen = mine(() => this.opened());
			ws.onmessage = mine((e) => this.take(e.data));
			ws.onclose = mine(() => this.closed());
			ws.onerror = mine((e) => {	// onclose follows
				this.why = e.message ? ': ' + e.message : '';
			});
			if (isNode)
				ws.on('unexpected-response', (request, response) => {
					if (response.statusCode === 401 || response.statusCode === 403)
						this.refuse(response.statusCode);
					request.destroy();
				});
		}

		refuse(status) {
			this.refused = new FeedError(this.name +
			    ': refuses the token (HTTP ' + status + ')', 'refused');
			this.running = false;
			this.fail(this.refused);
		}

		opened() {
			this.open = true;
			this.listen();
			if (this.want !== null)
				this.sendSubscription();
			const waiting = this.waiting;
			this.waiting = [];
			for (const w of waiting)
				w.resolve();
		}

		/* Something was heard. */
		listen() {
			const ws = this.ws;
			clearTimeout(this.silence);
			this.silence = setTimeout(() => {
				if (ws !== this.ws)
					return;
				if (ws.terminate)
					ws.terminate();
				else
					ws.close();
				this.closed();
			}, SILENCE_MS);
		}

		/* The connection is over. */
		lost() {
			this.ws = null;
			this.open = false;
			this.wantId = null;
			clearTimeout(this.silence);
			for (const a of this.asked.values())
				a.reject(new FeedError(this.name + ': the connection broke'));
		}

		closed() {
			this.lost();
			if (!this.running)
				return;
			const pause = Math.min(BACKOFF_MAX_MS, 1000 * 2 ** Math.min(this.fails++, 6));
			this.again = setTimeout(() => this.dial(), pause * (0.5 + Math.random() / 2));
		}

		/* ---- requests ---- */

		connected() {
			if (this.open)
				return Promise.resolve();
			if (this.refused !== null)
				return Promise.reject(this.refused);
			this.start();
			return new Promise((resolve, reject) => {
				const timer = setTimeout(() => {
					this.waiting = this.waiting.filter((w) => w !== me);
					reject(new FeedError(this.name + ': no connection' + this.why));
				}, this.timeoutMs);
				const me = {
					resolve: () => { clearTimeout(timer); resolve(); },
					reject: (e) => { clearTimeout(timer); reject(e); }
				};
				this.waiting.push(me);
			});
		}

		async request(type, members) {
			await this.connected();
			if (!this.open)
				throw new FeedError(this.name + ': not connected');
			const id = this.nextId++;
			const answer = await new Promise((resolve, reject) => {
				const done = (fn) => (value) => {
					clearTimeout(timer);
					this.asked.delete(id);
					fn(value);
				};
				const timer = setTimeout(() => done(reject)(
				    new FeedError(this.name + ': no answer to ' + type)), this.timeoutMs);
				this.asked.set(id, { resolve: done(resolve), reject: done(reject) });
				this.ws.send(JSON.stringify(Object.assign({}, members, { type, id })));
			});
			if (answer.type === 'error')
				throw new FeedError(answer.message, answer.code);
			return answer;
		}

		subscribe(members) {
			const { since, day, ...want } = members;
			this.want = Object.assign(want, { seq: true });
			this.place = since === undefined ? null : { day, seq: since };
			if (this.open)
				this.sendSubscription();
			else
				this.start();
		}

		sendSubscription() {
			const ask = Object.assign({ type: 'subscribe' }, this.want);
			if (ask.mode === 'tick' && this.place !== null) {
				ask.since = this.place.seq;
				if (this.place.day)
					ask.day = this.place.day;
			}
			this.wantId = ask.id = this.nextId++;
			this.ws.send(JSON.stringify(ask));
		}

		/* ---- messages ---- */

		take(text) {
			let m;
			this.listen();
			this.fails = 0;
			try {
				m = JSON.parse(text);
			} catch (e) {
				return;
			}
			if (m === null || typeof m !== 'object')
				return;
			if (m.type === undefined && m.data !== null && typeof m.data === 'object')
				Object.values(m.data).forEach((row) => this.row(row));	// shape=batch
			else if (m.type === undefined)
				this.row(m);
			else if (m.type === 'skipped')
				this.skipped(m);
			else if (m.type === 'subscribed' && (m.id === undefined || m.id === this.wantId))
				this.subscribed(m);
			else if (this.asked.has(m.id))
				this.asked.get(m.id).resolve(m);
			else if (m.type === 'error' && this.wantId !== null && m.id === this.wantId)
				this.notSubscribed(m);
		}

		notSubscribed(m) {
			const had = this.place;
			this.place = this.wantId = null;
			if (this.want.mode === 'tick' && had !== null) {	// another spool, say
				this.onGap('rows after number ' + had.seq + ' may be missing');
				this.sendSubscription();
			} else {
				this.want = null;
				this.onGap('subscription: ' + m.message);
			}
		}

		row(row) {
			if (row === null || typeof row !== 'object' || !row.symbol || !this.isNew(row))
				return;
			this.onRow(row);
		}

		/* False: it was given before, as far as it has a number. */
		isNew(row) {
			const { symbol, seq } = row;
			if (typeof seq !== 'number' || this.want === null || this.want.mode !== 'tick')
				return true;
			// not answered yet; or repeated, as nothing is new
			if (this.wantId !== null || this.seen.get(symbol) === seq)
				return false;
			this.seen.set(symbol, seq);
			let day = this.place === null ? null : this.place.day;
			const of = String(row.ts || '').slice(0, 10);
			if (this.place !== null && seq <= this.place.seq) {
				if (of <= this.newest)
					return false;
				day = null;	// numbers begin anew: another day
			}
			if (of > this.newest)
				this.newest = of;
			this.place = { day, seq };
			return true;
		}

		subscribed(m) {
			const had = this.place;
			this.wantId = null;
			this.resumes = typeof m.day === 'string' && Number.isInteger(m.seq);
			if (this.resumes && m.day > this.newest)
				this.newest = m.day;
			if (this.want === null || this.want.mode !== 'tick')
				return;
			if (had !== null && !this.resumes) {
				this.onGap('rows after number ' + had.seq + ' may be missing');
			} else if (had !== null && had.day && had.day !== m.day) {
				this.place = { day: m.day, seq: 0 };
				this.onGap('the server is at ' + m.day + ', rows of ' + had.day +
				    ' after number ' + had.seq + ' may be missing');
			} else if (this.resumes) {
				this.place = { day: m.day, seq: had === null ? m.seq : had.seq };
			}
		}

		skipped(m) {
			if (this.want === null || this.want.mode !== 'tick')
				return;
			if (this.resumes)
				this.sendSubscription();
			else
				this.onGap(m.n + ' rows were not taken in time');
		}
	}

	function rowOf(answer) {
		delete answer.type;
		delete answer.id;
		return answer;
	}

	/*
	 * Rows to a callback, and questions.  options: wsUrl, onData(row), onGap(text),
	 * token, ca (PEM, Node only), timeoutMs.
	 */
	class RealtimeDataClient {
		constructor(options) {
			const o = typeof options === 'string' ? { wsUrl: options } : options || {};
			this.onData = o.onData || null;
			this.receiving = false;
			this.feed = new Feed(o.wsUrl || DEFAULT_WS_URL, Object.assign({}, o, {
				onRow: (row) => {
					if (this.receiving && this.onData !== null)
						this.onData(row);
				}
			}));
		}

		/* Begins; resolved when it is connected. */
		connect() {
			this.receiving = true;
			return this.feed.connected();
		}

		close() {
			this.receiving = false;
			this.feed.stop();
		}

		is_connected() {
			return this.feed.open;
		}

		/* Other rows than those sent unasked: members as in das-cast(1). */
		subscribe(members) {
			this.feed.subscribe(members);
		}

		async get_latest(symbol) {
			try {
				return rowOf(await this.feed.request('get_latest', { symbol }));
			} catch (e) {
				if (e.code === 'no_data')
					return null;
				throw e;
			}
		}

		/* The newest first. */
		async get_latest_all(limit = 100) {
			const rows = (await this.feed.request('get_latest_all', {})).data;
			rows.sort((a, b) => (a.ts < b.ts) - (a.ts > b.ts));
			return rows.slice(0, limit);
		}

		async get_historical(symbol, start_ts, end_ts, limit) {
			return (await this.feed.request('get_historical',
			    { symbol, start_ts, end_ts, limit })).data;
		}

		async get_symbols() {
			return (await this.feed.request('get_symbols', {})).data.sort();
		}

		async query(sql, params = []) {
			const { columns, rows } = await this.feed.request('query', { sql, params });
			return rows.map((row) => Object.fromEntries(
			    columns.map((name, i) => [name, row[i]])));
		}
	}

	/* ---- the latest of everything ---- */

	const DERIVATIVE = /^(.+?)(\d\d)([A-Z]{3})(\d\d)(?:(FUT)|(\d+(?:\.\d+)?)(CE|PE))$/;
	const MONTHS = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC';
	const NAMES = {
		'NIFTY 50': 'NIFTY', 'NIFTY BANK': 'BANKNIFTY',
		'NIFTY FIN SERVICE': 'FINNIFTY', 'NIFTY MID SELECT': 'MIDCPNIFTY',
		'NIFTY NEXT 50': 'NIFTYNXT50', 'BSE SENSEX': 'SENSEX'
	};

	/* {name, expiry, strike, kind} of a derivative's symbol, or null. */
	function parse(symbol) {
		const m = DERIVATIVE.exec(symbol);
		if (m === null || MONTHS.indexOf(m[3]) % 3 !== 0)
			return null;
		const month = MONTHS.indexOf(m[3]) / 3 + 1;
		return {
			name: m[1],
			expiry: '20' + m[4] + '-' + String(month).padStart(2, '0') + '-' + m[2],
			strike: m[5] ? null : Number(m[6]),
			kind: m[5] || m[7]
		};
	}

	function nameOf(index) {
		return NAMES[index] || index.replaceAll(' ', '');
	}

	/* Connects by itself, and keeps the latest row of each symbol. */
	class WebSocketDataReader {
		constructor(options) {
			const o = typeof options === 'string' ? { wsUrl: options } : options || {};
			this.cache = new Map();
			this.symbols = [];
			this.symbolsAt = -Infinity;
			this.feed = new Feed(o.wsUrl || DEFAULT_WS_URL, Object.assign({}, o, {
				onRow: (row) => this.cache.set(row.symbol, row)
			}));
			this.feed.start();
		}

		close() {
			this.feed.stop();
		}

		is_connected() {
			return this.feed.open;
		}

		async rowOf(symbol) {
			const row = this.cache.get(symbol);
			if (row !== undefined)
				return Object.assign({}, row);
			if (!this.feed.open)
				return null;
			try {
				return rowOf(await this.feed.request('get_latest', { symbol }));
			} catch (e) {
				return null;
			}
		}

		async known() {
			if (this.feed.open && Date.now() - this.symbolsAt > SYMBOLS_MS)
				try {
					this.symbols = (await this.feed.request('get_symbols', {})).data;
					this.symbolsAt = Date.now();
				} catch (e) {
					// what came unasked will do
				}
			return new Set([...this.symbols, ...this.cache.keys()]);
		}

		async get_spot_ltp(index = 'NIFTY 50') {
			const row = await this.rowOf(index);
			return row === null ? null : row.ltp;
		}

		/* The index, its nearest future (which expires on another day than the
		 * options), calls and puts around the money; sorted. */
		async pick_watchlist(window = 5, index = 'NIFTY 50') {
			const spot = await this.get_spot_ltp(index);
			if (spot === null)
				return [];
			const name = nameOf(index), chosen = [index];
			const all = [...await this.known()]
			    .map((symbol) => Object.assign({ symbol }, parse(symbol)))
			    .filter((d) => d.name === name)
			    .sort((a, b) => (a.expiry > b.expiry) - (a.expiry < b.expiry));
			const future = all.find((d) => d.kind === 'FUT');
			const first = all.find((d) => d.kind !== 'FUT');
			if (future)
				chosen.push(future.symbol);
			if (first) {
				const options = all.filter((d) => d.kind !== 'FUT' && d.expiry === first.expiry);
				const strikes = [...new Set(options.map((d) => d.strike))].sort((a, b) => a - b);
				let money = 0;
				strikes.forEach((k, i) => {
					if (Math.abs(k - spot) < Math.abs(strikes[money] - spot))
						money = i;
				});
				const near = new Set(strikes.slice(Math.max(0, money - window), money + window + 1));
				chosen.push(...options.filter((d) => near.has(d.strike)).map((d) => d.symbol));
			}
			return chosen.sort();
		}

		async fetch_market_data(symbols) {
			const out = {};
			const rows = await Promise.all(symbols.map((s) => this.rowOf(s)));
			rows.forEach((row, i) => {
				if (row !== null)
					out[symbols[i]] = row;
			});
			return out;
		}

		greeksOf(rows) {
			const out = {};
			for (const row of rows)
				if (row.delta !== null && row.delta !== undefined)
					out[row.symbol] = Object.fromEntries(GREEKS.map((g) => [g, row[g]]));
			return out;
		}

		async fetch_greeks_data(index = 'NIFTY 50') {
			const name = nameOf(index);
			return this.greeksOf([...this.cache.values()].filter((row) => {
				const d = parse(row.symbol);
				return d !== null && d.name === name;
			}));
		}

		/* [symbols, market data, greeks] of one moment. */
		async collect_complete_data(window = 5, index = 'NIFTY 50') {
			const symbols = await this.pick_watchlist(window, index);
			const market = await this.fetch_market_data(symbols);
			return [symbols, market, this.greeksOf(Object.values(market))];
		}
	}

	return { RealtimeDataClient, WebSocketDataReader, FeedError };
});
