// Uploads over every page: in one line how far they are, and each of them once it is opened.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { ChevronUp } from 'lucide-react';
import { useEffect, useRef, type RefObject } from 'react';
import { COLOURS, Shape, type Tone } from '../../../ui/Status';
import { ClearCome, HowFar, Row } from './Tray';
import { useUploads, type Upload } from '.';

export function Floating() {
  const { t } = useLingui();
  const all = useUploads();
  const [tone, words] = useSummary(all);
  const rest = all.filter(({ state }) => state !== 'uploaded');
  const sum = (of: 'sent' | 'size') => rest.reduce((sum, upload) => sum + upload[of], 0);
  const box = useRef<HTMLElement>(null);
  useDock(box);
  return (
    <section ref={box} aria-label={t`Uploads`} className="fixed start-4 bottom-4 z-30 md:start-62 w-[min(24rem,calc(100vw-2rem))] rounded-md border border-line-strong bg-surface shadow-over">
      <details className="group peer">
        <summary className="flex min-h-12 cursor-pointer list-none items-center gap-2 px-4 py-2 font-semibold">
          <span className={COLOURS[tone]}>
            <Shape tone={tone} />
          </span>
          <span role="status">{words}</span>
          <ChevronUp size={18} aria-hidden className="ms-auto flex-none text-ink-2 group-open:rotate-180" />
        </summary>
        <ul className="max-h-[50dvh] overflow-y-auto">
          {all.map((upload) => (
            <Row key={upload.key} upload={upload} />
          ))}
        </ul>
      </details>
      {rest.length > 0 && (
        <div className="px-4 pb-2 peer-open:hidden">
          <HowFar upload={{ name: t`everything`, sent: sum('sent'), size: sum('size') }} />
        </div>
      )}
      <div className="px-1">
        <ClearCome all={all} />
      </div>
    </section>
  );
}

/** What else stands at the end of the window stands above the box, but for the moment in which somebody has opened it. */
function useDock(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { current } = box;
    const { style } = document.documentElement;
    if (!current) return;
    const watcher = new ResizeObserver(() => {
      const isOpen = current.querySelector('details')?.open;
      if (!isOpen) style.setProperty('--dock', `${window.innerHeight - current.getBoundingClientRect().top}px`);
    });
    watcher.observe(current);
    return () => {
      watcher.disconnect();
      style.removeProperty('--dock');
    };
  }, [box]);
}

/** What needs somebody comes first. */
function useSummary(all: readonly Upload[]): [Tone, string] {
  const { t } = useLingui();
  const of = (...states: Upload['state'][]) => all.filter(({ state }) => states.includes(state)).length;
  const [refused, going, paused] = [of('refused'), of('waiting', 'uploading', 'cut'), of('paused')];
  if (refused > 0) return ['bad', plural(refused, { one: '# file was not taken', other: '# files were not taken' })];
  if (going > 0) return ['warn', plural(going, { one: '# file is on its way', other: '# files are on their way' })];
  if (paused > 0) return ['over', plural(paused, { one: '# upload is paused', other: '# uploads are paused' })];
  return ['live', all.length > 0 ? plural(all.length, { one: '# file has come', other: '# files have come' }) : t`Uploads`];
}
