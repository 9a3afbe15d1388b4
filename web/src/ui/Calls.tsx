// “See this call”: how a program asks for what this screen shows.

import { Trans, useLingui } from '@lingui/react/macro';
import { Check, Copy, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { copy } from '../lib/clipboard';
import { Button, IconButton } from './Button';
import { Box } from './Overlay';

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
}

/** One line for a shell; the token comes from where the CLI looks for it too. */
export function curl({ method = 'GET', path, body }: Call): string {
  const url = `${window.location.origin}${path}`;
  const words = ['curl', ...(method === 'GET' ? [] : ['-X', method]), '-H "Authorization: Bearer $DABIR_TOKEN"'];
  if (body !== undefined) words.push(`--json ${quote(JSON.stringify(body))}`);
  return [...words, quote(url)].join(' ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

export function Calls({ calls }: { calls: readonly Call[] }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton aria-label={t`See this call`} onPress={() => setOpen(true)}>
        <SquareTerminal size={18} aria-hidden />
      </IconButton>
      <Box title={t`How a program does this`} isOpen={open} onClose={() => setOpen(false)}>
        <p className="text-ink-2">
          <Trans>
            <bdi className="font-mono">DABIR_TOKEN</bdi> holds a token, such as the one in{' '}
            <bdi className="font-mono">data/secrets/admin.token</bdi>. The whole API is described at{' '}
            <a className="text-lajvard underline" href="/docs/" dir="ltr">
              /docs
            </a>
            .
          </Trans>
        </p>
        {calls.map((call) => (
          <Code key={curl(call)} text={curl(call)} />
        ))}
      </Box>
    </>
  );
}

function Code({ text }: { text: string }) {
  return (
    <div className="grid gap-2 rounded-md bg-sunken p-3">
      <pre dir="ltr" tabIndex={0} className="overflow-x-auto font-mono text-sm whitespace-pre-wrap break-all">
        {text}
      </pre>
      <div>
        <CopyButton text={text} />
      </div>
    </div>
  );
}

/** Copies a text and says that it did. */
export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const press = () => void copy(text).then(setCopied);
  return (
    <Button size="small" onPress={press}>
      {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
    </Button>
  );
}
