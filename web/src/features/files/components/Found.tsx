// What was found in a file: counts, how hard it is to read, its words, headings and links.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Code, Mono } from '../../../ui/Text';
import { analysisOf, type Analysis, type StoredFile, type TextFacts } from '../api';
import { easeWord, isWebAddress, languageName, readingMinutes } from '../found';

export function Found({ file }: { file: StoredFile }) {
  const { t } = useLingui();
  const query = useQuery(analysisOf(file.id));
  return (
    <Answered query={query} reading={t`Reading what was found…`} effect={t`What was found cannot be shown.`}>
      {(analysis) => (
        <>
          <Panel title={t`What was found`}>
            {analysis.text && <Counts facts={analysis.text} />}
            <About analysis={analysis} />
          </Panel>
          {analysis.text && <Spelling facts={analysis.text} />}
          <Headings analysis={analysis} />
          <Links links={analysis.links} />
        </>
      )}
    </Answered>
  );
}

function Counts({ facts: { language, statistics, keywords } }: { facts: TextFacts }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { words, sentences, reading_seconds, ease } = statistics;
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 pb-3 sm:grid-cols-3">
        <Figure name={t`Language`}>{languageName(language, formats.locale) ?? t`not told apart`}</Figure>
        <Figure name={t`Words`}>{formats.number(words)}</Figure>
        <Figure name={t`Sentences`}>{formats.number(sentences)}</Figure>
        <Figure name={t`Reading time`}>{plural(readingMinutes(reading_seconds), { one: 'about a minute', other: 'about # minutes' })}</Figure>
        {ease != null && (
          <Figure name={t`Readability`}>
            {t(easeWord(ease))} <span className="text-sm font-normal text-ink-2">({t`${formats.number(Math.round(ease))} of ${formats.number(100)}`})</span>
          </Figure>
        )}
      </dl>
      {keywords.length > 0 && <Keywords words={keywords} />}
    </>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-ink-3">{name}</dt>
      <dd className="text-lg font-semibold tabular wrap-anywhere">{children}</dd>
    </div>
  );
}

/** A keyword leads to files that are called like it. */
function Keywords({ words }: { words: readonly string[] }) {
  const { t } = useLingui();
  return (
    <ul aria-label={t`Keywords`} className="flex flex-wrap gap-2 pb-3">
      {words.map((word) => (
        <li key={word}>
          <Link to="/files" search={{ q: word }} className="inline-block rounded-full border border-line-strong px-3 py-0.5 text-sm hover:bg-lajvard-soft">
            <bdi>{word}</bdi>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function About({ analysis }: { analysis: Analysis }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { format, title, author, pages, parts, encoding, width, height, macros, truncated } = analysis;
  return (
    <Facts>
      {title && (
        <Fact name={t`Title`}>
          <bdi>{title}</bdi>
        </Fact>
      )}
      {author && (
        <Fact name={t`Author`}>
          <bdi>{author}</bdi>
        </Fact>
      )}
      <Fact name={t`Format`}>
        <Code>{format}</Code>
      </Fact>
      {width != null && height != null && (
        <Fact name={t`Size of the picture`}>
          <bdi dir="ltr" className="tabular">
            {formats.number(width)} × {formats.number(height)}
          </bdi>{' '}
          <Trans>pixels</Trans>
        </Fact>
      )}
      {pages != null && <Fact name={t`Pages`}>{formats.number(pages)}</Fact>}
      {parts.length > 0 && (
        <Fact name={t`Sheets`}>
          <bdi>{formats.list(parts)}</bdi>
        </Fact>
      )}
      {encoding && (
        <Fact name={t`Encoding`}>
          <Mono>{encoding}</Mono>
        </Fact>
      )}
      {macros && (
        <Fact name={t`Programs`}>
          <Trans>It carries programs. They were not looked at.</Trans>
        </Fact>
      )}
      {truncated && (
        <Fact name={t`Text`}>
          <Trans>There is more than was taken.</Trans>
        </Fact>
      )}
    </Facts>
  );
}

/** Letters that look like Persian ones and are not; searches of other programs miss what is spelt with them. */
function Spelling({ facts: { language, spelling } }: { facts: TextFacts }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { arabic_yeh, arabic_kaf, stray_half_spaces } = spelling;
  const isWell = arabic_yeh + arabic_kaf + stray_half_spaces === 0;
  if (isWell || (language as string) === 'arabic') return null;
  return (
    <Panel title={t`Spelling`}>
      <Facts>
        {arabic_yeh > 0 && <Fact name={t`The Arabic form of the letter yeh`}>{formats.number(arabic_yeh)}</Fact>}
        {arabic_kaf > 0 && <Fact name={t`The Arabic form of the letter kaf`}>{formats.number(arabic_kaf)}</Fact>}
        {stray_half_spaces > 0 && <Fact name={t`Half spaces that separate nothing`}>{formats.number(stray_half_spaces)}</Fact>}
      </Facts>
    </Panel>
  );
}

/** As deep as headings are set in; deeper ones look alike. */
const INDENTS = ['', 'ps-4', 'ps-8', 'ps-12', 'ps-16'];

function Headings({ analysis: { headings } }: { analysis: Analysis }) {
  const { t } = useLingui();
  if (headings.length === 0) return null;
  return (
    <Panel title={t`Headings`}>
      <Shortened all={headings}>
        {(shown) => (
          <ol>
            {shown.map(({ level, text }, index) => (
              <li key={index} className={`${INDENTS[Math.min(level, INDENTS.length) - 1] ?? ''} py-0.5 wrap-anywhere`}>
                <bdi>{text}</bdi>
              </li>
            ))}
          </ol>
        )}
      </Shortened>
    </Panel>
  );
}

function Links({ links }: { links: readonly string[] }) {
  const { t } = useLingui();
  if (links.length === 0) return null;
  return (
    <Panel title={t`Links`}>
      <Shortened all={links}>
        {(shown) => (
          <ul>
            {shown.map((link) => (
              <li key={link} className="py-0.5 wrap-anywhere">
                {isWebAddress(link) ? (
                  <a href={link} target="_blank" rel="noopener noreferrer nofollow" className="text-lajvard underline">
                    <Mono>{link}</Mono>
                  </a>
                ) : (
                  <Mono>{link}</Mono>
                )}
              </li>
            ))}
          </ul>
        )}
      </Shortened>
    </Panel>
  );
}

const SHOWN = 12;

/** The first few, and all of them once asked for. */
function Shortened<T>({ all, children }: { all: readonly T[]; children: (shown: readonly T[]) => ReactNode }) {
  const formats = useFormats();
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      {children(isWhole ? all : all.slice(0, SHOWN))}
      {!isWhole && all.length > SHOWN && (
        <Button size="small" weight="bare" onPress={() => setWhole(true)}>
          <Trans>Show all {formats.number(all.length)}</Trans>
        </Button>
      )}
    </>
  );
}
