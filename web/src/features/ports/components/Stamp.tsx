// A moment as the port file writes it. With the instant beside it, it is the reader's own time; a stamp alone is the clock of
// the server's wall, in the reader's calendar.

import { readStamp } from '../../../lib/jalali';
import { useFormats } from '../../../lib/reader';
import { Directed, Time } from '../../../ui/Text';

export function Stamp({ stamp, at }: { stamp: string | null | undefined; at?: string | null | undefined }) {
  const wall = useFormats().wall();
  if (at) return <Time at={at} style="full" />;
  const local = stamp ? readStamp(stamp) : null;
  if (!local) return stamp ?? '—';
  return <Directed>{`${wall.numeric(local)} ${wall.clock(local)}`}</Directed>;
}
