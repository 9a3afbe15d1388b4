// A box without words, such as one in a row of a table; the browser's own, of which there may be hundreds.

interface Props {
  label: string;
  isOn: boolean;
  onChange: () => void;
}

export function Tick({ label, isOn, onChange }: Props) {
  return (
    <label className="-m-2 grid min-h-9 min-w-9 place-items-center cursor-pointer">
      <input type="checkbox" aria-label={label} checked={isOn} onChange={onChange} className="size-6 accent-lajvard cursor-pointer" />
    </label>
  );
}
