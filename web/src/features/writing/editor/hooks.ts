// The editor itself and what is watched of it.

import { Editor, type AnyExtension } from '@tiptap/core';
import { useEffect, useState, useSyncExternalStore, type RefObject } from 'react';
import type { Live } from '../live/provider';
import type { Count } from './persian';
import { count } from './count';
import { lookOf, type Look } from './look';
import { findPlace } from './place';

/** The text in `host`, from when it is there until the page goes. */
export function useText(host: RefObject<HTMLElement | null>, live: Live, label: string, extensions: () => AnyExtension[]): Editor | null {
  const isLoaded = useSyncExternalStore(live.watch, live.loaded);
  const [editor, setEditor] = useState<Editor | null>(null);
  useEffect(() => {
    if (!isLoaded || !host.current) return;
    const made = new Editor({
      element: host.current,
      extensions: extensions(),
      editable: false,
      // The policy allows no styles but those of our files.
      injectCSS: false,
      editorProps: { attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': label, class: 'prose' } },
    });
    setEditor(made);
    return () => {
      setEditor(null);
      made.destroy();
    };
    // What else it is made of stays the same as long as the document does.
  }, [live, isLoaded]);
  return editor;
}

/** Who comes back writes on where they were. */
export function useReturn(editor: Editor | null, canChange: boolean, name: string): void {
  useEffect(() => {
    editor?.setEditable(canChange, false);
    editor?.view.dom.setAttribute('aria-readonly', String(!canChange));
  }, [editor, canChange]);
  const isReady = editor !== null && canChange;
  useEffect(() => {
    if (isReady && document.activeElement === document.body && findPlace(editor.view, name)) editor.view.focus();
  }, [editor, isReady, name]);
}

/** Runs something a moment after the text changed, and after the change was painted. */
function afterPaint(editor: Editor, pauseMs: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  const due = () => {
    timer = undefined;
    if (!editor.isDestroyed) run();
  };
  const soon = () => {
    if (timer !== undefined || frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      timer = setTimeout(due, pauseMs);
    });
  };
  editor.on('transaction', soon);
  return () => {
    editor.off('transaction', soon);
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

export function useLook(editor: Editor | null): Look | null {
  const [look, setLook] = useState<Look | null>(null);
  useEffect(() => {
    if (!editor) return setLook(null);
    let shown = '';
    const see = () => {
      const next = lookOf(editor);
      const text = JSON.stringify(next);
      if (text !== shown) setLook(next);
      shown = text;
    };
    see();
    return afterPaint(editor, 0, see);
  }, [editor]);
  return look;
}

const COUNT_MS = 400;

export function useCount(editor: Editor | null): Count | null {
  const [sum, setSum] = useState<Count | null>(null);
  useEffect(() => {
    if (!editor) return;
    const see = () => setSum((old) => same(old, count(editor.state.doc)));
    see();
    return afterPaint(editor, COUNT_MS, see);
  }, [editor]);
  return sum;
}

const same = (old: Count | null, next: Count): Count => (old && old.words === next.words && old.characters === next.characters ? old : next);
