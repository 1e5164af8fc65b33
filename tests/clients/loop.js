// A plain loop over ws, as published for the original.
const WebSocket = require('ws');

const ws = new WebSocket('ws://localhost:8765');

ws.on('open', function open() {
    console.log('Connected');
});

ws.on('message', function incoming(data) {
    const message = JSON.parse(data);

    if (message.type === 'welcome' || message.type === 'pong')
        return;
    console.log(`${message.symbol}: LTP=${message.ltp}, Volume=${message.volume}, ` +
        `Delta=${message.delta}, IV=${message.iv}%`);
});

ws.on('error', function error(err) {
    console.error('WebSocket error:', err);
});
