// Of what one is told on every page.

import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { chooseNews, ORDERS, wantedNews, type Ordered } from '../../../lib/news';
import { Checkboxes } from '../../../ui/Checkboxes';
import { Panel } from '../../../ui/Panel';

export function News() {
  const { t } = useLingui();
  const [wanted, setWanted] = useState(wantedNews);
  const words: Record<Ordered, string> = {
    blocked: t`Somebody blocks a client`,
    unblocked: t`Somebody lifts a block`,
    paused: t`Somebody pauses a client`,
    disconnected: t`Somebody disconnects a client`,
  };
  const change = (chosen: Ordered[]) => {
    chooseNews(chosen);
    setWanted(chosen);
  };
  return (
    <Panel title={t`News, in this browser`}>
      <Checkboxes label={t`News, in this browser`} isLabelHidden options={ORDERS.map((id) => ({ id, text: words[id] }))} value={wanted} onChange={change} />
    </Panel>
  );
}
