// A text as the server keeps it, to be read; in a comparison what is new, gone and other is marked.

import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { cx } from '../../../ui/cx';
import { isLink, isPicture } from '../../writing/editor/address';
import { ofText } from '../../writing/editor/reads';
import '../../writing/editor/editor.css';
import type { Part } from '../api';

export function Reading({ part }: { part: Part }) {
  return (
    <div dir={ofText(wordsOf(part)) ?? undefined} className="prose w-full">
      <Parts parts={part.content} />
    </div>
  );
}

const wordsOf = ({ text = '', content = [] }: Part): string => (content.length > 0 ? content.map(wordsOf).join(' ') : text);

function Parts({ parts = [] }: { parts?: readonly Part[] | undefined }) {
  return parts.map((part, at) => <Shown key={at} part={part} />);
}

const CHANGES = { added: 'bg-firuze-soft', removed: 'bg-anar-soft', changed: 'bg-zaferan-soft' } as const;

/** New and gone words are told to screen readers, too; of a block its words tell it. */
function Shown({ part }: { part: Part }): ReactNode {
  const { type, attrs = {}, change, content } = part;
  if (type === 'text') return <Changed part={part}>{marked(part)}</Changed>;
  const dir = typeof attrs.dir === 'string' ? attrs.dir : ofText(wordsOf(part));
  const look = { dir: dir ?? undefined, className: change && change !== 'removed' && change !== 'added' ? CHANGES[change] : undefined };
  const inner = <Parts parts={content} />;
  switch (type) {
    case 'heading':
      return <Heading level={Number(attrs.level)} {...look}>{inner}</Heading>;
    case 'bulletList':
      return <ul {...look}>{inner}</ul>;
    case 'orderedList':
      return (
        <ol {...look} start={Number(attrs.start ?? 1)}>
          {inner}
        </ol>
      );
    case 'taskList':
      return (
        <ul data-type="taskList" {...look}>
          {inner}
        </ul>
      );
    case 'taskItem':
      return <Task part={part} />;
    case 'listItem':
      return <li>{inner}</li>;
    case 'blockquote':
      return <blockquote {...look}>{inner}</blockquote>;
    case 'codeBlock':
      return (
        <pre dir="ltr" tabIndex={0}>
          <code>{inner}</code>
        </pre>
      );
    case 'horizontalRule':
      return <hr />;
    case 'hardBreak':
      return <br />;
    case 'image':
      return <Picture part={part} />;
    case 'table':
      return (
        <div className="tableWrapper">
          <table>
            <tbody>{inner}</tbody>
          </table>
        </div>
      );
    case 'tableRow':
      return <tr>{inner}</tr>;
    case 'tableHeader':
      return <th {...spans(attrs)}>{inner}</th>;
    case 'tableCell':
      return <td {...spans(attrs)}>{inner}</td>;
    case 'mention':
      return (
        <Changed part={part}>
          <span data-mention="">@{String(attrs.label ?? attrs.id)}</span>
        </Changed>
      );
    default:
      return <p {...look}>{inner}</p>;
  }
}

const spans = ({ colspan, rowspan }: Record<string, unknown>) => ({ colSpan: Number(colspan ?? 1), rowSpan: Number(rowspan ?? 1) });

function Changed({ part: { change }, children }: { part: Part; children: ReactNode }) {
  if (change === 'added') return <ins className={cx(CHANGES.added, 'no-underline')}>{children}</ins>;
  if (change === 'removed') return <del className={CHANGES.removed}>{children}</del>;
  return change ? <span className={CHANGES[change]}>{children}</span> : children;
}

function Heading({ level, children, ...look }: { level: number; dir: string | undefined; className: string | undefined; children: ReactNode }) {
  if (level <= 1) return <h1 {...look}>{children}</h1>;
  if (level === 2) return <h2 {...look}>{children}</h2>;
  return level === 3 ? <h3 {...look}>{children}</h3> : <h4 {...look}>{children}</h4>;
}

function Task({ part: { attrs = {}, content } }: { part: Part }) {
  const { t } = useLingui();
  const isDone = attrs.checked === true;
  return (
    <li data-checked={isDone}>
      <label>
        <input type="checkbox" checked={isDone} disabled aria-label={isDone ? t`done` : t`not done`} />
      </label>
      <div>
        <Parts parts={content} />
      </div>
    </li>
  );
}

function Picture({ part: { attrs = {}, change } }: { part: Part }) {
  const src = String(attrs.src ?? '');
  return isPicture(src) ? <img src={src} alt={String(attrs.alt ?? '')} className={change && CHANGES[change]} /> : null;
}

/** Its marks around a text, the first one innermost. */
function marked({ text = '', marks = [] }: Part): ReactNode {
  return marks.reduce<ReactNode>((inner, { type, attrs = {} }) => {
    switch (type) {
      case 'bold':
        return <strong>{inner}</strong>;
      case 'italic':
        return <em>{inner}</em>;
      case 'underline':
        return <u>{inner}</u>;
      case 'strike':
        return <s>{inner}</s>;
      case 'code':
        return <code>{inner}</code>;
      case 'highlight':
        return <mark>{inner}</mark>;
      case 'link':
        return (
          <a href={isLink(String(attrs.href)) ? String(attrs.href) : undefined} target="_blank" rel="noopener noreferrer nofollow">
            {inner}
          </a>
        );
      default:
        return inner;
    }
  }, text);
}
