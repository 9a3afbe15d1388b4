import { expect, it } from 'vitest';
import { isLink, isPicture, readLink } from './address';

it('knows harmless addresses', () => {
  for (const href of ['https://example.org/a?b#c', 'mailto:a@b.ir', 'tel:+98', '#part', '/docs/7', '/api/v1/files/a1/content']) expect([href, isLink(href)]).toEqual([href, true]);
  for (const href of ['javascript:x()', 'data:text/html,x', '//evil.example', '/\\evil.example', '/api/v1/users', 'https://', 'https://a b', '', null]) expect([href, isLink(href)]).toEqual([href, false]);
  expect(isPicture('/api/v1/files/a-1_B/content')).toBe(true);
  for (const src of ['/api/v1/files/../content', 'https://example.org/x.png', '/api/v1/files/a/content?x', 'data:image/png;base64,x']) expect([src, isPicture(src)]).toEqual([src, false]);
});

it('reads what somebody types as one', () => {
  expect(['example.org/x', ' https://example.org ', 'a@b.ir', 'سلام', 'javascript:x()', 'one two.com'].map(readLink)).toEqual(['https://example.org/x', 'https://example.org', 'mailto:a@b.ir', null, null, null]);
});
