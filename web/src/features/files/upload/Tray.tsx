// Files on their way and those that have come: how far each is, what keeps it, and what was made of it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Pause, Play, X } from 'lucide-react';
import { useEffect } from 'react';
import { explain } from '../../../api/explain';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Button, IconButton } from '../../../ui/Button';
import { useFailure } from '../../../ui/failure';
import { Panel } from '../../../ui/Panel';
import { Status, type Tone } from '../../../ui/Status';
import { keys, oneFile } from '../api';
import { StateMark } from '../components/Names';
import { uploads, useUploads, type Subject, type Upload } from '.';
import { giveUp, unfinished, type Unfinished } from './tus';

/** Of this page, or of what `subject` is; nothing where there are none. */
export function Tray({ subject }: { subject?: Subject }) {
  const { t } = useLingui();
  const all = useUploads(subject);
  const rest = useUnfinished(all);
  if (all.length + rest.length === 0) return null;
  return (
    <Panel title={t`Uploads`} actions={<ClearCome all={all} />} flush className="mb-4">
      <ul>
        {all.map((upload) => (
          <Row key={upload.key} upload={upload} />
        ))}
        {rest.map((one) => (
          <UnfinishedRow key={one.key} upload={one} />
        ))}
      </ul>
    </Panel>
  );
}

export function ClearCome({ all }: { all: readonly Upload[] }) {
  if (!all.some(({ state }) => state === 'uploaded')) return null;
  return (
    <Button size="small" weight="bare" onPress={uploads.clear}>
      <Trans>Clear what has come</Trans>
    </Button>
  );
}

/** What earlier pages left unfinished, but for what goes on already. */
function useUnfinished(all: readonly Upload[]): readonly Unfinished[] {
  const client = useQueryClient();
  const { data = [] } = useQuery({ queryKey: keys.unfinished, queryFn: unfinished, staleTime: Infinity });
  const here = all.map(({ name, size }) => `${name} ${size}`).join('\n');
  useEffect(() => void client.invalidateQueries({ queryKey: keys.unfinished }), [client, here]);
  return data.filter(({ name, size }) => !all.some((one) => one.name === name && one.size === size));
}

const LINE = 'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2';

export function Row({ upload }: { upload: Upload }) {
  const { t } = useLingui();
  const { key, name, state, fileId } = upload;
  const called = isolate(name);
  const mayPause = state === 'waiting' || state === 'uploading' || state === 'cut';
  return (
    <li className={LINE}>
      <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <bdi className="max-w-full truncate font-semibold">{fileId ? <FileLink id={fileId} name={name} /> : name}</bdi>
        {state === 'uploaded' && fileId ? <Became id={fileId} /> : <Mark upload={upload} />}
      </span>
      <span className="flex">
        {mayPause && (
          <IconButton aria-label={t`Pause ${called}`} onPress={() => uploads.pause(key)}>
            <Pause size={16} aria-hidden />
          </IconButton>
        )}
        {(state === 'paused' || state === 'refused') && (
          <IconButton aria-label={t`Go on with ${called}`} onPress={() => uploads.resume(key)}>
            <Play size={16} aria-hidden />
          </IconButton>
        )}
        <IconButton aria-label={state === 'uploaded' ? t`Take ${called} off this list` : t`Cancel ${called}`} onPress={() => uploads.cancel(key)}>
          {state === 'uploaded' ? <Check size={16} aria-hidden /> : <X size={16} aria-hidden />}
        </IconButton>
      </span>
      {state !== 'uploaded' && <HowFar upload={upload} />}
      <Why upload={upload} />
    </li>
  );
}

function FileLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/files/$id" params={{ id }} className="hover:text-lajvard hover:underline">
      {name}
    </Link>
  );
}

/** What the server makes of it, as it happens. */
function Became({ id }: { id: string }) {
  const { data } = useQuery(oneFile(id));
  return (
    <>
      {data && <StateMark state={data.state} />}
      {data?.mismatch && (
        <Status tone="warn">
          <Trans>Its name promises something else</Trans>
        </Status>
      )}
    </>
  );
}

function Mark({ upload: { state } }: { upload: Upload }) {
  const { t } = useLingui();
  const marks: Record<Upload['state'], [Tone, string]> = {
    waiting: ['wait', t`Waits for its turn`],
    uploading: ['warn', t`Being uploaded`],
    paused: ['over', t`Paused`],
    cut: ['warn', t`The line is cut; it goes on by itself`],
    refused: ['bad', t`Not taken`],
    uploaded: ['live', t`Has come`],
  };
  const [tone, word] = marks[state];
  return <Status tone={tone}>{word}</Status>;
}

const TRACK =
  'h-2.5 min-w-0 flex-1 appearance-none overflow-hidden rounded-full border border-line-strong bg-sunken ' +
  '[&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-lajvard [&::-moz-progress-bar]:bg-lajvard';

export function HowFar({ upload: { name, sent, size } }: { upload: Pick<Upload, 'name' | 'sent' | 'size'> }) {
  const { t } = useLingui();
  const formats = useFormats();
  const called = isolate(name);
  return (
    <span className="col-span-2 flex items-center gap-3 text-sm text-ink-2 tabular">
      <progress aria-label={t`How far ${called} is`} value={size ? sent : 1} max={size || 1} className={TRACK} />
      <span className="whitespace-nowrap">
        <Trans>
          {formats.bytes(sent)} of {formats.bytes(size)}
        </Trans>
      </span>
    </span>
  );
}

function Why({ upload: { state, problem } }: { upload: Upload }) {
  const { t } = useLingui();
  if (state !== 'refused' || !problem) return null;
  const { cause, next } = explain(problem);
  return (
    <p role="alert" className="col-span-2 text-sm wrap-anywhere">
      {cause ? t(cause) : <bdi lang="en">{problem.message}</bdi>} <span className="text-ink-2">{t(next)}</span>
    </p>
  );
}

function UnfinishedRow({ upload }: { upload: Unfinished }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const called = isolate(upload.name);
  const drop = () => void giveUp(upload).then(() => client.invalidateQueries({ queryKey: keys.unfinished }), failure(t`It is kept for now; after a day it is thrown away.`));
  return (
    <li className={LINE}>
      <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <bdi className="max-w-full truncate font-semibold">{upload.name}</bdi>
        <Status tone="over">
          <Trans>Not finished</Trans>
        </Status>
      </span>
      <IconButton aria-label={t`Cancel ${called}`} onPress={drop}>
        <X size={16} aria-hidden />
      </IconButton>
      <HowFar upload={{ ...upload, sent: upload.received }} />
      <p className="col-span-2 text-sm text-ink-2">
        <Trans>Choose the same file again, and it goes on from there.</Trans>
      </p>
    </li>
  );
}
