// Boxes that lie over the text.

const EDGE = 8;

/** Puts a box at a place of the window, as far as it is inside of it. */
export function putOver(box: HTMLElement, x: number, y: number): void {
  const frame = (box.offsetParent ?? document.body).getBoundingClientRect();
  const inside = Math.max(EDGE, Math.min(x, window.innerWidth - box.offsetWidth - EDGE));
  box.style.setProperty('inset', `${y - frame.top}px auto auto ${inside - frame.left}px`);
}
