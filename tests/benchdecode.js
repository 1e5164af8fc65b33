// benchdecode.js - the official client's decoder on the frames of a capture
//
//	node benchdecode.js FOLDER CAPTURE
//
// FOLDER is where npm installed kiteconnect.  Prints ticks per second of CPU
// time, after a second for the compiler to get warm.
'use strict';
const fs = require('fs');
const path = require('path');

const RUN_US = 1e6;
const [folder, capture] = process.argv.slice(2);
const { KiteTicker } = require(path.resolve(folder, 'node_modules/kiteconnect'));
const ticker = new KiteTicker({ api_key: 'x', access_token: 'x' });

// src/market/capture.h has the format.
const bytes = fs.readFileSync(capture);
const frames = [];
for (let at = 8; at < bytes.length;) {
	const end = at + 16 + bytes.readUInt32BE(at + 12);
	const frame = new ArrayBuffer(end - at - 16);
	bytes.copy(new Uint8Array(frame), 0, at + 16, end);
	frames.push(frame);
	at = end;
}

function perSecond() {
	const start = process.cpuUsage();
	let ticks = 0, took = 0;
	for (let i = 0; took < RUN_US; i = (i + 1) % frames.length) {
		ticks += ticker.parseBinary(frames[i]).length;
		const used = process.cpuUsage(start);
		took = used.user + used.system;
	}
	return ticks / took * 1e6;
}

perSecond();
console.log(perSecond().toFixed(0));
process.exit(0);
