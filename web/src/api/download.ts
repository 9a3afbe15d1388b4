// Files of the server, saved as the browser saves them.

import { answer, api } from './client';

/** A download asks by itself and cannot renew its access, so that is seen to before; a name is for what comes without one. */
export async function download(address: string, name = ''): Promise<void> {
  await answer(api.GET('/api/v1/auth/me'));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
