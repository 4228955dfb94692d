import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import style from 'uplot/css';
import { useStyle } from './style.js';

interface Series {
  /** A colour of the style sheet, such as `var(--confirmed)`. */
  colour: string;
  values: number[];
}

interface Props {
  labels: string[];
  series: Series[];
}

const height = 240;

/** Stacked bars. A table beside it says the same, so it is nothing to those who listen. */
export function BarChart({ labels, series }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useStyle(style);

  useEffect(() => {
    const element = place.current;
    if (!element) return;

    const chart = new UPlot(options(element, labels, series), stack(labels, series), element);
    const fit = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    fit.observe(element);
    return () => {
      fit.disconnect();
      chart.destroy();
    };
  }, [JSON.stringify(labels), JSON.stringify(series)]);

  return <div class="chart" ref={place} aria-hidden="true" />;
}

/** Each series on top of those after it; the first, which is the tallest, is drawn first. */
function stack(labels: string[], series: Series[]): UPlot.AlignedData {
  const sums = series.map((_, from) => labels.map((_, index) => series.slice(from).reduce((sum, { values }) => sum + (values[index] ?? 0), 0)));
  return [labels.map((_, index) => index), ...sums];
}

function options(element: HTMLElement, labels: string[], series: Series[]): UPlot.Options {
  const [ink, line] = [resolve(element, 'var(--soft)'), resolve(element, 'var(--line)')];
  const step = Math.ceil(labels.length / Math.max(2, Math.floor(element.clientWidth / 90)));
  const bars = UPlot.paths.bars?.({ size: [0.6, 48] });

  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_, __, highest) => [0, Math.max(1, highest * 1.05)] } },
    axes: [
      {
        stroke: ink,
        grid: { show: false },
        ticks: { show: false },
        splits: () => labels.map((_, index) => index).filter((index) => index % step === 0),
        values: (_, splits) => splits.map((index) => labels[index] ?? ''),
      },
      { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
    ],
    series: [{}, ...series.map(({ colour }) => ({ fill: resolve(element, colour), width: 0, points: { show: false }, ...(bars && { paths: bars }) }))],
  };
}

/** What a colour of the style sheet is in the present theme; a canvas knows no variables. */
function resolve(element: HTMLElement, colour: string): string {
  const sample = document.createElement('span');
  sample.style.color = colour;
  element.append(sample);
  const { color } = getComputedStyle(sample);
  sample.remove();
  return color;
}
