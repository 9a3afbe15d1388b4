// How people come in: the link, and the same as a picture for phones.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMemo } from 'react';
import { encode } from 'uqr';
import { CopyButton } from '../../../ui/Calls';

export function JoinBox({ url }: { url: string }) {
  return (
    <div className="grid justify-items-start gap-3">
      <a href={url} target="_blank" rel="noopener" dir="ltr" className="font-mono text-sm text-lajvard underline wrap-anywhere">
        {url}
      </a>
      <CopyButton text={url} />
      <Code url={url} />
    </div>
  );
}

function Code({ url }: { url: string }) {
  const { t } = useLingui();
  const { size, path } = useMemo(() => draw(url), [url]);
  return (
    <figure className="grid gap-1">
      {/* Always dark on light: cameras know no other. */}
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t`The link as a QR code`} className="w-40 rounded-md" shapeRendering="crispEdges">
        <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
        <path fill="#1c2430" d={path} />
      </svg>
      <figcaption className="text-sm text-ink-2">
        <Trans>For phones</Trans>
      </figcaption>
    </figure>
  );
}

function draw(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { border: 2 });
  const cells = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: cells.join('') };
}
