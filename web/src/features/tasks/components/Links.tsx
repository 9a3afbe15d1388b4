// What a task is about: documents and meetings.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fact, Facts } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { oneMeeting } from '../../meetings/api';
import type { Detail } from '../api';
import { Part } from './TaskView';

const LINK = 'text-lajvard underline wrap-anywhere';

export function Links({ task: { documents, meetings } }: { task: Detail }) {
  const { t } = useLingui();
  if (documents.length + meetings.length === 0) return null;
  return (
    <Part title={<Trans>Belongs to it</Trans>}>
      <Facts>
        {documents.length > 0 && (
          <Fact name={t`Documents`}>
            <ul>
              {documents.map((id) => (
                <li key={id}>
                  <a href={`/documents/${id}`} className={LINK}>
                    <Mono>{id}</Mono>
                  </a>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {meetings.length > 0 && (
          <Fact name={t`Meetings`}>
            <ul>
              {meetings.map((id) => (
                <li key={id}>
                  <MeetingName id={id} />
                </li>
              ))}
            </ul>
          </Fact>
        )}
      </Facts>
    </Part>
  );
}

/** By its id where its name may not be known, or is not any more. */
function MeetingName({ id }: { id: string }) {
  const { data } = useQuery({ ...oneMeeting(id), retry: false, staleTime: Infinity, refetchInterval: false });
  return (
    <Link to="/meetings/$id" params={{ id }} className={LINK}>
      {data ? <bdi>{data.name}</bdi> : <Mono>{id}</Mono>}
    </Link>
  );
}
