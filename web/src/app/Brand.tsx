// The name of the house with its seal.

import { Trans, useLingui } from '@lingui/react/macro';

export function Brand() {
  const { i18n } = useLingui();
  return (
    <span className="flex items-center gap-2.5 text-lg font-bold">
      <span className="seal" aria-hidden>
        {i18n.locale === 'fa' ? 'د' : 'D'}
      </span>
      <Trans>Dabir</Trans>
    </span>
  );
}
