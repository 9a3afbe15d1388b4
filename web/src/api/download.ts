// Files of the server, saved as the browser saves them.

import { answer, api } from './client';

/** A download asks by itself and cannot renew its access, so that is seen to before. */
export async function download(address: string): Promise<void> {
  await answer(api.GET('/api/v1/auth/me'));
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}
