// Backups of the whole house as the API has them, and the jobs that make them and look at them.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import type { Job } from '../jobs/api';

type Schemas = components['schemas'];
export type Backup = Schemas['Backup'];
export type BackupState = Schemas['BackupState'];
export type BackupPage = Schemas['BackupPage'];

export const keys = {
  all: ['backups'] as const,
  list: ['backups', 'list'] as const,
  work: ['backups', 'work'] as const,
};

/** A worker of another process tells nobody here. */
const BUSY_MS = 2_000;
const QUEUE = 'backup';
/** The job that makes one. */
export const MAKE = 'backup';

export const backups = () =>
  queryOptions({ queryKey: keys.list, queryFn: ({ signal }): Promise<BackupPage> => answer(api.GET('/api/v1/backups', { signal })), staleTime: 0 });

export interface Work {
  /** What waits or runs. */
  alive: Job[];
  /** The backup that was not made last; what was only to be looked at is none. */
  failed: Job | undefined;
}

const jobs = async (query: { kind?: string; queue?: string; state: string; limit: number }, signal: AbortSignal): Promise<Job[]> =>
  (await answer(api.GET('/api/v1/jobs', { params: { query }, signal }))).items;

export const work = () =>
  queryOptions({
    queryKey: keys.work,
    queryFn: async ({ signal }): Promise<Work> => {
      const [alive, failed] = await Promise.all([jobs({ queue: QUEUE, state: 'running,queued', limit: 40 }, signal), jobs({ kind: MAKE, state: 'failed,set_aside', limit: 1 }, signal)]);
      return { alive, failed: failed[0] };
    },
    refetchInterval: ({ state: { data } }) => (data && data.alive.length > 0 ? BUSY_MS : false),
    staleTime: 0,
  });

export const makeBackup = (): Promise<Job> => answer(api.POST('/api/v1/backups'));
export const verifyBackup = (name: string): Promise<Job> => answer(api.POST('/api/v1/backups/{name}/verify', { params: { path: { name } } }));

export const backupAddress = (name: string): string => `/api/v1/backups/${encodeURIComponent(name)}/download`;
