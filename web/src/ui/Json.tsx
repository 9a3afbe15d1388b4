// JSON as programs have it.

export function Json({ label, value }: { label: string; value: unknown }) {
  return (
    <pre dir="ltr" tabIndex={0} role="group" aria-label={label} className="max-h-80 overflow-auto rounded-md bg-sunken p-3 text-start font-mono text-xs leading-relaxed">
      {JSON.stringify(value ?? null, null, 2)}
    </pre>
  );
}
