// The secret of a webhook, this once, and how a program checks with it that Dabir sent something.

import { Trans } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { Answers } from '../../../ui/Overlay';
import { ShownOnce } from '../../../ui/ShownOnce';
import { Sample } from './Sample';

export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p>
        <Trans>This is the secret with which everything is signed. Keep it now: nobody can look it up later.</Trans>
      </p>
      <ShownOnce text={secret} />
      <Sample />
      <Answers>
        <Button weight="primary" onPress={onClose}>
          <Trans>I have kept it</Trans>
        </Button>
      </Answers>
    </div>
  );
}
