// That something could not be taken, and the way to what.

import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Shape } from '../../../ui/Status';
import { problems } from '../api';

export function ProblemsNote() {
  const { data } = useQuery(problems());
  const count = data?.items.length ?? 0;
  if (count === 0) return null;
  return (
    <p role="note" className="mb-4 flex flex-wrap items-center gap-x-3 rounded-md border border-zaferan bg-zaferan-soft px-4 py-2">
      <span className="text-zaferan">
        <Shape tone="warn" />
      </span>
      <span className="min-w-0 flex-1">
        <Plural value={count} one="# thing in the files, in Redis or in the folder of clients could not be taken." other="# things in the files, in Redis or in the folder of clients could not be taken." />
      </span>
      <Link to="/clients" search={{ view: 'problems' }} className="font-semibold text-lajvard underline">
        <Trans>Show them</Trans>
      </Link>
    </p>
  );
}
