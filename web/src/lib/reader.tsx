// The one who reads: their preferences, and the formats that follow from them, for every part of the page.

import { i18n } from '@lingui/core';
import { I18nProvider as Words } from '@lingui/react';
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { I18nProvider as Locale } from 'react-aria-components/I18nProvider';
import { dress } from './dress';
import { Formats } from './formats';
import { complete, readChoices, writeChoices, type Choices, type Lang, type Preferences } from './preferences';

interface Reader {
  preferences: Preferences;
  /** What of it was chosen in this browser. */
  choices: Choices;
  formats: Formats;
  /** Changes some preferences and keeps them; a new language first loads its words. */
  choose: (choices: Choices) => void;
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

export function ReaderProvider({ pageLang, load, children }: Props) {
  const [choices, setChoices] = useState(() => readChoices(document.cookie));
  const reader = useMemo(() => {
    const preferences = complete(choices, pageLang);
    const choose = (more: Choices) => void keep({ ...choices, ...more });
    const keep = async (next: Choices) => {
      await load(complete(next, pageLang));
      document.cookie = writeChoices(next);
      setChoices(next);
    };
    return { preferences, choices, formats: new Formats(preferences), choose };
  }, [choices, pageLang, load]);
  useEffect(() => dress(document.documentElement, reader.preferences), [reader.preferences]);
  return (
    <Words i18n={i18n}>
      <Locale locale={reader.formats.locale}>
        <Context value={reader}>{children}</Context>
      </Locale>
    </Words>
  );
}
