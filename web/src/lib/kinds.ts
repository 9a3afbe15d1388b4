// The kinds of things that can be found: what they are called, their signs, and who may find them.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Files, FileText, ListTodo, UserRoundCheck, Users, type LucideIcon } from 'lucide-react';
import type { Role } from './user';

export const KIND_NAMES = ['document', 'task', 'file', 'user', 'client'] as const;
export type Kind = (typeof KIND_NAMES)[number];

export const KINDS: Record<Kind, { word: MessageDescriptor; icon: LucideIcon }> = {
  document: { word: msg`Documents`, icon: FileText },
  task: { word: msg`Tasks`, icon: ListTodo },
  file: { word: msg`Files`, icon: Files },
  user: { word: msg`Users`, icon: Users },
  client: { word: msg`Clients`, icon: UserRoundCheck },
};

export const isKind = (name: string): name is Kind => KIND_NAMES.some((kind) => kind === name);

/** Whoever only writes sees no clients. */
export const kindsFor = (role: Role): readonly Kind[] => KIND_NAMES.filter((kind) => kind !== 'client' || role !== 'writer');
