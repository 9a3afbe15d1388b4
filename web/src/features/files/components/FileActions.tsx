// The buttons of one file.

import { Trans, useLingui } from '@lingui/react/macro';
import { Download, Pencil, RefreshCw, RotateCcw, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useMayWrite } from '../../../lib/user';
import { Button, buttonStyle, IconButton } from '../../../ui/Button';
import { useFileActions } from '../actions';
import { downloadOf, type StoredFile } from '../api';
import { isUnderway } from '../model';

const Rename = lazy(async () => ({ default: (await import('./Rename')).Rename }));

export function FileActions({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const { give, analyse } = useFileActions();
  const [isNaming, setNaming] = useState(false);
  if (file.deleted_at) {
    return (
      mayWrite && (
        <Button weight="primary" onPress={() => void give('restore', [file.id])}>
          <RotateCcw size={16} aria-hidden />
          <Trans>Have back</Trans>
        </Button>
      )
    );
  }
  return (
    <>
      <a href={downloadOf(file.id)} download={file.name} className={buttonStyle('primary')}>
        <Download size={16} aria-hidden />
        <Trans>Download</Trans>
      </a>
      {mayWrite && (
        <>
          {file.state !== 'stored' && (
            <Button isDisabled={isUnderway(file)} onPress={() => void analyse(file)}>
              <RefreshCw size={16} aria-hidden />
              <Trans>Analyse again</Trans>
            </Button>
          )}
          <IconButton aria-label={t`Rename…`} onPress={() => setNaming(true)}>
            <Pencil size={18} aria-hidden />
          </IconButton>
          <IconButton aria-label={t`Delete`} onPress={() => void give('delete', [file.id])}>
            <Trash2 size={18} aria-hidden />
          </IconButton>
        </>
      )}
      <Suspense fallback={null}>{isNaming && <Rename file={file} onClose={() => setNaming(false)} />}</Suspense>
    </>
  );
}
