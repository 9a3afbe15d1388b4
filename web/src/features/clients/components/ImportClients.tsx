// Clients from a file: what it would change and which lines are wrong is read before anything is done.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { plural } from '@lingui/core/macro';
import { useMutation } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { Button, buttonStyle } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { Status } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import { tell } from '../../../ui/Toast';
import { importClients, type ImportChange, type Imported } from '../api';
import { useRenew } from '../hooks';

/** More of them are told by their number alone. */
const SHOWN = 50;

export function ImportClients({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [file, setFile] = useState<File | null>(null);
  const look = useMutation({ mutationFn: (chosen: File) => importClients(chosen, true) });
  const take = useImport(onClose);
  const choose = (chosen: File) => {
    take.reset();
    setFile(chosen);
    look.mutate(chosen);
  };
  const found = look.data;
  const changes = found ? found.added + found.changed : 0;
  return (
    <SidePanel title={t`Import clients`} isOpen onClose={onClose}>
      <div className="grid gap-4">
        <p>
          <Trans>
            A table (CSV) whose first line names its columns, <Mono>username</Mono> and if wanted <Mono>name</Mono>, <Mono>room</Mono> and <Mono>pipeline</Mono>; or JSON, such as{' '}
            <Mono>{'{"clients": ["ali"]}'}</Mono>. Nothing is done before you have seen what would change.
          </Trans>
        </p>
        <Chooser name={file?.name} onChoose={choose} />
        {look.isPending && (
          <p role="status" data-waiting className="text-ink-2">
            <Trans>Reading the file…</Trans>
          </p>
        )}
        <Unreadable error={look.error} />
        {found && <Preview found={found} />}
        {take.error && <ErrorView error={take.error} effect={t`The import did not come to its end; what was taken stays.`} />}
        <Answers>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button weight="primary" isDisabled={!file || changes === 0} isPending={take.isPending} onPress={() => file && take.mutate(file)}>
            {changes > 0 ? <Plural value={changes} one="Import # client" other="Import # clients" /> : <Trans>Import</Trans>}
          </Button>
        </Answers>
      </div>
    </SidePanel>
  );
}

function Chooser({ name, onChoose }: { name: string | undefined; onChoose: (file: File) => void }) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <label className={buttonStyle('plain', 'normal', 'focus-within:outline-2 focus-within:outline-lajvard focus-within:outline-offset-2')}>
        <FileUp size={16} aria-hidden />
        {name ? <Trans>Choose another file</Trans> : <Trans>Choose a file</Trans>}
        <input
          type="file"
          accept=".csv,.json,text/csv,application/json"
          className="sr-only"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            // The same file may be chosen again, once it is put right.
            target.value = '';
            if (file) onChoose(file);
          }}
        />
      </label>
      {name && <bdi className="min-w-0 wrap-anywhere">{name}</bdi>}
    </div>
  );
}

/** What the server says of the file itself stands where it was refused. */
function Unreadable({ error }: { error: unknown }) {
  const { t } = useLingui();
  const why = useRefusal(error)('file');
  if (!error) return null;
  return (
    <>
      <ErrorView error={error} effect={t`This file cannot be read.`} />
      {why && <p className="text-sm text-ink-2">{why}</p>}
    </>
  );
}

function Preview({ found }: { found: Imported }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { added, changed, same, errors, items } = found;
  return (
    <>
      <p role="status" className="font-semibold">
        <Trans>
          {formats.number(added)} new, {formats.number(changed)} changed, {formats.number(same)} as they are, {formats.number(errors.length)} wrong
        </Trans>
      </p>
      {errors.length > 0 && (
        <Part title={<Trans>Lines that are left out</Trans>} more={errors.length - SHOWN}>
          {errors.slice(0, SHOWN).map(({ line, username, detail }) => (
            <Row key={`${line} ${username}`} line={line} mark={<Status tone="warn">{t`Wrong`}</Status>}>
              <bdi className="font-semibold">{username}</bdi>
              <span className="block text-sm text-ink-2">
                <bdi lang="en">{detail}</bdi>
              </span>
            </Row>
          ))}
        </Part>
      )}
      {items.length > 0 && (
        <Part title={<Trans>What would change</Trans>} more={added + changed - SHOWN}>
          {items.slice(0, SHOWN).map((change) => (
            <Row key={change.line} line={change.line} mark={change.before ? <Status tone="wait">{t`Changed`}</Status> : <Status tone="live">{t`New`}</Status>}>
              <Change change={change} />
            </Row>
          ))}
        </Part>
      )}
    </>
  );
}

function Part({ title, more, children }: { title: ReactNode; more: number; children: ReactNode }) {
  return (
    <section>
      <h3 className="pb-1 font-bold">{title}</h3>
      <ul>{children}</ul>
      {more > 0 && (
        <p className="text-sm text-ink-2">
          <Plural value={more} one="and # more" other="and # more" />
        </p>
      )}
    </section>
  );
}

function Row({ line, mark, children }: { line: number; mark: ReactNode; children: ReactNode }) {
  const formats = useFormats();
  return (
    <li className="grid grid-cols-[1fr_auto] items-start gap-x-3 border-t border-dashed border-line py-1.5">
      <span className="min-w-0 wrap-anywhere">{children}</span>
      <span className="flex items-center gap-2 whitespace-nowrap">
        <span className="text-sm text-ink-3 tabular">
          <Trans>line {formats.number(line)}</Trans>
        </span>
        {mark}
      </span>
    </li>
  );
}

/** A new one is named; of one that changes, each word that does, as it was and as it would be. */
function Change({ change: { username, before, after } }: { change: ImportChange }) {
  const { t } = useLingui();
  const words = { name: t`Name`, room: t`Room`, pipeline: t`Pipeline` };
  const parts = (['name', 'room', 'pipeline'] as const).filter((part) => (before ? before[part] !== after[part] : after[part] && after[part] !== username));
  return (
    <>
      <bdi className="font-semibold">{username}</bdi>
      {parts.map((part) => (
        <span key={part} className="block text-sm text-ink-2">
          {words[part]}: {before?.[part] && <del><bdi>{before[part]}</bdi></del>} <bdi>{after[part] ?? '—'}</bdi>
        </span>
      ))}
    </>
  );
}

function useImport(onDone: () => void) {
  const renew = useRenew();
  return useMutation({
    mutationFn: (file: File) => importClients(file, false),
    onSuccess: ({ added, changed }) => {
      onDone();
      tell(plural(added + changed, { one: '# client is imported.', other: '# clients are imported.' }));
      return renew();
    },
  });
}
