// The text of a file, as it was taken out; every line in its own direction.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Panel } from '../../../ui/Panel';
import { textOf, type StoredFile } from '../api';

/** A text may have two million letters, and few are read here. */
const FIRST = 4_000;
const MORE = 40_000;

export function TextPreview({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  const query = useQuery(textOf(file.id));
  if (query.data?.trim() === '') return null;
  return (
    <Panel title={t`Text`}>
      <Answered query={query} reading={t`Reading the text…`} effect={t`The text cannot be shown.`}>
        {(text) => <Text text={text} />}
      </Answered>
    </Panel>
  );
}

function Text({ text }: { text: string }) {
  const { t } = useLingui();
  const [shown, setShown] = useState(FIRST);
  return (
    <>
      <div tabIndex={0} role="group" aria-label={t`Text`} className="max-h-[32rem] overflow-y-auto whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]">
        {text.slice(0, shown)}
        {shown < text.length && '…'}
      </div>
      {shown < text.length && (
        <div className="pt-2">
          <Button size="small" onPress={() => setShown((now) => now + MORE)}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </>
  );
}
