// One setting: what it is for, its value, and who says so.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/Button';
import { Status } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import { toText, type Fault } from '../model';
import type { Setting } from '../api';
import { SETTINGS, SOURCES } from '../words';
import { Editor } from './Editor';
import { Allowed, Value, Wrong } from './Value';

interface Props {
  setting: Setting;
  /** What was typed; `null` goes back to what lies beneath, `undefined` leaves it. */
  draft: string | null | undefined;
  fault: Fault | undefined;
  mayChange: boolean;
  onChange: (text: string) => void;
  onBeneath: () => void;
  onForget: () => void;
}

export function SettingRow(props: Props) {
  const { setting, draft, fault } = props;
  const error = fault && <Wrong setting={setting} fault={fault} />;
  const name = useSettingName(setting);
  return (
    <li
      data-setting={setting.key}
      className="grid items-start gap-x-5 gap-y-2 border-t border-line px-4 py-3 first:border-t-0 md:grid-cols-[minmax(0,1fr)_19rem_12.5rem]"
    >
      <About setting={setting} name={name} />
      <div className="grid gap-1">
        <Field {...props} name={name} error={error} />
        {error && (draft === null || setting.kind === 'boolean' || setting.kind === 'choice') && (
          <p role="alert" className="text-sm font-semibold text-anar">
            {error}
          </p>
        )}
        <Ways {...props} />
      </div>
      <Origin setting={setting} />
    </li>
  );
}

export function useSettingName({ key }: Pick<Setting, 'key'>): string {
  const { t } = useLingui();
  const words = SETTINGS[key];
  return words ? t(words.name) : key;
}

function About({ setting, name }: { setting: Setting; name: string }) {
  const { t } = useLingui();
  const meaning = SETTINGS[setting.key]?.meaning;
  return (
    <div className="min-w-0">
      <p className="font-semibold">
        <bdi>{name}</bdi>
      </p>
      {meaning && <p className="text-sm text-ink-2">{t(meaning)}</p>}
      <Mono className="text-xs text-ink-3 wrap-anywhere">{setting.key}</Mono>
    </div>
  );
}

function Field({ setting, draft, error, mayChange, onChange, name }: Props & { name: string; error: ReactNode }) {
  if (setting.kind === 'secret') return <p>{setting.is_set ? <Trans>set; it is never shown</Trans> : <Trans>not set</Trans>}</p>;
  if (!mayChange || !setting.editable) {
    return (
      <p className="wrap-anywhere">
        <Value setting={setting} value={setting.value} />
      </p>
    );
  }
  const text = draft ?? toText(draft === null ? (setting.beneath ?? setting.default) : setting.value);
  return <Editor setting={setting} label={name} text={text} error={draft === null ? undefined : error} onChange={onChange} />;
}

/** What is allowed, why it cannot be changed, and the ways back. */
function Ways({ setting, draft, mayChange, onBeneath, onForget }: Props) {
  if (!mayChange) return null;
  if (!setting.editable) {
    return (
      <Small>
        <Fixed setting={setting} />
      </Small>
    );
  }
  return (
    <>
      <Small>
        <Allowed setting={setting} />
      </Small>
      <div className="flex flex-wrap gap-x-2 empty:hidden">
        {draft !== undefined && (
          <Button weight="bare" size="small" className="-ms-3" onPress={onForget}>
            <Trans>Leave it as it is</Trans>
          </Button>
        )}
        {setting.source === 'here' && draft !== null && (
          <Button weight="bare" size="small" className="-ms-3" onPress={onBeneath}>
            <span>
              <Trans>
                Back to <Value setting={setting} value={setting.beneath ?? setting.default} />
              </Trans>
            </span>
          </Button>
        )}
      </div>
    </>
  );
}

function Fixed({ setting: { key, reason } }: { setting: Setting }) {
  const { t } = useLingui();
  const why = SETTINGS[key]?.why;
  return (
    <>
      <Trans>It is not changed here.</Trans> {why ? t(why) : reason && <bdi lang="en">{reason}</bdi>}
    </>
  );
}

function Origin({ setting }: { setting: Setting }) {
  const { t } = useLingui();
  const { tone, word } = SOURCES[setting.source];
  return (
    <div className="grid justify-items-start gap-1 text-sm">
      <Status tone={tone}>{t(word)}</Status>
      {setting.origin && <Mono className="text-xs text-ink-2 wrap-anywhere">{setting.origin}</Mono>}
      {setting.set_aside && (
        <Small>
          <Trans>
            The value that was set here does not hold: <bdi lang="en">{setting.set_aside}</bdi>
          </Trans>
        </Small>
      )}
      {setting.pending ? (
        <Status tone="warn">
          <Trans>Waits for a restart</Trans>
        </Status>
      ) : (
        !setting.live && setting.editable && (
          <Small>
            <Trans>Taken at the next start</Trans>
          </Small>
        )
      )}
    </div>
  );
}

function Small({ children }: { children: ReactNode }) {
  return <p className="text-sm text-ink-2 empty:hidden">{children}</p>;
}
