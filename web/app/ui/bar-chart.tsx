import { BarChart as Chart } from 'chartist';
import style from 'chartist/css';
import { useEffect, useRef } from 'preact/hooks';
import { useStyle } from './style.js';

interface Series {
  colour: string;
  values: number[];
}

/** Stacked bars. A table beside it says the same, so it is nothing to those who listen. */
export function BarChart({ labels, series }: { labels: string[]; series: Series[] }) {
  const place = useRef<HTMLDivElement>(null);
  useStyle(style);
  const step = Math.ceil(labels.length / 12);

  useEffect(() => {
    if (!place.current) return;
    const chart = new Chart(
      place.current,
      { labels, series: series.map(({ values }) => values) },
      {
        stackBars: true,
        height: '15rem',
        axisX: { showGrid: false, labelInterpolationFnc: (label: unknown, index: number) => (index % step === 0 ? String(label) : null) },
        axisY: { onlyInteger: true },
      },
    );
    chart.on('draw', (drawn) => {
      if (drawn.type !== 'bar') return;
      const bar = drawn.element.getNode<SVGLineElement>();
      bar.style.setProperty('stroke', series[drawn.seriesIndex]?.colour ?? '');
      bar.style.setProperty('stroke-width', `${Math.max(6, Math.min(34, 480 / labels.length))}px`);
    });
    return () => void chart.detach();
  }, [JSON.stringify(labels), JSON.stringify(series)]);

  return <div class="chart" ref={place} aria-hidden="true" />;
}
