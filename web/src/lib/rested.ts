// A value that changes with every key, once the typing rests.

import { useEffect, useState } from 'react';

const TYPING_MS = 150;

export function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
