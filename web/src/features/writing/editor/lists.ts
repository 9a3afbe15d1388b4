// Numbered lists begin with a number of any script.

import { wrappingInputRule } from '@tiptap/core';
import type { NodeType } from '@tiptap/pm/model';
import { latinDigits } from '../../../lib/digits';

const NUMBER = /^([0-9۰-۹٠-٩]{1,9})[.)]\s$/;

const numberOf = (match: RegExpMatchArray) => Number(latinDigits(match[1] ?? '1'));

/** A number goes on counting the list above it, if it is the next. */
export function listRule(type: NodeType) {
  return wrappingInputRule({
    find: NUMBER,
    type,
    getAttributes: (match) => ({ start: numberOf(match) }),
    joinPredicate: (match, node) => node.childCount + (node.attrs.start as number) === numberOf(match),
  });
}
