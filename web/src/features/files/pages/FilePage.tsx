// One file: what it is, what was found in it, what it is like and what it hangs on.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { useUser } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import { oneFile, pathOf, pictureOf, type StoredFile } from '../api';
import { Alike, Attachments } from '../components/Around';
import { FileActions } from '../components/FileActions';
import { Found } from '../components/Found';
import { KindWord, StateMark, Thumbnail } from '../components/Names';
import { Notes } from '../components/Notes';
import { TextPreview } from '../components/TextPreview';

const route = getRouteApi('/files/$id');

export function FilePage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneFile(id));
  return (
    <>
      <Link to="/files" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All files</Trans>
      </Link>
      {query.data ? <Head file={query.data} /> : <PageHead title={t`File`} calls={[{ path: pathOf(id) }]} />}
      <Answered query={query} reading={t`Reading the file…`} effect={t`The file cannot be shown.`}>
        {(file) => <Whole key={file.id} file={file} />}
      </Answered>
    </>
  );
}

function Head({ file }: { file: StoredFile }) {
  const path = pathOf(file.id);
  const calls = [{ path }, { path: `${path}/analysis` }, { path: `${path}/text` }, { path: `${path}/content` }, { method: 'POST', path: `${path}/analyse` }] as const;
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <bdi>{file.name}</bdi>
      <StateMark state={file.state} />
    </span>
  );
  return <PageHead title={file.name} heading={heading} tools={<FileActions file={file} />} calls={calls} />;
}

function Whole({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  const isAnalysed = file.state === 'analysed' && !file.deleted_at;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Notes file={file} />
        {isAnalysed && <Found file={file} />}
        {isAnalysed && <TextPreview file={file} />}
      </div>
      <aside className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title={t`Circumstances`}>
          <div className="pb-3">
            <Picture file={file} />
          </div>
          <Circumstances file={file} />
        </Panel>
        {!file.deleted_at && <Alike file={file} />}
        {!file.deleted_at && <Attachments file={file} />}
      </aside>
    </div>
  );
}

/** A small picture leads to the whole one. */
function Picture({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  if (file.kind !== 'picture' || !file.thumbnail || file.deleted_at) return <Thumbnail file={file} size="large" />;
  return (
    <a href={pictureOf(file.id)} target="_blank" rel="noreferrer" aria-label={t`Show the picture as large as it is`}>
      <Thumbnail file={file} size="large" />
    </a>
  );
}

function Circumstances({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { role } = useUser();
  const { size, owner, created_at, updated_at, media_type, sha256, job_id } = file;
  return (
    <Facts>
      <Fact name={t`Kind`}>
        <KindWord file={file} />
        <Mono className="block text-ink-2">{media_type}</Mono>
      </Fact>
      <Fact name={t`Size`}>{formats.bytes(size)}</Fact>
      <Fact name={t`Owner`}>
        <bdi>{owner}</bdi>
      </Fact>
      <Fact name={t`Uploaded`}>
        <Time at={created_at} style="full" />
      </Fact>
      <Fact name={t`Last change`}>
        <Time at={updated_at} style="full" />
      </Fact>
      <Fact name={t`Checksum`}>
        <span title={sha256}>
          <Mono>{sha256.slice(0, 16)}…</Mono>
        </span>
      </Fact>
      {/* Writers have no page of jobs. */}
      {job_id != null && role !== 'writer' && (
        <Fact name={t`Job of the analysis`}>
          <Link to="/jobs/$id" params={{ id: String(job_id) }} className="text-lajvard underline">
            <Mono>{job_id}</Mono>
          </Link>
        </Fact>
      )}
    </Facts>
  );
}
