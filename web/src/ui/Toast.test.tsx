import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { show } from '../testing/reader';
import { soon } from './Toast';
import { Toasts } from './Toasts';

const run = vi.fn();
const takenBack = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  show(<Toasts />);
  act(() => soon('It ends in a moment.', run, takenBack));
});

afterEach(() => {
  act(() => void vi.runAllTimers());
  vi.useRealTimers();
  vi.clearAllMocks();
});

describe('a deed that waits', () => {
  it('is done when its time has come, once', () => {
    act(() => void vi.advanceTimersByTime(7_900));
    expect(run).not.toHaveBeenCalled();
    act(() => void vi.advanceTimersByTime(200));
    window.dispatchEvent(new Event('pagehide'));
    expect(run).toHaveBeenCalledOnce();
    expect(takenBack).not.toHaveBeenCalled();
  });

  it('is done when the page goes', () => {
    act(() => void window.dispatchEvent(new Event('pagehide')));
    expect(run).toHaveBeenCalledOnce();
  });

  it('is never done once it was taken back', () => {
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    act(() => void vi.advanceTimersByTime(60_000));
    expect(takenBack).toHaveBeenCalledOnce();
    expect(run).not.toHaveBeenCalled();
  });
});
