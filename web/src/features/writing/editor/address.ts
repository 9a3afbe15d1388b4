// Which addresses a document may hold, as the server has it.

const LONGEST = 2_048;
const FILE = /^\/api\/v1\/files\/[A-Za-z0-9_-]{1,64}\/content$/;

/** The web, mail, telephone, a place in this document, or one of the house's own pages and files. */
export function isLink(href: string | null | undefined): href is string {
  if (!href || href.length > LONGEST || /[\s\p{Cc}]/u.test(href)) return false;
  if (/^https?:\/\/[^/\\?#@:]/i.test(href) || /^(mailto|tel):./i.test(href) || /^#./.test(href)) return true;
  return /^\/(?!\/)[^\\]*$/.test(href) && (!/^\/api\//i.test(href) || FILE.test(href));
}

export const isPicture = (src: string | null | undefined): src is string => FILE.test(src ?? '');

/** What somebody typed as an address: a bare host means the web. */
export function readLink(typed: string): string | null {
  const text = typed.trim();
  if (isLink(text)) return text;
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  return /^[^\s/:]+\.[^\s/:]{2,}(:\d+)?([/?#]\S*)?$/.test(text) && isLink(`https://${text}`) ? `https://${text}` : null;
}
