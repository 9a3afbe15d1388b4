// A reporter of node's test runner: the files in which something failed, one a line. What stands outermost in a file names it;
// what is within may come from elsewhere.

export default async function* failed(events) {
  const files = new Set();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.nesting > 0 || !data.file || files.has(data.file)) continue;
    files.add(data.file);
    yield `${data.file}\n`;
  }
}
