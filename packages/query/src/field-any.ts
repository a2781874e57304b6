import type { ColumnSource } from '@spoor/store';
import { attribute } from '@spoor/traceql';
import { attributeGroups, attributeTest, markPresent } from './field-attribute.ts';
import { type ColumnTest, testCosts } from './column-test.ts';
import { tableTest } from './field-table.ts';
import { addRows } from './row-mask.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { ValueTest } from './value-test.ts';

/**
 * The unscoped attribute `.name`: the span's when the span has one, whatever its value; else the resource's.
 */
export async function anyTest(
  source: ColumnSource,
  name: string,
  test: ValueTest,
  turns: TurnTaker,
): Promise<ColumnTest> {
  const spanTest = await attributeTest(source, 'span', name, test, turns);
  const resourceTest = (await tableTest(source, attribute('resource', name), test, turns))!;
  if (resourceTest.promise === 'never') return spanTest;
  const hiding = attributeGroups(source, 'span', name);
  if (hiding.length === 0) return resourceTest;
  if (spanTest.promise === 'always') return spanTest;
  return {
    level: 'span',
    promise: undefined,
    cost: testCosts.attribute + hiding.length,
    async rows(scan, within) {
      const rows = await resourceTest.rows(scan, within);
      const present = new Uint8Array(within.length);
      await markPresent(scan, hiding, present);
      for (let i = 0; i < rows.length; i++) rows[i] &= ~present[i];
      addRows(rows, await spanTest.rows(scan, within));
      return rows;
    },
  };
}
