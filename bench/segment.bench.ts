/**
 * Segments: bytes a span by column, encoding, opening, trace by id, block decoding. `--spans 500000 --seed 1`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import process from 'node:process';
import {
  BlockCache,
  Head,
  type SegmentReader,
  allocateHeadBuffers,
  headCapacity,
  openSegment,
  orderSpans,
  readSegmentTable,
  realDisk,
  segmentSizes,
  writeSegment,
} from '@spoor/store';
import { decodeTracesProtobuf } from '@spoor/wire';
import { ScratchDirectory, benchFlags, benchSeed, isSmoke } from './bench-options.ts';
import { describeMachine } from './machine.ts';
import { SpanGenerator } from './span-generator.ts';
