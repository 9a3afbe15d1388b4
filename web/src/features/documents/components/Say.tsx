// A field for what is said; it is kept until it was sent.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import type { Person } from '../../tasks/api';
import { MentionField } from '../../tasks/components/MentionField';
import { useDraft } from '../../tasks/hooks';

export interface Words {
  text: string;
  mentions: string[];
}

interface Props {
  /** Under which what is written is kept. */
  name: string;
  label: string;
  /** What was said before. */
  text?: string;
  effect: string;
  onSend: (words: Words) => Promise<unknown>;
  /** Where the field does not stand there always. */
  onClose?: () => void;
}

export function Say({ name, label, text = '', effect, onSend, onClose }: Props) {
  const { t } = useLingui();
  const [draft, setDraft] = useDraft(`document.${name}`);
  const [called, setCalled] = useState<readonly Person[]>([]);
  const said = draft ?? text;
  const words = said.trim();
  const end = () => {
    setDraft(null);
    setCalled([]);
    onClose?.();
  };
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => onSend({ text: words, mentions: [...new Set(called.filter(({ name }) => words.includes(`@${name}`)).map(({ id }) => id))] }),
    onSuccess: end,
  });
  const send = () => void (words && !isPending && mutate());
  return (
    <form className="grid gap-2" onSubmit={(event) => (event.preventDefault(), send())}>
      <MentionField
        label={label}
        placeholder={t`Say something; @ calls somebody`}
        rows={3}
        value={said}
        onChange={(now) => setDraft(now === text ? null : now)}
        onMention={(person) => setCalled((old) => [...old, person])}
        onSend={send}
        maxLength={10_000}
        autoFocus={Boolean(onClose)}
      />
      {error && <ErrorView error={error} effect={effect} />}
      <div className="flex gap-2">
        <Button type="submit" size="small" isPending={isPending} isDisabled={!words}>
          {text ? <Trans>Save</Trans> : <Trans>Send</Trans>}
        </Button>
        {onClose && (
          <Button size="small" weight="bare" onPress={end}>
            <Trans>Cancel</Trans>
          </Button>
        )}
      </div>
    </form>
  );
}
