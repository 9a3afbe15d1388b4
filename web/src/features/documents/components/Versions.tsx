// How a document was once, by day, and a name for how it is now.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { plural } from '@lingui/core/macro';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { useRefusal } from '../../../ui/refusal';
import { Directed } from '../../../ui/Text';
import { keepVersion, keys, listVersions, type Detail, type Version } from '../api';
import { byDay, may } from '../model';

export function Versions({ document: { id, right, deleted_at }, onShow }: { document: Detail; onShow: (version: number) => void }) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayKeep = useMayWrite() && may(right, 'edit') && !deleted_at;
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(listVersions(id));
  if (isPending) return <Waiting label={t`Reading the versions…`} />;
  const versions = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {mayKeep && <Keep id={id} />}
      {error && <ErrorView error={error} effect={t`The versions cannot be shown.`} onRetry={() => void refetch()} />}
      {versions.length === 0 && !error && (
        <p className="text-ink-2">
          <Trans>No version is kept yet. While somebody writes, one is kept from time to time by itself.</Trans>
        </p>
      )}
      {byDay(versions, (at) => formats.day(at)).map(([day, those]) => (
        <section key={day}>
          <h3 className="pb-1 text-sm font-semibold text-ink-3">
            <bdi>{day}</bdi>
          </h3>
          <ul>
            {those.map((version) => (
              <li key={version.number} className="border-t border-line first:border-t-0">
                <Row version={version} onShow={() => onShow(version.number)} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && (
        <Button size="small" weight="bare" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          <Trans>Show older ones</Trans>
        </Button>
      )}
    </div>
  );
}

export function useVersionName(): (version: Version) => string {
  const { t } = useLingui();
  return ({ name, kind }) => name ?? (kind === 'restored' ? t`Before an older version came back` : t`Kept by itself`);
}

function Row({ version, onShow }: { version: Version; onShow: () => void }) {
  const formats = useFormats();
  const nameOf = useVersionName();
  const { name, at, by, words } = version;
  return (
    <button type="button" onClick={onShow} className="grid w-full cursor-pointer gap-x-3 rounded-md px-2 py-1.5 text-start hover:bg-sunken">
      <bdi className={name ? 'font-semibold' : 'text-ink-2'}>{nameOf(version)}</bdi>
      <span className="flex flex-wrap gap-x-3 text-sm text-ink-3">
        <Directed>{formats.clock(at)}</Directed>
        <bdi>{by.name}</bdi>
        <span>{plural(words, { one: '# word', other: '# words' })}</span>
      </span>
    </button>
  );
}

function Keep({ id }: { id: string }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => keepVersion(id, name.trim()),
    onSuccess: async () => {
      setName('');
      await client.invalidateQueries({ queryKey: keys.versions(id) });
    },
  });
  const refused = useRefusal(error);
  return (
    <form
      className="grid gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) mutate();
      }}
    >
      <TextField label={t`Keep how it is now, as`} placeholder={t`Such as: sent to the council`} value={name} onChange={setName} maxLength={200} error={refused('name')} />
      {error && <ErrorView error={error} effect={t`The version was not kept.`} />}
      <div>
        <Button type="submit" size="small" isPending={isPending} isDisabled={!name.trim()}>
          <Trans>Keep</Trans>
        </Button>
      </div>
    </form>
  );
}
