/** One line of a plot; marked points get a dot. */
export type Line = {
  readonly name: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly isMarked: boolean;
  }[];
};

export type PlotTexts = {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
};

const WIDTH = 860;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 20;
const TOP = 60;
const BOTTOM = 50;
const COLOURS = ['#c2410c', '#0f766e'];
const X_STEPS = 6;
const Y_STEP = 100;

/** Draws lines over one another as an SVG with its axes, a zero line and a key. */
export function drawLines(lines: readonly Line[], texts: PlotTexts): string {
  const all = lines.flatMap((line) => line.points);
  const xMax = Math.max(...all.map((point) => point.x));
  const yMin = Math.floor(Math.min(0, ...all.map((point) => point.y)) / Y_STEP) * Y_STEP;
  const yMax = Math.ceil(Math.max(...all.map((point) => point.y)) / Y_STEP) * Y_STEP;
  const x = (value: number) => LEFT + (value / xMax) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) =>
    HEIGHT - BOTTOM - ((value - yMin) / (yMax - yMin)) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${texts.title}">`,
    `<title>${texts.title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 24, texts.title, 'start', 15),
    text(WIDTH / 2, HEIGHT - 10, texts.xLabel, 'middle'),
    text(LEFT, 44, texts.yLabel, 'start'),
  ];
  for (let value = yMin; value <= yMax; value += Y_STEP) {
    const colour = value === 0 ? '#111827' : '#e5e7eb';
    parts.push(
      `<path d="M${LEFT} ${y(value).toFixed(1)}H${WIDTH - RIGHT}" stroke="${colour}" fill="none"/>`,
      text(LEFT - 8, y(value) + 4, String(value), 'end'),
    );
  }
  for (let step = 0; step <= X_STEPS; step += 1) {
    const value = Math.round((xMax / X_STEPS) * step);
    parts.push(text(x(value), HEIGHT - BOTTOM + 18, String(value), 'middle'));
  }
  lines.forEach((line, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '#111827';
    const path = line.points.map((point) => `${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`);
    parts.push(`<path d="M${path.join('L')}" stroke="${colour}" stroke-width="2" fill="none"/>`);
    for (const point of line.points.filter((candidate) => candidate.isMarked)) {
      const at = `cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}"`;
      parts.push(`<circle ${at} r="5" fill="${colour}"><title>lost</title></circle>`);
    }
    const keyAt = WIDTH - RIGHT - 330 + index * 170;
    parts.push(
      `<path d="M${keyAt} 40h20" stroke="${colour}" stroke-width="3"/>`,
      text(keyAt + 26, 44, line.name, 'start'),
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

function text(x: number, y: number, content: string, anchor: string, size = 12): string {
  const at = `x="${x.toFixed(1)}" y="${y.toFixed(1)}"`;
  return `<text ${at} text-anchor="${anchor}" font-size="${size}" fill="#111827">${content}</text>`;
}
