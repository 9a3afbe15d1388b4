// What happened, as one sentence about whoever did it and what it is about.

import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { SourceName } from '../../../ui/SourceName';
import type { Line } from '../api';

type Words = (by: ReactNode, it: ReactNode) => ReactNode;

const SENTENCES: Record<string, Words> = {
  'task.created': (by, it) => <Trans>{by} made the task “{it}”</Trans>,
  'task.changed': (by, it) => <Trans>{by} changed the task “{it}”</Trans>,
  'task.assigned': (by, it) => <Trans>{by} gave you the task “{it}”</Trans>,
  'task.completed': (by, it) => <Trans>{by} completed the task “{it}”</Trans>,
  'task.reopened': (by, it) => <Trans>{by} opened the task “{it}” again</Trans>,
  'task.due': (_, it) => <Trans>The task “{it}” is due</Trans>,
  'task.commented': (by, it) => <Trans>{by} wrote about the task “{it}”</Trans>,
  'task.mentioned': (by, it) => <Trans>{by} named you at the task “{it}”</Trans>,
  'task.deleted': (by, it) => <Trans>{by} deleted the task “{it}”</Trans>,
  'document.changed': (by, it) => <Trans>{by} changed the document “{it}”</Trans>,
  'document.shared': (by, it) => <Trans>{by} shared the document “{it}” with you</Trans>,
  'document.commented': (by, it) => <Trans>{by} wrote about the document “{it}”</Trans>,
  'document.mentioned': (by, it) => <Trans>{by} named you in the document “{it}”</Trans>,
  'document.deleted': (by, it) => <Trans>{by} deleted the document “{it}”</Trans>,
  'file.analysed': (_, it) => <Trans>The file “{it}” has been read and analysed</Trans>,
  'file.failed': (_, it) => <Trans>The file “{it}” could not be read</Trans>,
  'sync.failed': (_, it) => <Trans>The source “{it}” could not be synced</Trans>,
  'sync.recovered': (_, it) => <Trans>The source “{it}” works again</Trans>,
  'sync.late': (_, it) => <Trans>The source “{it}” has not been synced for long</Trans>,
  'backup.failed': () => <Trans>No backup could be made</Trans>,
  'webhook.paused': (_, it) => <Trans>Nothing more is sent to the webhook “{it}”, which failed for days</Trans>,
  'webhook.gone': (_, it) => <Trans>The webhook “{it}” said that it is gone, and was turned off</Trans>,
};

/** Of what the server has learnt since, at least whom and what it is about is said. */
const OTHER: Words = (by, it) => (
  <Trans>
    {by} changed “{it}”
  </Trans>
);

export function Sentence({ line: { event, by_name, subject_kind, subject_name } }: { line: Line }) {
  const it = subject_kind === 'source' ? <SourceName name={subject_name} /> : <bdi>{subject_name}</bdi>;
  return (SENTENCES[event] ?? OTHER)(<bdi>{by_name}</bdi>, it);
}
