// A part of what was found, with the words that were looked for.

import { cx } from '../../../ui/cx';
import type { Piece } from '../api';

/** What runs and ends as its own words do begins where the page does; browsers have two names for that. */
export const AT_PAGE_START = '[text-align:-webkit-match-parent] [text-align:match-parent]';

export function Snippet({ pieces }: { pieces: readonly Piece[] }) {
  if (pieces.length === 0) return null;
  return (
    <bdi dir="auto" className={cx('line-clamp-2 text-sm text-ink-2 wrap-anywhere', AT_PAGE_START)}>
      {pieces.map(({ text, is_found }, at) =>
        is_found ? (
          <mark key={at} className="rounded-sm bg-zaferan-soft font-semibold text-ink">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </bdi>
  );
}
