import { fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../../testing/reader';
import { Refusal, serve } from '../../../testing/server';
import { Password } from './Password';

afterEach(() => vi.restoreAllMocks());

const change = (current: string, fresh: string) => {
  showWithNews(<Password />);
  fireEvent.change(screen.getByLabelText('Password until now'), { target: { value: current } });
  fireEvent.change(screen.getByLabelText('New password'), { target: { value: fresh } });
  fireEvent.click(screen.getByRole('button', { name: 'Change the password' }));
};

it('forgets both passwords once they are changed', async () => {
  const asked = serve({ 'POST /api/v1/auth/password': {} });
  change('the old one', 'quite another one');
  await screen.findByText(/Your password is changed/);
  expect(asked[0]?.body).toEqual({ current: 'the old one', new: 'quite another one' });
  expect(screen.getByLabelText<HTMLInputElement>('New password').value).toBe('');
});

it('says beside the field what is wrong with the new one', async () => {
  serve({ 'POST /api/v1/auth/password': new Refusal(422, 'accounts.invalid', 'some fields are not allowed', [{ field: 'password', detail: 'everybody knows this one' }]) });
  change('the old one', '123456789');
  await screen.findByText(/^A password has 10 characters or more/);
});

it('sends no old password when there is none', async () => {
  const asked = serve({ 'POST /api/v1/auth/password': {} });
  change('', 'quite another one');
  await screen.findAllByText(/Your password is changed/);
  expect(asked[0]?.body).toEqual({ new: 'quite another one' });
});
