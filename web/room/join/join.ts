// The join page with a script: a countdown that is right whatever this device's clock says, a lobby
// that opens by itself, and the name that was typed here before. Without it the page refreshes itself.

import { Calendar, type Lang } from '../calendar';
import { settleLanguage } from '../language';
import { remember, remembered } from '../name';
import { countdown, isRepeated, pause, skew, turn } from './waiting';

const lang = document.documentElement.lang as Lang;
const calendar = new Calendar(lang);
const page = document.querySelector<HTMLElement>('main')!;
const { standing = '', tag = '', starts = '', ends = '', zone } = page.dataset;
const waits = page.dataset.waits === 'true';
const form = document.querySelector<HTMLFormElement>('form');
const nameField = document.querySelector<HTMLInputElement>('#name');

/** The house's clock less this device's; at first as of the moment when the page began to arrive. */
let offset = Date.parse(page.dataset.now ?? '') - arrival() || 0;
let failures = 0;
let timer = 0;
let leaving = false;

function arrival(): number {
  const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return performance.timeOrigin + (visit?.responseStart ?? 0);
}

const ahead = () => (Date.parse(starts) - Date.now() - offset) / 1_000;
/** What shows of the name in the field; nothing when all of it is invisible. */
const typedName = () => (/[^\s\u00ad\u200b-\u200d\u2060\ufeff]/.test(nameField?.value ?? '') ? nameField!.value.trim() : '');
/** Whether pressing the button would lead in: a member has no name to write. */
const isReady = () => !!form && (!nameField || typedName() !== '');

function begin(): void {
  if (settleLanguage(lang)) return;
  if (nameField) keepName(nameField);
  showYourTime();
  if (waits) wait();
  else if (standing === 'open') void ask();
}

function keepName(field: HTMLInputElement): void {
  field.value ||= remembered();
  const noticed = () => {
    if (typedName()) remember(typedName());
    sayReady();
  };
  field.addEventListener('input', noticed);
  sayReady();
}

/** Tells whoever waits whether they will be let in by themselves. */
function sayReady(): void {
  const hint = document.querySelector<HTMLElement>('#ready');
  const text = isReady() ? hint?.dataset.named : hint?.dataset.nameless;
  if (hint && text && hint.textContent !== text) hint.textContent = text;
}

function wait(): void {
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    nameField?.blur();
    void ask();
  });
  document.addEventListener('visibilitychange', () => document.hidden || void ask());
  addEventListener('online', () => void ask());
  setInterval(tick, 1_000);
  tick();
  plan();
}

function tick(): void {
  const clock = document.querySelector<HTMLElement>('#countdown');
  if (!clock) return;
  const { day = '', days = '' } = clock.dataset;
  clock.textContent = countdown(ahead(), { one: day, many: days }, (n) => calendar.number(n), (s) => calendar.span(s));
}

function plan(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void ask(), pause(standing, ahead(), failures, Math.random()) * 1_000);
}

async function ask(): Promise<void> {
  if (leaving) return;
  const sent = Date.now();
  try {
    const headers = { 'if-none-match': tag };
    const answer = await fetch(`${location.pathname}/state`, { cache: 'no-store', headers });
    if (answer.status >= 429) throw new Error('busy');
    failures = 0;
    offset = skew(answer.headers.get('date'), sent, Date.now()) ?? offset;
    if (answer.status !== 304) return act(answer.ok ? ((await answer.json()) as { state: string }).state : '');
  } catch {
    failures += 1;
  }
  const cut = document.querySelector<HTMLElement>('#cut');
  if (cut) cut.hidden = failures < 2;
  if (waits) plan();
}

function act(state: string): void {
  leaving = true;
  if (waits && turn(standing, state, isReady()) === 'enter') {
    // All of them at once would be turned away for coming too often.
    setTimeout(() => form?.submit(), Math.random() * 1_500);
  } else if (!wasTurnedFor(state)) {
    location.replace(location.href);
  } else {
    leaving = false;
    if (waits) plan();
  }
}

/** Whether this page was loaded again for the same news a moment ago: once is enough then. */
function wasTurnedFor(state: string): boolean {
  const [key, news] = ['dabir.turn', `${location.pathname} ${tag} ${state}`];
  try {
    if (isRepeated(sessionStorage.getItem(key), news, Date.now())) return true;
    sessionStorage.setItem(key, `${Date.now()} ${news}`);
  } catch {
    // Without storage nothing is known of the turn before.
  }
  return false;
}

/** When the meeting is kept in another zone's time, the reader's own time stands below it. */
function showYourTime(): void {
  const line = document.querySelector<HTMLElement>('#your-time');
  const when = (where: Calendar) => `${where.day(starts)} ${where.clock(starts)} ${where.clock(ends)}`;
  if (!line || when(calendar) === when(calendar.at(zone))) return;
  const values: Record<string, string> = { day: calendar.day(starts), from: calendar.clock(starts), to: calendar.clock(ends) };
  line.textContent = (line.dataset.form ?? '').replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '');
  line.hidden = false;
}

// A page that the browser kept as it was when the person went into the room would send them in again.
addEventListener('pageshow', (event) => event.persisted && location.reload());

begin();
