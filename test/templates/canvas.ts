import type { INode } from 'n8n-workflow';
import type { Template } from './stage';

/** Where n8n draws the nodes, notes and lines of a workflow. Lengths are pixels of the canvas at a zoom of 1. */

const NOTE = 'n8n-nodes-base.stickyNote';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line between two nodes, as points close to each other. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  /** Those of a line that goes back to the left, from below its first node to beside its second; else none. */
  readonly around: readonly Point[];
}

const NODE = 96;
/** Name, in one line or in two, and operation below a node. */
const TEXT_HEIGHT = { one: 46, two: 66 };
const CHARACTER_WIDTH = 7.4;
/** Longer names take two lines. */
const MAX_NAME_WIDTH = 170;
/** Room at the sides of a node. */
export const ROOM = 16;
/** How far n8n leads a line around nodes: to the side of a node, and below its output. */
const AROUND = { x: 40, y: 130 };
const STEPS = 60;

export const isNote = ({ type }: Pick<INode, 'type'>): boolean => type === NOTE;

const nameWidthOf = ({ name }: INode): number => name.length * CHARACTER_WIDTH;
const textHeightOf = (node: INode): number =>
  nameWidthOf(node) > MAX_NAME_WIDTH ? TEXT_HEIGHT.two : TEXT_HEIGHT.one;
const widthOf = ({ type }: INode): number => (type.endsWith('.agent') ? 256 : NODE);

/** The place that a node takes with its text; a note as large as it says. */
export function boxOf(node: INode): Box {
  const [x, y] = node.position;
  if (isNote(node)) {
    const { width, height } = node.parameters;
    return { left: x, top: y, right: x + Number(width), bottom: y + Number(height) };
  }
  return {
    left: x - ROOM,
    top: y - 10,
    right: x + widthOf(node) + ROOM,
    bottom: y + NODE + textHeightOf(node),
  };
}

/** The place of the name and the operation of a node. */
export function textBoxOf(node: INode): Box {
  const [x, y] = node.position;
  const middle = x + widthOf(node) / 2;
  const half = Math.min(nameWidthOf(node), MAX_NAME_WIDTH) / 2;
  return { left: middle - half, top: y + NODE, right: middle + half, bottom: y + NODE + textHeightOf(node) };
}

export const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

export const contains = (outer: Box, inner: Box): boolean =>
  outer.left <= inner.left &&
  outer.right >= inner.right &&
  outer.top <= inner.top &&
  outer.bottom >= inner.bottom;

export const holds = (box: Box, { x, y }: Point): boolean =>
  x > box.left && x < box.right && y > box.top && y < box.bottom;

/** The size of a whole workflow. */
export function extentOf(nodes: readonly INode[]): { readonly width: number; readonly height: number } {
  const boxes = nodes.map(boxOf);
  return {
    width: Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left)),
    height: Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top)),
  };
}

const between = (from: Point, to: Point): Point[] =>
  Array.from({ length: STEPS + 1 }, (_, step) => ({
    x: from.x + ((to.x - from.x) * step) / STEPS,
    y: from.y + ((to.y - from.y) * step) / STEPS,
  }));

/** A curve that leaves to the right and arrives from the left. */
const curve = (from: Point, to: Point): Point[] => {
  const middle = (from.x + to.x) / 2;
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const t = step / STEPS;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
    return {
      x: a * from.x + (b + c) * middle + d * to.x,
      y: (a + b) * from.y + (c + d) * to.y,
    };
  });
};

/** Around the node at the right, below it, back to the left, and into the other node from the left. */
const loop = (from: Point, to: Point): Point[] => {
  const [right, left] = [from.x + AROUND.x, Math.min(from.x, to.x) - AROUND.x];
  const below = from.y + AROUND.y;
  const corners = [
    from,
    { x: right, y: from.y },
    { x: right, y: below },
    { x: left, y: below },
    { x: left, y: to.y },
    to,
  ];
  return corners.slice(1).flatMap((corner, index) => between(corners[index] ?? from, corner));
};

/** Height of one of several connectors at the side of a node. */
const connector = (index: number, count: number): number => (NODE * (index + 1)) / (count + 1);

/** The lines between the nodes of a workflow, without those of a model and its tools. */
export function linesOf({ nodes, connections }: Template): Line[] {
  const node = (name: string): INode => {
    const found = nodes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  };
  const inputsOf = (name: string): number =>
    1 +
    Math.max(
      ...Object.values(connections).flatMap(({ main = [] }) =>
        main.flatMap((ends) => (ends ?? []).filter((end) => end.node === name).map(({ index }) => index)),
      ),
    );
  return Object.entries(connections).flatMap(([from, { main = [] }]) =>
    main.flatMap((ends, output) =>
      (ends ?? []).map(({ node: to, index }): Line => {
        const [source, target] = [node(from), node(to)];
        const start = {
          x: source.position[0] + widthOf(source),
          y: source.position[1] + connector(output, main.length),
        };
        const end = { x: target.position[0], y: target.position[1] + connector(index, inputsOf(to)) };
        const isLoop = start.x - 20 > end.x;
        const points = isLoop ? loop(start, end) : curve(start, end);
        return { from, to, points, around: isLoop ? points.slice(2 * (STEPS + 1), -(STEPS + 1)) : [] };
      }),
    ),
  );
}
