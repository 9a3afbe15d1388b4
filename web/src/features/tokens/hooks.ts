// Making and revoking tokens.

import { useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { isolate } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { soon } from '../../ui/Toast';
import { createToken, keys, revokeToken, type Token } from './api';

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({ mutationFn: createToken, onSuccess: () => void client.invalidateQueries({ queryKey: keys.all }) });
}

/** A token cannot be made again as it was, so revoking waits a moment. */
export function useRevokeToken(): (token: Token) => void {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });
  return (token) => {
    const name = isolate(token.name);
    soon(
      t`The token “${name}” is revoked in a moment; programs that use it are refused then.`,
      () => void revokeToken(token.id).then(renew, failure(t`The token “${name}” still works.`)),
      () => void renew(),
    );
  };
}
