// The frame around every page: menu, top bar, what lies over the page.

import { Trans, useLingui } from '@lingui/react/macro';
import { Outlet, useRouteContext, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useMayRun, useMayWrite } from '../lib/user';
import { Button, buttonStyle } from '../ui/Button';
import { Answers, Box } from '../ui/Overlay';
import { Navigation } from './Navigation';
import { TopBar } from './TopBar';

const NewMeeting = lazy(async () => ({ default: (await import('../features/meetings/components/NewMeeting')).NewMeeting }));
const Palette = lazy(async () => ({ default: (await import('./Palette')).Palette }));
const Toasts = lazy(async () => ({ default: (await import('../ui/Toasts')).Toasts }));
const SyncNews = lazy(async () => ({ default: (await import('./SyncNews')).SyncNews }));
const ClientNews = lazy(async () => ({ default: (await import('./ClientNews')).ClientNews }));
const Uploading = lazy(async () => ({ default: (await import('./Uploading')).Uploading }));
const Appearance = lazy(async () => ({ default: (await import('./Appearance')).Appearance }));

export type Over = 'palette' | 'appearance' | null;

export function Shell() {
  const mayWrite = useMayWrite();
  const [over, setOver] = useState<Over>(null);
  const main = useRef<HTMLElement>(null);
  useFocusOnArrival(main.current);
  usePaletteKey(() => setOver((now) => (now === 'palette' ? null : 'palette')));
  return (
    <>
      <a href="#page" className="sr-only focus:not-sr-only focus:absolute focus:start-2 focus:top-2 focus:z-50 focus:bg-surface focus:p-2">
        <Trans>To the page</Trans>
      </a>
      <div className="grid min-h-dvh md:grid-cols-[14.5rem_minmax(0,1fr)]">
        <Navigation className="max-md:hidden" />
        <div className="min-w-0">
          <TopBar onOpen={setOver} />
          <main id="page" ref={main} className="mx-auto max-w-6xl p-4 md:px-7 md:pt-2 md:pb-10">
            <Suspense fallback={null}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      <Suspense fallback={null}>
        {over === 'palette' && <Palette onClose={() => setOver(null)} onAppearance={() => setOver('appearance')} />}
        {over === 'appearance' && <Appearance onClose={() => setOver(null)} />}
        <MakeMeeting />
        <SyncNews />
        <ClientNews />
      </Suspense>
      {/* What is said stays while something else comes. */}
      <Suspense fallback={null}>{mayWrite && <Uploading />}</Suspense>
      <Suspense fallback={null}>
        <Toasts />
      </Suspense>
      <Expired />
    </>
  );
}

function MakeMeeting() {
  const router = useRouter();
  const mayRun = useMayRun();
  const wanted = useRouterState({ select: ({ location }) => (location.search as { new?: string }).new === 'meeting' });
  const close = () => void router.navigate({ to: '.', search: (old) => ({ ...old, new: undefined }), replace: true });
  return wanted && mayRun ? <NewMeeting onClose={close} /> : null;
}

/** What was typed stays below it. Whoever writes in a document is told there: it would take the next keys away. */
function Expired() {
  const { t } = useLingui();
  const { session } = useRouteContext({ from: '__root__' });
  const ended = useSyncExternalStore(session.watch, () => session.ended);
  const isWriting = useSyncExternalStore(watchFocus, () => (document.activeElement as HTMLElement | null)?.isContentEditable);
  return (
    <Box title={t`You are signed out`} isOpen={ended && !isWriting} onClose={session.resume}>
      <p>
        <Trans>Sign in again in a new tab, then go on here: what you typed is still there.</Trans>
      </p>
      <Answers>
        <a href="/" target="_blank" className={buttonStyle('primary')}>
          <Trans>Sign in</Trans>
        </a>
        <Button onPress={session.resume}>
          <Trans>Go on</Trans>
        </Button>
      </Answers>
    </Box>
  );
}

function watchFocus(tell: () => void): () => void {
  const moves = ['focusin', 'focusout'];
  moves.forEach((move) => document.addEventListener(move, tell));
  return () => moves.forEach((move) => document.removeEventListener(move, tell));
}

/** A new page begins at its heading, for keyboards and screen readers; the first one begins where the browser does. */
function useFocusOnArrival(main: HTMLElement | null): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const arrived = useRef(path);
  useEffect(() => {
    if (path && arrived.current && path !== arrived.current) main?.querySelector('h1')?.focus({ preventScroll: true });
    arrived.current = path;
  }, [main, path]);
}

/** Ctrl-K, wherever the letter stands on the keyboard. */
function usePaletteKey(toggle: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.code !== 'KeyK' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });
}
