// A reporter of node's test runner: the files in which something failed, one a line.

export default async function* failed(events) {
  const files = new Set();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || !data.file || files.has(data.file)) continue;
    files.add(data.file);
    yield `${data.file}\n`;
  }
}
