// Of which orders about clients one wants to be told while one looks at something else. It stays in this browser.

export const ORDERS = ['blocked', 'unblocked', 'paused', 'disconnected'] as const;
export type Ordered = (typeof ORDERS)[number];

const KEY = 'dabir_news';
const FIRST: readonly Ordered[] = ['blocked'];

/** What was chosen; blocks alone until somebody chooses. */
export function wantedNews(): readonly Ordered[] {
  const kept = localStorage.getItem(KEY);
  return kept === null ? FIRST : ORDERS.filter((order) => kept.split(' ').includes(order));
}

export function chooseNews(orders: readonly Ordered[]): void {
  localStorage.setItem(KEY, orders.join(' '));
}
