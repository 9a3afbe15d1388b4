import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SearchField } from './SearchField';

const told = vi.fn();
const field = () => screen.getByRole<HTMLInputElement>('searchbox');
const type = (value: string) => fireEvent.change(field(), { target: { value } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.clearAllMocks();
});

it('tells what was typed once the typing rests', () => {
  render(<SearchField label="Search" value="" onChange={told} />);
  type('sa');
  act(() => void vi.advanceTimersByTime(150));
  type('sara');
  act(() => void vi.advanceTimersByTime(250));
  expect(told).toHaveBeenCalledExactlyOnceWith('sara');
});

it('takes over what was changed elsewhere, and does not tell it back', () => {
  const { rerender } = render(<SearchField label="Search" value="" onChange={told} />);
  type('sara');
  act(() => void vi.advanceTimersByTime(250));
  rerender(<SearchField label="Search" value="sara" onChange={told} />);
  rerender(<SearchField label="Search" value="" onChange={told} />);
  act(() => void vi.advanceTimersByTime(250));
  expect(field().value).toBe('');
  expect(told).toHaveBeenCalledOnce();
});
