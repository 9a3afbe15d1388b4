// Other sites beside a house, and a way to it by TLS, as people come to one that stands on the network.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate that nobody vouches for; browsers of a story are told to take it. */
function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), 'dabir-tls-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1';
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return pair;
}

let certificate;

async function listen(secure, answer) {
  certificate ??= secure && selfSigned();
  const server = secure ? https.createServer(certificate, answer) : http.createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The browser's flag by which these names are here. Unlike this machine's address they count as no better than others. */
export const NAMES = '--host-resolver-rules=MAP *.example 127.0.0.1';

/** A site that answers every path with an empty page, and sets the cookies that it is told to. */
export class Site {
  #server;
  cookies = [];

  static async open({ secure, host }) {
    const site = new Site();
    site.#server = await listen(secure, (request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': site.cookies });
      response.end('<!doctype html><title>elsewhere</title>');
    });
    site.url = `http${secure ? 's' : ''}://${host}:${site.#server.address().port}`;
    return site;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What stands before a house: people come by TLS, and it hands on what they send, as nginx does. */
export class Front {
  #server;
  #house;

  static async open(host) {
    const front = new Front();
    front.#server = await listen(true, (request, response) => front.#handOn(request, response));
    front.#server.on('upgrade', (request, socket, head) => front.#tunnel(request, socket, head));
    front.url = `https://${host}:${front.#server.address().port}`;
    return front;
  }

  /** Says where the house itself answers. */
  leadTo(url) {
    this.#house = new URL(url);
  }

  #handOn(request, response) {
    const { method, url, headers } = request;
    const { hostname, port } = this.#house;
    const onward = http.request({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #tunnel({ method, url, rawHeaders }, socket, head) {
    const onward = net.connect(this.#house.port, this.#house.hostname, () => {
      const lines = [`${method} ${url} HTTP/1.1`];
      for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [[socket, onward], [onward, socket]]) one.on('error', () => other.destroy());
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
