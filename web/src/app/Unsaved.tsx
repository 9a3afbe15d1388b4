// That changes of the settings are not saved, wherever one is: at the section's name, and at the menu that hides it on phones.

import { Plural } from '@lingui/react/macro';
import { useUnsaved } from '../features/settings/drafts';
import { Status } from '../ui/Status';

export const useUnsavedCount = (): number => Object.keys(useUnsaved().drafts).length;

export function UnsavedMark() {
  const count = useUnsavedCount();
  if (count === 0) return null;
  return (
    <span className="ms-auto">
      <Status tone="warn">
        <Plural value={count} one="# not saved" other="# not saved" />
      </Status>
    </span>
  );
}
