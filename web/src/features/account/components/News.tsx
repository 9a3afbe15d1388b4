// Of what one is told on every page.

import { useLingui } from '@lingui/react/macro';
import { Checkboxes } from '../../../ui/Checkboxes';
import { useFailure } from '../../../ui/failure';
import { Panel } from '../../../ui/Panel';
import { NEWS, useNewsChoice, type News as Kind } from '../news';

export function News() {
  const { t } = useLingui();
  const failure = useFailure();
  const { wanted, choose } = useNewsChoice(failure(t`You are told of the same as before.`));
  const words: Record<Kind, string> = {
    blocked: t`Somebody blocks a client`,
    unblocked: t`Somebody lifts a block`,
    paused: t`Somebody pauses a client`,
    disconnected: t`Somebody disconnects a client`,
    lost: t`A client loses the connection`,
    many_lost: t`Many clients lose the connection at once`,
  };
  return (
    <Panel title={t`News on every page`}>
      <Checkboxes label={t`News on every page`} isLabelHidden options={NEWS.map((id) => ({ id, text: words[id] }))} value={wanted} onChange={choose} />
    </Panel>
  );
}
