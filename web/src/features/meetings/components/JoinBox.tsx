// How people come in: the link, and the same as a picture for phones.

import { Trans, useLingui } from '@lingui/react/macro';
import { CopyButton } from '../../../ui/Calls';
import { QrCode } from '../../../ui/QrCode';

export function JoinBox({ url }: { url: string }) {
  const { t } = useLingui();
  return (
    <div className="grid justify-items-start gap-3">
      <a href={url} target="_blank" rel="noopener" dir="ltr" className="font-mono text-sm text-lajvard underline wrap-anywhere">
        {url}
      </a>
      <CopyButton text={url} />
      <figure className="grid gap-1">
        <QrCode text={url} label={t`The link as a QR code`} />
        <figcaption className="text-sm text-ink-2">
          <Trans>For phones</Trans>
        </figcaption>
      </figure>
    </div>
  );
}
