import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../testing/reader';
import { Table } from './Table';

const ROW = 46;
const ROWS = Array.from({ length: 1_000 }, (_, index) => index);

/** A page that is scrolled down so far; what is given back lets something of that height grow above the table. */
function page(scrolled: number): (height: number) => void {
  const watchers = new Map<Element, () => void>();
  let above = 0;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(readonly tell: () => void) {}
      observe = (element: Element) => void watchers.set(element, this.tell);
      unobserve = () => undefined;
      disconnect = () => undefined;
    },
  );
  vi.spyOn(window, 'scrollY', 'get').mockReturnValue(scrolled);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(ROW);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(() => new DOMRect(0, above - scrolled, 800, ROW));
  return (height) => {
    above = height;
    act(() => watchers.get(document.body)?.());
  };
}

const table = <Table label="Numbers" rows={ROWS} rowKey={(row) => row} columns={[{ id: 'n', name: 'N', cell: (row) => `Row ${row}` }]} grid="" />;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('draws the rows near the window, also after what stands above it grew', () => {
  const grow = page(ROW * 500);
  show(table);
  screen.getByText('Row 500');
  expect(screen.queryByText('Row 0')).toBeNull();
  grow(ROW * 500);
  screen.getByText('Row 0');
  expect(screen.queryByText('Row 500')).toBeNull();
});
