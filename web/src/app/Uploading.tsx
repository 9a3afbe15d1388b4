// What is being uploaded, seen on every page but the one that has its own place for it.

import { useRouterState } from '@tanstack/react-router';
import { lazy } from 'react';
import { useUploads } from '../features/files/upload';
import { withWriteWords } from './words';

const Floating = lazy(async () => ({ default: (await withWriteWords(import('../features/files/upload/Floating'))).Floating }));

export function Uploading() {
  const isNone = useUploads().length === 0;
  const path = useRouterState({ select: ({ location }) => location.pathname });
  return isNone || path === '/files' ? null : <Floating />;
}
