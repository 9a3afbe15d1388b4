import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('the types of the API are those of its description; `npm run api` renews them', async () => {
  const description = new URL(`file://${process.cwd()}/../docs/reference/openapi.json`);
  const types = COMMENT_HEADER + astToString(await openapiTS(description));
  expect(readFileSync('src/api/schema.gen.ts', 'utf8')).toBe(types);
});
