// A field to search in; what is typed counts once the typing rests.

import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Input } from 'react-aria-components/Input';
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField';
import { INPUT } from './Field';

const TYPING_MS = 200;

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

export function SearchField({ label, value, onChange }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const [told, setTold] = useState(value);
  // What others changed is taken over; what comes back of our own words is old news.
  if (value !== known) {
    setKnown(value);
    if (value !== told) {
      setTold(value);
      setText(value);
    }
  }
  useEffect(() => {
    if (text === told) return;
    const tell = () => {
      setTold(text);
      onChange(text);
    };
    const timer = setTimeout(tell, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, told, onChange]);
  return (
    <AriaSearchField aria-label={label} value={text} onChange={setText} className="relative w-full sm:w-60">
      <Search size={16} aria-hidden className="pointer-events-none absolute inset-y-0 start-3 my-auto text-ink-3" />
      <Input dir="auto" placeholder={label} className={`${INPUT} ps-9 pe-9 [&::-webkit-search-cancel-button]:hidden`} />
      {text && (
        <Button className="absolute inset-y-0 end-1 my-auto grid size-8 place-items-center rounded-sm text-ink-2 cursor-pointer hover:bg-sunken">
          <X size={16} aria-hidden />
        </Button>
      )}
    </AriaSearchField>
  );
}
