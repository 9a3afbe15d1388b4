import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { show } from '../testing/reader';
import { TypeName } from './TypeName';

it('goes on only when the name is typed, in whatever spelling of its letters', () => {
  const sure = vi.fn();
  show(
    <TypeName title="Remove?" name="کتاب ۱" deed="Remove" isOpen onClose={() => undefined} onSure={sure}>
      It is lost.
    </TypeName>,
  );
  const field = screen.getByRole('textbox');
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Remove' });
  fireEvent.change(field, { target: { value: 'کتاب' } });
  expect(button.disabled).toBe(true);
  fireEvent.change(field, { target: { value: ' كتاب 1 ' } });
  expect(button.disabled).toBe(false);
  fireEvent.click(button);
  expect(sure).toHaveBeenCalledOnce();
});
