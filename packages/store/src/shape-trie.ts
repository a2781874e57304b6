import type { ValueType } from '@spoor/model';
import { HeadFullError } from './head-full-error.ts';
import type { HeadBuffers } from './head-buffers.ts';
import type { SpanTableCounts } from './span-table.ts';
import { mixWord } from './string-interner.ts';

/**
 * The writer's side of a head's shapes: one step takes a shape and one more attribute to the longer shape.
 * Works on the head's `counts.shapes`; shape 0 (the empty set) exists from the start.
 */
export class ShapeTrie {
  readonly #counts: SpanTableCounts;
  readonly #parent: Uint32Array;
  readonly #key: Uint32Array;
  readonly #type: Uint8Array;
  readonly #length: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #seed: number;
  readonly #shapesMax: number;
  /** per shape, the child that was stepped to last: sets of one kind of span repeat, and this saves the hash */
  readonly #lastChild: Uint32Array;

  constructor(buffers: HeadBuffers, counts: SpanTableCounts) {
    this.#counts = counts;
    this.#parent = buffers.shapeParent;
    this.#key = buffers.shapeKey;
    this.#type = buffers.shapeType;
    this.#length = buffers.shapeLength;
    this.#slots = buffers.shapeSlots;
    this.#seed = buffers.hashSeed;
    this.#shapesMax = buffers.capacity.shapes;
    this.#lastChild = new Uint32Array(buffers.capacity.shapes);
    counts.shapes = 1;
  }

  /** @throws {HeadFullError} when the shape is new and does not fit; nothing was changed */
  step(parent: number, key: number, type: ValueType): number {
    const last = this.#lastChild[parent];
    if (last !== 0 && this.#key[last] === key && this.#type[last] === type) return last;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(parent, key, type) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      const shape = entry - 1;
      if (this.#key[shape] === key && this.#parent[shape] === parent && this.#type[shape] === type) {
        this.#lastChild[parent] = shape;
        return shape;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, parent, key, type);
  }

  /** Forgets the newest shapes, down to `count`. */
  truncate(count: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let shape = this.#counts.shapes - 1; shape >= count; shape--) {
      const parent = this.#parent[shape];
      let slot = this.#hash(parent, this.#key[shape], this.#type[shape]) & mask;
      while (slots[slot] !== shape + 1) slot = (slot + 1) & mask;
      slots[slot] = 0;
      this.#lastChild[shape] = 0;
      if (this.#lastChild[parent] === shape) this.#lastChild[parent] = 0;
    }
    this.#counts.shapes = count;
  }

  #hash(parent: number, key: number, type: number): number {
    return mixWord(Math.imul(parent ^ this.#seed, 0x9e3779b1) ^ Math.imul(key, 0x85ebca77) ^ type);
  }

  #add(slot: number, parent: number, key: number, type: number): number {
    const shape = this.#counts.shapes;
    if (shape >= this.#shapesMax) throw new HeadFullError('shapes');
    this.#parent[shape] = parent;
    this.#key[shape] = key;
    this.#type[shape] = type;
    this.#length[shape] = this.#length[parent] + 1;
    this.#slots[slot] = shape + 1;
    this.#lastChild[parent] = shape;
    this.#counts.shapes = shape + 1;
    return shape;
  }
}
