// A link that works once, to be handed to whom it is for: to copy, or to scan with their phone.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { CopyButton } from '../../../ui/Calls';
import { QrCode } from '../../../ui/QrCode';
import { Time } from '../../../ui/Text';
import { oneLink } from '../api';

export function HandOver({ url }: { url: string }) {
  const { t } = useLingui();
  const { data: link } = useQuery(oneLink(url));
  return (
    <div className="grid justify-items-start gap-3 rounded-md bg-sunken p-3">
      <p dir="ltr" className="font-mono text-sm wrap-anywhere">
        {url}
      </p>
      <CopyButton text={url} />
      <QrCode text={url} label={t`The link as a QR code`} />
      {link && (
        <p>
          <Trans>
            It works once, until <Time at={link.expires_at} style="moment" />.
          </Trans>
        </p>
      )}
    </div>
  );
}
