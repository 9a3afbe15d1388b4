// What was written and is not on the server's disk yet, kept in the browser: a page that closes loses nothing.

const DATABASE = 'dabir-writing';
const STORE = 'changes';

/** A person, a document, one opening of it, and the number of the change. */
export type Key = [user: string, document: string, opening: string, n: number];

export interface Kept {
  key: Key;
  update: Uint8Array;
}

export interface Journal {
  /** What is kept of the document, by this page and by others. */
  read(): Promise<Kept[]>;
  /** Keeps a change; `done` says whether it is on this device now. */
  keep(update: Uint8Array): { key: Key; done: Promise<boolean> };
  /** Forgets what the server has. */
  drop(keys: readonly Key[]): void;
  close(): void;
}

/** Opens the journal of a document; a browser that keeps nothing gives one that says so at each change. */
export async function openJournal(user: string, document: string): Promise<Journal> {
  const opening = crypto.randomUUID();
  let n = 0;
  const next = (): Key => [user, document, opening, n++];
  const database = await openDatabase().catch(() => null);
  if (!database) return { read: async () => [], keep: () => ({ key: next(), done: Promise.resolve(false) }), drop: () => undefined, close: () => undefined };
  return {
    read: () => readAll(database, of(user, document)),
    keep(update) {
      const key = next();
      return { key, done: change(database, (store) => store.put({ key, update })) };
    },
    drop(keys) {
      if (keys.length > 0) void change(database, (store) => keys.forEach((key) => store.delete(key)));
    },
    close: () => database.close(),
  };
}

/** The documents of a person with something that the server lacks. */
export async function unsent(user: string): Promise<string[]> {
  const database = await openDatabase().catch(() => null);
  if (!database) return [];
  const kept = await readAll(database, of(user));
  database.close();
  return [...new Set(kept.map(({ key }) => key[1]))];
}

/** All keys that begin like this: a list sorts after every text. */
const of = (...beginning: string[]) => IDBKeyRange.bound(beginning, [...beginning, []]);

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
    request.onblocked = () => reject(new Error('the database is held by an older page'));
  });
}

function readAll(database: IDBDatabase, range: IDBKeyRange): Promise<Kept[]> {
  return new Promise((resolve) => {
    try {
      const request = database.transaction(STORE).objectStore(STORE).getAll(range);
      request.onsuccess = () => resolve(request.result as Kept[]);
      request.onerror = () => resolve([]);
    } catch {
      // The browser has closed it meanwhile.
      resolve([]);
    }
  });
}

/** Commits at once, in the same task: a page that is closed a moment later has still handed it over. */
function change(database: IDBDatabase, act: (store: IDBObjectStore) => void): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'relaxed' });
      transaction.oncomplete = () => resolve(true);
      transaction.onabort = () => resolve(false);
      act(transaction.objectStore(STORE));
      transaction.commit();
    } catch {
      resolve(false);
    }
  });
}
