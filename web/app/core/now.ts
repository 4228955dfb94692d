import { useEffect, useState } from 'preact/hooks';

/** The time in milliseconds, drawn anew every so many seconds. */
export function useNow(seconds = 30): number {
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}
