// One room or pipeline: how many it has room for, who sits there, who waits.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { isolate } from '../../../lib/bidi';
import { readWhole } from '../../../lib/digits';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button, IconButton } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField } from '../../../ui/Field';
import { useFailure } from '../../../ui/failure';
import { SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { tell } from '../../../ui/Toast';
import { assign, setCapacity, unassign, type Client } from '../api';
import { useRenew } from '../hooks';
import type { Target } from '../seats';
import { PlaceName } from './Names';
import { Seated } from './Seats';

const SeatBox = lazy(async () => ({ default: (await import('./SeatBox')).SeatBox }));

/** More of them are told by their number alone. */
const SHOWN = 100;

export function TargetPanel({ target, onClose }: { target: Target; onClose: () => void }) {
  const mayRun = useMayRun();
  const [giving, setGiving] = useState(false);
  return (
    <SidePanel title={<PlaceName place={target.name} />} isOpen onClose={onClose}>
      <div className="grid gap-4">
        {mayRun && <Capacity target={target} />}
        <section>
          <header className="flex flex-wrap items-center gap-3 pb-2">
            <h3 className="font-bold">
              <Trans>Seated</Trans>
            </h3>
            <Seated target={target} />
            {mayRun && (
              <Button size="small" className="ms-auto" onPress={() => setGiving(true)}>
                <Trans>Give a seat…</Trans>
              </Button>
            )}
          </header>
          <Names names={target.seated} target={target} />
        </section>
        {target.waiting.length > 0 && (
          <section>
            <h3 className="pb-2 font-bold">
              <Trans>Waiting, in their turn</Trans>
            </h3>
            <Names names={target.waiting} target={target} />
          </section>
        )}
      </div>
      <Suspense fallback={null}>{giving && <SeatBox target={{ kind: target.kind, name: target.name }} onClose={() => setGiving(false)} />}</Suspense>
    </SidePanel>
  );
}

function Names({ names, target }: { names: readonly string[]; target: Target }): ReactNode {
  const { t } = useLingui();
  const formats = useFormats();
  const mayRun = useMayRun();
  const take = useTaking(target);
  if (names.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>nobody</Trans>
      </p>
    );
  }
  const more = names.length - SHOWN;
  return (
    <>
      <ul>
        {names.slice(0, SHOWN).map((username) => {
          const name = isolate(username);
          return (
            <li key={username} className="flex items-center justify-between gap-2 border-t border-dashed border-line">
              <Link to="/clients/$username" params={{ username }} className="min-w-0 truncate py-1.5 hover:text-lajvard">
                <bdi>{username}</bdi>
              </Link>
              {mayRun && (
                <IconButton aria-label={t`Take the seat of ${name} away`} onPress={() => void take(username)}>
                  <X size={16} aria-hidden />
                </IconButton>
              )}
            </li>
          );
        })}
      </ul>
      {more > 0 && (
        <p className="text-sm text-ink-2">
          <Trans>and {formats.number(more)} more</Trans>
        </p>
      )}
    </>
  );
}

function useTaking({ kind, name }: Target) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();
  return async (username: string) => {
    const called = isolate(username);
    const back = ({ version }: Client) => void assign({ username, kind, name, wait: true, version }).then(renew, failure(t`“${called}” has no seat.`));
    const taken = (client: Client) => {
      tell(t`“${called}” has no seat any more.`, () => back(client));
      return renew();
    };
    await unassign({ username, kind }).then(taken, failure(t`“${called}” keeps the seat.`));
  };
}

function Capacity({ target: { kind, name, capacity } }: { target: Target }) {
  const { t } = useLingui();
  const [text, setText] = useState(capacity === null ? '' : String(capacity));
  const renew = useRenew();
  const number = readWhole(text);
  const isWrong = text.trim() !== '' && number === null;
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => setCapacity({ kind, name, capacity: number }),
    onSuccess: () => {
      tell(t`It is kept.`, () => void setCapacity({ kind, name, capacity }).then(renew, renew));
      return renew();
    },
  });
  const refused = useRefusal(error);
  return (
    <Form className="grid gap-2" validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), !isWrong && mutate())}>
      <NumberField
        label={t`Room for how many`}
        hint={t`Empty: for all. Whoever sits there stays.`}
        value={text}
        onChange={setText}
        error={isWrong ? t`Write a whole number, or nothing.` : refused('capacity')}
      />
      {error && <ErrorView error={error} effect={t`The number stays as it was.`} />}
      <div>
        <Button type="submit" size="small" isPending={isPending} isDisabled={number === capacity}>
          <Trans>Save</Trans>
        </Button>
      </div>
    </Form>
  );
}
