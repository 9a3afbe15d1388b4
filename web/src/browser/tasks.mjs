// What stands on the pages of tasks and files in pictures.

const DAY_MS = 86_400_000;
const day = (later) => new Date(Date.now() + later * DAY_MS).toISOString().slice(0, 10);

const TEXT = 'گزارش درگاه دانشگاه. درگاه دانشگاه داده‌های دانشجويان را مي‌گیرد و برای كارشناسان می‌فرستد. ';

/** Tasks of every status, given to `person` and to nobody; the number of one with all that a task may have. */
export async function furnishTasks({ api }, person) {
  const make = (body) => api('POST', '/tasks', body);
  await make({ title: 'Order chairs', status: 'done', due: day(-9) });
  await make({ title: 'بازبینی آیین‌نامهٔ آموزشی پردیس', status: 'review', priority: 'medium', labels: ['آیین‌نامه'], due: day(6) });
  await make({ title: 'Rehearse the opening with a title that is longer than any phone is wide, and then some', status: 'doing', assignees: [person.id], due: day(1), labels: ['events', 'a-label-of-some-length'] });
  await make({ title: 'پاسخ به نامهٔ دانشکده', assignees: [person.id], due: day(-2), priority: 'high' });
  await make({ title: 'خرید کاغذ', assignees: [person.id], priority: 'low' });
  const { number } = await make({
    title: 'گزارش بودجهٔ سال را بفرست',
    description: 'برای شورای دوشنبه.\n\n- هزینهٔ سفرها\n- هزینهٔ تجهیزات\n\nSee https://example.org/budget.',
    assignees: [person.id],
    due: `${day(0)}T18:30:00Z`,
    priority: 'urgent',
    labels: ['بودجه', 'finance'],
    checklist: [{ text: 'گرفتن ارقام از حسابداری', done: true }, { text: 'Draw the chart', done: false }],
  });
  const { id } = await api('POST', `/tasks/${number}/comments`, { text: 'آمار سفرها هنوز نرسیده است.' });
  await api('POST', `/tasks/${number}/comments`, { text: 'I have asked for them; they come tomorrow.', thread: id });
  await api('PATCH', `/tasks/${number}`, { status: 'doing' });
  return number;
}

/** Some files, analysed; the id of one with Persian text. */
export async function furnishFiles(dabir) {
  const report = await upload(dabir, 'گزارش درگاه.txt', Buffer.from(TEXT.repeat(20)));
  await upload(dabir, 'minutes-of-the-council-of-the-department-2026-11-20-final.md', Buffer.from('# Minutes\n\nSee https://example.org/plan.\n'));
  await upload(dabir, 'broken.pdf', Buffer.from('%PDF-1.7\nnothing of it is true'));
  return report;
}

export async function upload({ url, token, api }, name, body) {
  const headers = {
    authorization: `Bearer ${token}`,
    'tus-resumable': '1.0.0',
    'upload-length': String(body.length),
    'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
    'content-type': 'application/offset+octet-stream',
  };
  const answer = await fetch(`${url}/api/v1/uploads`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  const id = answer.headers.get('location').split('/').at(-1);
  for (;;) {
    const { state } = await api('GET', `/files/${id}`);
    if (state !== 'waiting' && state !== 'analysing') return id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
