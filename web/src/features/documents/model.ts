// What documents are beside their text: rights, folders in each other, versions by their day.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { byName } from '../../lib/collate';
import type { Folder, Format, Right, Version } from './api';

export const RIGHTS: Record<Right, MessageDescriptor> = { view: msg`may read`, comment: msg`may comment`, edit: msg`may write`, own: msg`owner` };

/** Those that can be given. */
export const GIVEN = ['view', 'comment', 'edit'] as const satisfies readonly Right[];

const ORDER: readonly Right[] = ['view', 'comment', 'edit', 'own'];

export const may = (right: Right, least: Right): boolean => ORDER.indexOf(right) >= ORDER.indexOf(least);

/** The house's templates; each is there in both languages. */
export const TEMPLATES = [
  { name: 'minutes', word: msg`Minutes` },
  { name: 'letter', word: msg`Letter` },
  { name: 'report', word: msg`Report` },
] as const;

export const FORMATS: readonly { format: Exclude<Format, 'json'>; suffix: string; word: MessageDescriptor }[] = [
  { format: 'docx', suffix: 'docx', word: msg`Word` },
  { format: 'pdf', suffix: 'pdf', word: msg`PDF` },
  { format: 'markdown', suffix: 'md', word: msg`Markdown` },
  { format: 'html', suffix: 'html', word: msg`HTML` },
  { format: 'text', suffix: 'txt', word: msg`Plain text` },
];

/** What can be made a document of. */
export const IMPORTED = '.md,.markdown,.html,.htm,.txt,.docx,.zip';

/** A name for a file, without what disks do not take. */
export const fileName = (title: string, suffix: string): string => `${title.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ').trim() || 'document'}.${suffix}`;

export interface Branch {
  folder: Folder;
  depth: number;
  branches: readonly Branch[];
}

/** Folders as they lie in each other; what lies in one that is not seen stands at the top. */
export function treeOf(folders: readonly Folder[]): readonly Branch[] {
  const known = new Set(folders.map(({ id }) => id));
  const around = ({ parent }: Folder) => (parent && known.has(parent) ? parent : null);
  const inside = (parent: string | null, depth: number): Branch[] =>
    folders
      .filter((folder) => around(folder) === parent)
      .sort((a, b) => byName(a.title, b.title))
      .map((folder) => ({ folder, depth, branches: inside(folder.id, depth + 1) }));
  return inside(null, 0);
}

/** All of a tree, each folder before what lies in it. */
export const flat = (branches: readonly Branch[]): Branch[] => branches.flatMap((branch) => [branch, ...flat(branch.branches)]);

/** A folder and all around it, the outermost first. */
export function wayTo(folders: readonly Folder[], id: string): Folder[] {
  const way: Folder[] = [];
  for (let at = folders.find((one) => one.id === id); at && !way.includes(at); at = folders.find((one) => one.id === at?.parent)) way.unshift(at);
  return way;
}

/** Where something may be put: the folders that one may write in, but for a folder itself and what lies in it. */
export function targets(folders: readonly Folder[], moved: string | null): Branch[] {
  return flat(treeOf(folders)).filter(({ folder }) => may(folder.right, 'edit') && !wayTo(folders, folder.id).some(({ id }) => id === moved));
}

/** Versions by the day they are of, in their order. */
export function byDay(versions: readonly Version[], dayOf: (at: string) => string): [string, Version[]][] {
  const days = new Map<string, Version[]>();
  for (const version of versions) {
    const day = dayOf(version.at);
    days.set(day, [...(days.get(day) ?? []), version]);
  }
  return [...days];
}

/** A name for the mark in the text that a thread is about. */
export function newAnchor(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(36).padStart(2, '0')).join('');
}
