// Sources that people know by name; others show the one they have. Every page may speak of them.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

export const NAMES: Record<string, MessageDescriptor> = {
  faculty: msg`Faculty`,
  students: msg`Students`,
};
