import { ValueType } from '@spoor/model';
import type { HeadRef } from '@spoor/store';

type Buffers = HeadRef['buffers'];

/** `service.name` of a resource of a head, the empty text when it has none. */
export function serviceOfResource(buffers: Buffers, resource: number): string {
  const { shapeParent, shapeKey, shapeType, shapeLength, resourceShape, resourceValueStart, values } = buffers;
  for (let shape = resourceShape[resource]; shape !== 0; shape = shapeParent[shape]) {
    if (shapeType[shape] !== ValueType.string || textOf(buffers, shapeKey[shape]) !== 'service.name') continue;
    return textOf(buffers, values[resourceValueStart[resource] + shapeLength[shape] - 1]);
  }
  return '';
}

/** The text that a code stands for. */
export function textOf({ stringBytes, stringOffset }: Buffers, code: number): string {
  return Buffer.from(stringBytes.subarray(stringOffset[code], stringOffset[code + 1])).toString();
}
