import { readdirSync } from 'node:fs';
import { boxOf, contains, extentOf, holds, isNote, linesOf, overlap, ROOM, textBoxOf } from './canvas';
import { readTemplate, templateFolder } from './stage';

/** How the shipped workflows lie on the canvas: framed stages, lines that cross no text, readable as a whole. */

/** What the canvas of n8n snaps to. */
const GRID = 16;
/** What can be read when n8n fits it into a window of usual size. */
const READABLE = { width: 1900, height: 1100 };

const names = readdirSync(templateFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/u, ''));

describe.each(names)('%s', (name) => {
  const template = readTemplate(name);
  const nodes = template.nodes;
  const notes = nodes.filter(isNote);
  const working = nodes.filter((node) => !isNote(node));

  test('lies on the grid of the canvas, small enough to be read as a whole', () => {
    expect(nodes.filter(({ position }) => position.some((place) => place % GRID !== 0))).toEqual([]);
    const { width, height } = extentOf(nodes);
    expect(width).toBeLessThanOrEqual(READABLE.width);
    expect(height).toBeLessThanOrEqual(READABLE.height);
  });

  test('has stages: each node lies in one note or in none, and nothing covers anything else', () => {
    const covering = nodes.flatMap((one, index) =>
      nodes
        .slice(index + 1)
        .filter((other) => {
          const [mine, its] = [boxOf(one), boxOf(other)];
          const isInside = isNote(one) !== isNote(other) && (contains(mine, its) || contains(its, mine));
          return overlap(mine, its) && !isInside;
        })
        .map((other) => `${one.name} and ${other.name}`),
    );
    expect(covering).toEqual([]);
    const stages = notes.map(boxOf);
    const framed = working.filter((node) => stages.some((stage) => contains(stage, boxOf(node))));
    const sticksOut = framed.filter((node) => !stages.some((stage) => contains(stage, textBoxOf(node))));
    expect(sticksOut.map((node) => node.name)).toEqual([]);
    expect(framed.length).toBeGreaterThan(working.length / 2);
  });

  test('has lines that run through no other node and no text, and loops that keep clear of notes', () => {
    const places = working.map((node) => ({
      name: node.name,
      boxes: [textBoxOf(node), { ...boxOf(node), left: node.position[0], right: boxOf(node).right - ROOM }],
    }));
    const crossing = linesOf(template).flatMap(({ from, to, points }) =>
      places
        .filter(({ name: other }) => other !== from && other !== to)
        .filter(({ boxes }) => points.some((point) => boxes.some((box) => holds(box, point))))
        .map(({ name: other }) => `${from} to ${to} through ${other}`),
    );
    expect(crossing).toEqual([]);
    const stages = notes.map((note) => ({ name: note.name, box: boxOf(note) }));
    // The ends of a loop lie in the stages of their nodes.
    const touching = linesOf(template).flatMap(({ from, to, around }) =>
      stages
        .filter(({ box }) => around.some((point) => holds(box, point)))
        .map(({ name: note }) => `${from} to ${to} through ${note}`),
    );
    expect(touching).toEqual([]);
  });
});
