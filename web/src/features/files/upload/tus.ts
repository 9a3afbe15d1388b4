// Sends a file piece by piece, by the tus protocol. Where each one is on the server this browser keeps, so that it goes
// on from there after a reload, once the same file is chosen again.

import type { DetailedError, HttpResponse, PreviousUpload, UploadOptions, UrlStorage } from 'tus-js-client';
import { renewAccess } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { attachFile } from '../api';
import { keyOf, type Sending, type Told, type Way } from './uploads';

const ENDPOINT = '/api/v1/uploads';
const PIECE = 5 << 20;
/** So little goes with the request that begins it. */
const SMALL = 1 << 20;
const KEPT = 'dabir:upload:';
/** The server forgets what nobody goes on with. */
const DAY_MS = 86_400_000;

/** The client's code comes with the first file. */
const library = () => import('tus-js-client');

export const tus: Way = {
  send,
  attach: (fileId, { kind, id }) => attachFile(fileId, { subject_kind: kind, subject_id: id }),
};

function send(file: File, told: Told): Sending {
  let isPaused = false;
  const made = library().then(async ({ Upload }) => {
    const upload = new Upload(file, {
      ...OPTIONS,
      metadata: { filename: file.name },
      fingerprint: () => Promise.resolve(keyOf(file)),
      uploadDataDuringCreation: file.size <= SMALL,
      onProgress: told.progress,
      onSuccess: () => told.done(idOf(upload.url)),
      onError: (error) => {
        const problem = problemOf(error);
        if (problem.status !== 401) return told.failed(problem);
        // Access lasts for minutes, and a large file takes longer.
        void renewAccess().then((isRenewed) => (isRenewed && !isPaused ? upload.start() : told.failed(problem)), told.failed);
      },
    });
    const [before] = await upload.findPreviousUploads();
    if (before) upload.resumeFromPreviousUpload(before);
    if (!isPaused) upload.start();
    return upload;
  });
  made.catch(() => told.failed(Problem.unreachable()));
  return {
    pause: () => {
      isPaused = true;
      void made.then((upload) => upload.abort());
    },
    cancel: async () => {
      isPaused = true;
      // At once, so that it does not come back as an unfinished one while the server is told.
      await kept.removeUpload(KEPT + keyOf(file));
      await (await made).abort(true);
    },
  };
}

/** A file has the id of its upload. */
const idOf = (url: string | null): string => decodeURIComponent(url?.split('/').at(-1) ?? '');

/** Refused requests are thrown with what the server said. An upload that it does not know is begun anew instead. */
async function read(request: { getMethod: () => string }, response: HttpResponse): Promise<void> {
  const status = response.getStatus();
  if (status < 400 || (request.getMethod() === 'HEAD' && (status === 404 || status === 410))) return;
  throw await Problem.of(new Response(response.getBody() || null, { status, headers: { 'x-request-id': response.getHeader('x-request-id') ?? '' } }));
}

function problemOf(error: Error | DetailedError): Problem {
  const cause = 'causingError' in error ? error.causingError : error;
  return cause instanceof Problem ? cause : Problem.unreachable();
}

/** Where uploads are on the server, in this browser. */
export const kept: UrlStorage = {
  findAllUploads: () => Promise.resolve(entries()),
  findUploadsByFingerprint: (fingerprint) => Promise.resolve(entries().filter(({ urlStorageKey }) => urlStorageKey === KEPT + fingerprint)),
  removeUpload: (key) => Promise.resolve(localStorage.removeItem(key)),
  addUpload: (fingerprint, upload) => {
    localStorage.setItem(KEPT + fingerprint, JSON.stringify(upload));
    return Promise.resolve(KEPT + fingerprint);
  },
};

function entries(): PreviousUpload[] {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(KEPT));
  return names.flatMap((urlStorageKey) => {
    const upload = parse(localStorage.getItem(urlStorageKey));
    if (upload && Date.now() - new Date(upload.creationTime).getTime() < DAY_MS) return { ...upload, urlStorageKey };
    localStorage.removeItem(urlStorageKey);
    return [];
  });
}

function parse(text: string | null): PreviousUpload | null {
  try {
    return JSON.parse(text ?? 'null') as PreviousUpload | null;
  } catch {
    return null;
  }
}

const HEADERS = { 'x-dabir-csrf': '1' };

const OPTIONS: UploadOptions = {
  endpoint: ENDPOINT,
  chunkSize: PIECE,
  // Who waits how long is for `Uploads` to say.
  retryDelays: null,
  headers: HEADERS,
  urlStorage: kept,
  removeFingerprintOnSuccess: true,
  onAfterResponse: read,
};

/** An upload that an earlier page left unfinished. */
export interface Unfinished {
  key: string;
  url: string;
  name: string;
  size: number;
  received: number;
}

/** Those of them that the server still knows and that are this person's. */
export async function unfinished(): Promise<Unfinished[]> {
  const all = await Promise.all(entries().map(look));
  return all.filter((one) => one !== null);
}

async function look({ urlStorageKey: key, uploadUrl: url, metadata, size }: PreviousUpload): Promise<Unfinished | null> {
  if (!url) return null;
  const response = await fetch(url, { method: 'HEAD', headers: { ...HEADERS, 'tus-resumable': '1.0.0' } }).catch(() => null);
  const received = Number(response?.headers.get('upload-offset'));
  if (!response?.ok || received === size) return null;
  return { key, url, name: metadata.filename ?? '', size: size ?? 0, received };
}

export async function giveUp({ key, url }: Unfinished): Promise<void> {
  const { Upload } = await library();
  await Upload.terminate(url, OPTIONS);
  await kept.removeUpload(key);
}
