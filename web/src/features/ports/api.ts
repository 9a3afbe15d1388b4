// The port manager as the API has it.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type PortsState = components['schemas']['StateView'];
export type Pick = components['schemas']['PickBody'];

export const keys = {
  all: ['ports'] as const,
  state: ['ports', 'state'] as const,
  backups: ['ports', 'backups'] as const,
};

export const portsState = () =>
  queryOptions({ queryKey: keys.state, queryFn: ({ signal }) => answer(api.GET('/api/v1/port/state', { signal })) });

export const backups = () =>
  queryOptions({ queryKey: keys.backups, queryFn: ({ signal }) => answer(api.GET('/api/v1/port/backup/list', { signal })) });

export const pickPort = (body: Pick) => answer(api.POST('/api/v1/port/pick', { body }));
/** May be called while the page goes, so it outlives it. */
export const releasePort = (port: number) => answer(api.POST('/api/v1/port/release', { body: { port }, keepalive: true }));
export const restoreBackup = (filename: string) => answer(api.POST('/api/v1/port/backup/restore', { body: { filename } }));
export const backupAddress = (filename: string) => `/api/v1/port/backup/download?${new URLSearchParams({ filename })}`;
