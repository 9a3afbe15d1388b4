// Pausing, blocking or disconnecting: why, and until when.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { MomentPicker } from '../../../ui/dates';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField, Wrong } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import type { Client } from '../api';
import { useClientActions } from '../orders';
import type { Worded } from '../model';

interface Props {
  order: Worded;
  clients: readonly Client[];
  onClose: () => void;
  /** It was done. */
  onDone?: () => void;
}

type End = 'never' | 'hour' | 'day' | 'week' | 'moment';

const HOUR_MS = 3_600_000;
const SPANS: Partial<Record<End, number>> = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS };

/** When an order ends by itself; `null`: never. */
export function endOf(end: End, moment: string, now: number): string | null {
  const span = SPANS[end];
  if (span) return new Date(now + span).toISOString();
  return end === 'moment' ? moment : null;
}

export function OrderBox({ order, clients, onClose, onDone }: Props) {
  return (
    <Box title={<Title order={order} clients={clients} />} isOpen onClose={onClose}>
      <OrderForm order={order} clients={clients} onClose={onClose} {...(onDone && { onDone })} />
    </Box>
  );
}

function OrderForm({ order, clients, onClose, onDone }: Props) {
  const { t } = useLingui();
  const [reason, setReason] = useState('');
  const [end, setEnd] = useState<End>('never');
  const [moment, setMoment] = useState(() => new Date(Date.now() + HOUR_MS).toISOString());
  const { give } = useClientActions();
  const mayEnd = order !== 'disconnect';
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => give(order, clients, { reason: reason.trim(), ...(mayEnd && { until: endOf(end, moment, Date.now()) }) }),
    onSuccess: () => (onClose(), onDone?.()),
  });
  const refused = useRefusal(error);
  const ends = [
    { id: 'never', text: t`Until it is lifted` },
    { id: 'hour', text: t`For an hour` },
    { id: 'day', text: t`For a day` },
    { id: 'week', text: t`For a week` },
    { id: 'moment', text: t`Until a moment` },
  ] as const;
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), mutate())}>
      <p>
        <Meaning order={order} />
      </p>
      <TextField label={t`Why`} hint={t`They read it, and so does everybody who looks at them.`} value={reason} onChange={setReason} autoFocus maxLength={500} error={refused('reason')} />
      {mayEnd && <LabelledChoice label={t`How long`} options={ends} value={end} onChange={setEnd} />}
      {mayEnd && end === 'moment' && <MomentPicker label={t`Until`} value={moment} onChange={setMoment} />}
      <Wrong>{refused('until')}</Wrong>
      {error && <ErrorView error={error} effect={t`Nothing was done.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight={order === 'pause' ? 'primary' : 'danger'} isPending={isPending}>
          <Deed order={order} />
        </Button>
      </Answers>
    </Form>
  );
}

function Title({ order, clients }: Pick<Props, 'order' | 'clients'>): ReactNode {
  const [one] = clients;
  if (clients.length === 1 && one) {
    const name = <bdi>{one.name}</bdi>;
    return { pause: <Trans>Pause “{name}”?</Trans>, block: <Trans>Block “{name}”?</Trans>, disconnect: <Trans>Disconnect “{name}”?</Trans> }[order];
  }
  const count = clients.length;
  return {
    pause: <Plural value={count} one="Pause # client?" other="Pause # clients?" />,
    block: <Plural value={count} one="Block # client?" other="Block # clients?" />,
    disconnect: <Plural value={count} one="Disconnect # client?" other="Disconnect # clients?" />,
  }[order];
}

function Meaning({ order }: Pick<Props, 'order'>): ReactNode {
  return {
    pause: <Trans>Whoever is paused stays where they are and may listen only.</Trans>,
    block: <Trans>Whoever is blocked is put out of every room at once, and comes into none until the block is lifted.</Trans>,
    disconnect: <Trans>Whoever is disconnected is put out of every room, and may come back after ten seconds.</Trans>,
  }[order];
}

function Deed({ order }: Pick<Props, 'order'>): ReactNode {
  return { pause: <Trans>Pause</Trans>, block: <Trans>Block</Trans>, disconnect: <Trans>Disconnect</Trans> }[order];
}
