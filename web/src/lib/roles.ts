// The words for roles, and what each may do.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Role } from './user';

export const ROLE_NAMES: Record<Role, MessageDescriptor> = {
  participant: msg`Participant`,
  writer: msg`Writer`,
  auditor: msg`Auditor`,
  operator: msg`Operator`,
  admin: msg`Administrator`,
};

export const ROLE_MEANINGS: Record<Role, MessageDescriptor> = {
  participant: msg`Joins meetings under their own name.`,
  writer: msg`Joins meetings and writes documents.`,
  auditor: msg`Sees everything, the audit too, and changes nothing.`,
  operator: msg`Runs meetings, rooms and ports.`,
  admin: msg`May do everything, people and settings too.`,
};
