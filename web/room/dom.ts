// The few ways in which views touch the document. Text is only ever set as text.

type Child = Node | string | false | null | undefined;

/** The element of the page's template with this id. */
export function $<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Makes an element: `el('p', { className: 'muted' }, 'text')`. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child): child is Node | string => !!child));
  return node;
}

/** What a person wrote, kept apart from the direction of the text around it. */
export function said(text: string): HTMLElement {
  return el('bdi', {}, text);
}

/** Changes what is not so already, so that screen readers do not say it again. */
export function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes the children of `parent` follow `items`: an item that says the same as before keeps its
 * element, and a changed one keeps the focus at its place.
 */
export function follow<T>(parent: HTMLElement, items: readonly T[], key: (item: T) => string, make: (item: T) => HTMLElement): void {
  const known = rows.get(parent) ?? new Map<string, Row>();
  const next = new Map(items.map((item) => [key(item), row(item, known.get(key(item)), make)]));
  for (const [id, { node }] of known) if (!next.has(id)) node.remove();
  let at = parent.firstElementChild;
  for (const { node } of next.values()) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  rows.set(parent, next);
}

interface Row {
  item: unknown;
  node: HTMLElement;
}

const rows = new WeakMap<HTMLElement, Map<string, Row>>();

function row<T>(item: T, old: Row | undefined, make: (item: T) => HTMLElement): Row {
  if (old && same(old.item, item)) return old;
  const node = make(item);
  if (old) replace(old.node, node);
  return { item, node };
}

/** Whether both are the same, or hold the same under each name. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || !(a instanceof Object && b instanceof Object)) return a === b;
  return Object.entries(a).every(([name, value]) => value === (b as Record<string, unknown>)[name]);
}

function replace(old: HTMLElement, made: HTMLElement): void {
  const place = [...old.querySelectorAll('*')].indexOf(document.activeElement as Element);
  old.replaceWith(made);
  if (place >= 0) (made.querySelectorAll('*')[place] as HTMLElement | undefined)?.focus();
}
