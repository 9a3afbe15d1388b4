// A room on Bun's own server with its publish and subscribe: `bun bun_room.js PORT`.

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('room')),
  websocket: {
    open(person) {
      person.send('{"type":"welcome"}');
      person.subscribe('room');
    },
    message: (_, message) => void server.publish('room', message),
  },
});
