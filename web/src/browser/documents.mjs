// A few documents for pictures: in folders, shared, commented on, with versions.

const TEXT = `# صورت‌جلسهٔ شورای آموزشی

جلسه با حضور همهٔ اعضا برگزار شد و دربارهٔ برنامهٔ ترم آینده گفت‌وگو شد.

## تصمیم‌ها

1. برنامهٔ ترم تا پایان آذر آماده شود.
2. جلسهٔ بعد در کلاس دوازدهم برگزار شود.

## کارها

- [x] فرستادن دعوت‌نامه
- [ ] آماده کردن گزارش
`;

/** Makes them for somebody, and somebody else writes in them too; gives the one with most in it. */
export async function furnishDocuments({ url }, admin, other) {
  const call = await caller(url, admin);
  const folder = await call('POST', '/documents/folders', { title: 'شورای آموزشی' });
  await call('POST', '/documents/folders', { title: 'سال ۱۴۰۵', parent: folder.id });
  await call('PUT', `/documents/folders/${folder.id}/access`, { grants: [{ grantee: 'everyone', right: 'view' }] });
  const made = await call('POST', '/documents', { title: 'صورت‌جلسهٔ آذر', folder: folder.id, text: TEXT });
  await call('POST', '/documents', { title: 'Letter to the faculty', from: 'letter.en' });
  await call('PUT', `/documents/${made.id}/access`, { grants: [{ grantee: `user:${other.id}`, right: 'edit' }] });
  await call('POST', `/documents/${made.id}/versions`, { name: 'فرستاده به شورا' });
  await call('PUT', `/documents/${made.id}/content`, { text: TEXT.replace('همهٔ اعضا', 'بیشتر اعضا') });
  const said = await call('POST', `/documents/${made.id}/comments`, { text: 'نام حاضران را هم بنویسید.', quote: 'بیشتر اعضا', anchor: 'council' });
  const answer = await caller(url, other);
  await answer('POST', `/documents/${made.id}/comments`, { text: 'نوشته شد.', thread: said.id });
  return made;
}

/** Calls the API as somebody. */
export async function caller(url, { credentials }) {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const signedIn = await fetch(`${url}/api/v1/auth/login`, { ...post, body: JSON.stringify(credentials) });
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers: { ...post.headers, cookie, origin: url, 'x-dabir-csrf': '1' }, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
}
