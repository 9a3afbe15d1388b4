// Somebody's tokens: what each is for, may do, and until when; each can be revoked.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Status } from '../../../ui/Status';
import { Time } from '../../../ui/Text';
import { tokensOf, type Token } from '../api';
import { useRevokeToken } from '../hooks';
import { SCOPES, toneOf } from '../model';

/** `user` is an id; one's own without it. */
export function TokenList({ user }: { user?: string }) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(tokensOf(user));
  return (
    <>
      {error && <ErrorView error={error} effect={t`The tokens cannot be shown.`} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <p className="text-ink-2">
          <Trans>There is none: no program acts for this account.</Trans>
        </p>
      )}
      <ul>
        {data?.items.map((token) => (
          <Row key={token.id} token={token} />
        ))}
      </ul>
    </>
  );
}

function Row({ token }: { token: Token }) {
  const { t } = useLingui();
  const formats = useFormats();
  const revoke = useRevokeToken();
  const name = isolate(token.name);
  const scopes = token.scopes.map((scope) => t(SCOPES[scope].word));
  return (
    <li className="flex items-start gap-3 border-t border-line py-2.5 first:border-t-0">
      <KeyRound size={18} aria-hidden className="mt-1 flex-none text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3">
          <bdi className="font-semibold wrap-anywhere">{token.name}</bdi>
          <Ends token={token} />
        </p>
        <p className="text-sm text-ink-2">{formats.list(scopes)}</p>
        <p className="text-sm text-ink-2">
          <Trans>
            Made <Time at={token.created_at} />
          </Trans>
          {' · '}
          {token.used_at ? (
            <Trans>
              last used <Time at={token.used_at} />
            </Trans>
          ) : (
            <Trans>never used</Trans>
          )}
        </p>
      </div>
      <Button size="small" weight="danger" aria-label={t`Revoke the token ${name}`} onPress={() => revoke(token)}>
        <Trans>Revoke</Trans>
      </Button>
    </li>
  );
}

function Ends({ token }: { token: Token }) {
  const tone = toneOf(token, Date.now());
  return (
    <Status tone={tone}>
      {!token.expires_at && <Trans>Never ends</Trans>}
      {token.expires_at && tone === 'over' && <Trans>Has ended</Trans>}
      {token.expires_at && tone !== 'over' && (
        <Trans>
          Until <Time at={token.expires_at} />
        </Trans>
      )}
    </Status>
  );
}
