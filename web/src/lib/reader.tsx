// The one who reads: their preferences, and the formats that follow from them, for every part of the page.

import { i18n } from '@lingui/core';
import { I18nProvider as Words } from '@lingui/react';
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { I18nProvider as Locale } from 'react-aria-components/I18nProvider';
import { dress } from './dress';
import { Formats } from './formats';
import { changes, complete, readChoices, writeChoices, type Choices, type Lang, type Preferences } from './preferences';

interface Reader {
  preferences: Preferences;
  /** What of it was chosen in this page, and not before. */
  chosen: Choices;
  formats: Formats;
  /** Changes some preferences and keeps them; a new language first loads its words. */
  choose: (choices: Choices) => void;
  /** The same for what was chosen elsewhere, but for what was chosen in this page. */
  adopt: (choices: Choices) => void;
}

const Context = createContext<Reader | null>(null);

function useReader(): Reader {
  const reader = use(Context);
  if (!reader) throw new Error('there is no ReaderProvider above');
  return reader;
}

export const useFormats = (): Formats => useReader().formats;
export const usePreferences = (): Omit<Reader, 'formats'> => useReader();

interface Props {
  pageLang: Lang;
  /** Loads and activates the words of a language. */
  load: (preferences: Preferences) => Promise<void>;
  children: ReactNode;
}

interface Held {
  /** By this browser. */
  choices: Choices;
  chosen: Choices;
}

export function ReaderProvider({ pageLang, load, children }: Props) {
  const [held, setHeld] = useState<Held>(() => ({ choices: readChoices(document.cookie), chosen: {} }));
  const reader = useMemo(() => {
    const { choices, chosen } = held;
    const preferences = complete(choices, pageLang);
    const keep = async (next: Held) => {
      await load(complete(next.choices, pageLang));
      document.cookie = writeChoices(next.choices);
      setHeld(next);
    };
    const choose = (more: Choices) => void keep({ choices: { ...choices, ...more }, chosen: { ...chosen, ...more } });
    const adopt = (more: Choices) => {
      const next = { ...choices, ...more, ...chosen };
      if (Object.keys(changes(next, choices)).length > 0) void keep({ choices: next, chosen });
    };
    return { preferences, chosen, formats: new Formats(preferences), choose, adopt };
  }, [held, pageLang, load]);
  useEffect(() => dress(document.documentElement, reader.preferences), [reader.preferences]);
  return (
    <Words i18n={i18n}>
      <Locale locale={reader.formats.locale}>
        <Context value={reader}>{children}</Context>
      </Locale>
    </Words>
  );
}
