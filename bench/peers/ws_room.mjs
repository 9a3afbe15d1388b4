// A room on npm's `ws`: `node ws_room.mjs PORT`.

import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });

server.on('connection', (person) => {
  person.send('{"type":"welcome"}');
  person.on('message', (data) => {
    for (const other of server.clients) other.send(data, { binary: false });
  });
});
