import { expect, it } from 'vitest';
import { readBoot } from './boot';

const page = (boot: string) => new DOMParser().parseFromString(`<script type="application/json" id="boot">${boot}</script>`, 'text/html');

it('the server says who is signed in', () => {
  expect(readBoot(page('{"user":{"name":"مریم","role":"auditor"},"version":"0.1.0"}'))).toEqual({ user: { name: 'مریم', role: 'auditor' } });
});

it('a page that does not say it is none of the server', () => {
  for (const boot of ['{"user":null}', '{}', '{"user":{"name":"x","role":"king"}}']) expect(() => readBoot(page(boot))).toThrow();
  expect(() => readBoot(document.implementation.createHTMLDocument())).toThrow();
});
