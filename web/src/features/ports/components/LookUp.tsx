// One port by its number: free, or held by whom.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { readWhole } from '../../../lib/digits';
import { Button } from '../../../ui/Button';
import { NumberField } from '../../../ui/Field';
import { Status } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import type { Holder } from '../model';

interface Props {
  range: readonly [number, number];
  held: readonly Holder[];
  port: number | undefined;
  onPort: (port: number) => void;
}

export function LookUp({ range, held, port, onPort }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState('');
  const typed = readWhole(text);
  const submit = () => typed !== null && typed >= 1 && typed <= 65_535 && onPort(typed);
  return (
    <div className="flex flex-wrap items-end gap-x-6 gap-y-2 pb-4">
      <Form className="flex items-end gap-2" onSubmit={(event) => (event.preventDefault(), submit())}>
        <NumberField label={t`Look up a port`} value={text} onChange={setText} className="w-36" autoComplete="off" />
        <Button type="submit">
          <Trans>Show</Trans>
        </Button>
      </Form>
      <p aria-live="polite" className="flex min-h-10 flex-wrap items-center gap-2">
        {port !== undefined && <Verdict port={port} range={range} holder={held.find((holder) => holder.port === port)} />}
      </p>
    </div>
  );
}

function Verdict({ port, range: [first, last], holder }: { port: number; range: readonly [number, number]; holder: Holder | undefined }) {
  return (
    <>
      <Mono className="font-bold">{port}</Mono>
      {holder?.kind === 'lease' && (
        <Status tone="live">
          <Trans>
            held by <bdi>{holder.owner}</bdi>
          </Trans>
        </Status>
      )}
      {holder?.kind === 'other' && (
        <Status tone="warn">
          <Trans>used by another program</Trans>
        </Status>
      )}
      {!holder && (port < first || port > last) && (
        <Status tone="over">
          <Trans>outside the range</Trans>
        </Status>
      )}
      {!holder && port >= first && port <= last && (
        <Status tone="wait">
          <Trans>free</Trans>
        </Status>
      )}
    </>
  );
}
