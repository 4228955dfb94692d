import type { Course } from '../core/api.js';
import { allowedImage } from '../core/settings.js';

const hues = ['#b4532a', '#2f7d6b', '#5a6fb0', '#a8763e', '#8a4f7d', '#4f7d3f', '#3f7f9c', '#b0485a'];

function hash(text: string): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum;
}

/** A few notes on a staff, the same for a course every time. */
function melody(name: string): { x: number; y: number; up: boolean }[] {
  let seed = hash(name);
  let line = 4;
  return Array.from({ length: 9 }, (_, index) => {
    seed = (seed * 1103515245 + 12345) >>> 0;
    line = Math.min(9, Math.max(0, line + ((seed >>> 16) % 5) - 2));
    return { x: 34 + index * 30, y: 104 - line * 8, up: line < 5 };
  });
}

/** The course's picture, if the page may load it; otherwise a melody of its own in the colour of its instrument. */
export function Cover({ course }: { course: Pick<Course, 'name' | 'instrument' | 'image_url'> }) {
  const image = allowedImage(course.image_url);
  if (image) return <img class="cover" src={image} alt="" loading="lazy" width="640" height="280" />;

  const hue = hues[hash(course.instrument) % hues.length] ?? '';
  return (
    <svg class="cover" viewBox="0 0 320 140" preserveAspectRatio="xMidYMid slice" aria-hidden="true" ref={(element) => element?.style.setProperty('--hue', hue)}>
      <g stroke="currentColor" stroke-width="1" opacity="0.35">
        {[40, 56, 72, 88, 104].map((y) => (
          <line key={y} x1="0" x2="320" y1={y} y2={y} />
        ))}
      </g>
      <g fill="currentColor" stroke="currentColor">
        {melody(course.name).map(({ x, y, up }) => (
          <g key={x}>
            <ellipse cx={x} cy={y} rx="7.500" ry="5.600" transform={`rotate(-18 ${x} ${y})`} />
            <line x1={up ? x + 6.600 : x - 6.600} x2={up ? x + 6.600 : x - 6.600} y1={y} y2={up ? y - 34 : y + 34} stroke-width="1.800" />
          </g>
        ))}
      </g>
    </svg>
  );
}
