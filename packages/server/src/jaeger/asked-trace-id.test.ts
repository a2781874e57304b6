import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { askedTraceId } from './asked-trace-id.ts';

test('askedTraceId: hex in every spelling, base64 in both alphabets', () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  for (const text of [
    id,
    id.toUpperCase(),
    id.slice(1),
    'CvdlGRbNQ92ESOshHIAxnA==',
    'CvdlGRbNQ92ESOshHIAxnA%3D%3D',
    'CvdlGRbNQ92ESOshHIAxnA',
  ]) {
    equal(askedTraceId(text), id, text);
  }
  equal(askedTraceId('-_-_AAAAAAAAAAAAAAAAAA'), askedTraceId('%2B%2F+%2FAAAAAAAAAAAAAAAAAA'));
  equal(askedTraceId('1f'), '0000000000000000000000000000001f');
  for (const text of [
    '',
    'xyz',
    '0',
    'g'.repeat(32),
    'AAAAAAAAAAAAAAAAAAAAAA==',
    'CvdlGRbNQ92ESOshHIAxnA=',
    `${id}0`,
  ]) {
    equal(askedTraceId(text), undefined, text);
  }
});
