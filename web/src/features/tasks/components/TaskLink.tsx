// The way to a task: beside the list where there is room, on a page of its own elsewhere and in a new tab.

import { Link, useNavigate } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import type { Task } from '../api';
import { useIsWide } from '../hooks';
import { nameOf } from '../model';

interface Props {
  task: Task;
  className?: string;
  children?: ReactNode;
}

export function TaskLink({ task, className, children }: Props) {
  const isWide = useIsWide();
  const navigate = useNavigate({ from: '/tasks' });
  const press = (event: MouseEvent) => {
    if (!isWide || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ search: (old) => ({ ...old, task: task.number }), resetScroll: false });
  };
  return (
    <Link to="/tasks/$id" params={{ id: nameOf(task) }} onClick={press} {...(!children && { dir: 'auto' })} {...(className && { className })}>
      {children ?? task.title}
    </Link>
  );
}
