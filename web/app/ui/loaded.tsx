import type { ComponentChildren } from 'preact';
import { t } from '../core/i18n.js';
import type { Loading } from '../core/load.js';
import { Problem } from './problem.js';

/** Grey shapes of the size of what is to come. */
export function Bones({ heights }: { heights: number[] }) {
  return (
    <div class="bones" role="status">
      <span class="unseen">{t('loading')}</span>
      {heights.map((height, index) => (
        <div class="bone" key={index} ref={(element) => element?.style.setProperty('--height', `${height}rem`)} />
      ))}
    </div>
  );
}

interface Props<T> {
  of: Loading<T>;
  /** Heights in rem of the shapes shown until the first answer. */
  bones?: number[];
  children: (data: T) => ComponentChildren;
}

/** Shows what was loaded, shapes until it is there, or what went wrong; earlier data stay visible under a problem. */
export function Loaded<T>({ of, bones = [8, 8, 8], children }: Props<T>) {
  return (
    <>
      {of.error !== undefined && <Problem error={of.error} retry={of.reload} />}
      {of.data !== undefined && children(of.data)}
      {of.data === undefined && of.error === undefined && <Bones heights={bones} />}
    </>
  );
}
