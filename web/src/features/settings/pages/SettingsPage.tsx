// The settings of the house: each with its value and who says so; changes are looked through before they are saved.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useIsAdmin } from '../../../lib/user';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { settings, type Setting } from '../api';
import { ChangesBar } from '../components/ChangesBar';
import { SettingRow } from '../components/SettingRow';
import { useDrafts } from '../hooks';
import { bySection } from '../model';
import { SECTIONS } from '../words';

const Review = lazy(async () => ({ default: (await import('../components/Review')).Review }));

const CALLS = [
  { path: '/api/v1/settings' },
  { method: 'PATCH', path: '/api/v1/settings', body: { changes: { 'meetings.poll_interval': '10s' } } },
] as const;

export function SettingsPage() {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(settings());
  return (
    <>
      <PageHead title={t`Settings`} note={<Note />} calls={CALLS} />
      {error && <ErrorView error={error} effect={t`The settings cannot be shown.`} onRetry={() => void refetch()} />}
      {!error && !data && <Waiting label={t`Reading the settings…`} />}
      {data && <Whole items={data.items} />}
    </>
  );
}

function Note() {
  return useIsAdmin() ? (
    <Trans>What is set here goes before the environment, the file and the defaults.</Trans>
  ) : (
    <Trans>Only administrators change them.</Trans>
  );
}

function Whole({ items }: { items: readonly Setting[] }) {
  const mayChange = useIsAdmin();
  const edit = useDrafts(items);
  const [reviewing, setReviewing] = useState(false);
  const review = () => {
    const wrong = items.find((setting) => edit.errorOf(setting));
    if (edit.hasWrong && wrong) focusOn(wrong.key);
    else setReviewing(true);
  };
  const close = () => setReviewing(false);
  const refused = ([first]: readonly string[]) => {
    if (!first) return;
    close();
    requestAnimationFrame(() => focusOn(first));
  };
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {bySection(items).map(({ section, settings }) => (
          <Section key={section} section={section} settings={settings} edit={edit} mayChange={mayChange} />
        ))}
      </div>
      <ChangesBar count={edit.count} onForget={edit.forgetAll} onReview={review} />
      <Suspense fallback={null}>
        {reviewing && (
          <Review settings={items} drafts={edit.drafts} error={edit.error} isPending={edit.isPending} onSave={() => edit.commit(close, refused)} onClose={close} />
        )}
      </Suspense>
    </>
  );
}

interface SectionProps {
  section: string;
  settings: readonly Setting[];
  edit: ReturnType<typeof useDrafts>;
  mayChange: boolean;
}

function Section({ section, settings, edit, mayChange }: SectionProps) {
  const { t } = useLingui();
  const word = SECTIONS[section];
  return (
    <Panel title={word ? t(word) : <bdi>{section}</bdi>} flush>
      <ul>
        {settings.map((setting) => (
          <SettingRow
            key={setting.key}
            setting={setting}
            draft={edit.drafts[setting.key]}
            error={edit.errorOf(setting)}
            mayChange={mayChange}
            onChange={(text) => edit.type(setting, text)}
            onBeneath={() => edit.goBeneath(setting)}
            onForget={() => edit.forget(setting)}
          />
        ))}
      </ul>
    </Panel>
  );
}

function focusOn(key: string): void {
  const row = document.querySelector(`[data-setting="${CSS.escape(key)}"]`);
  row?.scrollIntoView({ block: 'center' });
  row?.querySelector<HTMLElement>('input, textarea, button')?.focus();
}
