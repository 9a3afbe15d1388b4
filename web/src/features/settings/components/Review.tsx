// What would be changed, before it is.

import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { Comparison } from '../../../ui/Comparison';
import { ErrorView } from '../../../ui/ErrorView';
import { Answers, Box } from '../../../ui/Overlay';
import { nextValue, type Drafts } from '../model';
import type { Setting } from '../api';
import { useSettingName } from './SettingRow';
import { Value } from './Value';

interface Props {
  settings: readonly Setting[];
  drafts: Drafts;
  error: unknown;
  isPending: boolean;
  onSave: () => void;
  onClose: () => void;
}

export function Review({ settings, drafts, error, isPending, onSave, onClose }: Props) {
  const { t } = useLingui();
  const changed = settings.filter(({ key }) => key in drafts);
  const rows = changed.map((setting) => ({
    id: setting.key,
    name: <Name setting={setting} />,
    before: <Value setting={setting} value={setting.value} />,
    after: <Value setting={setting} value={nextValue(setting, drafts[setting.key] ?? null)} />,
  }));
  return (
    <Box title={t`Save these changes?`} isOpen onClose={onClose}>
      <Comparison label={t`What would change`} rows={rows} />
      {changed.some(({ live }) => !live) ? (
        <p className="text-ink-2">
          <Trans>Some of it is taken at the next start of the server; the page marks what waits.</Trans>
        </p>
      ) : (
        <p className="text-ink-2">
          <Trans>It takes effect within a second, and stands in the audit.</Trans>
        </p>
      )}
      {error !== null && <ErrorView error={error} effect={t`Nothing was changed.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Go on changing</Trans>
        </Button>
        <Button weight="primary" isPending={isPending} onPress={onSave} autoFocus>
          <Trans>Save</Trans>
        </Button>
      </Answers>
    </Box>
  );
}

function Name({ setting }: { setting: Setting }) {
  return <bdi>{useSettingName(setting)}</bdi>;
}
