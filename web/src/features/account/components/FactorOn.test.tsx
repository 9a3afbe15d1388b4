import { fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import { Refusal, serve } from '../../../testing/server';
import { FactorOn } from './FactorOn';

const FACTOR = { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Dabir:sara?secret=JBSWY3DPEHPK3PXP' };

afterEach(() => vi.restoreAllMocks());

function prove(digits: string) {
  show(<FactorOn factor={FACTOR} onClose={() => undefined} />);
  fireEvent.change(screen.getByRole('textbox'), { target: { value: digits } });
  fireEvent.click(screen.getByRole('button', { name: 'Turn it on' }));
}

it('takes the first code in any digits, and then shows the recovery codes to be kept', async () => {
  const asked = serve({ 'POST /api/v1/auth/totp/confirm': { recovery_codes: ['aaaa-1111', 'bbbb-2222'] } });
  prove('۲۸۷۰۸۲');
  await screen.findByText(/aaaa-1111\s+bbbb-2222/);
  expect(screen.getByRole('link', { name: 'Save as a file' }).getAttribute('download')).toBe('dabir-recovery-codes.txt');
  expect(asked.map(({ body }) => body)).toEqual([{ code: '287082' }]);
});

it('says that it is still off when the code is wrong', async () => {
  serve({ 'POST /api/v1/auth/totp/confirm': new Refusal(403, 'auth.code', 'the code is wrong, or was used already') });
  prove('000000');
  expect((await screen.findByRole('alert')).textContent).toMatch(/still off.*Wait for the next code/);
});
