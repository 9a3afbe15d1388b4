import type { IncomingMessage, Server } from 'node:http';
import type { WebSocket } from 'ws';
import type { Doc } from 'yjs';

interface Settings {
  delay: () => number;
  may: (request: IncomingMessage) => string;
}

export interface Relay extends Settings {
  url: string;
  isDown: boolean;
  /** Numbered changes that were taken. */
  changes: number;
  heard: number[];
  text(name: string): Doc;
  stored(name: string): Doc;
  sockets(): WebSocket[];
  cut(): void;
  crash(): void;
  rewind(): void;
  tell(message: object): void;
  dismiss(code: string): void;
  close(): void;
}

export function startRelay(options?: Partial<Settings> & { server?: Server }): Promise<Relay>;
