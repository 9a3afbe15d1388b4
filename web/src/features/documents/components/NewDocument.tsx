// A new document: its title, and what it begins with.

import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { isolate } from '../../../lib/bidi';
import { usePreferences } from '../../../lib/reader';
import { Select } from '../../../ui/Select';
import { createDocument, listDocuments, type Document } from '../api';
import { useRenew } from '../hooks';
import { TEMPLATES } from '../model';
import { TitleBox } from './TitleBox';

const BLANK = 'blank';

interface Props {
  folder: string | null;
  onMade: (document: Document) => void;
  onClose: () => void;
}

export function NewDocument({ folder, onMade, onClose }: Props) {
  const { t } = useLingui();
  const renew = useRenew();
  const templates = useTemplates();
  const [from, setFrom] = useState(BLANK);
  const make = async (title: string) => {
    const made = await createDocument({ title, ...(folder && { folder }), ...(from !== BLANK && { from }) });
    void renew();
    onMade(made);
  };
  // It goes with this page.
  const stay = () => undefined;
  return (
    <TitleBox title={t`New document`} label={t`Title`} submit={t`Begin`} effect={t`The document was not made.`} onSend={make} onClose={onClose} onDone={stay}>
      <Select label={t`It begins with`} options={[{ id: BLANK, text: t`A blank page` }, ...templates]} value={from} onChange={setFrom} />
    </TitleBox>
  );
}

/** The house's in the reader's language and then in the other one, and those that people made. */
function useTemplates() {
  const { t } = useLingui();
  const { lang } = usePreferences().preferences;
  const own = useInfiniteQuery(listDocuments({ template: true })).data?.pages.flatMap(({ items }) => items) ?? [];
  const other = lang === 'fa' ? 'en' : 'fa';
  const named = TEMPLATES.map(({ name, word }) => ({ id: `${name}.${lang}`, text: t(word) }));
  const foreign = TEMPLATES.map(({ name, word }) => {
    const called = t(word);
    return { id: `${name}.${other}`, text: other === 'fa' ? t`${called}, in Persian` : t`${called}, in English` };
  });
  return [...named, ...own.map(({ id, title }) => ({ id, text: isolate(title) })), ...foreign];
}
