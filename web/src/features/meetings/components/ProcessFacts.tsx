// What a room's process takes of the machine.

import { useLingui } from '@lingui/react/macro';
import type { components } from '../../../api/schema.gen';
import { useFormats } from '../../../lib/reader';
import { Fact } from '../../../ui/Panel';

export function ProcessFacts({ process }: { process: components['schemas']['Usage'] }) {
  const { t } = useLingui();
  const formats = useFormats();
  const share = formats.percent(process.cpu_share);
  const seconds = formats.span(process.cpu_seconds);
  const hint = process.memory_kind === 'pss' ? t`Its own, and its part of what programs share` : t`With all that it shares with other programs`;
  return (
    <>
      <Fact name={t`Processor`}>{t`${share} of one, ${seconds} in all`}</Fact>
      <Fact name={t`Memory`}>
        <span title={hint}>{formats.bytes(process.memory_bytes)}</span>
      </Fact>
      <Fact name={t`Up for`}>{formats.span(process.uptime_seconds)}</Fact>
    </>
  );
}
