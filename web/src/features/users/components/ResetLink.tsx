// A link with which somebody chooses a new password, for whom forgot it or lost the invitation.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { makeResetLink, type Person } from '../api';
import { HandOver } from './HandOver';

export function ResetLink({ person }: { person: Person }) {
  const { t } = useLingui();
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => makeResetLink(person.id) });
  if (data) return <HandOver url={data.url} />;
  return (
    <>
      {error && <ErrorView error={error} effect={t`There is no link.`} />}
      <Button isPending={isPending} onPress={() => mutate()}>
        <Trans>Link for a new password</Trans>
      </Button>
    </>
  );
}
