// What of a run needs somebody: partitions that did not come, and rows that are gone in such number that nobody believes it.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Answers, Box } from '../../../ui/Overlay';
import { isOver, type RunDetail } from '../api';
import { useRunActions } from '../hooks';
import { toRetry } from '../model';

interface Props {
  run: RunDetail;
  isLast: boolean;
}

export function Trouble({ run, isLast }: Props) {
  const hasFailed = run.status === 'failed' || run.status === 'cancelled';
  return (
    <>
      {hasFailed && <Unfinished run={run} isLast={isLast} />}
      {run.held > 0 && isOver(run) && <Held run={run} isLast={isLast} />}
    </>
  );
}

function Note({ isBad, children }: { isBad: boolean; children: ReactNode }) {
  return (
    <div role="note" className={`grid gap-1 rounded-md border px-4 py-3 ${isBad ? 'border-anar bg-anar-soft' : 'border-zaferan bg-zaferan-soft'}`}>
      {children}
    </div>
  );
}

function Unfinished({ run, isLast }: Props) {
  const isBad = run.status === 'failed';
  const cells = toRetry(run) ?? [];
  return (
    <Note isBad={isBad}>
      <p className="font-bold">
        {!isBad ? (
          <Trans>It was cancelled; what came before is kept.</Trans>
        ) : cells.length > 0 && run.cells.length > 1 ? (
          <Plural value={cells.length} one="# partition did not come; the others are up to date." other="# partitions did not come; the others are up to date." />
        ) : (
          <Trans>It failed; what came before is kept.</Trans>
        )}
      </p>
      {run.error_message && (
        <bdi lang="en" className="whitespace-pre-wrap wrap-anywhere">
          {run.error_message}
        </bdi>
      )}
      {isLast && <Retry run={run} count={run.cells.length > 1 ? cells.length : 0} />}
    </Note>
  );
}

function Retry({ run, count }: { run: RunDetail; count: number }) {
  const { retry } = useRunActions();
  const navigate = useNavigate();
  if (!useMayRun()) return null;
  const again = () => void retry(run).then((fresh) => fresh && navigate({ to: '/sync/$name', params: { name: run.source } }));
  return (
    <>
      {run.status === 'failed' && (
        <p className="text-ink-2">
          <Trans>Put the cause right, or wait until the gateway does again, then try once more.</Trans>
        </p>
      )}
      <div className="pt-1">
        <Button onPress={again}>
          <RotateCcw size={16} aria-hidden />
          {count > 0 ? <Plural value={count} one="Try this # partition again" other="Try these # partitions again" /> : <Trans>Try it again</Trans>}
        </Button>
      </div>
    </>
  );
}

function Held({ run, isLast }: Props) {
  const [asking, setAsking] = useState(false);
  const mayRun = useMayRun();
  return (
    <Note isBad={false}>
      <p className="font-bold">
        <Plural value={run.held} one="# row is gone at the source, more than is usual at once." other="# rows are gone at the source, more than is usual at once." />
      </p>
      <p>
        <Trans>The gateway may have answered with only half of them, so none is marked as gone before you say that it is right.</Trans>
      </p>
      {isLast && mayRun && (
        <div className="pt-1">
          <Button onPress={() => setAsking(true)}>
            <Trans>It is right, mark them…</Trans>
          </Button>
        </div>
      )}
      {asking && <AcceptBox run={run} onClose={() => setAsking(false)} />}
    </Note>
  );
}

function AcceptBox({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const { t } = useLingui();
  const { accept } = useRunActions();
  const sure = () => {
    onClose();
    void accept(run);
  };
  return (
    <Box title={t`Are they really gone?`} isOpen onClose={onClose} role="alertdialog">
      <p>
        <Plural
          value={run.held}
          one="# row is marked as gone and left out of the directory. It stays in the table, and is back as soon as the gateway has it again."
          other="# rows are marked as gone and left out of the directory. They stay in the table, and are back as soon as the gateway has them again."
        />
      </p>
      <Answers>
        <Button onPress={onClose} autoFocus>
          <Trans>Leave it</Trans>
        </Button>
        <Button weight="danger" onPress={sure}>
          <Plural value={run.held} one="Mark # row as gone" other="Mark # rows as gone" />
        </Button>
      </Answers>
    </Box>
  );
}
