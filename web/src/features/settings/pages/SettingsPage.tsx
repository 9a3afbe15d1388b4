// The settings of the house: each with its value and who says so; changes are looked through before they are saved.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useIsAdmin } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { NothingFound } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { SearchField } from '../../../ui/SearchField';
import { settings, type Setting } from '../api';
import { ChangesBar } from '../components/ChangesBar';
import { SettingRow } from '../components/SettingRow';
import { useDrafts } from '../hooks';
import { bySection, type Drafts } from '../model';
import { isAbout } from '../search';
import { SECTIONS, SETTINGS } from '../words';

const Review = lazy(async () => ({ default: (await import('../components/Review')).Review }));

const route = getRouteApi('/settings');

const CALLS = [
  { path: '/api/v1/settings' },
  { method: 'PATCH', path: '/api/v1/settings', body: { changes: { 'meetings.poll_interval': '10s' } } },
] as const;

export function SettingsPage() {
  const { t } = useLingui();
  return (
    <>
      <PageHead title={t`Settings`} note={<Note />} calls={CALLS} />
      <Answered query={useQuery(settings())} reading={t`Reading the settings…`} effect={t`The settings cannot be shown.`}>
        {({ items }) => <Whole items={items} />}
      </Answered>
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
  const shown = useShown(items, edit.drafts);
  const [reviewing, setReviewing] = useState(false);
  const goTo = useGoTo();
  const review = () => {
    const wrong = items.find((setting) => edit.faultOf(setting));
    if (edit.hasWrong && wrong) goTo(wrong.key);
    else setReviewing(true);
  };
  const close = () => setReviewing(false);
  const refused = ([first]: readonly string[]) => {
    if (!first) return;
    close();
    goTo(first);
  };
  return (
    <>
      <Find />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {shown.length === 0 && <NoneShown />}
        {bySection(shown).map(({ section, settings }) => (
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

/** What is looked for, and what is being changed. */
function useShown(items: readonly Setting[], drafts: Drafts): readonly Setting[] {
  const { t } = useLingui();
  const { q } = route.useSearch();
  if (!q) return items;
  const said = ({ key, section }: Setting) => {
    const [words, part] = [SETTINGS[key], SECTIONS[section]];
    return [key, ...[words?.name, words?.meaning, part].flatMap((word) => (word ? [t(word)] : []))];
  };
  return items.filter((setting) => setting.key in drafts || isAbout(said(setting), q));
}

function useFind(): (q: string) => void {
  const navigate = route.useNavigate();
  return useCallback((q: string) => void navigate({ search: (old) => ({ ...old, q: q || undefined }), replace: true }), [navigate]);
}

function Find() {
  const { t } = useLingui();
  const { q = '' } = route.useSearch();
  return (
    <div className="pb-4">
      <SearchField label={t`Search the settings`} value={q} onChange={useFind()} />
    </div>
  );
}

function NoneShown() {
  const { t } = useLingui();
  const find = useFind();
  return (
    <section className="jadval">
      <NothingFound title={t`No setting is like that`} onClear={() => find('')} />
    </section>
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
            fault={edit.faultOf(setting)}
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

/** Brings a setting into sight. A box that closes gives the focus back in the next frame; this comes after it. */
function useGoTo(): (key: string) => void {
  const [goal, setGoal] = useState<string | null>(null);
  useEffect(() => {
    if (goal === null) return;
    const frame = requestAnimationFrame(() => {
      focusOn(goal);
      setGoal(null);
    });
    return () => cancelAnimationFrame(frame);
  }, [goal]);
  return setGoal;
}

function focusOn(key: string): void {
  const row = document.querySelector(`[data-setting="${CSS.escape(key)}"]`);
  row?.scrollIntoView({ block: 'center' });
  row?.querySelector<HTMLElement>('input, textarea, button')?.focus();
}
