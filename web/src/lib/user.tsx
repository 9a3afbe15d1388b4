// Who is signed in, and what their role lets them do.

import { createContext, use } from 'react';

export const ROLES = ['participant', 'writer', 'auditor', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  name: string;
  role: Role;
}

const Context = createContext<User | null>(null);
export const UserProvider = Context;

export function useUser(): User {
  const user = use(Context);
  if (!user) throw new Error('nobody is signed in');
  return user;
}

/** Auditors see everything and change nothing. */
export function useMayRun(): boolean {
  const { role } = useUser();
  return role === 'operator' || role === 'admin';
}

/** Whoever may write documents, tasks and files. */
export function useMayWrite(): boolean {
  const { role } = useUser();
  return role === 'writer' || role === 'operator' || role === 'admin';
}

/** People and settings are theirs alone to change. */
export function useIsAdmin(): boolean {
  return useUser().role === 'admin';
}

/** Whoever may read the audit may know whom it names. */
export function useMaySeePeople(): boolean {
  const { role } = useUser();
  return role === 'auditor' || role === 'admin';
}
