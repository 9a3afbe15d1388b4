// Taking the audit along: as a table for spreadsheets, or a line of JSON for each change.

import { useLingui } from '@lingui/react/macro';
import { Download } from 'lucide-react';
import { download } from '../../../api/download';
import { useFailure } from '../../../ui/failure';
import { Menu } from '../../../ui/Menu';
import { exportAddress, type Filter } from '../api';

export function Export({ filter }: { filter: Filter }) {
  const { t } = useLingui();
  const failure = useFailure();
  const save = (format: 'csv' | 'jsonl') => void download(exportAddress(format, filter)).catch(failure(t`Nothing was saved.`));
  const actions = [
    { id: 'csv', text: t`CSV, for spreadsheets`, run: () => save('csv') },
    { id: 'jsonl', text: t`JSON lines, for programs`, run: () => save('jsonl') },
  ];
  return <Menu label={t`Save what is shown as a file`} icon={<Download size={18} aria-hidden />} actions={actions} />;
}
