// What lies over a page while files hang over it, and takes them.

import type { ReactNode } from 'react';
import { useDrop } from '../hooks';

export function DropHere({ onDrop, children }: { onDrop: (files: File[]) => void; children: ReactNode }) {
  const isOver = useDrop(onDrop);
  if (!isOver) return null;
  return <div className="pointer-events-none fixed inset-3 z-30 grid place-items-center rounded-lg border-3 border-dashed border-lajvard bg-lajvard-soft/90 text-xl font-bold">{children}</div>;
}
