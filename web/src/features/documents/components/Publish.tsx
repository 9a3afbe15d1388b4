// The published page of a document: everybody who has its address can read it, without an account.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { LabelledChoice } from '../../../ui/Select';
import { ShownOnce } from '../../../ui/ShownOnce';
import { Time } from '../../../ui/Text';
import { keys, publish, unpublish, type Link } from '../api';

const DAY_MS = 86_400_000;
const DAYS = { week: 7, month: 30, none: null } as const;
type Ends = keyof typeof DAYS;

export function Publish({ id, link, isOwn }: { id: string; link: Link | null; isOwn: boolean }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [ends, setEnds] = useState<Ends>('none');
  const [address, setAddress] = useState<string | null>(null);
  const renew = () => client.invalidateQueries({ queryKey: keys.access });
  const making = useMutation({
    mutationFn: () => {
      const days = DAYS[ends];
      return publish(id, days && new Date(Date.now() + days * DAY_MS).toISOString());
    },
    onSuccess: ({ url }) => {
      setAddress(new URL(url, window.location.origin).href);
      return renew();
    },
  });
  const ending = useMutation({
    mutationFn: () => unpublish(id),
    onSuccess: () => {
      setAddress(null);
      return renew();
    },
  });
  const error = making.error ?? ending.error;
  const options = [
    { id: 'none' as const, text: t`Without an end` },
    { id: 'week' as const, text: t`For a week` },
    { id: 'month' as const, text: t`For thirty days` },
  ];
  return (
    <section className="grid gap-3 border-t border-line pt-4">
      <h3 className="font-semibold">
        <Trans>Published page</Trans>
      </h3>
      <p className="text-ink-2">{link ? <Until link={link} /> : <Trans>Nobody without an account can read it. A published page has an address that is hard to guess; whoever has it reads the document as it is at that time.</Trans>}</p>
      {address && (
        <div className="grid gap-2">
          <p className="font-semibold">
            <Trans>The address is shown this once. Copy it now.</Trans>
          </p>
          <ShownOnce text={address} />
        </div>
      )}
      {error && <ErrorView error={error} effect={t`The published page stays as it was.`} />}
      {isOwn && (
        <>
          {!address && <LabelledChoice label={t`How long`} options={options} value={ends} onChange={setEnds} />}
          <div className="flex flex-wrap gap-2">
            {!address && (
              <Button isPending={making.isPending} onPress={() => making.mutate()}>
                {link ? <Trans>Make a new address</Trans> : <Trans>Publish</Trans>}
              </Button>
            )}
            {link && (
              <Button weight="danger" isPending={ending.isPending} onPress={() => ending.mutate()}>
                <Trans>Take the page back</Trans>
              </Button>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function Until({ link: { created_at, ends_at } }: { link: Link }) {
  const since = <Time at={created_at} style="full" />;
  if (!ends_at) return <Trans>It has a page since {since}. A new address ends the one before.</Trans>;
  return (
    <Trans>
      It has a page since {since}, until <Time at={ends_at} style="full" />. A new address ends the one before.
    </Trans>
  );
}
