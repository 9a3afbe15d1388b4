// Where the text is now. It is always true, so it says nothing of what will be.

import { useLingui } from '@lingui/react/macro';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Status, type Tone } from '../../../ui/Status';
import type { Live } from '../live/provider';
import type { SaveState } from '../live/state';

const TONES: Record<SaveState['is'], Tone> = { opening: 'wait', saved: 'live', saving: 'wait', offline: 'warn', unkept: 'bad', refused: 'bad' };

export function useSaveState(live: Live): SaveState {
  return useSyncExternalStore(live.watch, live.state);
}

export function SaveMark({ live }: { live: Live }) {
  const state = useSaveState(live);
  const words = useWords();
  return (
    <>
      <span data-save={state.is}>
        <Status tone={TONES[state.is]}>{words(state)}</Status>
      </span>
      <Spoken text={words(state)} isNews={state.is === 'offline' || state.is === 'unkept' || state.is === 'refused'} />
    </>
  );
}

function useWords(): (state: SaveState) => string {
  const { t } = useLingui();
  return (state) => {
    switch (state.is) {
      case 'opening':
        return t`Opening`;
      case 'saved':
        return t`All saved`;
      case 'saving':
        return t`Saving`;
      case 'offline':
        return t`Offline; kept on this device`;
      case 'unkept':
        return t`Offline, and this browser keeps nothing: leave the page open`;
      case 'refused':
        return state.code === 'signed_out' ? t`Signed out; kept on this device` : t`Not saved`;
    }
  };
}

/** Screen readers hear of troubles and of their end, not of every word that is saved. */
function Spoken({ text, isNews }: { text: string; isNews: boolean }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (isNews) setSaid(text);
    else setSaid((old) => (old ? text : ''));
  }, [text, isNews]);
  return (
    <span role="status" className="sr-only">
      {said}
    </span>
  );
}
