// A moment as the port file writes it: the clock of the server's wall, in the reader's calendar.

import { readStamp } from '../../../lib/jalali';
import { useFormats } from '../../../lib/reader';
import { Directed } from '../../../ui/Text';

export function Stamp({ stamp }: { stamp: string | null | undefined }) {
  const formats = useFormats().wall();
  const at = stamp ? readStamp(stamp) : null;
  if (!at) return stamp ?? '—';
  return <Directed>{`${formats.numeric(at)} ${formats.clock(at)}`}</Directed>;
}
