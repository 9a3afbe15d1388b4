// The university's people, as the sources of faculty and students brought them.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import type { Change, Fields, Page } from '../sync/api';

type Schemas = components['schemas'];
export type Person = Omit<Schemas['DirectoryPerson'], 'fields'> & { fields: Fields };
export type PersonDetail = Person & { history: Change[] };
export type Directory = 'students' | 'faculty';

export interface Filter {
  search?: string;
  /** Also those who are gone at the source. */
  gone?: boolean;
}

const PAGE = 100;
export const keys = { all: ['directory'] as const };

function peoplePage(directory: Directory, filter: Filter, cursor: string, signal: AbortSignal): Promise<Page<Person>> {
  const options = { params: { query: { ...filter, limit: PAGE, ...(cursor && { cursor }) } }, signal };
  return answer<Page<Person>>(directory === 'faculty' ? api.GET('/api/v1/directory/faculty', options) : api.GET('/api/v1/directory/students', options));
}

/** People page by page, by their keys. */
export const listPeople = (directory: Directory, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.all, directory, filter],
    queryFn: ({ pageParam, signal }) => peoplePage(directory, filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const onePerson = (directory: Directory, key: string) =>
  queryOptions({
    queryKey: [...keys.all, directory, 'one', key],
    queryFn: ({ signal }): Promise<PersonDetail> => {
      const options = { params: { path: { key } }, signal };
      return answer<PersonDetail>(directory === 'faculty' ? api.GET('/api/v1/directory/faculty/{key}', options) : api.GET('/api/v1/directory/students/{key}', options));
    },
  });
