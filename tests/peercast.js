// peercast.js - a plain broadcast with ws, what das-cast is measured against
//
//	node peercast.js FILE
//
// Follows rows of topic ltp in FILE and sends each, as JSON, to every client, as
// a program without das-cast would.  Prints its port.
"use strict";
const fs = require("fs");
const ws = require("ws");

const names = "symbol token ts ltp bid ask volume oi delta gamma theta vega iv source".split(" ");
const text = new Set(["symbol", "token", "ts", "source"]);
const server = new ws.Server({ host: "127.0.0.1", port: 0, perMessageDeflate: false },
    () => console.log(server.address().port));
server.on("connection", (c) => c.on("error", () => {}));

const file = fs.openSync(process.argv[2], "r");
let at = fs.fstatSync(file).size, rest = "";
const piece = Buffer.alloc(1 << 20);

function follow() {
	let n;

	while ((n = fs.readSync(file, piece, 0, piece.length, at)) > 0) {
		at += n;
		const lines = (rest + piece.latin1Slice(0, n)).split("\n");
		rest = lines.pop();
		for (const line of lines) {
			const o = {};
			line.split("\t").forEach((v, i) => {
				o[names[i]] = v === "\\N" ? null : text.has(names[i]) ? v : Number(v);
			});
			const s = JSON.stringify(o);
			for (const c of server.clients)
				c.send(s);
		}
	}
}
setInterval(follow, 1);
