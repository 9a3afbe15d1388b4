// How one wants to read, beside any page, so that one sees what it does.

import { useLingui } from '@lingui/react/macro';
import { Look } from '../ui/Look';
import { SidePanel } from '../ui/Overlay';

export function Appearance({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Language and appearance`} isOpen onClose={onClose}>
      <Look />
    </SidePanel>
  );
}
