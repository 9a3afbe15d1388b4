// What is asked of sources and runs.

import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import { named, type Json, type Mode, type Run, type Source, type Spec, type Tested } from './api';

type Schemas = components['schemas'];

const numbered = (id: number) => ({ params: { path: { id } } });

export const syncSource = (name: string, mode: Mode): Promise<Run> => answer(api.POST('/api/v1/sources/{name}/sync', { ...named(name), body: { mode } }));
export const testSource = (name: string): Promise<Tested> => answer(api.POST('/api/v1/sources/{name}/test', named(name)));
export const cancelRun = (id: number): Promise<Run> => answer(api.POST('/api/v1/runs/{id}/cancel', numbered(id)));
export const retryRun = (id: number): Promise<Run> => answer(api.POST('/api/v1/runs/{id}/retry', numbered(id)));
export const acceptRun = (id: number): Promise<Run> => answer(api.POST('/api/v1/runs/{id}/accept', numbered(id)));

// The generated types know JSON that may be anything as objects without keys.
export const createSource = async (spec: Spec): Promise<Source> => (await answer(api.POST('/api/v1/sources', { body: spec as unknown as Schemas['SyncSource'] }))) as unknown as Source;
export const changeSource = async (name: string, patch: Json): Promise<Source> =>
  (await answer(api.PATCH('/api/v1/sources/{name}', { ...named(name), body: patch as unknown as Record<string, never> }))) as unknown as Source;
export const removeSource = (name: string): Promise<unknown> => answer(api.DELETE('/api/v1/sources/{name}', named(name)));

/** All of them without `ids`. */
export const replay = (name: string, ids?: number[]) => answer(api.POST('/api/v1/sources/{name}/quarantine/replay', { ...named(name), body: { ids: ids ?? null } }));
export const discard = (name: string, ids?: number[]) => answer(api.DELETE('/api/v1/sources/{name}/quarantine', { ...named(name), body: { ids: ids ?? null } }));
