// Where documents are: the places that the house has for everybody, and the folders in each other.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Clock, FileText, Folder as FolderSign, FolderOpen, LayoutTemplate, Star, Trash2, UserRound, Users, type LucideIcon } from 'lucide-react';
import { cx } from '../../../ui/cx';
import type { Folder } from '../api';
import { draggedFolder, useLanding } from '../dragging';
import { useFolders } from '../hooks';
import { flat, treeOf } from '../model';
import { PLACES, type DocumentsSearch, type Place } from '../search';
import { usePlaceNames } from './Names';

const SIGNS: Record<Place, LucideIcon> = { recent: Clock, mine: UserRound, shared: Users, starred: Star, templates: LayoutTemplate, trash: Trash2 };

const LINK = 'flex min-h-9 pointer-coarse:min-h-11 items-center gap-2.5 rounded-md px-2 text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-lajvard-soft aria-[current=page]:font-semibold aria-[current=page]:text-lajvard data-over:outline-2 data-over:outline-lajvard';
/** As deep as folders are set in; deeper ones look alike. */
const INDENTS = ['', 'ms-4', 'ms-8', 'ms-12', 'ms-16'];

interface Props {
  search: DocumentsSearch;
  onGo?: () => void;
}

export function Places({ search, onGo }: Props) {
  const { t } = useLingui();
  const names = usePlaceNames();
  const branches = flat(treeOf(useFolders()));
  const go = onGo ? { onClick: onGo } : {};
  // Whatever is let go there lies in no folder any more.
  const { isOver, landing } = useLanding(null);
  // The router thinks that every link to this page leads here, whichever place it names.
  const here = (isHere: boolean) => ({ activeOptions: { exact: true }, 'aria-current': isHere ? ('page' as const) : undefined, className: LINK, ...go });
  return (
    <nav aria-label={t`Places of documents`} className="grid gap-4">
      <ul>
        <li>
          <Link to="/documents" search={{ q: search.q }} data-over={isOver || undefined} {...landing} {...here(!search.place && !search.folder)}>
            <FileText size={16} aria-hidden className="flex-none" />
            <Trans>All documents</Trans>
          </Link>
        </li>
        {PLACES.map((place) => {
          const Sign = SIGNS[place];
          return (
            <li key={place}>
              <Link to="/documents" search={{ place, q: search.q }} {...here(search.place === place && !search.folder)}>
                <Sign size={16} aria-hidden className="flex-none" />
                {names[place]}
              </Link>
            </li>
          );
        })}
      </ul>
      <section>
        <h2 className="px-2 pb-1 text-sm font-semibold text-ink-3">
          <Trans>Folders</Trans>
        </h2>
        {branches.length === 0 && (
          <p className="px-2 text-sm text-ink-3">
            <Trans>No folder yet</Trans>
          </p>
        )}
        <ul>
          {branches.map(({ folder, depth }) => (
            <li key={folder.id} className={INDENTS[Math.min(depth, INDENTS.length - 1)]}>
              <FolderLink folder={folder} q={search.q} {...here(search.folder === folder.id)} />
            </li>
          ))}
        </ul>
      </section>
    </nav>
  );
}

interface FolderLinkProps {
  folder: Folder;
  q: string | undefined;
  'aria-current': 'page' | undefined;
}

/** A folder, in which documents and other folders can be let go. */
function FolderLink({ folder, q, ...rest }: FolderLinkProps) {
  const { isOver, landing } = useLanding(folder);
  const isHere = rest['aria-current'] !== undefined;
  const Sign = isHere || isOver ? FolderOpen : FolderSign;
  return (
    <Link to="/documents" search={{ folder: folder.id, q }} title={folder.title} data-over={isOver || undefined} {...landing} {...draggedFolder(folder)} {...rest}>
      <Sign size={16} aria-hidden className={cx('flex-none', !isHere && 'text-ink-3')} />
      <bdi className="truncate">{folder.title}</bdi>
    </Link>
  );
}
