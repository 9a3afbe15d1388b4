// The console's page as the server sends it: its policy, the types of its files, and how it is dressed.

export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";
export const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

/** The page in the language and the theme of the cookie, or in the other language where it names none. */
export function dress(template, { headers }, otherwise) {
  const look = new URLSearchParams(/dabir_look=([^;]*)/.exec(headers.cookie ?? '')?.[1]);
  const lang = look.get('lang') ?? otherwise;
  return template.replace(/<html [^>]*>/, `<html lang="${lang}" dir="${lang === 'fa' ? 'rtl' : 'ltr'}" data-theme="${look.get('theme') ?? 'auto'}">`);
}
