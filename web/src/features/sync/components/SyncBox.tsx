// A sync is asked for once one has read what it does and how long it took last time.

import { plural } from '@lingui/core/macro';
import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { Answers, Box } from '../../../ui/Overlay';
import { LabelledChoice } from '../../../ui/Select';
import { Mono } from '../../../ui/Text';
import type { Mode, Source } from '../api';
import { useNameOf, useSourceActions } from '../hooks';
import { MODES } from '../model';

interface Props {
  source: Source;
  onClose: () => void;
}

export function SyncBox(props: Props) {
  const { t } = useLingui();
  const name = useNameOf()(props.source.name);
  return (
    <Box title={t`Sync ${name} now?`} isOpen onClose={props.onClose} role="alertdialog">
      <Question {...props} />
    </Box>
  );
}

function Question({ source, onClose }: Props) {
  const { t } = useLingui();
  const { sync } = useSourceActions();
  const [mode, setMode] = useState<Mode>('full');
  const modes = (['full', 'incremental'] as const).map((id) => ({ id, text: t(MODES[id].word) }));
  const sure = () => {
    onClose();
    void sync(source, mode);
  };
  return (
    <div className="grid gap-3">
      <p>{source.kind === 'command' ? <Program source={source} /> : <Asked source={source} />}</p>
      {source.incremental && <LabelledChoice label={t`What is asked for`} options={modes} value={mode} onChange={setMode} hint={t(MODES[mode].meaning)} />}
      <p className="text-ink-2">
        <LastTime source={source} />
      </p>
      <Answers>
        <Button onPress={onClose}>
          <Trans>Leave it</Trans>
        </Button>
        <Button weight="primary" autoFocus onPress={sure}>
          <Trans>Sync now</Trans>
        </Button>
      </Answers>
    </div>
  );
}

function Program({ source }: { source: Source }) {
  return (
    <Trans>
      The program <Mono>{(source.command ?? []).join(' ')}</Mono> runs on the server, for <Mono>{source.timeout}</Mono> at most.
    </Trans>
  );
}

function Asked({ source: { partitions = {}, partitions_count } }: { source: Source }) {
  const formats = useFormats();
  const axes = Object.entries(partitions).map(([name, values]) => axisOf(name, values));
  if (axes.length === 0) return <Trans>The gateway is asked for all its rows, page by page.</Trans>;
  const what = axes.join(' × ');
  if (partitions_count == null || axes.length === 1) return <Trans>The gateway is asked for {what}, page by page.</Trans>;
  return (
    <Trans>
      The gateway is asked for {what}, {formats.number(partitions_count)} partitions in all, page by page.
    </Trans>
  );
}

function axisOf(name: string, values: readonly string[] | { sql: string }): string {
  const label = isolate(name);
  if ('sql' in values) return label;
  const count = values.length;
  if (name === 'campus') return plural(count, { one: '# campus', other: '# campuses' });
  if (name === 'term') return plural(count, { one: '# term', other: '# terms' });
  return plural(count, { one: `# value of ${label}`, other: `# values of ${label}` });
}

function LastTime({ source: { last_run } }: { source: Source }) {
  const formats = useFormats();
  if (!last_run?.duration_seconds) return <Trans>It may take several minutes. You can go on working meanwhile.</Trans>;
  return (
    <Trans>
      The last run took {formats.span(last_run.duration_seconds)} and brought <Plural value={last_run.records_count} one="# row" other="# rows" />. You can go on working meanwhile.
    </Trans>
  );
}
