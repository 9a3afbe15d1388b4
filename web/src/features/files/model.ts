// What can be said of every file: its kind, and how far it is.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Archive, AudioLines, Book, Braces, FileSpreadsheet, FileText, Film, Globe, Image, NotebookText, Presentation, Shapes, SquareTerminal, Table2, Type, type LucideIcon } from 'lucide-react';
import type { Tone } from '../../ui/Status';
import type { FileState, StoredFile } from './api';
import type { KindName } from './kinds';

interface Kind {
  word: MessageDescriptor;
  icon: LucideIcon;
}

const OTHER: Kind = { word: msg`Of another kind`, icon: Shapes };

export const KINDS: Record<KindName, Kind> = {
  pdf: { word: msg`PDF`, icon: FileText },
  document: { word: msg`Text document`, icon: NotebookText },
  sheet: { word: msg`Spreadsheet`, icon: FileSpreadsheet },
  slides: { word: msg`Slides`, icon: Presentation },
  book: { word: msg`E-book`, icon: Book },
  page: { word: msg`Web page`, icon: Globe },
  markdown: { word: msg`Markdown`, icon: Braces },
  text: { word: msg`Plain text`, icon: Type },
  table: { word: msg`CSV table`, icon: Table2 },
  picture: { word: msg`Picture`, icon: Image },
  archive: { word: msg`Archive`, icon: Archive },
  sound: { word: msg`Sound`, icon: AudioLines },
  film: { word: msg`Film`, icon: Film },
  program: { word: msg`Program`, icon: SquareTerminal },
  other: OTHER,
};

/** Kinds that the server may learn later are of another kind here. */
export const kindOf = ({ kind }: Pick<StoredFile, 'kind'>): Kind => (KINDS as Record<string, Kind>)[kind] ?? OTHER;

export const STATES: Record<FileState, { tone: Tone; word: MessageDescriptor }> = {
  waiting: { tone: 'wait', word: msg`In the queue` },
  analysing: { tone: 'warn', word: msg`Being analysed` },
  analysed: { tone: 'live', word: msg`Analysed` },
  failed: { tone: 'bad', word: msg`Cannot be read` },
  stored: { tone: 'over', word: msg`Stored` },
};

export const isUnderway = ({ state }: Pick<StoredFile, 'state'>): boolean => state === 'waiting' || state === 'analysing';
