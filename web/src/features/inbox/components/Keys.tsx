// The keys of the inbox.

import { useLingui } from '@lingui/react/macro';
import { KeyList } from '../../../ui/KeyList';

export function Keys({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <KeyList
      keys={[
        ['J K ↓ ↑', t`to the next line, to the one before`],
        ['Enter', t`opens what it is about`],
        ['E', t`marks it as seen`],
        ['Z S', t`lets it sleep`],
        ['Delete', t`deletes it`],
        ['?', t`this list`],
      ]}
      onClose={onClose}
    />
  );
}
