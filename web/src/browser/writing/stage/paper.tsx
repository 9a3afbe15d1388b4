// The document of the page for tests, with its line: what a page of the console loads when a document is opened.

import { useEffect, useState } from 'react';
import { Editor } from '../../../features/writing/editor/Editor';
import { Live } from '../../../features/writing/live/provider';

const asked = new URLSearchParams(location.search);
const said = (name: string, otherwise: string) => asked.get(name) ?? otherwise;
const paper = { id: said('document', 'd1'), dir: said('dir', 'rtl') === 'ltr' ? ('ltr' as const) : ('rtl' as const) };
const user = { id: said('user', 'u1'), name: said('name', 'سارا') };
const PEOPLE = [
  { id: 'u2', label: 'مینا کریمی', hint: 'نویسنده' },
  { id: 'u3', label: 'Reza Mousavi', hint: 'writer' },
];

/** What the tests ask the page for. */
const stage: Record<string, unknown> = {};
Object.assign(window, { stage });

/** What the page gives at once, unless a test lets it wait. */
async function soon<What>(what: What): Promise<What> {
  await stage.wait;
  return what;
}

export function Paper() {
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const url = `${location.origin.replace('http', 'ws')}/api/v1/documents/${paper.id}/live?user=${user.id}`;
    const made = new Live({ url, user: user.id, document: paper.id });
    stage.live = made;
    void made.open();
    setLive(made);
    return () => made.close();
  }, []);
  return (
    <main className="mx-auto max-w-5xl p-2 sm:p-6">
        {live && (
          <Editor
            live={live}
            document={paper}
            user={user}
            mentions={async (query) => PEOPLE.filter(({ label }) => label.includes(query))}
            upload={() => soon({ src: '/api/v1/files/pic/content' })}
            onSignIn={() => live.retry()}
            onComment={() => soon('c1')}
            onReady={(text) => void (stage.text = text)}
            head={<h1 className="text-xl font-bold">{paper.dir === 'rtl' ? 'صورت‌جلسه' : 'Minutes'}</h1>}
          />
        )}
    </main>
  );
}
