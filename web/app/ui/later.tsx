import type { ComponentType } from 'preact';
import lazy from 'preact-iso/lazy';
import { ApiError, NetworkError } from '../../client/src/index.js';
import { useLoad } from '../core/load.js';
import { Loaded } from './loaded.js';

const name = 'shema.reloaded';

/** A page is loaded anew at most so often by itself; milliseconds. */
const pause = 10_000;

/** A part of the website that is loaded when it is first shown; where it can't be, it says so and tries again. */
export const later = (load: () => Promise<{ default: ComponentType }>) => lazy(() => load().catch(() => ({ default: Missing })));

/** In place of a part that could not be loaded: the network is away, or the website was replaced by a newer one. */
function Missing() {
  return <Loaded of={useLoad(loadAnew, [])}>{() => null}</Loaded>;
}

/** Loads the whole page anew as soon as the website answers: browsers may remember that a part was missing. */
async function loadAnew(): Promise<void> {
  const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).catch((error: unknown) => {
    throw new NetworkError(error);
  });
  if (answer.status >= 500) throw new ApiError(answer, null);
  if (Date.now() - Number(sessionStorage.getItem(name)) < pause) throw new NetworkError('loaded anew a moment ago');
  sessionStorage.setItem(name, String(Date.now()));
  location.reload();
}
