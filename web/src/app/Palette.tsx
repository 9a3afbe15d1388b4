// Ctrl-K: every place, every command, the newest meetings and people, found by a few letters; and what search finds.

import { useLingui } from '@lingui/react/macro';
import { useRouter } from '@tanstack/react-router';
import { CornerDownLeft, Search } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Collection } from 'react-aria-components/Collection';
import { Dialog } from 'react-aria-components/Dialog';
import { Header } from 'react-aria-components/Header';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { TextField } from 'react-aria-components/TextField';
import type { Hit } from '../features/search/api';
import { KindChips } from '../features/search/components/KindChips';
import { Snippet } from '../features/search/components/Snippet';
import { useBest } from '../features/search/hooks';
import { groupsOf, keyOf, placeOf } from '../features/search/model';
import { writeKinds } from '../features/search/search';
import { isolate } from '../lib/bidi';
import { KINDS, type Kind } from '../lib/kinds';
import { useRested } from '../lib/rested';
import { useIsAdmin } from '../lib/user';
import { cx } from '../ui/cx';
import { ErrorView } from '../ui/ErrorView';
import { ITEM } from '../ui/Select';
import { Time } from '../ui/Text';
import { useEntries, type Entry } from './entries';

/** Of each kind so many, and more when only some kinds are wanted. */
const [SHARE, LARGE_SHARE] = [5, 20];
const NO_ENTRIES: readonly Entry[] = [];

interface Props {
  onClose: () => void;
  onAppearance: () => void;
}

export function Palette({ onClose, onAppearance }: Props) {
  const { t } = useLingui();
  const router = useRouter();
  const isAdmin = useIsAdmin();
  const [text, setText] = useState('');
  const [kinds, setKinds] = useState<readonly Kind[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const rested = useRested(text);
  const called = useEntries(text, rested, onAppearance);
  const entries = kinds.length > 0 ? NO_ENTRIES : called;
  const found = useBest({ q: rested, kinds });
  const isAsked = text.trim() !== '';
  const isListed = (hit: Hit) => entries.some(({ id }) => id === keyOf(hit));
  const hits = isAsked ? found.hits.filter((hit) => !isListed(hit)) : [];
  const groups = groupsOf(hits, kinds.length > 0 ? LARGE_SHARE : SHARE);
  const all = router.buildLocation({ to: '/search', search: { q: text, kinds: writeKinds(kinds) } }).href;
  const isOver = useRef(false);
  const end = () => {
    isOver.current = true;
    onClose();
  };
  const run = (id: unknown) => {
    end();
    called.find((entry) => entry.id === id)?.run();
  };
  const choose = (chosen: readonly Kind[]) => {
    setKinds(chosen);
    field.current?.focus();
  };
  /** Links are gone to within the page; with Ctrl or Command the browser opens them in another tab. */
  const follow = (event: MouseEvent) => {
    const link = (event.target as Element).closest('a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void router.navigate({ href: link.getAttribute('href') ?? '/' });
  };
  /** With nothing chosen from the list, Enter leads to all that is found; the list hears the key first, and it may be ahead of what is drawn. */
  const enter = (event: KeyboardEvent<HTMLInputElement>) => {
    const input = event.currentTarget;
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || !isAsked) return;
    setTimeout(() => {
      if (isOver.current || input.getAttribute('aria-activedescendant')) return;
      end();
      void router.navigate({ href: all });
    });
  };
  return (
    <ModalOverlay isOpen onOpenChange={end} isDismissable className="fixed inset-0 z-40 bg-shade p-3 pt-[10vh]">
      <Modal className="jadval mx-auto max-h-[80dvh] max-w-xl overflow-y-auto shadow-over">
        <Dialog aria-label={t`Search or run a command`} className="outline-none">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <TextField aria-label={t`Search or run a command`} autoFocus>
              <Input
                ref={field}
                dir="auto"
                placeholder={t`A page, a person, a meeting, words of a document…`}
                className="w-full bg-transparent px-4 py-3 text-lg outline-none"
                onKeyUp={enter}
              />
            </TextField>
            {isAsked && (
              <div className="px-4 pb-3">
                <KindChips label={t`Kinds`} chosen={kinds} onChange={choose} />
              </div>
            )}
            {found.error && isAsked && <ErrorView error={found.error} effect={t`Nothing can be found now.`} onRetry={() => void found.refetch()} />}
            <div onClickCapture={follow} className="border-t border-line">
              <Menu onAction={run} className="p-2 outline-none" renderEmptyState={() => <Nothing isSearching={isAsked && (found.isFetching || rested !== text)} />}>
                <Collection items={entries}>{(entry) => <EntryItem {...entry} />}</Collection>
                <Collection items={groups}>
                  {({ kind, hits }) => (
                    <MenuSection id={kind}>
                      <Header className="px-3 pt-2 pb-1 text-sm font-semibold text-ink-3">{t(KINDS[kind].word)}</Header>
                      <Collection items={hits}>{(hit) => <HitItem id={keyOf(hit)} hit={hit} kind={kind} href={router.buildLocation(placeOf(hit, isAdmin)).href} />}</Collection>
                    </MenuSection>
                  )}
                </Collection>
                {groups.length > 0 && <AllItem text={text} href={all} />}
              </Menu>
            </div>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function EntryItem({ id, text, icon: Icon }: Entry) {
  return (
    <MenuItem id={id} textValue={text} className={ITEM}>
      <Icon size={16} aria-hidden className="flex-none text-ink-3" />
      <span className="flex-1 truncate">
        <bdi>{text}</bdi>
      </span>
      <CornerDownLeft size={14} aria-hidden className="mirror text-ink-3" />
    </MenuItem>
  );
}

function HitItem({ id, hit, kind, href }: { id: string; hit: Hit; kind: Kind; href: string }) {
  const { icon: Icon } = KINDS[kind];
  return (
    <MenuItem id={id} href={href} textValue={hit.title} className={cx(ITEM, 'items-start py-1.5')}>
      <Icon size={16} aria-hidden className="mt-1 flex-none text-ink-3" />
      <span className="min-w-0 flex-1">
        <bdi className="inline-block max-w-full truncate align-bottom">{hit.title}</bdi>
        <Snippet pieces={hit.snippet} />
      </span>
      <span className="flex-none text-sm text-ink-3">
        <Time at={hit.updated_at} />
      </span>
    </MenuItem>
  );
}

function AllItem({ text, href }: { text: string; href: string }) {
  const { t } = useLingui();
  const words = isolate(text.trim());
  const name = t`All that is found for ${words}`;
  return (
    <MenuItem id="all" href={href} textValue={name} className={cx(ITEM, 'text-lajvard')}>
      <Search size={16} aria-hidden className="flex-none" />
      <span className="flex-1 truncate">{name}</span>
      <CornerDownLeft size={14} aria-hidden className="mirror" />
    </MenuItem>
  );
}

function Nothing({ isSearching }: { isSearching: boolean }) {
  const { t } = useLingui();
  return <p className="px-3 py-6 text-center text-ink-2">{isSearching ? t`Searching…` : t`Nothing was found.`}</p>;
}
