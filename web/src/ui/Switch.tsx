// On or off, said by its place, its colour and a word.

import { Trans } from '@lingui/react/macro';
import { Switch as AriaSwitch } from 'react-aria-components/Switch';

interface Props {
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}

export function Switch({ label, isOn, isDisabled = false, onChange }: Props) {
  return (
    <AriaSwitch aria-label={label} isSelected={isOn} isDisabled={isDisabled} onChange={onChange} className="group inline-flex min-h-8 items-center gap-2 cursor-pointer data-disabled:cursor-default">
      <span
        aria-hidden
        className="flex h-5 w-9 flex-none items-center rounded-full border border-line-strong bg-sunken p-0.5 group-data-selected:justify-end group-data-selected:border-firuze group-data-selected:bg-firuze-soft group-data-focus-visible:outline-2 group-data-focus-visible:outline-lajvard group-data-focus-visible:outline-offset-2"
      >
        <span className="size-3.5 rounded-full bg-ink-3 group-data-selected:bg-firuze" />
      </span>
      <span className={isOn ? 'font-semibold text-firuze' : 'text-ink-2'}>{isOn ? <Trans>On</Trans> : <Trans>Off</Trans>}</span>
    </AriaSwitch>
  );
}
