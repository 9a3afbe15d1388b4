// The name that was last typed on this device, for this page and for the next meeting's.

const KEY = 'dabir.name';

export function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

export function remember(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Private windows may forbid it; the name is then asked again.
  }
}
