// Making a source, on a page of its own.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { isolate } from '../../../lib/bidi';
import { PageHead } from '../../../ui/PageHead';
import { tell } from '../../../ui/Toast';
import { NEW, toSpec, type Values } from '../form';
import { useRenew } from '../hooks';
import { createSource } from '../orders';
import { SourceForm } from './SourceForm';

const CALLS = [{ method: 'POST', path: '/api/v1/sources', body: { name: 'campuses', table: 'campuses', key: ['code'], request: { url: 'https://gateway.example/campuses' } } }] as const;

export function NewSource() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const renew = useRenew();
  const { mutateAsync, error, isPending } = useMutation({ mutationFn: (values: Values) => createSource(toSpec(values)) });
  const made = async (values: Values) => {
    const source = await mutateAsync(values).catch(() => null);
    if (!source) return null;
    const name = isolate(source.name);
    tell(t`The source ${name} is made. Test its connection, then switch it on.`);
    void renew();
    await navigate({ to: '/sync/$name', params: { name: source.name }, search: { part: 'settings' } });
    return source;
  };
  return (
    <>
      <Link to="/sync" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All sources</Trans>
      </Link>
      <PageHead title={t`New source`} calls={CALLS} />
      <div className="max-w-3xl">
        <SourceForm spec={NEW} isNew error={error} isPending={isPending} effect={t`The source was not made.`} onSave={made} />
      </div>
    </>
  );
}
