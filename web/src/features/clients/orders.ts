// What is done with clients, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { explain } from '../../api/explain';
import { Problem } from '../../api/problem';
import { isolate } from '../../lib/bidi';
import { useFormats } from '../../lib/reader';
import { useFailure } from '../../ui/failure';
import { tell, warn } from '../../ui/Toast';
import { block, disconnect, keys, newestEvent, orderMany, pause, removeClient, resume, unblock, type BulkAnswers, type Client, type Terms } from './api';
import { useRenew } from './hooks';
import { HAPPENED, inverse, seen, type Order } from './model';

/** Puts how a client stands now wherever they are shown alone. */
function useShow() {
  const client = useQueryClient();
  const renew = useRenew();
  return (now: Client) => {
    client.setQueryData(keys.one(now.username), now);
    return renew();
  };
}

export function useClientActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const client = useQueryClient();
  const renew = useRenew();
  const show = useShow();
  const words = useOrderWords();
  const lost = useLost();

  /** Orders something about clients; what was refused of the words themselves is thrown, for their form to show. */
  const give = async (order: Order, clients: readonly Client[], terms: Terms = { reason: '' }) => {
    const answers = await (clients.length === 1 && clients[0] ? giveOne(order, clients[0], terms) : giveMany(order, clients, terms));
    if (!answers) return;
    const [first] = clients;
    const back = inverse(order, clients, answers);
    const undone = (all: BulkAnswers[]) => {
      const refused = all.reduce((sum, one) => sum + one.refused, 0);
      if (refused > 0) warn(plural(refused, { one: '# client was changed by somebody else meanwhile and stays so.', other: '# clients were changed by somebody else meanwhile and stay so.' }));
      return renew();
    };
    const undo = back.length > 0 ? () => void Promise.all(back.map(orderMany)).then(undone, failure(t`Not all of it was taken back.`)) : undefined;
    if (answers.done > 0) tell(clients.length === 1 && first ? words.one(order, isolate(first.name)) : words.many(order, answers.done), undo);
    if (answers.refused > 0) warn(refusals(answers));
    await renew();
  };

  const giveOne = async (order: Order, one: Client, terms: Terms): Promise<BulkAnswers | null> => {
    try {
      const now = await oneOrder(order, one, terms);
      await show(now);
      return { done: 1, refused: 0, items: [{ username: one.username, client: now, changed: now.version !== one.version }] };
    } catch (error) {
      if (error instanceof Problem && error.status === 422) throw error;
      if (error instanceof Problem && error.code === 'clients.version') await lost(one);
      else failure(words.not(order, isolate(one.name)))(error);
      void renew();
      return null;
    }
  };

  const giveMany = async (order: Order, clients: readonly Client[], { reason, until }: Terms): Promise<BulkAnswers | null> => {
    try {
      const answers = await orderMany({ action: order, clients: clients.map(seen), reason, until: until ?? null });
      const [first] = answers.items;
      // What is wrong with the words is wrong for all of them.
      if (answers.done === 0 && first?.code === 'clients.invalid') throw invalid(first.detail ?? '');
      return answers;
    } catch (error) {
      if (error instanceof Problem && error.status === 422) throw error;
      failure(t`Nothing was done.`)(error);
      return null;
    }
  };

  /** The first few that stay as they were, and why. */
  const refusals = ({ items, refused }: BulkAnswers): string => {
    const stayed = plural(refused, { one: '# client stays as it was:', other: '# clients stay as they were:' });
    const some = items.filter(({ code }) => code).slice(0, 3);
    const why = some.map(({ username, code, detail }) => {
      const { cause } = explain(new Problem({ status: 409, code: code ?? '', detail: detail ?? '' }));
      return `${isolate(username)}: ${cause ? t(cause) : isolate(detail ?? '')}`;
    });
    return [stayed, ...why].join('\n');
  };

  /** Takes somebody off the list. */
  const remove = async (one: Client) => {
    const name = isolate(one.name);
    const removed = () => {
      tell(t`“${name}” is not on the list any more.`);
      client.removeQueries({ queryKey: keys.one(one.username) });
      return renew();
    };
    await removeClient(one.username).then(removed, failure(t`“${name}” stays on the list.`));
  };

  return { give, remove };
}

function oneOrder(order: Order, { username, version }: Client, { reason, until }: Terms): Promise<Client> {
  switch (order) {
    case 'pause':
      return pause(username, { reason, until: until ?? null, version });
    case 'block':
      return block(username, { reason, until: until ?? null, version });
    case 'disconnect':
      return disconnect(username, { reason, version });
    case 'resume':
      return resume(username, { version });
    case 'unblock':
      return unblock(username, { version });
  }
}

/** A refusal of one in the shape of a refusal of all; it names its field in words: `reason`: … */
function invalid(detail: string): Problem {
  const [, field = 'reason', why = detail] = /^`(\w+)`: (.*)$/s.exec(detail) ?? [];
  return new Problem({ status: 422, code: 'clients.invalid', detail, errors: [{ field, detail: why }] });
}

/** Somebody else was faster: tells what they did. */
function useLost() {
  const { t } = useLingui();
  const formats = useFormats();
  return async ({ username, name }: Client) => {
    const event = await newestEvent(username).catch(() => undefined);
    const called = isolate(name);
    const effect = t`“${called}” was changed by somebody else meanwhile, so nothing was done.`;
    if (!event) return warn(effect);
    const word = HAPPENED[event.kind]?.word;
    const [what, by, when] = [word ? t(word) : isolate(event.kind), isolate(event.by), formats.seconds(event.at)];
    warn(`${effect}\n${t`${by}, ${when}: ${what}`}${event.detail ? `\n${isolate(event.detail)}` : ''}`);
  };
}

/** What is said after an order. */
function useOrderWords() {
  const { t } = useLingui();
  return {
    one: (order: Order, name: string): string =>
      ({
        pause: t`“${name}” is paused.`,
        resume: t`“${name}” may take part again.`,
        block: t`“${name}” is blocked.`,
        unblock: t`“${name}” is not blocked any more.`,
        disconnect: t`“${name}” is disconnected.`,
      })[order],
    many: (order: Order, count: number): string =>
      ({
        pause: plural(count, { one: '# client is paused.', other: '# clients are paused.' }),
        resume: plural(count, { one: '# client may take part again.', other: '# clients may take part again.' }),
        block: plural(count, { one: '# client is blocked.', other: '# clients are blocked.' }),
        unblock: plural(count, { one: '# client is not blocked any more.', other: '# clients are not blocked any more.' }),
        disconnect: plural(count, { one: '# client is disconnected.', other: '# clients are disconnected.' }),
      })[order],
    not: (order: Order, name: string): string =>
      ({
        pause: t`“${name}” was not paused.`,
        resume: t`“${name}” is still paused.`,
        block: t`“${name}” was not blocked.`,
        unblock: t`“${name}” is still blocked.`,
        disconnect: t`“${name}” was not disconnected.`,
      })[order],
  };
}
