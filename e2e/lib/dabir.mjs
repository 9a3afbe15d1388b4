// `dabir serve` on a data folder and port of its own, which can be killed and brought back.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { DABIR } from './paths.mjs';
import { until } from './until.mjs';

const READY = / is ready at http/;

/** Everybody in a story comes from one address, and faster than people do. */
const ROOMY_LIMITS = `[limits]
stranger = { per_second = 1000, burst = 1000 }
pages = { per_second = 1000, burst = 1000 }
joins = { per_second = 1000, burst = 1000 }
auth = { per_second = 1000, burst = 1000 }
person = { per_second = 1000, burst = 1000 }
`;

export class Dabir {
  /** Where it answers, such as `http://127.0.0.1:41234`. */
  url = '';
  #folder = '';
  #listen = '127.0.0.1:0';
  #environment = {};
  #child;
  #log = [];

  /** Starts a server with nothing in it; `environment` may set more of its configuration. */
  static async start(environment = {}) {
    const dabir = new Dabir();
    dabir.#environment = environment;
    dabir.#folder = await mkdtemp(join(tmpdir(), 'dabir-e2e-'));
    await writeFile(join(dabir.#folder, 'dabir.toml'), ROOMY_LIMITS);
    await dabir.restart();
    return dabir;
  }

  /** Starts it, again after a kill on the same folder and port, and waits until it says that it is ready. */
  async restart() {
    this.#child = spawn(DABIR, ['--config', join(this.#folder, 'dabir.toml'), '--data-dir', join(this.#folder, 'data'), 'serve', '--stop-rooms'], {
      env: { PATH: process.env.PATH, DABIR_SERVER__LISTEN: this.#listen, NO_COLOR: '1', ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await Promise.race([this.#ready(this.#child), this.#diesFirst(this.#child)]);
    this.url = (await readFile(join(this.#folder, 'data/server.url'), 'utf8')).trim();
    this.#listen = new URL(this.url).host;
  }

  /** Waits for its ready line; all its lines are kept to be shown when something fails. */
  #ready(child) {
    return new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#log.push(line);
          if (READY.test(line)) resolve();
        });
      }
    });
  }

  async #diesFirst(child) {
    const [problem] = await Promise.race([once(child, 'error'), once(child, 'exit')]);
    throw new Error(`dabir ended before it was ready (${problem}):\n${this.#log.join('\n')}`);
  }

  /** Ends it as `kill -9` does; its rooms stay. */
  async kill9() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Ends it politely, its rooms with it, and removes its folder. */
  async stop() {
    // A killed server cannot end its rooms; the next one finds and ends them.
    if (this.#child.signalCode === 'SIGKILL') await this.restart();
    if (this.#child.exitCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Calls the API as its administrator; an answer that is no success throws. */
  async api(method, path, body) {
    const token = (await readFile(join(this.#folder, 'data/secrets/admin.token'), 'utf8')).trim();
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Makes a meeting that starts now and waits until its room runs. */
  async runningMeeting(name) {
    const { id } = await this.api('POST', '/meetings', { name });
    return until(`the room of "${name}" runs`, async () => {
      const meeting = await this.api('GET', `/meetings/${id}`);
      return meeting.state === 'running' && meeting;
    });
  }
}
