import { expect, it } from 'vitest';
import { targets } from './seats';

it('every room and pipeline is there once, with who sits and who waits in their turn', () => {
  const found = targets({
    assigned_clients: [],
    unassigned_clients: [],
    clients2room: { ali: 'class', mina: 'class' },
    clients2pipeline: { ali: 'face' },
    capacities: [
      { kind: 'room', name: 'class', capacity: 2, taken: 2 },
      { kind: 'room', name: 'آزمون', capacity: 9, taken: 0 },
    ],
    waiting: [
      { kind: 'room', name: 'class', username: 'sara', turn: 7 },
      { kind: 'room', name: 'class', username: 'reza', turn: 3 },
    ],
  });
  expect(found).toEqual([
    { kind: 'room', name: 'آزمون', capacity: 9, seated: [], waiting: [] },
    { kind: 'room', name: 'class', capacity: 2, seated: ['ali', 'mina'], waiting: ['reza', 'sara'] },
    { kind: 'pipeline', name: 'face', capacity: null, seated: ['ali'], waiting: [] },
  ]);
});
