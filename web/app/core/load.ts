import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, NetworkError } from '../../client/src/index.js';
import { language } from './i18n.js';
import { online } from './online.js';

export interface Loading<T> {
  data: T | undefined;
  error: unknown;
  /** Whether an answer is awaited, the first or a later one. */
  busy: boolean;
  reload: () => void;
  /** Puts something else in place of the answer, until the next one. */
  replace: (data: T) => void;
}

/** Seconds until a service that was away is asked again. */
const againAfter = 5;

/**
 * Asks for what a page shows, again whenever one of `inputs` or the language changes, and by itself when a service or
 * the network that was away is back. Earlier data stay until the new ones come.
 */
export function useLoad<T>(ask: () => Promise<T>, inputs: unknown[]): Loading<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; busy: boolean }>({ busy: true });
  const [turn, setTurn] = useState(0);
  const current = useRef(0);

  useEffect(() => {
    const own = ++current.current;
    setState((former) => ({ ...former, busy: true }));
    ask().then(
      (data) => own === current.current && setState({ data, busy: false }),
      (error: unknown) => own === current.current && setState((former) => ({ ...former, error, busy: false })),
    );
    return () => {
      current.current++;
    };
  }, [...inputs, turn, language.value, online.value]);

  useEffect(() => {
    const away = state.error instanceof NetworkError || (state.error instanceof ApiError && state.error.status >= 500);
    if (!away || state.busy) return;
    const seconds = (state.error instanceof ApiError ? state.error.retryAfter : undefined) ?? againAfter;
    const timer = setTimeout(() => setTurn((n) => n + 1), seconds * 1000);
    return () => clearTimeout(timer);
  }, [state]);

  return {
    data: state.data,
    error: state.error,
    busy: state.busy,
    reload: () => setTurn((n) => n + 1),
    replace: (data) => setState({ data, busy: false }),
  };
}
