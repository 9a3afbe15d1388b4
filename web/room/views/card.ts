// The card: what the meeting is, the way in, and what to know when it is over for this person.

import { readInfo, type Info } from '../admission';
import type { Calendar } from '../calendar';
import { $ } from '../dom';
import { remember, remembered } from '../name';
import type { Words } from '../words';

export type Phase =
  | 'live' | 'joining' | 'soon' | 'locked' | 'members' | 'full' | 'ended'
  | 'stopped' | 'kicked' | 'blocked' | 'replaced' | 'left' | 'lost' | 'badlink';

/** Phases that the room itself ends, so the card asks it now and then. */
const PASSING: readonly Phase[] = ['live', 'soon', 'locked', 'full'];
const ASK_EVERY_MS = 10_000;

export class Card {
  private readonly card = $('card');
  private readonly data = document.body.dataset;
  /** The room's clock less the browser's. */
  private readonly skew = Date.parse(this.data.now ?? '') - Date.now() || 0;

  constructor(
    private readonly words: Words,
    private readonly calendar: Calendar,
    /** Called with a name, or without one to try again as before. */
    enter: (name?: string) => void,
    /** Goes where they came from when the room lets people in again; false when there is no such place. */
    private readonly startOver: () => boolean,
  ) {
    const name = $<HTMLInputElement>('name');
    name.value = remembered();
    name.oninput = () => name.setCustomValidity('');
    $('join').onsubmit = (event) => {
      event.preventDefault();
      if (this.phase() !== 'live' || !name.value.trim()) return;
      remember(name.value.trim());
      enter(name.value.trim());
    };
    for (const button of document.querySelectorAll<HTMLElement>('[data-again]')) button.onclick = () => enter();
    this.showYourTime();
    setInterval(() => this.tick(), 1_000);
    setInterval(() => void this.ask(), ASK_EVERY_MS);
    this.tick();
  }

  phase(): Phase {
    return this.card.dataset.phase as Phase;
  }

  /** Shows the card in `phase` instead of the room. */
  show(phase: Phase, reason = ''): void {
    const appears = this.card.hidden;
    $('room').hidden = true;
    this.card.hidden = false;
    this.card.dataset.phase = phase;
    $('why').hidden = !reason;
    $('reason').textContent = reason;
    if (appears) $('card-title').focus();
    if (phase === 'live') void this.ask();
  }

  hide(): void {
    this.card.hidden = true;
    $('room').hidden = false;
  }

  busy(on: boolean): void {
    const button = $<HTMLButtonElement>('enter');
    button.disabled = on;
    button.dataset.word ??= button.textContent ?? '';
    button.textContent = on ? this.words.connecting : button.dataset.word;
  }

  refuseName(): void {
    const name = $<HTMLInputElement>('name');
    name.setCustomValidity(this.words.nameInvalid);
    name.reportValidity();
  }

  private tick(): void {
    if (this.phase() !== 'soon') return;
    const seconds = (Date.parse(this.data.starts ?? '') - Date.now() - this.skew) / 1_000;
    if (seconds > 0) $('countdown').textContent = this.calendar.span(seconds);
    else void this.ask();
  }

  private async ask(): Promise<void> {
    if (this.card.hidden || document.hidden || !PASSING.includes(this.phase())) return;
    const info = await readInfo();
    if (!info || this.card.hidden || !PASSING.includes(this.phase())) return;
    const next = phaseOf(info, this.phase(), Date.now() + this.skew);
    const opens = this.phase() !== next && (next === 'live' || next === 'members');
    if (opens && this.startOver()) return;
    this.card.dataset.phase = next;
    $('here').textContent = this.words.here(info.participants, this.calendar.number(info.participants));
  }

  /** When the meeting is kept in another zone's time, the reader's own time stands below it. */
  private showYourTime(): void {
    const here = this.when(this.calendar);
    if (!here || here === this.when(this.calendar.at(this.data.zone))) return;
    $('your-time').textContent = this.words.yourTime(here);
    $('your-time').hidden = false;
  }

  private when(calendar: Calendar): string {
    const { starts, ends } = this.data;
    if (!ends) return '';
    if (!starts) return this.words.until(calendar.day(ends), calendar.clock(ends));
    return this.words.span(calendar.day(starts), calendar.clock(starts), calendar.clock(ends));
  }
}

/** What an answer of the room makes of the card. Only a join shows that a room is full, so that stays. */
export function phaseOf(info: Info, phase: Phase, now: number): Phase {
  if (info.ends_at && Date.parse(info.ends_at) <= now) return 'ended';
  if (info.starts_at && Date.parse(info.starts_at) > now) return 'soon';
  if (info.locked) return 'locked';
  if (!info.guests) return 'members';
  return phase === 'full' ? 'full' : 'live';
}
