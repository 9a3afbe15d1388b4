// How documents are named: their places, their title, what one may do with them.

import { useLingui } from '@lingui/react/macro';
import { Star } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import type { Document, Right } from '../api';
import { useDocumentDeeds } from '../deeds';
import { RIGHTS } from '../model';
import type { Place } from '../search';

export function usePlaceNames(): Record<Place, string> {
  const { t } = useLingui();
  return { recent: t`Recently opened`, mine: t`My documents`, shared: t`Shared with me`, starred: t`Starred`, templates: t`Templates`, trash: t`Deleted` };
}

export function RightWord({ of }: { of: Right }) {
  const { t } = useLingui();
  return t(RIGHTS[of]);
}

/** One's own mark; nobody else sees it. */
export function StarButton({ document }: { document: Document }) {
  const { t } = useLingui();
  const { star } = useDocumentDeeds();
  const title = isolate(document.title);
  return (
    <IconButton aria-label={t`Star for “${title}”`} aria-pressed={document.starred} onPress={() => void star(document)}>
      <Star size={17} aria-hidden className={cx(document.starred && 'fill-current text-zaferan')} />
    </IconButton>
  );
}
