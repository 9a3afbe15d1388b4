// Which kinds are looked for: any of them, and all when none is chosen.

import { useLingui } from '@lingui/react/macro';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { KINDS, kindsFor, type Kind } from '../../../lib/kinds';
import { useUser } from '../../../lib/user';

interface Props {
  label: string;
  chosen: readonly Kind[];
  onChange: (kinds: readonly Kind[]) => void;
}

const CHIP =
  'inline-flex min-h-8 pointer-coarse:min-h-10 items-center gap-1.5 rounded-full border border-line-strong px-3 text-sm text-ink-2 cursor-pointer hover:text-ink ' +
  'data-selected:border-lajvard data-selected:bg-lajvard-soft data-selected:text-lajvard data-selected:font-semibold';

export function KindChips({ label, chosen, onChange }: Props) {
  const { t } = useLingui();
  const { role } = useUser();
  return (
    <ToggleButtonGroup aria-label={label} selectionMode="multiple" selectedKeys={chosen} onSelectionChange={(keys) => onChange([...keys] as Kind[])} className="flex flex-wrap gap-2">
      {kindsFor(role).map((kind) => {
        const { word, icon: Icon } = KINDS[kind];
        return (
          <ToggleButton key={kind} id={kind} className={CHIP}>
            <Icon size={14} aria-hidden />
            {t(word)}
          </ToggleButton>
        );
      })}
    </ToggleButtonGroup>
  );
}
