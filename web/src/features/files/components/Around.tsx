// What a file is like and what it hangs on.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Answered } from '../../../ui/Answered';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { alikeOf, attachmentsOf, type StoredFile } from '../api';
import { pageOf, SUBJECTS } from '../found';

export function Alike({ file: { id } }: { file: StoredFile }) {
  const { t } = useLingui();
  const query = useQuery(alikeOf(id));
  return (
    <Panel title={t`The same or nearly`}>
      <Answered query={query} reading={t`Looking for files like it…`} effect={t`Files like it cannot be shown.`}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-ink-2">
              <Trans>No other file is like it.</Trans>
            </p>
          ) : (
            <ul>
              {items.map(({ file, same }) => (
                <li key={file.id} className="border-t border-dashed border-line py-1.5 first:border-t-0">
                  <Link to="/files/$id" params={{ id: file.id }} className="block truncate text-lajvard underline">
                    <bdi>{file.name}</bdi>
                  </Link>
                  <span className="text-sm text-ink-2">{same ? <Trans>the same, byte for byte</Trans> : <Trans>nearly the same text</Trans>}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Panel>
  );
}

export function Attachments({ file: { id } }: { file: StoredFile }) {
  const { t } = useLingui();
  const query = useQuery(attachmentsOf(id));
  return (
    <Panel title={t`Attached to`}>
      <Answered query={query} reading={t`Looking for what it hangs on…`} effect={t`What it hangs on cannot be shown.`}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-ink-2">
              <Trans>Nothing. Only its owner and administrators see it.</Trans>
            </p>
          ) : (
            <ul>
              {items.map((attachment) => {
                const { subject_kind, subject_id } = attachment;
                const known = SUBJECTS[subject_kind];
                return (
                  <li key={`${subject_kind} ${subject_id}`} className="border-t border-dashed border-line py-1.5 wrap-anywhere first:border-t-0">
                    <a href={pageOf(attachment)} className="text-lajvard underline">
                      {known ? t(known.word) : <bdi>{subject_kind}</bdi>} <Mono>{subject_id}</Mono>
                    </a>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Answered>
    </Panel>
  );
}
