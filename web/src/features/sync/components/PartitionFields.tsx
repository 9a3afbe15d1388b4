// The lists by which a source is asked for: every combination of their values is a partition.

import { Trans, useLingui } from '@lingui/react/macro';
import { Plus, X } from 'lucide-react';
import { Controller, useFieldArray, useFormContext } from 'react-hook-form';
import { Button, IconButton } from '../../../ui/Button';
import { LabelledChoice } from '../../../ui/Select';
import { PARTITIONS } from '../model';
import type { Values } from '../form';
import { BoundText } from './Bound';

const MOST = 4;

export function PartitionFields() {
  const { control } = useFormContext<Values>();
  const { fields, append, remove } = useFieldArray({ control, name: 'partitions' });
  return (
    <div className="grid gap-4">
      {fields.length === 0 && (
        <p className="text-ink-2">
          <Trans>Without a list, everything is asked for at once, page by page.</Trans>
        </p>
      )}
      {fields.map(({ id }, place) => (
        <OnePartition key={id} place={place} onRemove={() => remove(place)} />
      ))}
      {fields.length < MOST && (
        <div>
          <Button size="small" onPress={() => append({ name: '', kind: 'list', text: '' })}>
            <Plus size={14} aria-hidden />
            <Trans>Add a list</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}

function OnePartition({ place, onRemove }: { place: number; onRemove: () => void }) {
  const { t } = useLingui();
  const { control, watch } = useFormContext<Values>();
  const { name, kind } = watch(`partitions.${place}`);
  const word = PARTITIONS[name];
  const options = [
    { id: 'list', text: t`These values` },
    { id: 'sql', text: t`From a synced table` },
  ] as const;
  return (
    <fieldset className="grid gap-3 rounded-md border border-line px-4 pt-2 pb-4">
      <legend className="px-1 font-semibold">{word ? t(word) : <bdi className="font-mono">{name || '…'}</bdi>}</legend>
      <div className="flex items-start gap-2">
        <div className="flex-1">
          <BoundText name={`partitions.${place}.name`} place={`partitions.${name}`} label={t`Its name`} hint={<NameHint name={name} />} />
        </div>
        <span className="pt-7">
          <IconButton aria-label={t`Remove this list`} onPress={onRemove}>
            <X size={16} aria-hidden />
          </IconButton>
        </span>
      </div>
      <Controller name={`partitions.${place}.kind`} control={control} render={({ field: { ref: _, ...field } }) => <LabelledChoice {...field} label={t`Its values`} options={options} />} />
      {kind === 'list' ? (
        <BoundText name={`partitions.${place}.text`} place="" label={t`Values`} rows={4} hint={t`One on each line.`} />
      ) : (
        <BoundText name={`partitions.${place}.text`} place="" label={t`Query`} hint={<QueryHint />} />
      )}
    </fieldset>
  );
}

function NameHint({ name }: { name: string }) {
  const mark = `{${name || 'campus'}}`;
  return (
    <Trans>
      <bdi className="font-mono">{mark}</bdi> stands for its value in the request.
    </Trans>
  );
}

function QueryHint() {
  return (
    <Trans>
      Such as <bdi className="font-mono">SELECT code FROM terms ORDER BY code</bdi>.
    </Trans>
  );
}
