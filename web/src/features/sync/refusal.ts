// What the server refused of a source, beside each field, in the reader's words.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { Problem } from '../../api/problem';

const SPAN = msg`Write a length such as 90s, 30m or 2h.`;
const ADDRESS = msg`Write a whole address such as https://host/path, without a password in it. One inside the network has to stand in the server's configuration.`;
const HEADER = msg`This is no header that can be sent.`;
const SECRET = msg`Write the secret itself: there is none to keep.`;
const FIELD = msg`Name a field.`;

const WORDS: Record<string, MessageDescriptor> = {
  name: msg`Write small letters, digits, - and _, a letter or a digit first.`,
  table: msg`Write the name of a table that no other source fills: letters, digits and _, a letter first.`,
  key: msg`Name the one to eight fields that tell one row from another.`,
  'request.url': ADDRESS,
  'request.headers': HEADER,
  request: SECRET,
  body: msg`In braces there may stand page, page_size and the names of the partitions.`,
  'login.url': ADDRESS,
  'login.headers': HEADER,
  'login.header': msg`Write a header and what stands before the token, such as Authorization: Bearer.`,
  'login.token': msg`Name the place of the token in the answer, such as data.token.`,
  login: SECRET,
  page_size: msg`Write a whole number from 1 to 10000.`,
  first_page: msg`Write 0 or 1.`,
  partitions: msg`Name it with a-z, 0-9 and _, and write its values: at least one, none with a slash.`,
  'incremental.field': FIELD,
  'incremental.param': msg`Name a place in the body, such as Filter.since.`,
  timeout: SPAN,
  request_timeout: SPAN,
  retries: msg`Write a whole number from 0 to 50.`,
  concurrency: msg`Write a whole number from 1 to 64.`,
  interval: msg`Write a minute or more, and at most 30 days.`,
};

const longest = (field: string): string | undefined =>
  Object.keys(WORDS)
    .filter((place) => field === place || field.startsWith(`${place}.`))
    .sort((a, b) => b.length - a.length)[0];

/** The words for a field are those of the nearest place that has some. */
export function refusedAt(error: unknown, place: string): MessageDescriptor | undefined {
  const fields = error instanceof Problem && error.code === 'sources.invalid' ? error.fields : [];
  const refused = fields.some(({ field }) => field === place || longest(field) === place);
  const known = longest(place);
  return refused && known ? WORDS[known] : undefined;
}

export function useSourceRefusal(error: unknown): (place: string) => string | undefined {
  const { t } = useLingui();
  return (place) => {
    const words = refusedAt(error, place);
    return words && t(words);
  };
}
