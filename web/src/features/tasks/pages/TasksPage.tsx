// What is to be done: as a list, as a board, in the calendar, and what is given to oneself.

import { useLingui } from '@lingui/react/macro';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Keyboard } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { IconButton } from '../../../ui/Button';
import { Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import type { Task } from '../api';
import type { Asked, Wanted } from '../components/Ask';
import { TaskFilters } from '../components/TaskFilters';
import { useTaskDeeds } from '../deeds';
import { useIsWide } from '../hooks';
import { nameOf } from '../model';
import { NONE, toFilter, toSort, type TasksSearch, type View } from '../search';

const QuickAdd = lazy(async () => ({ default: (await import('../components/QuickAdd')).QuickAdd }));
const List = lazy(async () => ({ default: (await import('../components/List')).List }));
const Board = lazy(async () => ({ default: (await import('../components/Board')).Board }));
const Month = lazy(async () => ({ default: (await import('../components/Month')).Month }));
const Mine = lazy(async () => ({ default: (await import('../components/Mine')).Mine }));
const Ask = lazy(async () => ({ default: (await import('../components/Ask')).Ask }));
const Keys = lazy(async () => ({ default: (await import('../components/Keys')).Keys }));
const TaskPanel = lazy(async () => ({ default: (await import('../components/TaskPanel')).TaskPanel }));

const route = getRouteApi('/tasks');

export function TasksPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMayWrite();
  const isWide = useIsWide();
  const { order } = useTaskDeeds();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [isHelping, setHelping] = useState(false);
  const line = useRef<HTMLTextAreaElement>(null);
  const change = useCallback((more: Partial<TasksSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }), [navigate]);
  const ask = (wanted: Wanted, tasks: readonly Task[]) => (wanted === 'delete' ? void order({ action: 'delete' }, tasks) : setAsked({ wanted, tasks }));
  const open = (task: Task) => (isWide ? change({ task: task.number }) : void navigate({ to: '/tasks/$id', params: { id: nameOf(task) } }));
  useKeys({ KeyC: () => line.current?.focus(), Slash: () => document.querySelector<HTMLElement>('main [type=search]')?.focus(), '?': () => setHelping(true) });
  return (
    <>
      <PageHead
        title={t`Tasks`}
        tools={
          <span className="pointer-coarse:hidden">
            <IconButton aria-label={t`Keys`} onPress={() => setHelping(true)}>
              <Keyboard size={18} aria-hidden />
            </IconButton>
          </span>
        }
        calls={CALLS}
      />
      {mayWrite && (
        <Suspense fallback={<div data-waiting className="h-15" />}>
          <QuickAdd fieldRef={line} onOpen={open} />
        </Suspense>
      )}
      <Views now={search.view ?? 'list'} />
      <TaskFilters search={search} onChange={change} />
      <Shown search={search} onChange={change} onAsk={ask} />
      <Suspense fallback={null}>
        {search.task !== undefined && <TaskPanel key={search.task} number={search.task} onClose={() => change({ task: undefined })} />}
        {asked && <Ask {...asked} onOrder={(wanted, tasks) => void order(wanted, tasks)} onClose={() => setAsked(null)} />}
        {isHelping && <Keys onClose={() => setHelping(false)} />}
      </Suspense>
    </>
  );
}

const CALLS = [
  { path: '/api/v1/tasks?status=todo,doing,review&assignee=me&sort=due' },
  { method: 'POST', path: '/api/v1/tasks', body: { title: 'Send the report', due: 'tomorrow 10', labels: ['budget'], priority: 'urgent' } },
  { method: 'POST', path: '/api/v1/tasks/bulk', body: { tasks: [{ id: '…' }], status: 'done' } },
] as const;

interface Props {
  search: TasksSearch;
  onChange: (search: Partial<TasksSearch>) => void;
  onAsk: (wanted: Wanted, tasks: readonly Task[]) => void;
}

function Shown({ search, onChange, onAsk }: Props): ReactNode {
  const { t } = useLingui();
  const today = useFormats().iso(Date.now());
  const { view, q, status, priority, assignee, label, due } = search;
  const filter = useMemo(() => toFilter({ q, status, priority, assignee, label, due }, today), [q, status, priority, assignee, label, due, today]);
  const { status: _, ...ofBoard } = filter;
  const views: Record<View, () => ReactNode> = {
    list: () => <List key={JSON.stringify(filter)} filter={filter} sort={toSort(search)} onAsk={onAsk} onClear={() => onChange(NONE)} />,
    board: () => <Board filter={ofBoard} />,
    calendar: () => <Month filter={toFilter({ q, status, priority, assignee, label }, today)} day={search.month ?? today} onChange={(month) => onChange({ month })} />,
    mine: () => <Mine filter={toFilter({ q, priority, label }, today)} onAsk={onAsk} />,
  };
  return <Suspense fallback={<Waiting label={t`Opening the page…`} />}>{views[view ?? 'list']()}</Suspense>;
}

const VIEW =
  'flex min-h-10 items-center gap-2 border-b-3 border-transparent px-3 text-ink-2 hover:text-ink ' +
  'aria-[current=page]:border-lajvard aria-[current=page]:font-semibold aria-[current=page]:text-ink';

const VIEWS: readonly View[] = ['list', 'board', 'calendar', 'mine'];

function Views({ now }: { now: View }) {
  const { t } = useLingui();
  const views: Record<View, string> = { list: t`List`, board: t`Board`, calendar: t`Calendar`, mine: t`Mine` };
  return (
    <nav aria-label={t`Ways to look at them`} className="mb-4 flex flex-wrap border-b border-line">
      {VIEWS.map((view) => (
        <Link
          key={view}
          from="/tasks"
          to="/tasks"
          search={(old) => ({ ...old, view: view === 'list' ? undefined : view })}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={view === now ? 'page' : undefined}
          className={VIEW}
        >
          {views[view]}
        </Link>
      ))}
    </nav>
  );
}

const TYPED = 'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=dialog], [role=alertdialog], [role=menu], [role=listbox]';

/** Keys of the page by their place on the keyboard, wherever nobody types; `J` and `K` begin at the first row. */
function useKeys(keys: Record<'KeyC' | 'Slash' | '?', () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest(TYPED)) return;
      if (event.code === 'KeyJ' || event.code === 'KeyK') return begin(event);
      const name = event.code === 'Slash' && event.shiftKey ? '?' : event.code;
      if (name !== 'KeyC' && name !== 'Slash' && name !== '?') return;
      if (name === 'KeyC' && event.shiftKey) return;
      event.preventDefault();
      latest.current[name]();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

function begin(event: KeyboardEvent): void {
  const first = document.querySelector<HTMLElement>('main [data-index] a, main [data-card] a, main [data-task] a');
  if (!first) return;
  event.preventDefault();
  first.focus();
}
