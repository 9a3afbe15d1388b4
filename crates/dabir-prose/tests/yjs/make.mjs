// Writes the fixtures beside it: updates of shared documents as the browser's editor makes them, and
// the document that the editor sees in each. `npm install && npm run make`; the Rust tests only read.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Extension, Mark, getSchema } from '@tiptap/core'
import Highlight from '@tiptap/extension-highlight'
import Image from '@tiptap/extension-image'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import Mention from '@tiptap/extension-mention'
import { TableKit } from '@tiptap/extension-table'
import StarterKit from '@tiptap/starter-kit'
import { initProseMirrorDoc, prosemirrorToYDoc, updateYFragment } from '@tiptap/y-tiptap'
import * as Y from 'yjs'

const Dir = Extension.create({
  name: 'dir',
  addGlobalAttributes: () => [
    {
      types: ['paragraph', 'heading', 'bulletList', 'orderedList', 'taskList', 'blockquote', 'codeBlock', 'table'],
      attributes: { dir: { default: null } },
    },
  ],
})

// Threads may overlap, so the mark does not exclude itself.
const Comment = Mark.create({
  name: 'comment',
  excludes: '',
  addAttributes: () => ({ id: { default: null } }),
})

const schema = getSchema([
  StarterKit.configure({ heading: { levels: [1, 2, 3, 4] } }),
  TableKit,
  Image,
  Mention,
  TaskList,
  TaskItem.configure({ nested: true }),
  Highlight,
  Comment,
  Dir,
])

const text = (value, ...marks) => ({ type: 'text', text: value, marks })
const node = (type, attrs, ...content) => ({ type, attrs, content })
const p = (...content) => node('paragraph', {}, ...content)
const bold = { type: 'bold' }
const italic = { type: 'italic' }
const comment = (id) => ({ type: 'comment', attrs: { id } })
const link = (href) => ({ type: 'link', attrs: { href } })
const cell = (type, attrs, value) => node(type, attrs, p(text(value)))

const documents = {
  minutes: [
    node('heading', { level: 1, dir: 'rtl' }, text('صورت‌جلسهٔ شورا')),
    p(
      text('می‌رویم '),
      text('مهم', bold),
      text(' و ', italic, bold),
      text('نشانی', link('https://example.org/?a=1&b=2')),
      { type: 'hardBreak' },
      { type: 'mention', attrs: { id: 'u1', label: 'علی' } },
      text(' 😀 پایان', { type: 'highlight' }, { type: 'underline' }, { type: 'strike' }),
    ),
    p(),
    p(text('با '), text('یک نظر', comment('c1')), text(' و دو', comment('c1'), comment('c2')), text(' x', { type: 'code' })),
    node('horizontalRule', {}),
    node('codeBlock', { language: 'rust' }, text('fn main() {\n    // سلام\n}')),
  ],
  lists: [
    node('bulletList', {}, node('listItem', {}, p(text('یک')), node('orderedList', { start: 3 }, node('listItem', {}, p(text('الف')))))),
    node('taskList', {}, node('taskItem', { checked: true }, p(text('شد'))), node('taskItem', { checked: false }, p(text('نه')))),
    node('blockquote', { dir: 'rtl' }, p(text('نقل'))),
  ],
  table: [
    node(
      'table',
      {},
      node('tableRow', {}, cell('tableHeader', {}, 'نام'), cell('tableHeader', { align: 'center', colwidth: [120] }, 'زمان')),
      node('tableRow', {}, cell('tableCell', { colspan: 2 }, 'هر دو')),
    ),
    { type: 'image', attrs: { src: '/api/v1/files/f1/content', alt: 'نمودار', width: 320 } },
  ],
}

// What somebody does to the document after it was made: words typed, marked, moved and deleted.
const edits = {
  minutes: (doc) => {
    const json = doc.toJSON()
    json.content[1].content[0].text = 'فردا می‌رویم '
    json.content[1].content[1].marks = []
    json.content.splice(2, 1)
    json.content.push(p(text('افزوده')))
    return json
  },
  lists: (doc) => {
    const json = doc.toJSON()
    json.content[1].content[1].attrs.checked = true
    json.content.reverse()
    return json
  },
  table: (doc) => doc.toJSON(),
}

const write = (name, ydoc) => {
  const here = (file) => fileURLToPath(new URL(file, import.meta.url))
  const seen = initProseMirrorDoc(ydoc.getXmlFragment('default'), schema).doc
  seen.check()
  writeFileSync(here(`${name}.update`), Y.encodeStateAsUpdate(ydoc))
  writeFileSync(here(`${name}.json`), `${JSON.stringify(seen.toJSON(), null, 1)}\n`)
}

for (const [n, [name, content]] of Object.entries(documents).entries()) {
  const doc = schema.nodeFromJSON({ type: 'doc', content })
  const ydoc = prosemirrorToYDoc(doc, 'default')
  ydoc.clientID = 100 + n
  write(name, ydoc)
  const fragment = ydoc.getXmlFragment('default')
  const { meta } = initProseMirrorDoc(fragment, schema)
  ydoc.transact(() => updateYFragment(ydoc, fragment, schema.nodeFromJSON(edits[name](doc)), meta))
  write(`${name}_edited`, ydoc)
}
